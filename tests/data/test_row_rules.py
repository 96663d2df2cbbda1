"""What triggers and constraints promise: concurrency tokens, ids, legs, and what happens when rows go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from tests.data.sample_rows import ROWS, SECRET, Household, furnish, insert, share
from tests.database import Database


@pytest.fixture
async def ada(database: Database) -> Household:
    return await furnish(await database.owner(), await database.create_user("Ada"))


async def test_updated_at_only_ever_grows(database: Database, ada: Household) -> None:
    """Also for several updates in one transaction, and for a row from the future."""
    client = await database.client(ada.user)
    query = "update trips set name = name returning updated_at"
    async with client.transaction():
        seen = [await client.fetchval(query) for _ in range(5)]
    assert seen == sorted(set(seen))
    future = datetime.now(UTC) + timedelta(days=1)
    owner = await database.owner()
    await owner.execute("alter table trips disable trigger trips_touch_updated_at")
    await owner.execute("update trips set updated_at = $1", future)
    await owner.execute("alter table trips enable trigger trips_touch_updated_at")
    after = await client.fetchval(query)
    assert after == future + timedelta(microseconds=1)


async def test_a_lost_race_updates_nothing(database: Database, ada: Household) -> None:
    client = await database.client(ada.user)
    based_on = await client.fetchval("select updated_at from flights")
    query = "update flights set price = price + 1 where updated_at = $1 returning id"
    assert await client.fetch(query, based_on)
    assert not await client.fetch(query, based_on)


async def test_undo_brings_a_flight_back_with_its_id_and_legs(database: Database, ada: Household) -> None:
    client = await database.client(ada.user)
    lost: dict[str, list[asyncpg.Record]] = {}
    for table in ("flights", "legs"):
        lost[table] = await client.fetch(f"select * from {table}")
    await client.execute("delete from flights where id = $1", ada.ids["flights"])
    assert await client.fetch("select * from legs") == []
    for table, rows in lost.items():
        columns = list(rows[0].keys())
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        for row in rows:
            await client.execute(
                f"insert into {table} ({', '.join(columns)}) overriding system value values ({places})", *row.values()
            )
        assert await client.fetch(f"select * from {table}") == rows


async def test_an_insert_sent_twice_makes_one_row(database: Database, ada: Household) -> None:
    client = await database.client(ada.user)
    tables = ("flights", "accommodations", "transportation", "itinerary_items", "trips", "travellers", "expenses",
              "settlements")  # fmt: skip
    for table in tables:
        values = ROWS[table](ada.user.id, ada.ids) | {"idempotency_key": "6a1e4b2c-0f5e-4b6f-9a57-3f3d6c1f2b11"}
        await insert(client, table, values)
        with pytest.raises(asyncpg.UniqueViolationError):
            await insert(client, table, values)


async def test_a_leg_belongs_to_one_booking_of_its_own_trip(database: Database, ada: Household) -> None:
    client = await database.client(ada.user)
    base: dict[str, Any] = {"trip_id": ada.ids["trips"], "origin": "a", "destination": "b"}
    both = {"flight_id": ada.ids["flights"], "transportation_id": ada.ids["transportation"]}
    for wrong in ({}, both):
        with pytest.raises(asyncpg.CheckViolationError):
            await insert(client, "legs", base | wrong)
    other = await insert(client, "trips", ROWS["trips"](ada.user.id, {}))
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await insert(client, "legs", base | {"trip_id": other, "flight_id": ada.ids["flights"]})


async def test_legs_move_with_their_flight(database: Database, ada: Household) -> None:
    client = await database.client(ada.user)
    other = await insert(client, "trips", ROWS["trips"](ada.user.id, {}))
    await client.execute("update flights set trip_id = $1", other)
    assert await client.fetchval("select trip_id from legs") == other


async def test_stops_swap_places_within_one_transaction(database: Database, ada: Household) -> None:
    client = await database.client(ada.user)
    other = await insert(client, "trip_stops", ROWS["trip_stops"](ada.user.id, ada.ids) | {"position": 1})
    await client.execute("update trip_stops set position = 2 where id = $1", ada.ids["trip_stops"])
    async with client.transaction():
        await client.execute("set constraints trip_stops_trip_position_uniq deferred")
        await client.execute("update trip_stops set position = 2 where id = $1", other)
        await client.execute("update trip_stops set position = 1 where id = $1", ada.ids["trip_stops"])
    stops = await client.fetch("select id from trip_stops order by position")
    assert [stop["id"] for stop in stops] == [ada.ids["trip_stops"], other]


async def test_deleting_a_trip_keeps_the_conversation(database: Database, ada: Household) -> None:
    client = await database.client(ada.user)
    await client.execute("delete from trips")
    assert await client.fetchval("select trip_id from chat_sessions") is None
    assert await client.fetchval("select count(*) from chat_messages") == 1
    gone = ("flights", "accommodations", "transportation", "itinerary_items", "legs", "file_attachments", "travellers",
            "expenses", "expense_shares", "settlements", "trip_invitations")  # fmt: skip
    for table in gone:
        assert await (await database.owner()).fetchval(f"select count(*) from {table}") == 0


async def test_who_leaves_a_trip_keeps_writing_in_the_own_conversation(database: Database, ada: Household) -> None:
    owner = await database.owner()
    ben = await database.create_user("Ben")
    await share(owner, ada, ben, "view")
    client = await database.client(ben)
    session = await insert(client, "chat_sessions", {"user_id": ben.id, "trip_id": ada.ids["trips"]})
    assert await client.execute("delete from trip_collaborators") == "DELETE 1"
    assert await client.fetch("select id from trips") == []
    assert await client.execute("update chat_sessions set ended_at = now() where id = $1", session) == "UPDATE 1"


async def test_a_new_owner_stops_being_a_guest(database: Database, ada: Household) -> None:
    """Ownership is handed over by the operator only; the schema keeps the rule that an owner is no collaborator."""
    owner = await database.owner()
    ben = await database.create_user("Ben")
    await share(owner, ada, ben, "edit")
    await owner.execute("update trips set user_id = $1", ben.id)
    assert await owner.fetchval("select count(*) from trip_collaborators") == 0
    with pytest.raises(asyncpg.CheckViolationError):
        await share(owner, ada, ben, "view")


async def test_deleting_a_user_leaves_nothing(database: Database, ada: Household) -> None:
    owner = await database.owner()
    await owner.execute("delete from auth.users where id = $1", ada.user.id)
    for (table,) in await owner.fetch("select tablename::text from pg_tables where schemaname = 'public'"):
        assert await owner.fetchval(f"select count(*) from {table}") == 0, table
    assert await owner.fetchval("select count(*) from vault.secrets") == 0


async def test_live_memories_are_unique_by_content_and_old_ones_are_not(database: Database, ada: Household) -> None:
    client = await database.client(ada.user)
    fact = {"user_id": ada.user.id, "content": "x", "content_hash": "hash"}
    first = await insert(client, "memories", fact)
    with pytest.raises(asyncpg.UniqueViolationError):
        await insert(client, "memories", fact)
    await client.execute("update memories set deleted_at = now() where id = $1", first)
    second = await insert(client, "memories", fact)
    await client.execute("update memories set superseded_by = $1 where id = $2", ada.ids["memories"], second)
    await insert(client, "memories", fact)
    await client.execute("delete from memories where id = $1", ada.ids["memories"])
    left = await client.fetch("select id from memories where superseded_by is not null or id = $1", second)
    assert left == []  # an outdated version does not come back to life


# Keys ---------------------------------------------------------------------------------------------------------------


async def test_a_key_is_put_read_used_and_deleted(database: Database, ada: Household) -> None:
    client = await database.client(ada.user)
    other = SECRET.replace("A", "B")
    key = await client.fetchval("select put_api_key(' Anthropic ', $1)", SECRET)
    assert await client.fetchval("select put_api_key('anthropic', $1)", other) == key
    assert await client.fetchval("select get_api_key('ANTHROPIC')") == other
    assert await client.fetchval("select last_used from api_keys where id = $1", key) is None
    assert await client.fetchval("select touch_api_key('anthropic')")
    assert await client.fetchval("select last_used from api_keys where id = $1", key)
    assert await client.fetchval("select delete_api_key('anthropic')")
    assert not await client.fetchval("select delete_api_key('anthropic')")
    assert await client.fetchval("select get_api_key('anthropic')") is None
    secrets = await (await database.owner()).fetch("select name from vault.secrets")
    assert [row["name"] for row in secrets] == [f"openai_api_key_{ada.user.id}"]


@pytest.mark.parametrize("secret", ["sk-plaintext", "", None, "aesgcm1:", "aesgcm1:short"])
async def test_the_embedded_vault_takes_no_plaintext(database: Database, ada: Household, secret: str | None) -> None:
    client = await database.client(ada.user)
    with pytest.raises(asyncpg.InvalidParameterValueError) as refused:
        await client.execute("select put_api_key('x', $1)", secret)
    if secret:
        assert secret not in str(refused.value) + str(refused.value.detail) or len(secret) < 10
    assert await client.fetchval("select count(*) from api_keys where service = 'x'") == 0


async def test_the_service_role_serves_any_owner(database: Database, ada: Household) -> None:
    connection = await database.connect("authenticator")
    await connection.execute("set role service_role")
    assert await connection.fetchval("select get_api_key($1, 'openai')", ada.user.id) == SECRET
    assert await connection.fetchval("select touch_api_key($1, 'openai')", ada.user.id)
    assert await connection.fetchval("select put_api_key($1, 'other', $2)", ada.user.id, SECRET)
    assert await connection.fetchval("select delete_api_key($1, 'other')", ada.user.id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("select get_api_key('openai')")


# Retention and storage ----------------------------------------------------------------------------------------------


async def test_what_has_expired_is_cleaned(database: Database, ada: Household) -> None:
    owner = await database.owner()
    await database.ticket(ada.user)
    await owner.execute("update private.database_sessions set expires_at = now() - interval '1 second'")
    await owner.execute("update search_flights set expires_at = now() - interval '1 second'")
    await owner.execute("update file_attachments set upload_until = now() - interval '8 days'")
    removed = {row["source"]: row["removed"] for row in await owner.fetch("select * from private.clean_expired()")}
    assert removed == {"database_sessions": 1, "search_destinations": 0, "search_activities": 0, "search_flights": 1,
                       "search_hotels": 0, "file_attachments": 1}  # fmt: skip


async def test_a_storage_object_needs_its_record_first(database: Database, ada: Household) -> None:
    owner = await database.owner()
    ben = await database.create_user("Ben")
    path = await owner.fetchval("select file_path from file_attachments")
    connection = await database.connect("authenticator")

    async def upload(user: Any, name: str) -> str:
        async with connection.transaction():
            await connection.execute(
                "select set_config('role', 'authenticated', true), set_config('request.jwt.claim.sub', $1, true)",
                str(user.id),
            )
            return str(
                await connection.execute(
                    "insert into storage.objects (bucket_id, name) values ('attachments', $1)", name
                )
            )

    for user, name in ((ada.user, f"{ada.user.id}/other.pdf"), (ben, path), (ben, f"{ben.id}/x.pdf")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await upload(user, name)
    await owner.execute("update file_attachments set upload_until = now()")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await upload(ada.user, path)
    await (await database.client(ada.user)).execute("select private.renew_upload(id) from file_attachments")
    assert await upload(ada.user, path) == "INSERT 0 1"

    async def visible(user: Any) -> int:
        async with connection.transaction():
            await connection.execute(
                "select set_config('role', 'authenticated', true), set_config('request.jwt.claim.sub', $1, true)",
                str(user.id),
            )
            return int(await connection.fetchval("select count(*) from storage.objects"))

    assert (await visible(ada.user), await visible(ben)) == (1, 0)
    await share(owner, ada, ben, "view")
    assert await visible(ben) == 1


async def test_a_record_cannot_claim_a_path_outside_its_writers_folder(database: Database, ada: Household) -> None:
    ben = await database.create_user("Ben")
    client = await database.client(ben)
    values = ROWS["file_attachments"](ben.id, ada.ids) | {"trip_id": None}
    for path in (f"{ada.user.id}/x.pdf", "x.pdf", f"chat/{ada.user.id}/x.pdf", f"{ben.id}", "%/x", f"x/{ben.id}/x"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await insert(client, "file_attachments", values | {"file_path": path})
    for path in (f"{ben.id}/x.pdf", f"chat/{ben.id}/x.pdf"):
        await insert(client, "file_attachments", values | {"file_path": path})
