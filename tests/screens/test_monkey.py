"""Thousands of random keys in every corner of the program: nothing breaks, and what is stored stays whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key, key_to_character
from textual.pilot import Pilot

from tests.screens.planning import a_trip, settled, shown
from tests.screens.program import program
from tripsage_tui.app import TripSageApp
from tripsage_tui.planner import Planner
from tripsage_tui.sample_trips import create_sample

MOVES = [
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "shift+tab", "enter", "escape"),
    *("backspace", "delete", "space", "ctrl+d", "ctrl+u", "ctrl+p", "ctrl+s", "ctrl+l", "ctrl+a", "ctrl+w", "f1"),
]
LETTERS = [
    *"abcdefghijklmnoprstuvwxyz12JKGENTXVCFSUWZ.",
    *("slash", "question_mark", "left_square_bracket", "right_square_bracket", "less_than_sign", "greater_than_sign"),
    *("plus", "minus", "period", "comma", "full_stop", "at", "exclamation_mark", "ö", "日", "\u202e", "\x1b"),
]
ROUNDS, KEYS = 50, 30


async def handled(app: TripSageApp, pilot: Pilot[None]) -> None:
    """Until the last key that was typed ahead has been dealt with."""
    await pilot.pause()
    while not app._exit and (app._typed or (app._following is not None and not app._following.done())):
        await pilot.pause(0.005)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_random_keys_break_nothing(
    planner: Planner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("TRIPSAGE_CONFIG", str(tmp_path / "config.toml"))
    chance = random.Random(seed)
    await a_trip(planner)
    await create_sample(planner)
    app = program(planner, tmp_path)
    size = chance.choice([(80, 24), (120, 40), (60, 15)])
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await settled(pilot)
        for _ in range(ROUNDS):
            keys = [chance.choice(MOVES if chance.random() < 0.5 else LETTERS) for _ in range(KEYS)]
            if chance.random() < 0.2:
                width, height = chance.randint(20, 160), chance.randint(6, 50)
                await pilot.resize_terminal(width, height)
            if chance.random() < 0.2:
                app.post_message(events.Paste("[@click=app.quit]x[/] \x1b]52;c;eA==\x07 2 oct"))
            for key in keys:
                app.post_message(events.Key(_character_to_key(key) if len(key) == 1 else key, key_to_character(key)))
            await handled(app, pilot)
            assert app._exception is None, keys
            if app._exit:
                break
            assert shown(app).count("\n") == app.size.height - 1
        await settled(pilot)
    assert app.return_code in {None, 0}
    trips = await planner.trips.list(include_deleted=True)
    for trip in trips:
        plan = await planner.trips.plan(trip.id)
        assert plan.trip.end_date >= plan.trip.start_date
