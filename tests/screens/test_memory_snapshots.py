"""How Memory mode looks. `--snapshot-update` accepts a new look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.database import Database, User, clone, drop
from tests.postgres import Server
from tests.screens.planning import NOW, planner_of, settled, shown
from tests.screens.program import AtHand
from tripsage_tui.app import TripSageApp
from tripsage_tui.models.memories import MemoryType
from tripsage_tui.settings import Settings
from tripsage_tui.widgets.status_bar import StatusBar

FACTS = (
    ("Prefers aisle seats near the front", MemoryType.PREFERENCE),
    ("Allergic to peanuts", MemoryType.PREFERENCE),
    ("Likes small family-run hotels more than chains, away from the lift and with a view", MemoryType.PREFERENCE),
    ("Hates red-eye flights", MemoryType.PREFERENCE),
    ("Walked the Kumano Kodo and wants more long walks", MemoryType.TRIP_HISTORY),
    ("[@click=app.quit]x[/] \x1b]52;c;eA==\x07\x1b[31mred", MemoryType.OTHER),
)


async def fill(database: Database, folder: Path) -> User:
    ann = await database.create_user("Ann")
    owner = await database.owner()
    chat = await owner.fetchval("insert into chat_sessions (user_id) values ($1) returning id", ann.id)
    async with planner_of(database, ann, folder) as planner:
        service = planner.memory
        kept = [await service.remember(text, kind) for text, kind in FACTS]
        await service.remember("Takes red-eye flights when they save a night", supersedes=[kept[3].id])
        await service.edit(await service.get(kept[1].id), "Allergic to peanuts, carries an EpiPen")
        await service.pin([kept[1].id])
        await service.note_turn(chat, "user", "We are thinking of Lisbon in spring, with a pool.")
    # Times are the test's, not today's.
    await owner.execute("alter table memories disable trigger user")
    minute = "$1::timestamptz + id * interval '1 minute'"
    set_times = f"update memories set created_at = {minute}, updated_at = {minute}"
    await owner.execute(set_times, NOW - timedelta(days=3))
    await owner.execute(
        "update memories set metadata = jsonb_set(metadata, '{history,0,until}', to_jsonb($1::timestamptz)) "
        "where metadata ? 'history'",
        NOW - timedelta(days=1),
    )
    await owner.execute("alter table memories enable trigger user")
    await owner.execute("alter table session_memories disable trigger user")
    await owner.execute("update session_memories set created_at = $1", NOW - timedelta(hours=2))
    await owner.execute("alter table session_memories enable trigger user")
    await database.close()
    return ann


@pytest.fixture(scope="module")
def stocked(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, User]]:
    async def make() -> tuple[Database, User]:
        database = await clone(server, template, "memory_snapshots")
        return database, await fill(database, tmp_path_factory.mktemp("drafts"))

    database, ann = asyncio.run(make())
    yield Database(server, database.name), ann
    asyncio.run(drop(Database(server, database.name)))


class Opening(AtHand):
    """Opens the planner on the app's own event loop."""

    def __init__(self, stack: AsyncExitStack, planner: Any) -> None:
        super().__init__(planner)
        self._stack = stack

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("keys", [("j",), ("slash", *"seat")], ids=["list", "search"])
def test_memory(
    snap_compare: Callable[..., bool],
    stocked: tuple[Database, User],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    keys: tuple[str, ...],
) -> None:
    database, ann = stocked
    monkeypatch.setenv("TRIPSAGE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setattr("textual.widgets.Input._toggle_cursor", lambda _: None)

    async def open_workspace(_: Callable[[str], None]) -> Opening:
        stack = AsyncExitStack()
        planner = await stack.enter_async_context(
            planner_of(Database(database.server, database.name), ann, tmp_path, clock=now)
        )
        return Opening(stack, planner)

    def now() -> datetime:
        return NOW

    app = TripSageApp(open_workspace, Settings(data_dir=tmp_path))
    app.animation_level = "none"

    async def prepare(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        while not app.home.ready or "● live" not in shown(app):
            await pilot.pause(0.02)
        await pilot.press("4")
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
        while "slash" in keys and "Nearest to" not in shown(app):
            await pilot.pause(0.05)
        await settled(pilot)
        for bar in app.screen.query(StatusBar):
            bar.show(replace(bar.status, latency_ms=0.4))
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=prepare)
