"""The rules about details: papers that expire, places that are closed, zones and references that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.bookings import Accommodation, Booking, Flight, ItineraryItem, Transportation, TransportType
from tripsage_tui.models.checking_clock import add_days, day_text
from tripsage_tui.models.checking_context import Papers
from tripsage_tui.models.checking_plan import Checked, short, word_of
from tripsage_tui.models.findings import EditBooking, Finding, Fix, ItemRef, Severity, ref_of
from tripsage_tui.models.typed_dates import WEEKDAYS

PASSPORT_DAYS = 183
"""Six months, which many countries ask for after the end of the stay."""
_WITH_REFERENCE = frozenset({TransportType.FLIGHT, TransportType.TRAIN, TransportType.CAR_RENTAL})
Ends = tuple[tuple[str, datetime | None, str | None, str], ...]


def papers(checked: Checked) -> Iterator[Finding]:
    """`passport-expires` and `visa-expires`, where the dates are known."""
    for person in checked.context.papers:
        yield from _passport(checked, person)
        if (expires := person.visa_expires) and expires < checked.trip.end_date:
            yield Finding(
                code="visa-expires",
                severity=Severity.ERROR,
                message=f"The visa of {short(person.name)} expires on {day_text(expires, checked.today)}.",
                why=f"The trip ends on {day_text(checked.trip.end_date, checked.today)}.",
                day=expires,
                items=(ItemRef("traveller", person.id),),
            )


def closed_that_day(checked: Checked) -> Iterator[Finding]:
    """`closed-that-day`: what one wants to see is closed on that weekday, or on that public holiday."""
    for item in checked.items:
        if not (item.closed_weekdays or item.closed_on_holidays):
            continue
        day = checked.day_of_item(item)
        if day is None or day < checked.today:
            continue
        if why := _closed(checked, item, day):
            open_day = _open_day(checked, item, day)
            fix = Fix(f"Give {name_of(item)} another day", EditBooking(ref_of(item), "day"))
            if open_day:
                label = f"Move {name_of(item)} to {day_text(open_day, checked.today)}"
                fix = Fix(label, EditBooking(ref_of(item), "day", {"day": open_day.isoformat()}))
            yield Finding(
                code="closed-that-day",
                severity=Severity.WARNING,
                message=f"{name_of(item)} is closed on {day_text(day, checked.today)}.",
                why=why,
                day=day,
                items=(ref_of(item),),
                fix=fix,
            )


def missing_zones(checked: Checked) -> Iterator[Finding]:
    """`missing-zone`: a time whose place on the globe is not known, or stored under a name that is not known here."""
    for booking in checked.bookings:
        for field, place, known in _without_zone(checked, booking):
            values = {field: known} if known else {}
            name = f"the {word_of(booking)} {name_of(booking)}"
            yield Finding(
                code="missing-zone",
                severity=Severity.WARNING,
                message=f"The time zone of {name} is not known{f' in {place}' if place else ''}.",
                why="Without it nobody knows when that is: the time is taken as UTC or as that of the trip.",
                day=_day_of(checked, booking),
                items=(ref_of(booking),),
                fix=Fix(
                    f"Set the zone to {known}" if known else f"Set the zone of {name}", _edit(booking, field, values)
                ),
            )
            break


def missing_references(checked: Checked) -> Iterator[Finding]:
    """`missing-reference`: booked, of a kind that comes with a confirmation code, and none is noted."""
    for booking in checked.bookings:
        if booking.booking_status.value != "booked" or (booking.confirmation_code or "").strip():
            continue
        asks = isinstance(booking, Flight | Accommodation)
        if isinstance(booking, Transportation):
            asks = booking.transport_type in _WITH_REFERENCE
        if asks:
            yield Finding(
                code="missing-reference",
                severity=Severity.NOTE,
                message=f"The {word_of(booking)} {name_of(booking)} is booked, but has no confirmation code.",
                why="At the counter, and to change or cancel it, you are asked for it.",
                day=_day_of(checked, booking),
                items=(ref_of(booking),),
                fix=Fix("Note the confirmation code", EditBooking(ref_of(booking), "confirmation_code")),
            )


def _passport(checked: Checked, person: Papers) -> Iterator[Finding]:
    expires, end = person.passport_expires, checked.trip.end_date
    if expires is None or expires >= add_days(end, PASSPORT_DAYS):
        return
    during = expires < end
    yield Finding(
        code="passport-expires",
        severity=Severity.ERROR if during else Severity.WARNING,
        message=f"The passport of {short(person.name)} expires on {day_text(expires, checked.today)}.",
        why=(
            f"The trip ends on {day_text(end, checked.today)}."
            if during
            else "Many countries ask for six months after the end of the trip. Look at what yours asks for."
        ),
        day=expires,
        items=(ItemRef("traveller", person.id),),
    )


def _closed(checked: Checked, item: ItineraryItem, day: date) -> str:
    """Why a place is closed on a day; empty where it is open."""
    if day.isoweekday() in item.closed_weekdays:
        return f"It is closed on {WEEKDAYS[day.weekday()].capitalize()}s."
    country = checked.places.country_on(day) if item.closed_on_holidays else None
    name = checked.context.holidays.get(country or "", {}).get(day)
    return f"{short(name)} is a public holiday there." if name else ""


def _open_day(checked: Checked, item: ItineraryItem, day: date) -> date | None:
    """The nearest day of the trip at the same stop on which it is open; the later one of two."""
    trip, stop = checked.trip, checked.places.stop_of_day(day)
    for distance in range(1, 15):
        for other in (add_days(day, distance), add_days(day, -distance)):
            inside = max(trip.start_date, checked.today) <= other <= trip.end_date
            if inside and checked.places.stop_of_day(other) == stop and not _closed(checked, item, other):
                return other
    return None


def _without_zone(checked: Checked, booking: Booking) -> Iterator[tuple[str, str, str | None]]:
    """The form's field, the place and, where the airport knows it, the zone of each end that has a time and no zone.

    The zone of the trip stands in for one that is not stored, except at the ends of a flight.
    """
    trip_zone = checked.trip.time_zone
    for field, at, zone, place in _ends(booking):
        if at is None or known_zone(zone):
            continue
        airport = checked.places.airport(place) if place else None
        stands_in = zone is None and known_zone(trip_zone) and not isinstance(booking, Flight)
        if not stands_in:
            yield field, checked.places.shown(place) if place else "", airport.zone if airport else None


def _ends(booking: Booking) -> Ends:
    match booking:
        case Accommodation():
            zone = booking.check_in_zone or booking.check_out_zone
            return (("time_zone", booking.check_in_at or booking.check_out_at, zone, ""),)
        case ItineraryItem():
            zone = booking.start_zone or booking.end_zone
            return (("time_zone", booking.start_time or booking.end_time, zone, ""),)
    ends: list[tuple[str, datetime | None, str | None, str]] = []
    for leg in booking.legs:
        prefix = "" if leg.direction == "outbound" else "return_"
        ends.append((f"{prefix}departure_zone", leg.departure_time, leg.departure_zone, leg.origin))
        ends.append((f"{prefix}arrival_zone", leg.arrival_time, leg.arrival_zone, leg.destination))
    if isinstance(booking, Transportation) and not booking.legs:
        ends.append(("departure_zone", booking.departure_time, booking.departure_zone, booking.origin))
        ends.append(("arrival_zone", booking.arrival_time, booking.arrival_zone, booking.destination))
    return tuple(ends)


def _edit(booking: Booking, field: str, values: dict[str, str]) -> EditBooking:
    return EditBooking(ref_of(booking), field, values)


def _day_of(checked: Checked, booking: Booking) -> date | None:
    match booking:
        case Flight():
            return booking.departure_date
        case Accommodation():
            return booking.check_in_date
        case ItineraryItem():
            return checked.day_of_item(booking)
    return checked.first_days.get(ref_of(booking), booking.day)


@lru_cache(maxsize=1000)
def known_zone(name: str | None) -> bool:
    """Whether this machine knows a stored zone name."""
    if not name:
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
