"""Two users' belongings never mix, and nobody reaches or spoils what another one moves."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from tests.data.sample_rows import furnish, share
from tests.database import Database
from tests.transfer.belongings import everything, fill, plain
from tests.transfer.conftest import Enter
from tripsage_tui.data.transfer_reading import Link
from tripsage_tui.transfer.moving import Moving


async def test_two_users_move_at_the_same_place_and_never_mix(
    database: Database, other: Database, enter: Enter
) -> None:
    """The same ids over there, the same people here: each finds the own rows and nobody else's."""
    ada, ben = await database.create_user("Ada"), await database.create_user("Ben")
    await fill(await database.client(ada), ada)
    await fill(await database.client(ben), ben, trips=2)
    homes = [await enter(database, user) for user in (ada, ben)]
    aways = [await enter(other, await other.create_user(name)) for name in ("Ada", "Ben")]
    for home, away in zip(homes, aways, strict=True):
        assert (await Moving(home, away).move()).complete
    for home, away in zip(homes, aways, strict=True):
        assert plain(await everything(away), without=()) == plain(await everything(home), without=())


async def test_only_what_one_owns_moves(database: Database, other: Database, enter: Enter) -> None:
    """A shared trip stays its owner's; a link to somebody else's account is left out, not guessed."""
    owner = await database.owner()
    ada = await furnish(owner, await database.create_user("Ada"))
    ben = await furnish(owner, await database.create_user("Ben"))
    await share(owner, ada, ben.user, "edit")
    await owner.execute("update travellers set user_id = $1 where id = $2", ben.user.id, ada.ids["travellers"])
    await owner.execute(
        "update chat_sessions set trip_id = $1 where id = $2", ada.ids["trips"], ben.ids["chat_sessions"]
    )
    away = await enter(other, await other.create_user("Ben"))
    moving = Moving(await enter(database, ben.user), away)
    preview = await moving.look()
    assert preview.left_behind.shared_trips == ("Japan",)
    assert preview.left_behind.services == ("openai",)
    assert preview.left_behind.searches == 4
    assert preview.left_behind.files == 1
    assert (await moving.move()).complete
    moved = await everything(away)
    assert len(moved["trips"]) == 1
    assert [session["trip_id"] for session in moved["chat_sessions"]] == [None]

    adas = await enter(other, await other.create_user("Ada"))
    moving = Moving(await enter(database, ada.user), adas)
    preview = await moving.look()
    assert [(each["trip"], each["name"], each["level"]) for each in preview.left_behind.members] == [
        ("Japan", "Ben", "edit")
    ]
    assert len(preview.left_behind.invitations) == 1
    assert (await moving.move()).complete
    moved = await everything(adas)
    assert [each["user_id"] for each in moved["travellers"]] == [None, None]
    assert [each["name"] for each in moved["travellers"]] == ["Ada", "Ada"]


async def test_notes_cannot_be_forged_into_reaching_foreign_rows(
    database: Database, other: Database, enter: Enter
) -> None:
    """Eve claims that Ben's rows are hers: she reads nothing, changes nothing, and only loses her own transfer."""
    owner = await other.owner()
    ben = await furnish(owner, await other.create_user("Ben"))
    eve, eve_there = await database.create_user("Eve"), await other.create_user("Eve")
    await fill(await database.client(eve), eve, trips=1)
    home, away = await enter(database, eve), await enter(other, eve_there)
    client = await other.client(eve_there)
    before = await everything(await enter(other, ben.user))
    note = (
        "insert into transferred_rows (user_id, source_user, kind, source_id, target_id, state) "
        "values (private.current_user_id(), $1, $2, $3, $4, $5)"
    )
    rows = {kind: str(group[0]["id"]) for kind, group in (await everything(home)).items() if group}
    for kind, id_ in rows.items():
        if kind in ben.ids:
            state = "allotted" if kind in {"flights", "memories"} else "written"
            await client.execute(note, eve.id, kind, id_, str(ben.ids[kind]), state)
    outcome = await Moving(home, away).move()
    assert await everything(await enter(other, ben.user)) == before
    moved = await everything(away)
    assert all(str(ben.ids["trips"]) != str(row.get("trip_id")) for group in moved.values() for row in group)
    assert outcome.after.gone or outcome.failures
    # with everything brought back, nothing of Ben's was in the way
    outcome = await Moving(home, away, again=True).move()
    assert outcome.complete, (outcome.failures, outcome.wrong, outcome.after.new)
    assert await everything(await enter(other, ben.user)) == before
    for statement in (
        f"select * from transferred_rows where user_id <> '{eve_there.id}'",
        f"update transferred_rows set state = 'written' where user_id <> '{eve_there.id}' returning id",
    ):
        assert await client.fetch(statement) == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await client.execute(
            note.replace("private.current_user_id()", f"'{ben.user.id}'"), eve.id, "trips", "1", "1", "written"
        )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await client.execute("update transferred_rows set user_id = $1", ben.user.id)


async def test_ids_taken_by_a_stranger_are_given_up_for_others(
    database: Database, other: Database, enter: Enter
) -> None:
    """Between the allotment and the row somebody may sit down on the id; that costs an id and nothing else."""
    ada, there = await database.create_user("Ada"), await other.create_user("Ada")
    await fill(await database.client(ada), ada, trips=1)
    home, away = await enter(database, ada), await enter(other, there)
    keys = [(kind, str(row["id"])) for kind, group in (await everything(home)).items() for row in group]
    links = await away.writing.allot(ada.id, keys)
    eve = await furnish(await other.owner(), await other.create_user("Eve"))
    client = await other.client(eve.user)
    taken = {link.kind: link for link in links}
    trip = int(taken["trips"].target_id)
    await client.execute(
        "insert into trips (id, user_id, name, start_date, end_date, destination, budget, travelers) "
        "overriding system value values ($1, private.current_user_id(), 'Mine', '2027-01-01', '2027-01-02', 'x', 1, 1)",
        trip,
    )
    await client.execute(
        "insert into chat_messages (id, session_id, role, content) overriding system value "
        "values ($1, $2, 'user', 'x')",
        int(taken["chat_messages"].target_id), eve.ids["chat_sessions"],
    )  # fmt: skip
    outcome = await Moving(home, away).move()
    assert outcome.complete, outcome.failures
    assert plain(await everything(away), without=()) == plain(await everything(home), without=())
    assert await client.fetchval("select name from trips where id = $1", trip) == "Mine"


async def test_nobody_is_given_ids_for_nothing(other: Database, enter: Enter) -> None:
    ada = await other.create_user("Ada")
    client = await other.client(ada)
    assert await client.fetchval("select private.issue_ids('{trips,trips,chat_sessions}')") != []
    for kinds in (["auth.users"], ["transferred_rows"], ["trips_id_seq; drop table trips"], ["trips"] * 5001):
        with pytest.raises(asyncpg.PostgresError):
            await client.fetchval("select private.issue_ids($1)", kinds)
    nobody = await other.client()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await nobody.fetchval("select private.issue_ids('{trips}')")
    away = await enter(other, ada)
    first = await away.writing.allot(uuid4(), [("trips", "1"), ("chat_sessions", "x")])
    assert [type(link) for link in first] == [Link, Link]
