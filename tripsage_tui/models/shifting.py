"""Moving dates and instants by whole days, as a copied trip needs it.

An instant moves by days of the calendar of its place, not by multiples of 24 hours: a train at 09:15 still leaves at
09:15 when there is a change of daylight saving time in between.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from tripsage_tui.models.bookings import (
    AccommodationFields,
    BookingStatus,
    FlightFields,
    ItemStatus,
    ItineraryItemFields,
    LegFields,
    PaymentStatus,
    TransportationFields,
)
from tripsage_tui.models.trips import Record, StopFields

R = TypeVar("R", bound=Record)

# What a booking has only because it was booked.
_NOT_BOOKED: dict[str, object] = {
    "confirmation_code": None,
    "payment_status": PaymentStatus.UNPAID,
    "pay_by": None,
    "cancel_free_until": None,
}


def shift_day(day: date | None, days: int) -> date | None:
    """`day` plus `days`. Raises OverflowError outside the years 1 to 9999."""
    return None if day is None else day + timedelta(days=days)


def shift_instant(instant: datetime | None, days: int, zone: str | None) -> datetime | None:
    """The instant that shows the same clock time `days` later in the IANA zone `zone` (UTC when unknown).

    A clock time that does not exist on that day moves forward by the gap; one that exists twice is the first.
    """
    if instant is None:
        return None
    place = _zone(zone)
    local = instant.astimezone(place).replace(tzinfo=None) + timedelta(days=days)
    return local.replace(tzinfo=place).astimezone(UTC)


def shift_stop(stop: StopFields, days: int) -> StopFields:
    return stop.model_copy(
        update={"arrive_date": shift_day(stop.arrive_date, days), "depart_date": shift_day(stop.depart_date, days)}
    )


def shift_leg(leg: LegFields, days: int, zone: str | None) -> LegFields:
    """`zone` stands in for an end without one; the seat was a booking's and goes."""
    return leg.model_copy(
        update={
            "departure_time": shift_instant(leg.departure_time, days, leg.departure_zone or zone),
            "arrival_time": shift_instant(leg.arrival_time, days, leg.arrival_zone or zone),
            "seat": None,
        }
    )


def shift_flight(flight: FlightFields, days: int) -> FlightFields:
    """An offer like the flight, not booked."""
    return flight.model_copy(
        update={
            **_NOT_BOOKED,
            "departure_date": shift_day(flight.departure_date, days),
            "return_date": shift_day(flight.return_date, days),
            "day": shift_day(flight.day, days),
            "seat": None,
            "check_in_opens_at": None,
            "booking_status": BookingStatus.AVAILABLE,
        }
    )


def shift_stay(stay: AccommodationFields, days: int, zone: str | None) -> AccommodationFields:
    """A stay like it, not booked."""
    return stay.model_copy(
        update={
            **_NOT_BOOKED,
            "check_in_date": shift_day(stay.check_in_date, days),
            "check_out_date": shift_day(stay.check_out_date, days),
            "check_in_at": shift_instant(stay.check_in_at, days, stay.check_in_zone or zone),
            "check_out_at": shift_instant(stay.check_out_at, days, stay.check_out_zone or zone),
            "day": shift_day(stay.day, days),
            "booking_status": BookingStatus.AVAILABLE,
        }
    )


def shift_transportation(ride: TransportationFields, days: int, zone: str | None) -> TransportationFields:
    """A ride like it, not booked."""
    return ride.model_copy(
        update={
            **_NOT_BOOKED,
            "departure_time": shift_instant(ride.departure_time, days, ride.departure_zone or zone),
            "arrival_time": shift_instant(ride.arrival_time, days, ride.arrival_zone or zone),
            "day": shift_day(ride.day, days),
            "seat": None,
            "booking_status": BookingStatus.AVAILABLE,
        }
    )


def shift_item(item: ItineraryItemFields, days: int, zone: str | None) -> ItineraryItemFields:
    """An entry like it, planned only."""
    return item.model_copy(
        update={
            **_NOT_BOOKED,
            "start_time": shift_instant(item.start_time, days, item.start_zone or zone),
            "end_time": shift_instant(item.end_time, days, item.end_zone or item.start_zone or zone),
            "day": shift_day(item.day, days),
            "booking_status": ItemStatus.PLANNED,
        }
    )


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):  # names come from the database and can be anything
        return ZoneInfo("UTC")
