"""Bookings mode on a real database, by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.database import Database, User
from tests.hostile import HOSTILE, steers
from tests.screens.planning import NOW, calls, planner_of, settled, shown, type_into
from tests.screens.program import running, toasts
from tripsage_tui.data.errors import InvalidValue
from tripsage_tui.models.booking_list import Kind
from tripsage_tui.models.bookings import BookingStatus
from tripsage_tui.planner import Planner
from tripsage_tui.sample_trips import create_sample
from tripsage_tui.screens.booking_list_details import REST
from tripsage_tui.screens.bookings import BookingsScreen
from tripsage_tui.screens.forms.stay_form import StayForm
from tripsage_tui.screens.trip import TripScreen


@asynccontextmanager
async def bookings(
    planner: Planner, folder: Path, *, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[Any], BookingsScreen]]:
    """The program in Bookings mode."""
    async with running(planner, folder, size=size) as (pilot, _):
        await pilot.press("2")
        await rested(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, BookingsScreen)
        yield pilot, screen


async def rested(pilot: Pilot[Any]) -> None:
    """Until the details of the booking under the cursor are there."""
    await settled(pilot)
    screen = pilot.app.screen
    while isinstance(screen, BookingsScreen) and screen._resting is not None:
        await pilot.pause(REST / 4)
    await settled(pilot)


async def go_to(pilot: Pilot[Any], screen: BookingsScreen, title: str) -> None:
    screen.table.move_to(next(key for key, row in screen.rows.items() if row.title == title))
    await rested(pilot)


@pytest.fixture
async def japan(planner: Planner) -> int:
    return (await create_sample(planner)).id


async def test_all_bookings_with_one_query(planner: Planner, japan: int, tmp_path: Path) -> None:
    before = calls(planner).get("bookings.everywhere", 0)
    async with bookings(planner, tmp_path, size=(80, 24)) as (pilot, screen):
        assert calls(planner)["bookings.everywhere"] == before + 1
        text = shown(pilot.app)
        first = next(line for line in text.splitlines() if "FRA → HND" in line)
        assert "2 Oct 28 12:15" in first
        assert "Japan in" in first
        assert "••••••" in first
        assert "X7K2QM" not in text
        assert f"{len(screen.rows)} bookings · by date" in text


async def test_no_bookings_says_where_they_are_added(planner: Planner, tmp_path: Path) -> None:
    async with bookings(planner, tmp_path, size=(80, 24)) as (pilot, _):
        assert "goes to your trips" in shown(pilot.app)
        await pilot.press("f", "d", "space", "e", "x", "enter", "tab", "o", "1")
        await pilot.pause()
        assert pilot.app.current_mode == "trips"


async def test_filters_are_said_and_counted(planner: Planner, japan: int, tmp_path: Path) -> None:
    async with bookings(planner, tmp_path) as (pilot, screen):
        await pilot.press("f", "s", "u", "enter")
        await rested(pilot)
        assert {screen.rows[key].kind for key in screen.table.keys} == {Kind.STAY}
        text = shown(pilot.app)
        assert "Only stays · still to be paid · esc shows all" in text
        assert f"3 of {len(screen.rows)} bookings" in text
        await pilot.press("slash")
        await type_into(pilot, "osaka nothing")
        await pilot.pause()
        assert "No booking contains “osaka nothing”" in shown(pilot.app)
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert not screen.only.active
        assert len(screen.table.keys) == len(screen.rows)
        await pilot.press("F", "S", "S")
        assert screen.only.kinds == {Kind.FLIGHT}
        assert screen.only.states == {"reserved"}
        await pilot.pause()
        assert "No booking is left by this choice." in shown(pilot.app)


async def test_enter_opens_the_trip_at_the_booking_and_escape_comes_back(
    planner: Planner, japan: int, tmp_path: Path
) -> None:
    async with bookings(planner, tmp_path) as (pilot, screen):
        await go_to(pilot, screen, "Ryokan Shiraume")
        await pilot.press("enter")
        await settled(pilot)
        trip = pilot.app.screen
        assert isinstance(trip, TripScreen)
        assert trip.booking is not None
        assert getattr(trip.booking, "name", "") == "Ryokan Shiraume"
        await pilot.press("escape")
        await settled(pilot)
        assert pilot.app.screen is screen


async def test_state_delete_edit_and_undo(planner: Planner, japan: int, tmp_path: Path) -> None:
    async with bookings(planner, tmp_path) as (pilot, screen):
        await go_to(pilot, screen, "Cross Hotel Osaka")
        await pilot.press("space", "space")
        await rested(pilot)
        (stay,) = [s for s in await planner.accommodations.by_trip(japan) if s.name == "Cross Hotel Osaka"]
        assert stay.booking_status is BookingStatus.BOOKED
        await pilot.press("d")
        await rested(pilot)
        assert "Cross Hotel Osaka" not in {row.title for row in screen.rows.values()}
        await pilot.press("u")
        await rested(pilot)
        assert screen.row is not None
        assert (screen.row.title, screen.row.booking_status) == ("Cross Hotel Osaka", "booked")
        await pilot.press("ctrl+r")
        await rested(pilot)
        assert toasts(pilot)[-1] == "Redone: deleting the stay Cross Hotel Osaka"
        assert "Cross Hotel Osaka" not in {row.title for row in screen.rows.values()}
        await pilot.press("u", "u")
        await rested(pilot)
        assert screen.row is not None
        assert (screen.row.title, screen.row.booking_status) == ("Cross Hotel Osaka", "reserved")
        await pilot.press("ctrl+r")
        await rested(pilot)
        assert screen.row.booking_status == "booked"
        await pilot.press("e")
        await settled(pilot)
        assert isinstance(pilot.app.screen, StayForm)


async def test_a_code_is_shown_and_copied_only_when_asked_for(planner: Planner, japan: int, tmp_path: Path) -> None:
    async with bookings(planner, tmp_path, size=(160, 40)) as (pilot, screen):
        await go_to(pilot, screen, "FRA → HND")
        assert "X7K2QM" not in shown(pilot.app)
        await pilot.press("x")
        await rested(pilot)
        assert shown(pilot.app).count("X7K2QM") == 2
        await pilot.press("y")
        assert pilot.app.clipboard == "X7K2QM"
        await pilot.press("j")
        await rested(pilot)
        assert "X7K2QM" not in shown(pilot.app)
        assert not any("X7K2QM" in said for said in toasts(pilot))


async def test_deadlines_come_soonest_first_and_say_what_is_overdue(
    planner: Planner, japan: int, tmp_path: Path
) -> None:
    plan = await planner.trips.plan(japan)
    (osaka,) = [s for s in plan.accommodations if s.name == "Cross Hotel Osaka"]
    late = {"pay_by": NOW.date() - timedelta(days=3)}
    await planner.accommodations.update(osaka.id, late, based_on=osaka.updated_at)
    async with bookings(planner, tmp_path, size=(80, 24)) as (pilot, screen):
        await pilot.press("tab")
        await rested(pilot)
        lines = shown(pilot.app).splitlines()
        assert "Overdue (1)" in lines[2]
        assert "! " in lines[3]
        assert "late 3 d" in lines[3] or "overdue by 3 days" in lines[3]
        assert "Cross Hotel" in lines[3]
        assert [each.at for each in screen._dues.values()] == sorted(each.at for each in screen._dues.values())
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, TripScreen)


async def test_changes_of_others_arrive_and_a_viewer_changes_nothing(
    database: Database, planner: Planner, japan: int, ann: User, tmp_path: Path
) -> None:
    bob = await database.create_user("Bob")
    await (await database.owner()).execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by) "
        "values ($1, $2, 'view', $3)",
        japan,
        bob.id,
        ann.id,
    )
    async with (
        planner_of(database, bob, tmp_path / "bob", live=True) as his,
        bookings(his, tmp_path) as (pilot, screen),
    ):
        assert screen.rows
        await pilot.press("d", "space", "e")
        await rested(pilot)
        assert toasts(pilot)[-1] == "Japan in autumn was shared with you to look at, not to change."
        assert "Delete" not in shown(pilot.app).splitlines()[-1]
        (stay,) = [s for s in await planner.accommodations.by_trip(japan) if s.name == "Ryokan Shiraume"]
        await planner.accommodations.update(stay.id, {"name": "Renamed"}, based_on=stay.updated_at)
        for _ in range(100):
            await pilot.pause(0.02)
            if any(row.title == "Renamed" for row in screen.rows.values()):
                break
        assert any(row.title == "Renamed" for row in screen.rows.values())


async def test_hostile_text_is_inert(planner: Planner, japan: int, tmp_path: Path) -> None:
    for number, text in enumerate(list(HOSTILE.values())[:12]):
        item = (await planner.items.by_trip(japan))[number]
        changes = {"title": text, "provider": text, "location": text}
        with suppress(InvalidValue):  # what cannot be stored need not be shown
            await planner.items.update(item.id, changes, based_on=item.updated_at)
    async with bookings(planner, tmp_path) as (pilot, _):
        for keys in (("end",), ("tab",), ("tab", "f"), ("escape",)):
            await pilot.press(*keys)
            await rested(pilot)
            assert not steers(shown(pilot.app))
