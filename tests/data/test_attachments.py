"""What the schema promises about files: bookings, upload windows, bytes whose record is gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.data.sample_rows import ROWS, Household, furnish, insert, share
from tests.database import Database, User

BOOKINGS = {"flight": "flights", "stay": "accommodations", "transport": "transportation", "item": "itinerary_items"}


@pytest.fixture
async def ada(database: Database) -> Household:
    return await furnish(await database.owner(), await database.create_user("Ada"))


@pytest.fixture
async def ben(database: Database) -> Household:
    return await furnish(await database.owner(), await database.create_user("Ben"))


@pytest.mark.parametrize("kind", BOOKINGS)
async def test_a_file_names_a_booking_of_its_trip_and_the_refusal_tells_nothing(
    database: Database, ada: Household, ben: Household, kind: str
) -> None:
    owner = await database.owner()
    table = BOOKINGS[kind]
    client = await database.client(ben.user)
    row = ROWS["file_attachments"](ben.user.id, ben.ids)
    mine = {"booking_kind": kind, "booking_id": ben.ids[table]}
    made = await insert(client, "file_attachments", row | mine)
    second = await insert(owner, "trips", ROWS["trips"](ben.user.id, {}))
    elsewhere = await insert(owner, table, ROWS[table](ben.user.id, {"trips": second}))
    said = set()
    for booking in (ada.ids[table], 10**9, elsewhere):
        fresh = row | {"file_path": f"{ben.user.id}/{uuid4()}.pdf"} | mine | {"booking_id": booking}
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as refused:
            await insert(client, "file_attachments", fresh)
        said.add(str(refused.value))
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as moved:
            await client.execute("update file_attachments set booking_id = $2 where id = $1", made, booking)
        said.add(str(moved.value))
    assert said == {"no such booking"}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await client.execute("update file_attachments set trip_id = $2 where id = $1", made, second)
    # The booking may go; its file stays, and can still be changed.
    await client.execute(f"delete from {table} where id = $1", ben.ids[table])
    assert (
        await client.execute("update file_attachments set upload_status = 'completed' where id = $1", made)
        == "UPDATE 1"
    )


async def test_the_window_for_an_upload_is_the_databases_and_the_writers(
    database: Database, ada: Household, ben: Household
) -> None:
    owner = await database.owner()
    await share(owner, ada, ben.user, "edit")
    clients = {name: await database.client(user) for name, user in (("ada", ada.user), ("ben", ben.user))}
    far = datetime(2099, 1, 1, tzinfo=UTC)
    row = ROWS["file_attachments"](ben.user.id, ada.ids) | {"upload_until": far, "created_at": far}
    made = await insert(clients["ben"], "file_attachments", row)
    soon = "select upload_until < now() + interval '16 minutes' from file_attachments where id = $1"
    assert await owner.fetchval(soon, made)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await clients["ben"].execute("update file_attachments set upload_until = $1", far)
    renew = "select private.renew_upload($1)"
    assert await clients["ada"].fetchval(renew, made) is None, "an editor may not write in another's name"
    assert await clients["ben"].fetchval(renew, made) is not None
    await owner.execute("update file_attachments set upload_status = 'failed' where id = $1", made)
    assert await clients["ben"].fetchval(renew, made) is not None, "it may be tried again"
    for change in (
        "upload_status = 'completed'",
        "upload_status = 'uploading', deleted_at = now()",
        "deleted_at = null, upload_status = 'failed', virus_scan_status = 'infected'",
    ):
        await owner.execute(f"update file_attachments set {change} where id = $1", made)
        assert await clients["ben"].fetchval(renew, made) is None, change
    await owner.execute("update file_attachments set virus_scan_status = 'pending' where id = $1", made)
    await owner.execute("update trip_collaborators set permission_level = 'view'")
    assert await clients["ben"].fetchval(renew, made) is None, "who may only look may no longer upload"


async def test_bytes_without_a_record_are_for_their_writer_and_who_removed_it(
    database: Database, ada: Household, ben: Household
) -> None:
    owner = await database.owner()
    await share(owner, ada, ben.user, "edit")
    eve = await database.create_user("Eve")
    path = await owner.fetchval("select file_path from file_attachments where id = $1", ada.ids["file_attachments"])
    await owner.execute("insert into storage.objects (bucket_id, name) values ('attachments', $1)", path)
    clients = {user.name: await database.client(user) for user in (ada.user, ben.user, eve)}
    await clients["Ben"].execute("delete from file_attachments where id = $1", ada.ids["file_attachments"])
    known = {
        name: [row["p"] for row in await client.fetch("select p from private.orphaned_paths('attachments') p")]
        for name, client in clients.items()
    }
    assert known == {"Ada": [path], "Ben": [path], "Eve": []}
    removed = {user.name: await _remove(database, user, path) for user in (eve, ben.user)}
    assert removed == {"Eve": 0, "Ben": 1}
    await clients["Eve"].execute("select private.forget_orphans('attachments', $1)", [path])
    assert await owner.fetchval("select count(*) from private.orphaned_files") == 1
    await clients["Ada"].execute("select private.forget_orphans('attachments', $1)", [path])
    assert await owner.fetchval("select count(*) from private.orphaned_files") == 0


async def test_a_record_that_comes_back_has_its_bytes_again(database: Database, ada: Household) -> None:
    owner = await database.owner()
    client = await database.client(ada.user)
    whole = await client.fetchval("select to_jsonb(f) from file_attachments f")
    await client.execute("delete from file_attachments")
    await client.execute(
        "insert into file_attachments select r.* from jsonb_populate_record(null::file_attachments, $1) r", whole
    )
    assert await owner.fetchval("select count(*) from private.orphaned_files") == 0


async def _remove(database: Database, user: User, path: str) -> Any:
    """As Storage does for a request."""
    connection = await database.connect("authenticator")
    async with connection.transaction():
        await connection.execute(
            "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
            json.dumps({"role": "authenticated", "sub": str(user.id)}),
        )
        rows = await connection.fetch("delete from storage.objects where name = $1 returning name", path)
    return len(rows)
