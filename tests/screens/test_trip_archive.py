"""Putting trips away, the trash and copies, by keyboard."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.screens.planning import JAPAN, a_trip, settled, shown, type_into
from tests.screens.program import at_rest, running, toasts
from tripsage_tui.data.errors import NotFound
from tripsage_tui.models.trips import Trip
from tripsage_tui.planner import Planner
from tripsage_tui.sample_trips import create_sample
from tripsage_tui.screens.duplicate import DuplicateDialog
from tripsage_tui.screens.trash import TrashScreen


@pytest.fixture
async def two(planner: Planner) -> list[Trip]:
    return [await a_trip(planner), await a_trip(planner, JAPAN.model_copy(update={"name": "Again"}))]


async def test_archived_trips_are_hidden_until_asked_for(planner: Planner, two: list[Trip], tmp_path: Path) -> None:
    async with running(planner, tmp_path, size=(80, 24)) as (pilot, screen):
        assert screen.trip is not None
        name = screen.trip.name
        await pilot.press("Z")
        await at_rest(pilot)
        text = shown(pilot.app)
        assert "1 trip · 1 archived (.)" in text
        assert screen.trip.name != name
        await pilot.press("full_stop")
        await at_rest(pilot)
        assert "Archived (1)" in shown(pilot.app)
        await pilot.press("G", "Z")
        await at_rest(pilot)
        assert "2 trips · by date" in shown(pilot.app)
        await pilot.press("u")
        await at_rest(pilot)
        assert "Archived (1)" in shown(pilot.app)
        await pilot.press("full_stop", "Z")
        await at_rest(pilot)
        assert "All your trips are archived." in shown(pilot.app)


async def test_the_trash_restores_and_deletes_for_good(planner: Planner, two: list[Trip], tmp_path: Path) -> None:
    for trip in two:
        await planner.trips.delete(trip.id, trip.updated_at)
    async with running(planner, tmp_path, size=(80, 24)) as (pilot, _):
        await pilot.press("T")
        await settled(pilot)
        trash = pilot.app.screen
        assert isinstance(trash, TrashScreen)
        assert "Deleted trips (2)" in shown(pilot.app)
        assert trash.trip is not None
        kept, gone = trash.trip.id, next(trip.id for trip in two if trip.id != trash.trip.id)
        await pilot.press("enter")
        await settled(pilot)
        assert (await planner.trips.get(kept)).deleted_at is None
        await pilot.press("D")
        await settled(pilot)
        await type_into(pilot, "yes")
        await pilot.press("enter")
        await settled(pilot)
        assert "Type delete, or leave with esc." in shown(pilot.app)
        await pilot.press("ctrl+u")
        await type_into(pilot, "delete")
        await pilot.press("enter")
        await settled(pilot)
        with pytest.raises(NotFound):
            await planner.trips.get(gone)
        assert "The trash is empty." in shown(pilot.app)
        await pilot.press("u")
        await settled(pilot)
        assert "Deleted trips (1)" in shown(pilot.app)
        await pilot.press("u", "escape")
        await settled(pilot)
        assert "No trips yet" in shown(pilot.app)


async def test_a_copy_has_what_was_wished_for(planner: Planner, tmp_path: Path) -> None:
    sample = await create_sample(planner)
    before = await planner.trips.plan(sample.id)
    async with running(planner, tmp_path, size=(80, 24)) as (pilot, screen):
        await pilot.press("y")
        await settled(pilot)
        assert isinstance(pilot.app.screen, DuplicateDialog)
        await pilot.press("enter")
        await type_into(pilot, "2029-04-07")
        await pilot.pause()
        text = shown(pilot.app)
        assert "Sat 7 Apr 2029: 12:15 FRA → HND" in text
        assert "Fri 20 Apr 2029:" in text
        assert "ctrl+s create" in text
        await pilot.press("enter", "ctrl+u")
        await type_into(pilot, "4500")
        await pilot.press("enter", "enter", "space")
        await pilot.pause()
        assert "Sat 7 Apr 2029: nothing yet" in shown(pilot.app)
        await pilot.press("ctrl+s")
        await at_rest(pilot)
        assert screen.trip is not None
        copy = await planner.trips.plan(screen.trip.id)
        assert (copy.trip.start_date, copy.trip.budget) == (date(2029, 4, 7), Decimal(4500))
        assert [stop.place for stop in copy.stops] == [stop.place for stop in before.stops]
        assert len(copy.items) == len(before.items)
        assert (copy.flights, copy.accommodations, copy.transportation) == ((), (), ())
        await pilot.press("u")
        await at_rest(pilot)
        assert (await planner.trips.get(copy.trip.id)).deleted_at is not None


async def test_a_sample_trip_can_be_taken_back(planner: Planner, tmp_path: Path) -> None:
    async with running(planner, tmp_path, size=(80, 24)) as (pilot, _):
        await pilot.press("s")
        await at_rest(pilot)
        await pilot.press("u")
        await at_rest(pilot)
        assert "No trips yet" in shown(pilot.app)
        assert any("creating the sample trip" in said for said in toasts(pilot))
