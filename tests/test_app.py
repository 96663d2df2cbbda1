"""The program around its screens: opening, welcome, themes, keymap, leaving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.database import Database
from tests.screens.planning import a_trip, planner_of, settled, shown, type_into
from tests.screens.program import AtHand, program, running, toasts
from tripsage_tui.app import TripSageApp
from tripsage_tui.data.errors import InvalidValue, Unavailable
from tripsage_tui.identity.profiles import Profile, valid_name
from tripsage_tui.planner import Planner
from tripsage_tui.screens.welcome import WelcomeScreen
from tripsage_tui.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration file of its own."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("TRIPSAGE_CONFIG", str(path))
    return path


@pytest.fixture
async def planner(database: Database, tmp_path: Path) -> AsyncIterator[Planner]:
    async with planner_of(database, await database.create_user("Ann"), tmp_path / "drafts") as planner:
        yield planner


# ---- opening


async def test_the_frame_stands_before_the_workspace_opens_and_progress_is_shown(
    planner: Planner, tmp_path: Path
) -> None:
    gate = asyncio.Event()

    async def open_workspace(progress: Callable[[str], None]) -> AtHand:
        await asyncio.to_thread(progress, "Starting the database …")
        await gate.wait()
        return AtHand(planner)

    async with TripSageApp(open_workspace, Settings(data_dir=tmp_path)).run_test() as pilot:
        await pilot.pause()
        text = shown(pilot.app)
        assert "TripSage  1 Trips" in text
        assert "Opening your trips" in text
        await pilot.press("n", "d", "enter", "u", "y", "slash", "o", "v", "J", "escape")
        await pilot.pause(0.1)
        assert "Starting the database …" in shown(pilot.app)
        gate.set()
        await settled(pilot)
        assert "No trips yet." in shown(pilot.app)


async def test_a_database_that_does_not_start_is_tried_again(planner: Planner, tmp_path: Path) -> None:
    attempts = 0

    async def open_workspace(_: Callable[[str], None]) -> AtHand:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise Unavailable("The disk is full. Free some space in /data.")
        return AtHand(planner)

    app = TripSageApp(open_workspace, Settings(data_dir=tmp_path))
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
        text = shown(app)
        assert "The disk is full. Free some space in /data." in text
        assert "r tries at once" in text
        await pilot.press("r")
        await pilot.pause(0.1)
        assert attempts == 2
        await pilot.press("r")
        await pilot.pause(0.1)
        await settled(pilot)
        assert "No trips yet." in shown(app)


async def test_leaving_closes_the_workspace(planner: Planner, tmp_path: Path) -> None:
    workspace = AtHand(planner)

    async def open_workspace(_: Callable[[str], None]) -> AtHand:
        return workspace

    app = TripSageApp(open_workspace, Settings(data_dir=tmp_path))
    async with app.run_test() as pilot:
        await pilot.pause()
        await settled(pilot)
        await pilot.press("q")
    assert workspace.closed
    assert app.return_code == 0


# ---- who is travelling


class Asking(AtHand):
    """Does not know who is travelling; makes profiles by the real rules."""

    async def create_profile(self, name: str) -> Profile:
        name = valid_name(name)
        if name.casefold() == "taken":
            raise InvalidValue("name", "There is a profile of this name already.")
        return await super().create_profile(name)


async def welcome(planner: Planner, folder: Path, profiles: list[Profile]) -> tuple[TripSageApp, Asking]:
    workspace = Asking(planner, profiles=profiles)

    async def open_workspace(_: Callable[[str], None]) -> Asking:
        return workspace

    return TripSageApp(open_workspace, Settings(data_dir=folder)), workspace


async def test_the_first_start_asks_for_a_name_and_nothing_else(planner: Planner, tmp_path: Path) -> None:
    app, workspace = await welcome(planner, tmp_path, [])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        assert isinstance(app.screen, WelcomeScreen)
        for typed, answer in (("", "needs a name"), ("x" * 61, "at most 60"), ("taken", "already")):
            await type_into(pilot, typed)
            await pilot.press("enter")
            await pilot.pause(0.1)
            assert answer in " ".join(shown(app).replace("│", " ").split())
            await pilot.press("ctrl+u")
        await type_into(pilot, "Zoë  van Dijk")
        await pilot.press("enter")
        await pilot.pause(0.1)
        await settled(pilot)
        assert workspace.entered is not None
        assert workspace.entered.name == "Zoë van Dijk"
        assert "No trips yet." in shown(app)


async def test_of_several_profiles_one_is_chosen_or_a_new_one_named(planner: Planner, tmp_path: Path) -> None:
    known = [Profile(planner.profile.id, name) for name in ("Ann", "[@click=app.quit]Bob[/]", "Cid")]
    for keys, name in ((("down", "enter"), "[@click=app.quit]Bob[/]"), (("tab", "D", "o", "t", "enter"), "Dot")):
        app, workspace = await welcome(planner, tmp_path, known)
        async with app.run_test(size=(80, 24)) as pilot:
            while "[@click=app.quit]Bob[/]" not in shown(app):
                await pilot.pause(0.02)
            await pilot.press(*keys)
            await pilot.pause(0.1)
            await settled(pilot)
            assert workspace.entered is not None
            assert workspace.entered.name == name


async def test_escape_at_the_welcome_leaves(planner: Planner, tmp_path: Path) -> None:
    app, workspace = await welcome(planner, tmp_path, [])
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
        await pilot.press("escape")
        await pilot.pause()
    assert workspace.closed
    assert workspace.entered is None


# ---- themes and keys


async def test_the_theme_changes_and_is_remembered(planner: Planner, tmp_path: Path, config: Path) -> None:
    config.write_text('# mine\nkeymap = {"trips.new" = "N"}\n')  # noqa: ASYNC240 - a test may wait for its disk
    async with running(planner, tmp_path) as (pilot, _):
        assert pilot.app.theme == "tripsage-dark"
        await pilot.press("t")
        await settled(pilot)
        assert pilot.app.theme == "tripsage-light"
    assert load_settings({}).theme == "light"
    assert config.read_text().startswith("# mine\nkeymap")  # noqa: ASYNC240
    async with running(planner, tmp_path, theme="light") as (pilot, _):
        assert pilot.app.theme == "tripsage-light"


@pytest.mark.parametrize(("theme", "used"), [("nord", "nord"), ("no such theme", "tripsage-dark")])
async def test_any_theme_of_textual_can_be_set(planner: Planner, tmp_path: Path, theme: str, used: str) -> None:
    async with running(planner, tmp_path, theme=theme) as (pilot, _):
        assert pilot.app.theme == used


async def test_the_users_keys_are_used_and_shown(planner: Planner, tmp_path: Path) -> None:
    async with running(planner, tmp_path, keymap={"trips.new": "N", "rows.down": "ctrl+n,down"}) as (pilot, screen):
        assert "N New" in shown(pilot.app)
        await pilot.press("n")
        await settled(pilot)
        assert pilot.app.screen is screen
        await pilot.press("N")
        await settled(pilot)
        assert pilot.app.screen is not screen


async def test_a_command_with_another_key_keeps_its_place(planner: Planner, tmp_path: Path) -> None:
    await a_trip(planner)
    async with running(planner, tmp_path, size=(80, 24), keymap={"trips.new": "c"}) as (pilot, _):
        assert "⏎ Open  c New  e Edit" in shown(pilot.app)
        await pilot.press("question_mark")
        await settled(pilot)
        text = shown(pilot.app)
        assert "c                Create a trip." in text
        assert "trips.new" in text or "in a window of 100 columns" in text


async def test_keys_that_cannot_be_used_are_named(planner: Planner, tmp_path: Path) -> None:
    keymap = {"trips.fly": "F", "trips.new": "d", "trips.edit": "ctrl+i", "trips.order": "hyper+nonsense"}
    async with running(planner, tmp_path, keymap=keymap) as (pilot, screen):
        (said,) = toasts(pilot)
        for part in ("'trips.fly'", "'d' for 'trips.new' is taken", "reaches the program as 'tab'", "is not a key"):
            assert part in said
        await pilot.press("n")
        await settled(pilot)
        assert pilot.app.screen is not screen


async def test_quitting_works_from_everywhere(planner: Planner, tmp_path: Path) -> None:
    async def leave(pilot: Pilot[Any], *keys: str) -> None:
        await pilot.press(*keys)
        await pilot.pause()

    for keys in (("q",), ("ctrl+q",), ("n", "ctrl+q"), ("question_mark", "ctrl+q"), ("ctrl+p", "ctrl+q")):
        app = program(planner, tmp_path)
        async with app.run_test() as pilot:
            await pilot.pause()
            await settled(pilot)
            await leave(pilot, *keys)
        assert app.return_code == 0, keys


async def test_an_error_of_a_task_is_said_and_does_not_end_the_program(planner: Planner, tmp_path: Path) -> None:
    async with running(planner, tmp_path) as (pilot, screen):

        async def fail() -> None:
            raise ZeroDivisionError("[@click=app.quit]secret[/]")

        screen.run_task(fail())
        await settled(pilot)
        assert toasts(pilot)[-1] == "This did not work (ZeroDivisionError). The log has the details."
        assert pilot.app.is_running
