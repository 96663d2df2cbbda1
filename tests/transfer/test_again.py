"""Moving again: only what is new, nothing overwritten, and what differs is said."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from tests.database import Database
from tests.transfer.belongings import everything, fill
from tests.transfer.conftest import Enter
from tripsage_tui.transfer.moving import Moving, Outcome
from tripsage_tui.transfer.worlds import DatabaseWorld


@dataclass
class Pair:
    """Ada's two worlds, once moved; `here` and `there` are raw connections of hers."""

    home: DatabaseWorld
    away: DatabaseWorld
    here: asyncpg.Connection
    there: asyncpg.Connection

    async def move(self, **options: Any) -> Outcome:
        return await Moving(self.home, self.away, **options).move()


@pytest.fixture
async def pair(database: Database, other: Database, enter: Enter) -> AsyncIterator[Pair]:
    ada, there = await database.create_user("Ada"), await other.create_user("Ada")
    pair = Pair(
        await enter(database, ada), await enter(other, there), await database.client(ada), await other.client(there)
    )
    await fill(pair.here, ada, trashed=False)
    assert (await pair.move()).complete
    return pair


async def test_new_rows_find_their_place(pair: Pair) -> None:
    """A booking in a trip that is there, a stop where one stands already, an answer in a conversation."""
    trip = await pair.here.fetchval("select min(id) from trips")
    await pair.here.execute(
        "insert into itinerary_items (trip_id, title, item_type) values ($1, 'Later', 'event')", trip
    )
    await pair.there.execute("insert into trip_stops (trip_id, position, place) select min(id), 3, 'Theirs' from trips")
    await pair.here.execute("insert into trip_stops (trip_id, position, place) values ($1, 3, 'Ours')", trip)
    question = await pair.here.fetchrow("select id, session_id from chat_messages order by id limit 1")
    await pair.here.execute(
        "insert into chat_messages (session_id, parent_id, role, content) values ($1, $2, 'assistant', 'Third')",
        question["session_id"], question["id"],
    )  # fmt: skip
    outcome = await pair.move()
    assert (outcome.complete, outcome.written) == (True, 3)
    assert await pair.there.fetchval("select t.name from itinerary_items i join trips t on t.id = i.trip_id "
                                     "where title = 'Later'") == "Trip 0 🗻"  # fmt: skip
    stops = await pair.there.fetch(
        "select place from trip_stops where trip_id = (select min(id) from trips) order by position"
    )
    assert [row[0] for row in stops] == ["Kyoto", "Nara", "Theirs", "Ours"]
    parent = await pair.there.fetchval(
        "select p.content from chat_messages m join chat_messages p on p.id = m.parent_id where m.content = 'Third'"
    )
    assert parent == "What now?"
    assert (await pair.move()).written == 0


async def test_what_differs_is_said_and_left(pair: Pair) -> None:
    await pair.here.execute("update trips set name = 'Renamed here' where name like 'Trip 0%'")
    await pair.there.execute("update trips set name = 'Renamed there' where name like 'Trip 1%'")
    for side in (pair.here, pair.there):
        await side.execute("update trips set notes = array[$1] where name like 'Trip 2%'", str(id(side)))
    await pair.there.execute("update session_memories set state = 'done'")
    before = await everything(pair.away)
    outcome = await pair.move()
    assert (outcome.complete, outcome.written) == (True, 0)
    assert {(each.title[:10], each.columns, each.changed) for each in outcome.after.differences} == {
        ("trip Renam", ("name",), "at the source"),
        ("trip Trip ", ("name",), "at the target"),
        ("trip Trip ", ("notes",), "on both sides"),
    }
    assert await everything(pair.away) == before


async def test_what_was_deleted_there_stays_deleted_until_asked(pair: Pair) -> None:
    await pair.there.execute("delete from trips where name like 'Trip 0%'")
    await pair.there.execute("delete from memories where content = 'Fact 1'")
    await pair.there.execute("delete from itinerary_items where trip_id = (select min(id) from trips)")
    trip = await pair.here.fetchval("select min(id) from trips")
    # new rows of what is gone over there do not come alone
    await pair.here.execute("insert into trip_stops (trip_id, position, place) values ($1, 9, 'Orphan')", trip)
    outcome = await pair.move()
    assert (outcome.complete, outcome.written) == (True, 0)
    assert {each.title for each in outcome.after.gone} >= {"trip Trip 0 🗻", "memory Fact 1", "item Tea"}
    # what it had replaced went with it, as it always does
    assert outcome.after.counts["memories"].gone == 2
    brought = await pair.move(again=True)
    assert brought.complete
    assert brought.after.gone == []
    assert await pair.there.fetchval("select count(*) from trip_stops where place = 'Orphan'") == 1
    facts = "select content, superseded_by is null as live from memories order by content"
    assert await pair.there.fetch(facts) == await pair.here.fetch(facts)
    assert (await pair.move(again=True)).written == 0


async def test_a_memory_that_is_known_there_is_not_told_twice(pair: Pair) -> None:
    say = (
        "insert into memories (user_id, content, content_hash) "
        "values (private.current_user_id(), 'Aisle', 'h1') returning id"
    )
    known = await pair.there.fetchval(say)
    newest = await pair.here.fetchval(say)
    await pair.here.execute(
        "insert into memories (user_id, content, content_hash, superseded_by) "
        "values (private.current_user_id(), 'Window', 'h2', $1)",
        newest,
    )
    outcome = await pair.move()
    assert (outcome.complete, outcome.written, outcome.preview.comparison.counts["memories"].known) == (True, 1, 1)
    assert await pair.there.fetchval("select count(*) from memories where content = 'Aisle'") == 1
    assert await pair.there.fetchval("select superseded_by from memories where content = 'Window'") == known
    again = await pair.move()
    assert (again.written, again.after.differences) == (0, [])


async def test_a_booking_that_moved_to_another_trip_is_still_that_booking(pair: Pair) -> None:
    await pair.there.execute("update itinerary_items set trip_id = (select max(id) from trips)")
    outcome = await pair.move()
    assert (outcome.written, outcome.after.gone) == (0, [])
    assert {(each.kind, each.columns) for each in outcome.after.differences} == {("itinerary_items", ("trip_id",))}


async def test_one_odd_row_keeps_nobody_else_from_moving(database: Database, other: Database, enter: Enter) -> None:
    """A trip that the other side refuses is said with its reason; all others are there."""
    ada, there = await database.create_user("Ada"), await other.create_user("Ada")
    await fill(await database.client(ada), ada, trips=5)
    await (await other.owner()).execute("alter table trips add constraint no_three check (name not like 'Trip 3%')")
    outcome = await Moving(await enter(database, ada), await enter(other, there)).move()
    assert [(each.family, each.title.split(chr(128507))[0], each.reason) for each in outcome.failures] == [
        ("trips", "Trip 3 ", "The database does not accept this value."),
        ("conversations", "About 3", "It belongs to something that could not be moved."),
        # they replaced each other, so they stay together
        ("memories", "Fact 0 and 4 more", "It belongs to something that could not be moved."),
    ]
    assert not outcome.complete
    names = await (await other.client(there)).fetch("select left(name, 6) from trips order by 1")
    assert [row[0] for row in names] == ["Trip 0", "Trip 1", "Trip 2", "Trip 4"]
    await (await other.owner()).execute("alter table trips drop constraint no_three")
    assert (await Moving(await enter(database, ada), await enter(other, there)).move()).complete
    metadata = await (await other.client(there)).fetch("select metadata from memories")
    assert all(json.loads(row[0])["trip_id"] for row in metadata)
