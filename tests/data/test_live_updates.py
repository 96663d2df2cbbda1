"""Who is told of a change, and what: table, operation, id and trip, on a channel of one's own."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from tests.data.sample_rows import ROWS, Household, furnish, insert, share
from tests.database import Database, User


class Ear:
    """A connection that listens on its user's channel."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.events: list[dict[str, Any]] = []

    @classmethod
    async def of(cls, database: Database, user: User) -> Ear:
        ear = cls(await database.client(user))
        for (channel,) in await ear.connection.fetch("select private.live_channels()"):
            await ear.connection.add_listener(channel, lambda *event: ear.events.append(json.loads(event[3])))
        return ear

    async def heard(self) -> list[tuple[str, str, str | None, int | None]]:
        """What arrived since the last time: a server sends what is due before it answers."""
        await self.connection.fetch("select 1")
        await asyncio.sleep(0)
        events = sorted((e["table"], e["op"], e["id"], e["trip_id"]) for e in self.events)
        self.events.clear()
        return events


@pytest.fixture
async def ada(database: Database) -> Household:
    return await furnish(await database.owner(), await database.create_user("Ada"))


async def test_members_of_a_trip_are_told_and_strangers_are_not(database: Database, ada: Household) -> None:
    owner = await database.owner()
    guest, stranger = await database.create_user("Guest"), await database.create_user("Stranger")
    await share(owner, ada, guest, "view")
    ears = [await Ear.of(database, user) for user in (ada.user, guest, stranger)]
    writer = await database.client(ada.user)
    trip = ada.ids["trips"]

    await writer.execute("update trips set name = 'x'")
    told = [("trips", "UPDATE", str(trip), trip)]
    assert [await ear.heard() for ear in ears] == [told, told, []]

    tables = ("trip_stops", "flights", "accommodations", "transportation", "itinerary_items", "file_attachments",
              "travellers", "expenses", "expense_shares", "settlements", "trip_invitations")  # fmt: skip
    for table in tables:
        values = ROWS[table](ada.user.id, ada.ids) | ({"position": 77} if table == "trip_stops" else {})
        identifier = await insert(writer, table, values)
        told = [(table, "INSERT", str(identifier), trip)]
        assert [await ear.heard() for ear in ears] == [told, told, []], table
        await writer.execute(f"delete from {table} where id = $1", identifier)
        told = [(table, "DELETE", str(identifier), trip)]
        assert [await ear.heard() for ear in ears] == [told, told, []], table


async def test_a_deleted_flight_tells_of_its_legs_too(database: Database, ada: Household) -> None:
    ear = await Ear.of(database, ada.user)
    await (await database.client(ada.user)).execute("delete from flights")
    trip = ada.ids["trips"]
    assert await ear.heard() == [
        ("flights", "DELETE", str(ada.ids["flights"]), trip),
        ("legs", "DELETE", str(ada.ids["legs"]), trip),
    ]


async def test_what_is_private_is_told_to_its_user_alone(database: Database, ada: Household) -> None:
    owner = await database.owner()
    guest = await database.create_user("Guest")
    await share(owner, ada, guest, "admin")
    mine, theirs = await Ear.of(database, ada.user), await Ear.of(database, guest)
    writer = await database.client(ada.user)
    changes = {"chat_sessions": "ended_at = now()", "chat_messages": "content = 'x'", "memories": "pinned = true",
               "chat_tool_calls": "status = 'failed'", "session_memories": "attempts = 1"}  # fmt: skip
    for table, change in changes.items():
        await writer.execute(f"update {table} set {change}")
        assert await mine.heard() == [(table, "UPDATE", str(ada.ids[table]), None)]
        assert await theirs.heard() == []


