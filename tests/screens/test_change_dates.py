"""Giving a trip other dates: asked, shown row by row, written at once, taken back at once."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from textual.pilot import Pilot

from tests.hostile import HOSTILE, steers
from tests.screens.planning import Host, said, settled, shown, type_into
from tripsage_tui.data.errors import InvalidValue
from tripsage_tui.models.bookings import AccommodationFields, BookingStatus, ItineraryItemFields
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.change_dates import DatesDialog, summary
from tripsage_tui.screens.forms.trip_form import TripForm
from tripsage_tui.screens.trip import TripScreen
from tripsage_tui.widgets.preview_list import PreviewList

WEEK = timedelta(days=7)


@pytest.fixture
async def full(planner: Planner, plan: TripPlan) -> TripPlan:
    """The trip with a booked hotel, something planned and an idea."""
    hotel = AccommodationFields(
        name="Park Hotel",
        check_in_date=date(2027, 10, 3),
        check_out_date=date(2027, 10, 7),
        price_per_night=Decimal(1),
        total_price=Decimal(4),
        booking_status=BookingStatus.BOOKED,
    )
    await planner.accommodations.add(plan.trip.id, hotel, key=uuid4())
    for title, day in (("Temple", date(2027, 10, 8)), ("Someday", None)):
        await planner.items.add(plan.trip.id, ItineraryItemFields(title=title, day=day), key=uuid4())
    return await planner.trips.plan(plan.trip.id)


def dialog(app: Host) -> DatesDialog:
    screen = app.screen
    assert isinstance(screen, DatesDialog)
    return screen


async def type_first_day(pilot: Pilot[Any], text: str) -> None:
    """Into the first field, then on to the list."""
    await type_into(pilot, text)
    await settled(pilot)
    await pilot.press("enter", "enter", "enter")


def dates(plan: TripPlan) -> tuple[object, ...]:
    return (
        (plan.trip.start_date, plan.trip.end_date),
        [(stop.place, stop.arrive_date) for stop in plan.stops],
        [stay.check_in_date for stay in plan.accommodations],
        [(item.title, item.day) for item in plan.items],
    )


async def test_a_week_later_with_what_is_booked_staying(planner: Planner, full: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, full.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("D")
        await settled(pilot)
        await type_first_day(pilot, "+7")
        change = dialog(app).change
        assert change is not None
        assert summary(change).startswith("3 rows move 7 days later, 2 stay.")
        assert "! 2 would then lie outside the trip." in summary(change)
        screen = " ".join(shown(app).split())
        assert "Sun 3 Oct – Thu 7 Oct → stays ! outside" in screen
        assert "Fri 8 Oct → Fri 15 Oct" in screen
        assert dates(await planner.trips.plan(full.trip.id)) == dates(full)
        await pilot.press("enter")
        await settled(pilot)
        assert "has its new dates. Press u to take it back." in said(app)
        await pilot.press("u")
        await settled(pilot)
        assert len(planner.undo) == 0
        assert dates(await planner.trips.plan(full.trip.id)) == dates(full)


async def test_one_row_that_stays_is_written_so(planner: Planner, full: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, full.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("D")
        await settled(pilot)
        await type_first_day(pilot, "9 oct")
        rows = dialog(app).query_one(PreviewList)
        rows.cursor = next(n for n, row in enumerate(rows.rows) if "Temple" in row.title)
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
        stored = await planner.trips.plan(full.trip.id)
        assert (stored.trip.start_date, stored.trip.end_date) == (
            full.trip.start_date + WEEK,
            full.trip.end_date + WEEK,
        )
        assert {item.title: item.day for item in stored.items} == {"Temple": date(2027, 10, 8), "Someday": None}
        assert stored.accommodations == full.accommodations
        assert [stop.arrive_date for stop in stored.stops] == [
            date(2027, 10, 3),
            date(2027, 10, 14),
            date(2027, 10, 19),
        ]


async def test_leaving_writes_nothing_and_nonsense_is_said(planner: Planner, full: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, full.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("D")
        await settled(pilot)
        await type_into(pilot, "soon")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "“soon” is not a date" in shown(app)
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, TripScreen)
    assert await planner.trips.plan(full.trip.id) == full
    assert len(planner.undo) == 0


async def test_what_others_changed_meanwhile_is_shown_before_it_is_asked_again(
    planner: Planner, full: TripPlan
) -> None:
    app = Host(lambda: TripScreen(planner, full.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("D")
        await settled(pilot)
        await type_first_day(pilot, "+7")
        await planner.items.add(
            full.trip.id, ItineraryItemFields(title="Added meanwhile", day=date(2027, 10, 4)), key=uuid4()
        )
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "look again" in shown(app)
        assert "Added meanwhile" in "".join(row.title for row in dialog(app).query_one(PreviewList).rows)
        await pilot.press("ctrl+s")
        await settled(pilot)
    moved = await planner.trips.plan(full.trip.id)
    assert moved.trip.start_date == full.trip.start_date + WEEK
    assert {item.title: item.day for item in moved.items}["Added meanwhile"] == date(2027, 10, 11)


async def test_other_dates_in_the_form_ask_too_and_are_one_change(planner: Planner, full: TripPlan) -> None:
    app = Host(lambda: TripForm(planner, full.trip, full.stops))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        form = app.screen
        assert isinstance(form, TripForm)
        for key, value in {
            "start_date": "9 oct",
            "end_date": "22 oct",
            "budget": "7000",
            "stops": "Kyoto, Nara",
        }.items():
            form.fields[key].value = value
        await settled(pilot)
        await pilot.press("ctrl+s")
        await pilot.pause()
        while not isinstance(app.screen, DatesDialog):
            await pilot.pause()
        await pilot.press("escape")
        await settled(pilot)
        assert await planner.trips.plan(full.trip.id) == full
        await pilot.press("ctrl+s")
        while not isinstance(app.screen, DatesDialog):
            await pilot.pause()
        await pilot.press("ctrl+s")
        await settled(pilot)
    (trip,) = app.results
    assert (trip.start_date, trip.budget) == (date(2027, 10, 9), 7000)
    stored = await planner.trips.plan(full.trip.id)
    assert [(stop.place, stop.arrive_date) for stop in stored.stops] == [("Kyoto", date(2027, 10, 14)), ("Nara", None)]
    assert await planner.undo.undo() == "the other dates of Japan in autumn"
    undone = await planner.trips.plan(full.trip.id)
    assert dates(undone) == dates(full)
    assert undone.trip.budget == full.trip.budget


async def test_names_of_others_steer_nothing(planner: Planner, plan: TripPlan) -> None:
    for text in HOSTILE.values():
        with suppress(InvalidValue):
            await planner.items.add(plan.trip.id, ItineraryItemFields(title=text, day=date(2027, 10, 4)), key=uuid4())
    found = await planner.trips.plan(plan.trip.id)
    app = Host(lambda: DatesDialog(found, planner.today))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert len(dialog(app).query_one(PreviewList).rows) > 10
        assert not steers(shown(app).replace("\n", ""))


async def test_what_falls_out_of_a_shortened_trip_becomes_an_idea(planner: Planner, full: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, full.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("D")
        await settled(pilot)
        assert "Left outside" not in shown(app)
        await pilot.press("tab")
        await type_into(pilot, "2027-10-07")
        await settled(pilot)
        assert "Left outside" in shown(app)
        await pilot.press("enter", "right")
        await settled(pilot)
        assert "1 plan outside the new dates becomes an idea" in shown(app)
        await pilot.press("ctrl+s")
        await settled(pilot)
        items = (await planner.trips.plan(full.trip.id)).items
        assert {each.title: each.day for each in items} == {"Temple": None, "Someday": None}
        await pilot.press("u")
        await settled(pilot)
    assert date(2027, 10, 8) in {each.day for each in (await planner.trips.plan(full.trip.id)).items}
