"""Two programs look at one trip: each says so on the other's screen, for as long as it is true and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.database import Database, User
from tests.screens.planning import Host, a_trip, calls, planner_of, settled, shown
from tripsage_tui.data.viewers import ViewerRepository
from tripsage_tui.planner import Planner
from tripsage_tui.presence import Presence
from tripsage_tui.screens.trip import TripScreen


def in_company(planner: Planner, *, pause: float = 60.0) -> Planner:
    """The planner of somebody who looks at once."""
    presence = Presence(ViewerRepository(planner.database), planner.database, settle=0.0, pause=pause)
    return replace(planner, presence=presence)


@pytest.fixture
async def people(database: Database, ann: User, tmp_path: Path) -> AsyncIterator[dict[str, Planner]]:
    """Ann and two others, each with a program that hears of changes."""
    async with AsyncExitStack() as stack:
        planners = {}
        for user in (ann, await database.create_user("Bob"), await database.create_user("Cem")):
            planner = await stack.enter_async_context(planner_of(database, user, tmp_path / user.name, live=True))
            await planner.trips.list()
            await planner.database.settled()
            planners[user.name] = in_company(planner)
        yield planners


async def shared(database: Database, people: dict[str, Planner]) -> int:
    """Ann's trip, which the others may see."""
    trip = await a_trip(people["Ann"])
    for name in ("Bob", "Cem"):
        await (await database.owner()).execute(
            "insert into trip_collaborators (trip_id, user_id, added_by) values ($1, $2, $3)",
            trip.id, people[name].profile.id, people["Ann"].profile.id,
        )  # fmt: skip
    return trip.id


def top(pilot: Pilot[Any]) -> str:
    return shown(pilot.app).splitlines()[0].rstrip()


async def until(pilot: Pilot[Any], text: str) -> None:
    """Until the first line ends with a text."""
    async with asyncio.timeout(10):
        while not top(pilot).endswith(text):
            await pilot.pause(0.01)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_who_comes_and_goes_is_said_in_the_top_bar(
    people: dict[str, Planner], database: Database, size: tuple[int, int]
) -> None:
    trip = await shared(database, people)
    leave: list[Callable[[], None]] = []
    async with Host(lambda: TripScreen(people["Ann"], trip)).run_test(size=size) as pilot:
        await settled(pilot)
        await until(pilot, "Japan in autumn")
        for name, text in {"Bob": "Bob is looking", "Cem": "Bob, Cem are looking"}.items():
            presence = people[name].presence
            assert presence is not None
            leave.append(presence.look(trip, lambda _: None))
            await until(pilot, text)
        loads = calls(people["Ann"])["trips.plan"]
        leave[0]()
        await until(pilot, "Cem is looking")
        leave[1]()
        await until(pilot, "Japan in autumn")
        assert calls(people["Ann"])["trips.plan"] == loads  # nothing was loaded for it


async def test_two_screens_see_each_other_until_one_closes(people: dict[str, Planner], database: Database) -> None:
    trip = await shared(database, people)
    async with Host(lambda: TripScreen(people["Ann"], trip)).run_test(size=(80, 24)) as anns:
        await until(anns, "Japan in autumn")
        async with Host(lambda: TripScreen(people["Bob"], trip)).run_test(size=(80, 24)) as bobs:
            await until(bobs, "shared to look at · Ann is looking")
            await until(anns, "Bob is looking")
            await bobs.press("escape")
            await until(anns, "Japan in autumn")


async def test_who_dies_is_gone_with_the_next_look(people: dict[str, Planner], database: Database) -> None:
    trip = await shared(database, people)
    anns = in_company(people["Ann"], pause=0.05)
    async with Host(lambda: TripScreen(anns, trip)).run_test(size=(80, 24)) as pilot:
        await until(pilot, "Japan in autumn")
        presence = people["Bob"].presence
        assert presence is not None
        presence.look(trip, lambda _: None)
        await until(pilot, "Bob is looking")
        await (await database.owner()).execute(
            "update private.trip_viewers set seen_at = now() - interval '61 seconds' where user_id = $1",
            people["Bob"].profile.id,
        )
        await until(pilot, "Japan in autumn")


async def test_a_trip_of_ones_own_is_asked_about_once(people: dict[str, Planner]) -> None:
    trip = await a_trip(people["Ann"])
    anns = in_company(people["Ann"], pause=0.0)
    async with Host(lambda: TripScreen(anns, trip.id)).run_test(size=(80, 24)) as pilot:
        async with asyncio.timeout(10):
            while "viewers.look" not in calls(anns):
                await pilot.pause(0.01)
        for _ in range(10):
            await anns.trips.list()
            await pilot.pause()
        assert calls(anns)["viewers.look"] == 1


async def test_a_database_that_is_away_disturbs_nobody(people: dict[str, Planner], database: Database) -> None:
    trip = await shared(database, people)
    anns = in_company(people["Ann"], pause=0.02)
    async with Host(lambda: TripScreen(anns, trip)).run_test(size=(80, 24)) as pilot:
        presence = people["Bob"].presence
        assert presence is not None
        presence.look(trip, lambda _: None)
        await until(pilot, "Bob is looking")
        owner = await database.superuser()
        await owner.execute("revoke execute on function public.look_at_trip from tripsage_client")
        await until(pilot, "Japan in autumn")
        assert not pilot.app._notifications
        await owner.execute("grant execute on function public.look_at_trip to tripsage_client")
        await until(pilot, "Bob is looking")
