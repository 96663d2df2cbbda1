"""Sample trips follow the rules whatever day it is."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tripsage_tui.models.bookings import BookingStatus, Direction
from tripsage_tui.models.samples import sample_trips, samples
from tripsage_tui.models.when import Phase, phase

TODAY = date(2026, 11, 22)


@settings(max_examples=40)
@given(st.dates(date(2024, 1, 1), date(2060, 12, 31)))
def test_every_sample_on_any_day(today: date) -> None:
    phases = [phase(sample.trip, today) for sample in sample_trips(today)]
    assert phases == [Phase.NOW, Phase.UPCOMING, Phase.UPCOMING, Phase.UPCOMING, Phase.PAST]


def test_japan_is_the_trip_of_the_first_start() -> None:
    (japan,) = sample_trips(TODAY, ["japan"])
    trip = japan.trip
    assert (trip.name, trip.days, trip.travelers) == ("Japan in autumn", 14, 2)
    assert (trip.budget, trip.currency) == (Decimal("6000.00"), "EUR")
    assert [stop.place for stop in japan.stops] == ["Tokyo", "Kyoto", "Osaka"]
    ((ticket, legs),) = japan.flights
    assert (ticket.origin, ticket.destination) == ("FRA", "HND")
    assert [leg.direction for leg in legs] == [Direction.OUTBOUND, Direction.RETURN]
    assert len(japan.stays) == 3
    assert any(item.day is None for item in japan.items)
    nights = sum((stay.nights for stay in japan.stays), 0)
    assert nights == trip.days - 2


@pytest.mark.parametrize("name", samples())
def test_a_sample_has_some_of_everything(name: str) -> None:
    (sample,) = sample_trips(TODAY, [name])
    assert sample.stays
    assert sample.transports
    assert sample.items
    days = timedelta(days=1)
    rows = (*sample.stays, *sample.transports, *sample.items)
    assert all(row.exchange_rate for row in rows if row.currency != sample.trip.currency)
    for stay in sample.stays:
        assert sample.trip.start_date - days <= stay.check_in_date < stay.check_out_date <= sample.trip.end_date + days


def test_together_they_show_every_state() -> None:
    bookings = [booking for sample in sample_trips(TODAY) for booking in (*sample.stays, *sample.transports)]
    assert {booking.booking_status for booking in bookings} >= {
        BookingStatus.AVAILABLE,
        BookingStatus.RESERVED,
        BookingStatus.BOOKED,
    }
    assert {sample.trip.currency for sample in sample_trips(TODAY)} == {"EUR", "USD"}
