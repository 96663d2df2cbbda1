"""What the comparison says about each option: the same lines in the same order, to be compared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.bookings import Accommodation, Booking, Direction, Flight, Leg, Transportation, price_of
from tripsage_tui.models.money import format_amount
from tripsage_tui.models.options import Option, changes_of, journey_length
from tripsage_tui.models.trips import Trip
from tripsage_tui.models.when import day_mark, duration_text, format_date, local, zone_abbreviation
from tripsage_tui.widgets.detail_pane import Block, Fact, Text

_NONE = "-"


def facts(option: Option, trip: Trip, today: date, *, here: bool) -> list[Block]:
    """The blocks of one option; `here` marks the one under the cursor."""
    booking = option.booking
    title = booking.provider or name_of(booking) if isinstance(booking, Transportation) else name_of(booking)
    if isinstance(booking, Flight):
        title = " ".join(part for part in (booking.airline, booking.flight_number) if part) or name_of(booking)
    return [
        Text(f"{'▸ ' if here else '  '}{title}", "title"),
        *_money(option),
        *_times(booking, trip, today),
        *_deadlines(booking, trip, today),
        *_more(booking),
    ]


def _money(option: Option) -> Iterator[Block]:
    booking = option.booking
    price = price_of(booking)
    text = format_amount(price, booking.currency) if price else "no price"
    if booking.currency != option.currency and option.price:
        text += f" = {format_amount(option.price, option.currency)}"
    yield Fact("Price", text, "strong")
    if isinstance(booking, Accommodation):
        night = option.per_night
        yield Fact("Per night", format_amount(night, booking.currency) if night else _NONE)
    if option.more is None:
        yield Fact("Difference", "another currency", "muted")
    elif option.cheapest:
        yield Fact("Difference", "the cheapest", "good")
    else:
        yield Fact("Difference", f"{format_amount(option.more, option.currency)} more", "warn")


def _times(booking: Booking, trip: Trip, today: date) -> Iterator[Block]:
    match booking:
        case Accommodation():
            for label, day, at, zone in (
                ("Check in", booking.check_in_date, booking.check_in_at, booking.check_in_zone),
                ("Check out", booking.check_out_date, booking.check_out_at, booking.check_out_zone),
            ):
                clock = f" {local(at, zone or trip.time_zone):%H:%M}" if at else ""
                yield Fact(label, f"{format_date(day, today)}{clock}")
            yield Fact("Nights", str(booking.nights))
        case Flight():
            yield from _way(booking.legs, Direction.OUTBOUND, "There", booking.departure_date, trip, today)
            yield _length(booking)
            yield Fact("Changes", str(changes_of(booking)) if booking.legs else _NONE)
            if booking.return_date:
                yield from _way(booking.legs, Direction.RETURN, "Back", booking.return_date, trip, today)
        case Transportation():
            leaves, arrives = booking.departure_time, booking.arrival_time
            zone, zone_there = booking.departure_zone or trip.time_zone, booking.arrival_zone or trip.time_zone
            start = f"{local(leaves, zone):%H:%M}" if leaves else "no time"
            end = f"{local(arrives, zone_there):%H:%M}" if arrives else "?"
            mark = day_mark(leaves, zone, arrives, zone_there) if leaves and arrives else ""
            yield Fact("By", booking.transport_type.value.replace("_", " "))
            yield Fact("Times", f"{start} → {end}{mark}")
            yield _length(booking)


def _way(
    legs: tuple[Leg, ...], direction: Direction, label: str, day: date, trip: Trip, today: date
) -> Iterator[Block]:
    of_way = [leg for leg in legs if leg.direction is direction]
    text = format_date(day, today)
    if of_way and (leaves := of_way[0].departure_time) and (arrives := of_way[-1].arrival_time):
        zone = of_way[0].departure_zone or trip.time_zone
        there = of_way[-1].arrival_zone or trip.time_zone
        start, end = local(leaves, zone), local(arrives, there)
        mark = day_mark(leaves, zone, arrives, there)
        text += (
            f" {start:%H:%M} {zone_abbreviation(leaves, zone)} → {end:%H:%M}{mark} {zone_abbreviation(arrives, there)}"
        )
    yield Fact(label, text)


def _length(booking: Booking) -> Fact:
    length = journey_length(booking)
    return Fact("Takes", duration_text(length) if length else _NONE)


def _deadlines(booking: Booking, trip: Trip, today: date) -> Iterator[Block]:
    yield Fact("Pay by", format_date(booking.pay_by, today) if booking.pay_by else _NONE)
    at = booking.cancel_free_until
    zone = booking.check_in_zone if isinstance(booking, Accommodation) else None
    clock = local(at, zone or trip.time_zone) if at else None
    yield Fact("Cancel by", f"{format_date(clock.date(), today)} {clock:%H:%M}" if clock else _NONE)


def _more(booking: Booking) -> Iterator[Block]:
    if isinstance(booking, Accommodation):
        yield Fact("Rating", f"{booking.rating:f}" if booking.rating is not None else _NONE)
        yield Fact("Room", booking.room_type or _NONE)
        if booking.address:
            yield Fact("Address", booking.address)
        if booking.amenities:
            yield Fact("Amenities", ", ".join(booking.amenities))
    elif isinstance(booking, Flight):
        yield Fact("Class", booking.flight_class.value.replace("_", " "))
    if booking.provider and not isinstance(booking, Transportation):
        yield Fact("Provider", booking.provider)
    if booking.notes:
        yield Text("")
        yield Text(booking.notes)
