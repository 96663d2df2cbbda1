"""Moving dates and instants by whole days, as a copied trip and one with other dates need it.

An instant moves by days of the calendar of its place, not by multiples of 24 hours: a train at 09:15 still leaves at
09:15 when there is a change of daylight saving time in between.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tripsage_tui.models.bookings import (
    AccommodationFields,
    BookingFields,
    BookingStatus,
    FlightFields,
    ItemStatus,
    ItineraryItemFields,
    LegFields,
    PaymentStatus,
    TransportationFields,
)
from tripsage_tui.models.trips import Record, StopFields

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


def moved_leg(leg: LegFields, days: int, zone: str | None) -> dict[str, object]:
    """The times of a leg `days` later; `zone` stands in for an end without one."""
    times = ("departure_time", leg.departure_zone or zone), ("arrival_time", leg.arrival_zone or zone)
    return _moved_ends(leg, days, *times)


def moved(booking: BookingFields, days: int, zone: str | None) -> dict[str, object]:
    """The days and times of a booking `days` later, by field; `zone` stands in for an end without one.

    The deadlines that its provider set (`pay_by`, `cancel_free_until`) do not move: too early a warning is the lesser
    evil. Raises OverflowError outside the years 1 to 9999.
    """
    day: dict[str, object] = {"day": shift_day(booking.day, days)}
    match booking:
        case FlightFields():
            return day | {
                "departure_date": shift_day(booking.departure_date, days),
                "return_date": shift_day(booking.return_date, days),
                "check_in_opens_at": shift_instant(booking.check_in_opens_at, days, zone),
            }
        case AccommodationFields():
            out = booking.check_out_zone or booking.check_in_zone or zone
            return day | {
                "check_in_date": shift_day(booking.check_in_date, days),
                "check_out_date": shift_day(booking.check_out_date, days),
                "check_in_at": shift_instant(booking.check_in_at, days, booking.check_in_zone or zone),
                "check_out_at": shift_instant(booking.check_out_at, days, out),
            }
        case TransportationFields():
            leaves, arrives = booking.departure_zone or zone, booking.arrival_zone or zone
            return day | _moved_ends(booking, days, ("departure_time", leaves), ("arrival_time", arrives))
        case ItineraryItemFields():
            starts, ends = booking.start_zone or zone, booking.end_zone or booking.start_zone or zone
            return day | _moved_ends(booking, days, ("start_time", starts), ("end_time", ends))
    return day


def shift_leg(leg: LegFields, days: int, zone: str | None) -> LegFields:
    """A leg like it; the seat was a booking's and goes."""
    return leg.model_copy(update={**moved_leg(leg, days, zone), "seat": None})


def shift_flight(flight: FlightFields, days: int) -> FlightFields:
    """An offer like the flight, not booked."""
    gone = {**_NOT_BOOKED, "seat": None, "check_in_opens_at": None, "booking_status": BookingStatus.AVAILABLE}
    return flight.model_copy(update=moved(flight, days, None) | gone)


def shift_stay(stay: AccommodationFields, days: int, zone: str | None) -> AccommodationFields:
    """A stay like it, not booked."""
    gone = {**_NOT_BOOKED, "booking_status": BookingStatus.AVAILABLE}
    return stay.model_copy(update=moved(stay, days, zone) | gone)


def shift_transportation(ride: TransportationFields, days: int, zone: str | None) -> TransportationFields:
    """A ride like it, not booked."""
    gone = {**_NOT_BOOKED, "seat": None, "booking_status": BookingStatus.AVAILABLE}
    return ride.model_copy(update=moved(ride, days, zone) | gone)


def shift_item(item: ItineraryItemFields, days: int, zone: str | None) -> ItineraryItemFields:
    """An entry like it, planned only."""
    gone = {**_NOT_BOOKED, "booking_status": ItemStatus.PLANNED}
    return item.model_copy(update=moved(item, days, zone) | gone)


def _moved_ends(
    record: Record, days: int, first: tuple[str, str | None], last: tuple[str, str | None]
) -> dict[str, object]:
    """Two ends, each by its own clock. Where a clock change would put the last before the first, the length stays."""
    start, end = getattr(record, first[0]), getattr(record, last[0])
    new_start, new_end = shift_instant(start, days, first[1]), shift_instant(end, days, last[1])
    if start and end and start < end and new_start and new_end and new_end <= new_start:
        new_end = new_start + (end - start)
    return {first[0]: new_start, last[0]: new_end}


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):  # names come from the database and can be anything
        return ZoneInfo("UTC")
