"""The moments of one booking, each on its local day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from tripsage_tui.models.bookings import (
    Accommodation,
    Booking,
    BookingStatus,
    Direction,
    Flight,
    ItineraryItem,
    Leg,
    LegFields,
    Transportation,
    TransportType,
)
from tripsage_tui.models.layovers import layover
from tripsage_tui.models.when import count_of, duration_text
from tripsage_tui.models.zones import local, zone_abbreviation

LONGEST_SPAN = 400
"""Days in the middle of one booking that are listed at most: a stay of a hundred years is a typing error."""


class Moment(StrEnum):
    """What of a booking happens; the value is the word for it."""

    CHECK_IN = "check-in"
    STAYING = "staying"
    CHECK_OUT = "check-out"
    DEPARTURE = "departure"
    UNDERWAY = "under way"
    ARRIVAL = "arrival"
    CHANGE = "change"
    PICK_UP = "pick-up"
    IN_USE = "in use"
    RETURN = "return"
    ITEM = "item"
    CONTINUES = "continues"
    ENDS = "ends"


_SPANS = frozenset({Moment.STAYING, Moment.UNDERWAY, Moment.IN_USE, Moment.CONTINUES})


@dataclass(frozen=True)
class Entry:
    """A line of a day. Texts are as stored: whoever shows them makes them safe.

    `at` and `until` are instants; `time` and `until_text` are their wall clocks (`15:15`, `08:55+1`), `zone_label` and
    `until_label` their zones where these clocks differ from the day's. A price, if any, stands once per booking.
    """

    booking: Booking
    moment: Moment
    day: date
    title: str
    detail: str = ""
    at: datetime | None = None
    zone: str | None = None
    until: datetime | None = None
    until_zone: str | None = None
    time: str = ""
    until_text: str = ""
    zone_label: str = ""
    until_label: str = ""
    status: str = ""
    price: Decimal | None = None
    currency: str = ""
    leg: LegFields | None = None

    @property
    def cancelled(self) -> bool:
        return self.status == BookingStatus.CANCELLED

    @property
    def happens(self) -> bool:
        """Whether it is a moment (a check-in) and not a state (a night, a day at sea)."""
        return self.moment not in _SPANS

    def seen_from(self, zone: str | None) -> Entry:
        """The same entry on a day that is lived in `zone`, with labels where clocks differ from it."""
        at = _label(self.at, self.zone, zone)
        until = _label(self.until, self.until_zone, zone) if self.until_text else ""
        if at == self.zone_label and until == self.until_label:
            return self
        return changed(self, zone_label=at, until_label=until)


def changed(entry: Entry, **values: object) -> Entry:
    """A copy with other values. What `dataclasses.replace` does, in a fifth of the time: long trips have thousands."""
    copy = object.__new__(Entry)
    copy.__dict__.update(entry.__dict__, **values)
    return copy


def is_idea(item: ItineraryItem) -> bool:
    """Whether an item has neither day nor time."""
    return item.day is None and item.start_time is None and item.end_time is None


def entries_of(booking: Booking, trip_zone: str | None, trip: tuple[date, date]) -> Iterator[Entry]:
    """All moments of a booking; `trip_zone` stands in for a zone that is not stored, `trip` bounds endless states."""
    match booking:
        case Accommodation():
            yield from _stay(booking, trip_zone, trip)
        case Flight():
            yield from _flight(booking, trip_zone)
        case Transportation():
            yield from _transport(booking, trip_zone)
        case ItineraryItem():
            yield from _item(booking, trip_zone)


def _stay(stay: Accommodation, trip_zone: str | None, trip: tuple[date, date]) -> Iterator[Entry]:
    zones = (stay.check_in_zone or trip_zone, stay.check_out_zone or stay.check_in_zone or trip_zone)
    first = local(stay.check_in_at, zones[0]).date() if stay.check_in_at else stay.check_in_date
    last = local(stay.check_out_at, zones[1]).date() if stay.check_out_at else stay.check_out_date
    base = Entry(stay, Moment.CHECK_IN, first, stay.name, status=stay.booking_status.value, currency=stay.currency)
    detail = " · ".join(part for part in (count_of(stay.nights, "night"), stay.room_type) if part)
    yield _timed(changed(base, detail=detail, price=stay.total_price or None), stay.check_in_at, zones[0])
    start, end = max(first, trip[0] - timedelta(days=LONGEST_SPAN)), min(last, trip[1] + timedelta(days=LONGEST_SPAN))
    for day in _between(start, end):
        yield changed(base, moment=Moment.STAYING, day=day, zone=zones[0])
    out = changed(base, moment=Moment.CHECK_OUT, day=last, detail=stay.address or "")
    yield _timed(out, stay.check_out_at, zones[1])


def _flight(flight: Flight, trip_zone: str | None) -> Iterator[Entry]:
    base = Entry(
        flight,
        Moment.DEPARTURE,
        flight.departure_date,
        "",
        status=flight.booking_status.value,
        currency=flight.currency,
    )
    price = flight.price or None
    for direction, day in ((Direction.OUTBOUND, flight.departure_date), (Direction.RETURN, flight.return_date)):
        legs: tuple[Leg | LegFields, ...] = tuple(leg for leg in flight.legs if leg.direction is direction)
        if not legs and day:
            legs = (_assumed_leg(flight, direction),)
        for before, leg in zip((None, *legs), legs, strict=False):
            yield from _change(base, before, leg)
            yield from _leg(changed(base, price=price), leg, day or flight.departure_date, (None, trip_zone))
            price = None


def _transport(transport: Transportation, trip_zone: str | None) -> Iterator[Entry]:
    base = Entry(
        transport,
        Moment.DEPARTURE,
        date.min,
        "",
        detail=transport.provider or "",
        status=transport.booking_status.value,
        price=transport.price or None,
        currency=transport.currency,
    )
    whole = LegFields(**{name: getattr(transport, name) for name in _OF_TRANSPORT}, carrier=transport.provider)
    day = transport.day
    legs: tuple[LegFields, ...] = transport.legs or (whole,)
    for before, leg in zip((None, *legs), legs, strict=False):
        known = leg.departure_time or leg.arrival_time
        start = day or (local(known, leg.departure_zone or trip_zone).date() if known else None)
        if start:
            yield from _change(base, before, leg)
            yield from _leg(base, leg, start, (trip_zone, trip_zone))
            base = changed(base, price=None)


def _change(base: Entry, before: LegFields | None, leg: LegFields) -> Iterator[Entry]:
    """The wait between two legs, with its length and place."""
    wait = layover(before, leg) if before else None
    if before is None or wait is None:
        return
    zones = (before.arrival_zone or leg.departure_zone, leg.departure_zone or before.arrival_zone)
    first, last = local(wait.start, zones[0]).date(), local(wait.end, zones[1]).date()
    until = f"{_clock(wait.end, zones[1])}{_mark(first, last)}"
    change = changed(base, moment=Moment.CHANGE, day=first, title=wait.place, detail=wait.length, price=None, leg=leg)
    yield changed(_timed(change, wait.start, zones[0]), until=wait.end, until_zone=zones[1], until_text=until)


def _leg(base: Entry, leg: LegFields, day: date, fallback: tuple[str | None, str | None]) -> Iterator[Entry]:
    """Departure with the arrival behind it; the arrival again where it is on another day, and the days between."""
    zones = (leg.departure_zone or fallback[0], leg.arrival_zone or fallback[1])
    leaves, lands = leg.departure_time, leg.arrival_time
    first = local(leaves, zones[0]).date() if leaves else day
    last = local(lands, zones[1]).date() if lands else first
    hired = isinstance(base.booking, Transportation) and base.booking.transport_type is TransportType.CAR_RENTAL
    words = _HIRED if hired else _MOVING
    title = leg.origin if hired and leg.origin == leg.destination else f"{leg.origin} → {leg.destination}"
    length = duration_text(lands - leaves) if leaves and lands and lands > leaves else ""
    named = " ".join(part for part in (leg.carrier, leg.number) if part)
    detail = " · ".join(part for part in (named, length, f"seat {leg.seat}" if leg.seat else "") if part)
    base = changed(base, title=title, detail=detail, leg=leg, until=lands, until_zone=zones[1])
    arrival = f"{_clock(lands, zones[1])}{_mark(first, last)}" if lands else ""
    yield changed(_timed(changed(base, moment=words[0], day=first), leaves, zones[0]), until_text=arrival)
    if last == first:
        return
    for between in _between(first, last):
        yield changed(base, moment=words[1], day=between, price=None, zone=zones[1])
    landing = changed(base, moment=words[2], day=last, price=None)
    yield _timed(landing, lands, zones[1])


def _item(item: ItineraryItem, trip_zone: str | None) -> Iterator[Entry]:
    if is_idea(item):
        return
    zones = (item.start_zone or item.end_zone or trip_zone, item.end_zone or item.start_zone or trip_zone)
    first = local(item.start_time, zones[0]).date() if item.start_time else item.day
    last = local(item.end_time, zones[1]).date() if item.end_time else first
    day = first or last
    if day is None:
        return
    base = Entry(
        item,
        Moment.ITEM,
        day,
        item.title,
        item.location or "",
        status=item.booking_status.value,
        currency=item.currency,
    )
    until = f"{_clock(item.end_time, zones[1])}{_mark(day, last or day)}" if item.end_time else ""
    with_end = changed(base, price=item.price or None, until=item.end_time, until_zone=zones[1], until_text=until)
    yield _timed(with_end, item.start_time, zones[0])
    # A dinner that ends after midnight belongs to its evening; what lasts longer than a day is on each of its days.
    if item.start_time and item.end_time and last and item.end_time - item.start_time > timedelta(days=1):
        for between in _between(day, last):
            yield changed(base, moment=Moment.CONTINUES, day=between, zone=zones[0])
        yield _timed(changed(base, moment=Moment.ENDS, day=last), item.end_time, zones[1])


_MOVING = (Moment.DEPARTURE, Moment.UNDERWAY, Moment.ARRIVAL)
_HIRED = (Moment.PICK_UP, Moment.IN_USE, Moment.RETURN)
_OF_TRANSPORT = ("origin", "destination", "departure_time", "departure_zone", "arrival_time", "arrival_zone", "seat")


def _assumed_leg(flight: Flight, direction: Direction) -> LegFields:
    """A ticket of which only the day is known (a row of the web application)."""
    ends = (flight.origin, flight.destination)
    origin, destination = ends if direction is Direction.OUTBOUND else ends[::-1]
    number = flight.flight_number if direction is Direction.OUTBOUND else None
    return LegFields(direction=direction, origin=origin, destination=destination, carrier=flight.airline, number=number)


def _timed(entry: Entry, at: datetime | None, zone: str | None) -> Entry:
    return changed(entry, at=at, zone=zone, time=_clock(at, zone) if at else "")


def _clock(at: datetime, zone: str | None) -> str:
    return f"{local(at, zone):%H:%M}"


def _mark(first: date, last: date) -> str:
    return f"{(last - first).days:+d}" if last != first else ""


def _between(first: date, last: date) -> Iterator[date]:
    """The days after `first` and before `last`, at most LONGEST_SPAN."""
    for number in range(1, min((last - first).days, LONGEST_SPAN)):
        yield first + timedelta(days=number)


def _label(at: datetime | None, zone: str | None, day_zone: str | None) -> str:
    """The name of a zone where its clock differs from the day's at that instant."""
    if at is None or zone == day_zone or local(at, zone).utcoffset() == local(at, day_zone).utcoffset():
        return ""
    return zone_abbreviation(at, zone)
