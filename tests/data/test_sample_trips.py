"""The sample trips, stored as a user stores them and read back as the screens read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.screens.planning import planner_of
from tripsage_tui.models.agenda import agenda, ideas
from tripsage_tui.models.booking_drafts import FormContext, edit_booking, values_of
from tripsage_tui.models.bookings import Booking, Flight, price_of
from tripsage_tui.models.money import totals
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rates import converted
from tripsage_tui.models.samples import samples
from tripsage_tui.models.trip_drafts import edit_trip, trip_values
from tripsage_tui.planner import Planner
from tripsage_tui.sample_trips import create_sample, create_samples

if TYPE_CHECKING:
    from tests.database import Database as TestDatabase

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
async def ada(database: TestDatabase, tmp_path: Path) -> AsyncIterator[Planner]:
    user = await database.create_user("Ada")
    async with planner_of(database, user, tmp_path, clock=lambda: NOW) as planner:
        yield planner


async def test_all_samples_come_back_as_they_were_made(ada: Planner) -> None:
    made = await create_samples(ada)
    listed = await ada.trips.list()
    assert {trip.id for trip in made} == {trip.id for trip in listed}
    assert len(made) == len(samples())
    for summary in listed:
        plan = await ada.trips.plan(summary.id)
        context = FormContext(ada.today, plan.trip, plan.stops, ada.airports.zone_of, ada.airports.distance_km)
        assert edit_trip(plan.trip, plan.stops, trip_values(plan.trip, plan.stops), ada.today).changes == {}
        for booking in plan.bookings:
            _assert_untouched(booking, context)
        assert sum(len(day.entries) for day in agenda(plan)) + len(ideas(plan)) >= len(plan.bookings)
        assert _prices(plan, {"available", "planned", "reserved", "booked", "completed"}) == summary.planned
        assert _prices(plan, {"reserved", "booked", "completed"}) == summary.booked


def _prices(plan: TripPlan, states: set[str]) -> dict[str, Decimal]:
    own = plan.trip.currency
    prices = []
    for booking in plan.bookings:
        if booking.booking_status in states and price_of(booking):
            there = converted(price_of(booking), booking.currency, booking.exchange_rate, own)
            prices.append((price_of(booking), booking.currency) if there is None else (there, own))
    return totals(prices)


def _assert_untouched(booking: Booking, context: FormContext) -> None:
    edit = edit_booking(booking, values_of(booking, context), context)
    assert edit.draft.errors == {}
    assert (edit.changes, edit.legs) == ({}, None)


async def test_the_first_start_makes_japan_and_may_do_so_again(ada: Planner) -> None:
    first, second = await create_sample(ada), await create_sample(ada)
    assert first.id != second.id
    plan = await ada.trips.plan(first.id)
    assert [stop.place for stop in plan.stops] == ["Tokyo", "Kyoto", "Osaka"]
    (ticket,) = plan.flights
    assert isinstance(ticket, Flight)
    assert [(leg.origin, leg.arrival_zone) for leg in ticket.legs] == [("FRA", "Asia/Tokyo"), ("HND", "Europe/Berlin")]
