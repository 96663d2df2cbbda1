"""Rows as the database would return them, for pure tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from tripsage_tui.models.booking_drafts import BookingDraft, FlightDraft, FormContext, TransportationDraft
from tripsage_tui.models.bookings import (
    Accommodation,
    AccommodationFields,
    Booking,
    Flight,
    FlightFields,
    ItineraryItem,
    Leg,
    LegFields,
    Transportation,
    TransportationFields,
)
from tripsage_tui.models.expenses import Expense, ExpenseFields, ExpenseShare, ShareFields
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.samples import SampleTrip
from tripsage_tui.models.trips import Record, StopFields, Trip, TripFields, TripStop

TODAY = date(2026, 11, 22)
CREATED = datetime(2026, 11, 1, tzinfo=UTC)
ZONES = {
    "FRA": "Europe/Berlin",
    "HND": "Asia/Tokyo",
    "SIN": "Asia/Singapore",
    "SFO": "America/Los_Angeles",
    "HNL": "Pacific/Honolulu",
    "TYO": "Asia/Tokyo",
}
JAPAN = TripFields(
    name="Japan in autumn",
    destination="Japan",
    start_date=date(2027, 10, 2),
    end_date=date(2027, 10, 15),
    budget=Decimal("6000.00"),
    currency="EUR",
    travelers=2,
    time_zone="Asia/Tokyo",
)


def japan_context(**changes: Any) -> FormContext:
    """What the booking forms of the Japan trip are read against."""
    return FormContext(**{"today": TODAY, "trip": JAPAN, "zone_of": ZONES.get} | changes)


def stored_trip(fields: TripFields = JAPAN, number: int = 1) -> Trip:
    return Trip(**values(fields), id=number, user_id=UUID(int=7), created_at=CREATED, updated_at=CREATED)


def stored(fields: Record, number: int = 1, legs: Sequence[LegFields] = ()) -> Booking:
    """The row for a booking's fields."""
    row = values(fields) | {"id": number, "trip_id": 1, "created_at": CREATED, "updated_at": CREATED}
    rows = tuple(Leg(**values(leg), id=100 * number + place, trip_id=1) for place, leg in enumerate(legs))
    match fields:
        case FlightFields():
            return Flight(**row, legs=rows)
        case AccommodationFields():
            return Accommodation(**row)
        case TransportationFields():
            return Transportation(**row, legs=rows)
    return ItineraryItem(**row)


def stored_draft(draft: BookingDraft, number: int = 1) -> Booking:
    """The row that saving a draft would make."""
    assert draft.fields is not None, draft.errors
    legs = draft.legs if isinstance(draft, FlightDraft | TransportationDraft) else ()
    return stored(draft.fields, number, legs)


def stored_expense(fields: ExpenseFields, shares: Sequence[ShareFields] = (), number: int = 1) -> Expense:
    """The row of an expense with its shares."""
    rows = tuple(
        ExpenseShare(**values(share), id=100 * number + place, trip_id=1, expense_id=number)
        for place, share in enumerate(shares)
    )
    return Expense(**values(fields), shares=rows, id=number, trip_id=1, created_at=CREATED, updated_at=CREATED)


def plan(*bookings: Booking, trip: TripFields = JAPAN, stops: Sequence[StopFields] = ()) -> TripPlan:
    return TripPlan(
        trip=stored_trip(trip),
        stops=tuple(TripStop(**values(stop), id=n, trip_id=1, position=n) for n, stop in enumerate(stops)),
        flights=tuple(each for each in bookings if isinstance(each, Flight)),
        accommodations=tuple(each for each in bookings if isinstance(each, Accommodation)),
        transportation=tuple(each for each in bookings if isinstance(each, Transportation)),
        items=tuple(each for each in bookings if isinstance(each, ItineraryItem)),
    )


def sample_plan(sample: SampleTrip) -> TripPlan:
    """A sample trip as the database would return it."""
    number = count(1)
    return plan(
        *(stored(flight, next(number), legs) for flight, legs in sample.flights),
        *(stored(fields, next(number)) for fields in (*sample.stays, *sample.transports, *sample.items)),
        trip=sample.trip,
        stops=sample.stops,
    )


def values(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in type(record).model_fields}