async def test_a_guest_is_told_when_shared_with_and_when_shut_out(database: Database, ada: Household) -> None:
    guest = await database.create_user("Guest")
    ear = await Ear.of(database, guest)
    writer = await database.client(ada.user)
    trip = ada.ids["trips"]
    values = {"trip_id": trip, "user_id": guest.id, "added_by": ada.user.id}
    share_id = await insert(writer, "trip_collaborators", values)
    assert await ear.heard() == [("trip_collaborators", "INSERT", str(share_id), trip)]
    await writer.execute("update trips set deleted_at = now()")
    assert await ear.heard() == [("trips", "UPDATE", str(trip), trip)]
    await writer.execute("delete from trip_collaborators")
    assert await ear.heard() == [("trip_collaborators", "DELETE", str(share_id), trip)]
    await writer.execute("update trips set deleted_at = null")
    assert await ear.heard() == []


async def test_a_moved_booking_is_told_to_both_trips(database: Database, ada: Household) -> None:
    ben = await furnish(await database.owner(), await database.create_user("Ben"))
    await share(await database.owner(), ben, ada.user, "edit")
    ear = await Ear.of(database, ben.user)
    flight = ada.ids["flights"]
    writer = await database.client(ada.user)
    await writer.execute("update flights set trip_id = $1 where id = $2", ben.ids["trips"], flight)
    assert ("flights", "UPDATE", str(flight), ben.ids["trips"]) in await ear.heard()
    await writer.execute("update flights set trip_id = $1 where id = $2", ada.ids["trips"], flight)
    assert ("flights", "UPDATE", str(flight), ben.ids["trips"]) in await ear.heard()


async def test_many_rows_are_one_event_without_id(database: Database, ada: Household) -> None:
    ear = await Ear.of(database, ada.user)
    writer = await database.client(ada.user)
    trip = ada.ids["trips"]
    query = (
        "insert into itinerary_items (trip_id, title, item_type) "
        "select $1, 'x', 'meal' from generate_series(1, $2::int)"
    )
    await writer.execute(query, trip, 100)
    assert len(await ear.heard()) == 100
    await writer.execute(query, trip, 101)
    assert await ear.heard() == [("itinerary_items", "INSERT", None, trip)]


async def test_nothing_is_told_of_what_was_rolled_back(database: Database, ada: Household) -> None:
    ear = await Ear.of(database, ada.user)
    writer = await database.client(ada.user)
    transaction = writer.transaction()
    await transaction.start()
    await writer.execute("update trips set name = 'x'")
    await transaction.rollback()
    assert await ear.heard() == []


async def test_the_channel_ends_with_the_last_ticket(database: Database, ada: Household) -> None:
    owner = await database.owner()
    ear = await Ear.of(database, ada.user)
    other = await database.client(ada.user)
    channel = await other.fetchval("select private.live_channels()")
    await ear.connection.execute("select close_database_session()")
    assert await other.fetchval("select private.live_channels()") == channel
    await other.execute("select close_database_session()")
    assert await owner.fetchval("select count(*) from private.user_channels") == 0
    renewed = await database.client(ada.user)
    assert await renewed.fetchval("select private.live_channels()") != channel
    await renewed.execute("update trips set name = 'x'")
    assert await ear.heard() == []


async def test_an_expired_ticket_is_told_nothing_and_a_renewed_one_keeps_the_channel(
    database: Database, ada: Household
) -> None:
    owner = await database.owner()
    ear = await Ear.of(database, ada.user)
    await owner.execute("update private.database_sessions set expires_at = now()")
    await owner.execute("update trips set name = 'x'")
    assert await ear.heard() == []
    renewed = await database.client(ada.user)  # opening sweeps the expired one, and still the channel stays
    assert await owner.fetchval("select count(*) from private.database_sessions") == 1
    await renewed.execute("update trips set name = 'y'")
    assert [event[0] for event in await ear.heard()] == ["trips"]


async def test_without_a_ticket_there_is_no_channel(database: Database) -> None:
    assert await (await database.client()).fetch("select private.live_channels()") == []
