"""The database goes away and comes back while the trips are on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.database import Database, User
from tests.proxy import Proxy
from tests.screens.planning import a_trip, planner_of, settled, until
from tests.screens.program import running, toasts
from tripsage_tui.data.target import ConnectionTarget, Tls
from tripsage_tui.planner import Planner


@pytest.fixture
async def proxy(database: Database) -> AsyncIterator[Proxy]:
    async with Proxy(database.host, database.port) as proxy:
        yield proxy


@pytest.fixture
async def distant(database: Database, ann: User, proxy: Proxy, tmp_path: Path) -> AsyncIterator[Planner]:
    """Ann's services by way of the proxy."""
    target = ConnectionTarget(host="127.0.0.1", port=proxy.port, database=database.name, ssl=Tls.DISABLE)
    async with planner_of(database, ann, tmp_path / "drafts", target=target) as planner:
        yield planner


async def test_it_says_so_keeps_what_it_shows_refuses_writes_and_recovers(
    distant: Planner, planner: Planner, proxy: Proxy, tmp_path: Path
) -> None:
    await a_trip(distant)
    async with running(distant, tmp_path) as (pilot, screen):
        await until(pilot, "● live", seconds=5)
        proxy.refusing = True
        proxy.cut()
        text = await until(pilot, "✕ down", seconds=10)
        assert "Japan in autumn" in text
        assert "Shown: the state of 10:00." in text
        for key in ("d", "u", "y"):
            await pilot.press(key)
            await settled(pilot)
            assert toasts(pilot)[-1].startswith("Nothing was changed: ")
        assert pilot.app.screen is screen
        assert [trip.name for trip in await planner.trips.list()] == ["Japan in autumn"]
        await a_trip(planner)
        proxy.refusing = False
        await until(pilot, "2 trips", seconds=30)
        await until(pilot, "● live", seconds=10)


async def test_a_form_does_not_say_how_old_its_data_are(distant: Planner, proxy: Proxy, tmp_path: Path) -> None:
    async with running(distant, tmp_path) as (pilot, _):
        await until(pilot, "● live", seconds=5)
        await pilot.press("n")
        await settled(pilot)
        proxy.refusing = True
        proxy.cut()
        assert "Shown:" not in await until(pilot, "✕ down", seconds=10)


async def test_moving_about_while_it_is_down_breaks_nothing(distant: Planner, proxy: Proxy, tmp_path: Path) -> None:
    await a_trip(distant)
    async with running(distant, tmp_path) as (pilot, screen):
        await until(pilot, "● live", seconds=5)
        proxy.refusing = True
        proxy.cut()
        await until(pilot, "✕ down", seconds=10)
        for key in (
            "j",
            "k",
            "G",
            "o",
            "v",
            "v",
            "r",
            "slash",
            "x",
            "escape",
            "e",
            "escape",
            "question_mark",
            "escape",
        ):
            await pilot.press(key)
        await settled(pilot)
        assert pilot.app.is_running
        assert len(screen.rows.keys) == 1


async def test_the_rows_of_a_screen_far_away_take_one_round_trip(
    distant: Planner, proxy: Proxy, tmp_path: Path
) -> None:
    await a_trip(distant)
    async with running(distant, tmp_path, size=(80, 24)) as (pilot, _):
        await until(pilot, "● live", seconds=5)
        await settled(pilot)
        await distant.trips.list()  # on whichever connection is free, which may have to prepare it
        before = proxy.round_trips
        await distant.trips.list()
        assert proxy.round_trips - before == 1
