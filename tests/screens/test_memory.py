"""Memory mode on a real database, by keyboard."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.database import Database, User
from tests.hostile import HOSTILE, steers
from tests.screens.planning import calls, settled, shown, type_into
from tests.screens.program import running, toasts
from tripsage_tui.models.memories import Memory, MemoryType
from tripsage_tui.planner import Planner
from tripsage_tui.screens.memory import REST, MemoryScreen
from tripsage_tui.screens.memory_dialogs import EVERYTHING

FACTS = ("Prefers aisle seats", "Allergic to peanuts", "Likes quiet hotels near the station")


@pytest.fixture
async def facts(planner: Planner) -> list[Memory]:
    """Three preferences, the first said before the others."""
    return [await planner.memory.remember(text) for text in FACTS]


@asynccontextmanager
async def memory_mode(
    planner: Planner, folder: Path, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[Any], MemoryScreen]]:
    async with running(planner, folder, size=size) as (pilot, _):
        await pilot.press("4")
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, MemoryScreen)
        yield pilot, screen


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def search(pilot: Pilot[Any], text: str) -> None:
    await pilot.press("slash")
    await type_into(pilot, text)
    await pilot.pause(REST * 2)
    await settled(pilot)


async def live(planner: Planner) -> set[str]:
    return {memory.content for memory in await planner.memory.list() if memory.live}


async def test_opening_is_one_query_and_an_empty_memory_says_what_to_do(planner: Planner, tmp_path: Path) -> None:
    async with memory_mode(planner, tmp_path) as (pilot, _):
        assert "Nothing is remembered yet." in shown(pilot.app)
        assert "F2 sets one" in shown(pilot.app)
        assert calls(planner)["memories.overview"] == 1


async def test_a_fact_is_added_changed_and_both_are_taken_back(planner: Planner, tmp_path: Path) -> None:
    async with memory_mode(planner, tmp_path) as (pilot, screen):
        await press(pilot, "a", "ctrl+s")
        assert "Type what to remember." in shown(pilot.app)
        await type_into(pilot, "Likes trains")
        await press(pilot, "tab", "right", "ctrl+s")
        assert screen.memory is not None
        assert (screen.memory.content, screen.memory.memory_type) == ("Likes trains", MemoryType.TRIP_HISTORY)
        await press(pilot, "e", "end")
        await type_into(pilot, " at night")
        await press(pilot, "enter")
        assert await live(planner) == {"Likes trains at night"}
        assert "Read before" in shown(pilot.app)
        await press(pilot, "a")
        await type_into(pilot, "likes trains at night.")
        await press(pilot, "enter")
        assert toasts(pilot)[-1] == "This is remembered already."
        await press(pilot, "u")
        assert await live(planner) == {"Likes trains"}
        await press(pilot, "u")
        assert await live(planner) == set()


async def test_several_are_marked_forgotten_and_brought_back(
    planner: Planner, facts: list[Memory], tmp_path: Path
) -> None:
    async with memory_mode(planner, tmp_path, (80, 24)) as (pilot, screen):
        await press(pilot, "space", "j", "space")
        assert "2 marked" in shown(pilot.app)
        await press(pilot, "d")
        assert await live(planner) == {FACTS[0]}
        await press(pilot, "u")
        assert {memory.id for memory in await planner.memory.list()} == {fact.id for fact in facts}
        assert screen.marked == set()


async def test_what_fits_comes_first_with_its_distance(planner: Planner, facts: list[Memory], tmp_path: Path) -> None:
    async with memory_mode(planner, tmp_path) as (pilot, screen):
        await search(pilot, "where do I like to sit")
        assert screen.memory is not None
        assert screen.memory.content == FACTS[0]
        assert "Distance" in shown(pilot.app)
        await press(pilot, "escape")
        assert len(screen.rows.keys) == 3
        assert "Distance" not in shown(pilot.app)
        await search(pilot, "zzzz")
        assert "Nothing that is remembered fits" in shown(pilot.app)


async def test_pinned_memories_stand_first_and_merged_ones_stay_visible(
    planner: Planner, facts: list[Memory], tmp_path: Path
) -> None:
    again = await planner.memory.remember("Allergic to peanuts and nuts")
    async with memory_mode(planner, tmp_path) as (pilot, screen):
        screen.rows.move_to(("memory", facts[1].id))
        await press(pilot, "p")
        assert screen.rows.keys[0] == ("memory", facts[1].id)
        await press(pilot, "m")
        assert screen.marked == {again.id}
        await press(pilot, "m")
        assert again.content not in await live(planner)
        assert "Replaced by newer ones (1)" in shown(pilot.app)
        await press(pilot, "u", "u")
        assert again.content in await live(planner)
        assert not (await planner.memory.get(facts[1].id)).pinned


async def test_everything_is_forgotten_only_when_it_is_typed(
    planner: Planner, facts: list[Memory], tmp_path: Path
) -> None:
    async with memory_mode(planner, tmp_path) as (pilot, _):
        await press(pilot, "F")
        await type_into(pilot, "yes")
        await press(pilot, "enter", "escape")
        assert len(await live(planner)) == 3
        await press(pilot, "F")
        await type_into(pilot, EVERYTHING)
        await press(pilot, "enter")
        assert await live(planner) == set()


async def test_turns_that_wait_are_shown_and_can_be_removed(
    planner: Planner, database: Database, ann: User, tmp_path: Path
) -> None:
    owner = await database.owner()
    chat = await owner.fetchval("insert into chat_sessions (user_id) values ($1) returning id", ann.id)
    await planner.memory.note_turn(chat, "user", "We might go to Lisbon")
    async with memory_mode(planner, tmp_path) as (pilot, screen):
        assert screen.turn is not None
        assert "1 turn waits to be read" in shown(pilot.app)
        await press(pilot, "R")
        assert "no model" in toasts(pilot)[-1]
        await press(pilot, "d")
        assert screen.turn is None
        await press(pilot, "u")
        assert (await planner.memory.backlog()).turns == 1


async def test_an_export_is_written_for_its_owner_alone(planner: Planner, facts: list[Memory], tmp_path: Path) -> None:
    file = tmp_path / "memories.json"
    async with memory_mode(planner, tmp_path) as (pilot, _):
        await press(pilot, "X", "ctrl+u")
        await type_into(pilot, str(file))
        await press(pilot, "enter")
        assert [row["content"] for row in json.loads(file.read_text())] == list(FACTS)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        await press(pilot, "X", "ctrl+u")
        await type_into(pilot, str(file))
        await press(pilot, "enter")
        assert "there already" in shown(pilot.app)


async def test_hostile_memories_are_only_text(planner: Planner, tmp_path: Path) -> None:
    for text in HOSTILE.values():
        if text.strip() and "\0" not in text and "\ud83d" not in text:
            await planner.memory.remember(text[:1500])
    async with memory_mode(planner, tmp_path) as (pilot, screen):
        for _ in screen.rows.keys:
            await press(pilot, "j")
            assert not steers(shown(pilot.app))
        await search(pilot, "[@click=app.quit]x[/]")
        assert not steers(shown(pilot.app))


async def test_a_trip_that_is_over_is_remembered_once_even_when_forgotten(planner: Planner) -> None:
    from datetime import timedelta
    from uuid import uuid4

    from tests.screens.planning import JAPAN, STOPS

    days = timedelta(days=60)
    fields = JAPAN.model_copy(update={"start_date": JAPAN.start_date - days, "end_date": JAPAN.end_date - days})
    trip = await planner.trips.create(fields, stops=STOPS, key=uuid4())
    for _ in range(2):
        await planner.memory.resume(planner.clock(), planner.trips.plan)
    (memory,) = await planner.memory.list()
    assert (memory.memory_type, memory.trip_id) == (MemoryType.TRIP_HISTORY, trip.id)
    assert memory.content.startswith(
        "Travelled to Japan, 3–16 Aug 2027 (14 days, 2 people); stops: Tokyo, Kyoto, Osaka"
    )
    await planner.memory.forget([memory.id])
    await planner.memory.resume(planner.clock(), planner.trips.plan)
    assert await planner.memory.list() == []
