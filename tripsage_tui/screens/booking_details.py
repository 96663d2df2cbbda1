"""What the details of a booking say; its confirmation code only when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from tripsage_tui.models.booking_names import kind_of, name_of
from tripsage_tui.models.bookings import (
    Accommodation,
    Booking,
    BookingFields,
    Direction,
    Flight,
    ItineraryItem,
    LegFields,
    PaymentStatus,
    Transportation,
    price_of,
)
from tripsage_tui.models.layovers import layover
from tripsage_tui.models.money import format_amount
from tripsage_tui.models.when import count_of, distance_in_days, duration_text, format_date, local, zone_abbreviation
from tripsage_tui.screens.trip_lines import sign_of, state_text
from tripsage_tui.widgets.detail_pane import Block, Fact, Look, Text

MASK = "•••••• (x shows it)"
_LOOKS: dict[str, Look] = {"booked": "good", "completed": "good", "reserved": "warn", "cancelled": "bad"}


def details(booking: Booking, *, zone: str | None, today: date, reveal: bool = False, rivals: int = 0) -> list[Block]:
    """The blocks of the pane. `zone` is the trip's, for instants without one; `reveal` shows the confirmation code.

    `rivals` is the number of other options for the same need.
    """
    status = booking.booking_status.value
    blocks: list[Block] = [
        Text(name_of(booking), "title"),
        Text(f"{sign_of(booking)} {kind_of(booking)}", "muted"),
        Text(state_text(status), _LOOKS.get(status, "")),
        *([Text(f"one of {rivals + 1} options: C compares", "warn")] if rivals else []),
        Text(""),
        *_of_kind(booking, zone, today),
        Text(""),
        *_money(booking, zone, today),
    ]
    if booking.confirmation_code:
        blocks.append(Fact("Code", booking.confirmation_code if reveal else MASK))
    if booking.provider:
        blocks.append(Fact("Provider", booking.provider))
    if isinstance(booking, ItineraryItem) and booking.description:
        blocks += [Text(""), Text(booking.description)]
    if booking.notes:
        blocks += [Text(""), Text("Notes", "heading"), Text(booking.notes)]
    return blocks


def _of_kind(booking: Booking, zone: str | None, today: date) -> Iterator[Block]:
    match booking:
        case Flight():
            yield from _flight(booking, today)
        case Accommodation():
            yield from _stay(booking, zone, today)
        case Transportation():
            yield from _transport(booking, zone, today)
        case ItineraryItem():
            yield from _item(booking, zone, today)


def _flight(flight: Flight, today: date) -> Iterator[Block]:
    for direction, title in ((Direction.OUTBOUND, "Outbound"), (Direction.RETURN, "Return")):
        legs = [leg for leg in flight.legs if leg.direction is direction]
        day = flight.departure_date if direction is Direction.OUTBOUND else flight.return_date
        if legs or day:
            yield Text(title, "heading")
        for before, leg in zip((None, *legs), legs, strict=False):
            yield from _change(before, leg)
            yield from _leg(leg, day, today)
        if not legs and day:
            yield Fact("Date", format_date(day, today))
    yield Fact("Class", flight.flight_class.value.replace("_", " "))
    if flight.check_in_opens_at:
        yield Fact("Check-in", f"opens {_moment(flight.check_in_opens_at, None, today)}")


def _change(before: LegFields | None, leg: LegFields) -> Iterator[Block]:
    if before and (wait := layover(before, leg)):
        yield Fact("Change", f"{wait.place}, {wait.length}")


def _leg(leg: LegFields, day: date | None, today: date, word: str = "Flight") -> Iterator[Block]:
    named = " ".join(part for part in (leg.carrier, leg.number) if part)
    if named:
        yield Fact(word, named)
    if leg.departure_time:
        yield Fact("Departs", f"{leg.origin}  {_moment(leg.departure_time, leg.departure_zone, today)}")
    else:
        yield Fact("Departs", f"{leg.origin}  {format_date(day, today) if day else ''}")
    if leg.arrival_time:
        yield Fact("Arrives", f"{leg.destination}  {_moment(leg.arrival_time, leg.arrival_zone, today)}")
    else:
        yield Fact("Arrives", leg.destination)
    if leg.departure_time and leg.arrival_time:
        yield Fact("Takes", duration_text(leg.arrival_time - leg.departure_time))
    if leg.seat:
        yield Fact("Seat", leg.seat)


def _stay(stay: Accommodation, zone: str | None, today: date) -> Iterator[Block]:
    ends = (
        ("Check in", stay.check_in_at, stay.check_in_zone, stay.check_in_date),
        ("Check out", stay.check_out_at, stay.check_out_zone, stay.check_out_date),
    )
    for label, instant, own_zone, day in ends:
        yield Fact(label, _moment(instant, own_zone or zone, today) if instant else format_date(day, today))
    if stay.check_in_until:
        yield Fact("Reception", f"until {stay.check_in_until:%H:%M}")
    yield Fact("Nights", str(stay.nights))
    if stay.address:
        yield Fact("Address", stay.address)
    if stay.room_type:
        yield Fact("Room", stay.room_type)
    if stay.rating is not None:
        yield Fact("Rating", f"{stay.rating:f}")
    if stay.amenities:
        yield Fact("Amenities", ", ".join(stay.amenities))


def _transport(transport: Transportation, zone: str | None, today: date) -> Iterator[Block]:
    for label, place, instant, own_zone in (
        ("Departs", transport.origin, transport.departure_time, transport.departure_zone),
        ("Arrives", transport.destination, transport.arrival_time, transport.arrival_zone),
    ):
        when = _moment(instant, own_zone or zone, today) if instant else ""
        if not when and label == "Departs" and transport.day:
            when = format_date(transport.day, today)
        yield Fact(label, f"{place}  {when}")
    if transport.departure_time and transport.arrival_time:
        yield Fact("Takes", duration_text(transport.arrival_time - transport.departure_time))
    if transport.seat:
        yield Fact("Seat", transport.seat)
    for before, leg in zip((None, *transport.legs), transport.legs, strict=False):
        yield from _change(before, leg)
        yield from _leg(leg, None, today, kind_of(transport).capitalize())


def _item(item: ItineraryItem, zone: str | None, today: date) -> Iterator[Block]:
    if item.start_time:
        yield Fact("From", _moment(item.start_time, item.start_zone or zone, today))
    elif item.day:
        yield Fact("Day", format_date(item.day, today))
    else:
        yield Fact("Day", "none yet: an idea")
    if item.end_time:
        yield Fact("Until", _moment(item.end_time, item.end_zone or item.start_zone or zone, today))
    if item.location:
        yield Fact("Place", item.location)


def _money(booking: Booking, zone: str | None, today: date) -> Iterator[Block]:
    price = price_of(booking)
    if isinstance(booking, Accommodation) and booking.price_per_night:
        nights = count_of(booking.nights, "night")
        yield Fact("Price", f"{nights} × {format_amount(booking.price_per_night, booking.currency)}")
        yield Fact("Total", format_amount(price, booking.currency))
    else:
        yield Fact("Price", format_amount(price, booking.currency) if price else "none")
    if price or booking.payment_status is not PaymentStatus.UNPAID:
        yield Fact("Payment", booking.payment_status.value)
    yield from _deadlines(booking, zone, today)


def _deadlines(booking: BookingFields, zone: str | None, today: date) -> Iterator[Block]:
    if booking.pay_by:
        late = booking.pay_by < today and booking.payment_status is not PaymentStatus.PAID
        text = f"{format_date(booking.pay_by, today)}, {distance_in_days(booking.pay_by, today)}"
        yield Fact("Pay by", f"! {text}" if late else text, "bad" if late else "")
    if booking.cancel_free_until:
        yield Fact("Cancel by", _moment(booking.cancel_free_until, zone, today))


def _moment(instant: datetime, zone: str | None, today: date) -> str:
    """`Sat 2 Oct 13:25 CEST`."""
    clock = local(instant, zone)
    return f"{format_date(clock.date(), today)} {clock:%H:%M} {zone_abbreviation(instant, zone)}"
