"""How Bookings mode looks, with a frozen clock. `--snapshot-update` accepts a new look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.database import Database, User, clone, drop
from tests.postgres import Server
from tests.screens.planning import NOW, planner_of, settled, shown
from tests.screens.program import AtHand
from tests.screens.test_bookings import rested
from tripsage_tui.app import TripSageApp
from tripsage_tui.sample_trips import create_sample
from tripsage_tui.settings import Settings
from tripsage_tui.widgets.status_bar import StatusBar

NARROW, WIDE, HUGE = (80, 24), (120, 40), (200, 60)
LATER = datetime(2028, 9, 18, 14, 0, tzinfo=UTC)
"""Two weeks before the sample trip, when some of it is overdue."""


@pytest.fixture(scope="module")
def stocked(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, User]]:
    """A database with Ann's sample trip."""

    async def make() -> tuple[Database, User]:
        database = await clone(server, template, "bookings_snapshots")
        ann = await database.create_user("Ann")
        async with planner_of(database, ann, tmp_path_factory.mktemp("drafts"), clock=lambda: NOW) as planner:
            await create_sample(planner)
        await database.close()
        return database, ann

    database, ann = asyncio.run(make())
    yield Database(server, database.name), ann
    asyncio.run(drop(Database(server, database.name)))


@pytest.fixture
def snap(snap_compare: Callable[..., bool], stocked: tuple[Database, User], tmp_path: Path) -> Callable[..., bool]:
    """`snap(*keys, size=...)` compares Bookings mode after those keys."""
    database, ann = stocked

    def compare(*keys: str, size: tuple[int, int], theme: str = "dark") -> bool:
        async def open_workspace(_: Callable[[str], None]) -> Closing:
            context = planner_of(Database(database.server, database.name), ann, tmp_path, clock=lambda: LATER)
            return Closing(await context.__aenter__(), context)

        app = TripSageApp(open_workspace, Settings(data_dir=tmp_path, theme=theme))
        app.animation_level = "none"

        async def prepare(pilot: Pilot[Any]) -> None:
            await pilot.pause()
            while not app.home.ready or "● live" not in shown(app):
                await pilot.pause(0.02)
            await settled(pilot)
            for key in ("2", *keys):
                await pilot.press(key)
                await rested(pilot)
            for bar in app.screen_stack[0].query(StatusBar):
                bar.show(replace(bar.status, latency_ms=0.4))
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=prepare)

    return compare


class Closing(AtHand):
    """Closes the planner's connections on the app's own loop."""

    def __init__(self, planner: Any, context: Any) -> None:
        super().__init__(planner)
        self._context = context

    async def close(self) -> None:
        await self._context.__aexit__(None, None, None)


@pytest.mark.parametrize("size", [NARROW, WIDE, HUGE], ids=["80x24", "120x40", "200x60"])
def test_bookings(snap: Callable[..., bool], size: tuple[int, int]) -> None:
    assert snap("j", "j", size=size)


@pytest.mark.parametrize(("size", "theme"), [(NARROW, "light"), (WIDE, "dark")], ids=["80x24", "120x40"])
def test_deadlines(snap: Callable[..., bool], size: tuple[int, int], theme: str) -> None:
    assert snap("tab", size=size, theme=theme)


def test_choosing(snap: Callable[..., bool]) -> None:
    assert snap("f", "s", "u", size=NARROW)
