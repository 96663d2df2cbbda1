"""Who looks at a trip: members see members, strangers see nobody and are seen by nobody."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.data.sample_rows import Household, furnish, share
from tests.data.test_live_updates import Ear
from tests.database import Database, User

Refused = asyncpg.InsufficientPrivilegeError


@pytest.fixture
async def ada(database: Database) -> Household:
    return await furnish(await database.owner(), await database.create_user("Ada"))


async def look(connection: asyncpg.Connection, trip: int, screen: UUID, *, looking: bool = True) -> Any:
    """The names of who else looks; None where one may not see the trip."""
    told = json.loads(await connection.fetchval("select look_at_trip($1, $2, $3)", trip, screen, looking) or "null")
    return told and [other["name"] for other in told["others"]]


async def guests(database: Database, ada: Household, *names: str) -> list[User]:
    people = [await database.create_user(name) for name in names]
    for person in people:
        await share(await database.owner(), ada, person, "view")
    return people


async def test_members_see_who_else_looks_until_they_leave(database: Database, ada: Household) -> None:
    trip = ada.ids["trips"]
    bob, cem = await guests(database, ada, "Bob", "Cem")
    adas, bobs, cems = [await database.client(user) for user in (ada.user, bob, cem)]
    a, b, c, c2 = (uuid4() for _ in range(4))
    assert await look(adas, trip, a) == []
    assert await look(bobs, trip, b) == ["Ada"]
    assert await look(cems, trip, c) == await look(cems, trip, c2) == ["Ada", "Bob"]
    assert await look(adas, trip, a) == ["Bob", "Cem"]
    assert await look(cems, trip, c, looking=False) == ["Ada", "Bob"]
    assert await look(adas, trip, a) == ["Bob", "Cem"]  # on his other screen
    await look(cems, trip, c2, looking=False)
    assert await look(adas, trip, a) == ["Bob"]
    assert await look(adas, trip, b, looking=False) == ["Bob"]  # nobody ends the looking of somebody else


async def test_who_dies_without_a_word_is_gone_after_a_minute(database: Database, ada: Household) -> None:
    trip, owner = ada.ids["trips"], await database.owner()
    (bob,) = await guests(database, ada, "Bob")
    adas, bobs = await database.client(ada.user), await database.client(bob)
    a, b = uuid4(), uuid4()
    await look(bobs, trip, b)
    for seconds, seen in (59, ["Bob"]), (61, []):
        await owner.execute(
            "update private.trip_viewers set seen_at = now() - make_interval(secs => $1) where user_id = $2",
            float(seconds), bob.id,
        )  # fmt: skip
        assert await look(adas, trip, a) == seen
    assert await owner.fetchval("select array_agg(user_id) from private.trip_viewers") == [ada.user.id]


async def test_strangers_neither_see_nor_appear(database: Database, ada: Household) -> None:
    trip, owner = ada.ids["trips"], await database.owner()
    bob, cem = await guests(database, ada, "Bob", "Cem")
    eve = await database.create_user("Eve")
    adas, bobs, cems, eves = [await database.client(user) for user in (ada.user, bob, cem, eve)]
    a = uuid4()
    await look(adas, trip, a)
    for nobody in (eves, await database.client()):
        assert await look(nobody, trip, uuid4()) is None
        assert await look(nobody, trip, a, looking=False) is None
        assert await look(nobody, 10**9, uuid4()) is None
    assert await look(bobs, trip, uuid4()) == ["Ada"]
    # One who is no longer a member is out at once, and so is everybody but the owner when the trip is in the trash.
    await owner.execute("delete from trip_collaborators where user_id = $1", bob.id)
    assert await look(adas, trip, a) == []
    assert await look(bobs, trip, uuid4()) is None
    await look(cems, trip, uuid4())
    await adas.execute("update trips set deleted_at = now()")
    assert await look(adas, trip, a) == []
    assert await look(cems, trip, uuid4()) is None
    for statement in (
        "select * from private.trip_viewers",
        "delete from private.trip_viewers",
        "insert into private.trip_viewers select 1, gen_random_uuid(), gen_random_uuid()",
        "select private.viewers_of(1)",
    ):
        with pytest.raises(Refused):
            await eves.fetch(statement)


async def test_a_trip_of_ones_own_costs_no_write(database: Database, ada: Household) -> None:
    adas = await database.client(ada.user)
    told = json.loads(await adas.fetchval("select look_at_trip($1, $2)", ada.ids["trips"], uuid4()))
    assert told == {"shared": False, "others": []}
    assert await (await database.owner()).fetchval("select count(*) from private.trip_viewers") == 0


async def test_only_who_looks_is_told_and_only_of_coming_and_going(database: Database, ada: Household) -> None:
    trip = ada.ids["trips"]
    bob, cem = await guests(database, ada, "Bob", "Cem")
    ears = {user.name: await Ear.of(database, user) for user in (ada.user, bob, cem)}
    adas, bobs = ears["Ada"].connection, ears["Bob"].connection

    async def heard() -> dict[str, list[str]]:
        told = {name: await ear.heard() for name, ear in ears.items()}
        assert all(each[0] == "trip_viewers" and each[2:] == (None, trip) for ear in told.values() for each in ear)
        return {name: [op for _, op, _, _ in ear] for name, ear in told.items() if ear}

    a, b, b2 = uuid4(), uuid4(), uuid4()
    await look(adas, trip, a)
    assert await heard() == {}
    await look(bobs, trip, b)
    assert await heard() == {"Ada": ["INSERT"]}
    await look(bobs, trip, b)
    await look(bobs, trip, b2)
    await look(bobs, trip, b, looking=False)
    await look(adas, trip, a)
    assert await heard() == {}
    await look(bobs, trip, b2, looking=False)
    assert await heard() == {"Ada": ["DELETE"]}


async def test_nobody_has_more_than_so_many_screens(database: Database, ada: Household) -> None:
    await guests(database, ada, "Bob")
    adas = await database.client(ada.user)
    for _ in range(40):
        await look(adas, ada.ids["trips"], uuid4())
    assert await (await database.owner()).fetchval("select count(*) from private.trip_viewers") == 32
