"""The flight form: one ticket, out and perhaps back, with the times of each end in its own zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from tripsage_tui.models.booking_reading import (
    COMMON_FIELDS,
    FormContext,
    common_values,
    note_day,
    read_common,
    read_price,
    read_rate,
)
from tripsage_tui.models.bookings import BookingStatus, Direction, Flight, FlightClass, FlightFields, LegFields
from tripsage_tui.models.form_reading import Draft, FormReader
from tripsage_tui.models.journeys import Fields, journey_values, read_end_zone, read_place
from tripsage_tui.models.leg_chains import (
    Chain,
    chain_values,
    connections_in,
    gather_typed,
    read_chain,
    with_typed_connections,
)
from tripsage_tui.models.money import plain_amount
from tripsage_tui.models.text import CODE_LIMIT
from tripsage_tui.models.zones import local

FLIGHT_FIELDS = (
    *("origin", "destination", "departure_date", "departure_time", "arrival_time", "flight_number", "airline"),
    *("flight_class", "seat", "return_date", "return_departure_time", "return_arrival_time", "return_flight_number"),
    *("return_seat", "departure_zone", "arrival_zone", *COMMON_FIELDS),
    *("return_origin", "return_destination", "return_departure_zone", "return_arrival_zone", "via"),
)
_OUTBOUND = Fields()
_RETURN = Fields(
    departure_date="return_date",
    departure_time="return_departure_time",
    arrival_time="return_arrival_time",
    departure_zone="return_departure_zone",
    arrival_zone="return_arrival_zone",
)
_OF_RETURN = ("return_departure_time", "return_arrival_time", "return_flight_number", "return_seat")


@dataclass(frozen=True)
class FlightDraft(Draft[FlightFields]):
    """A ticket as typed, with the legs of each direction."""

    legs: tuple[LegFields, ...] = ()


def read_flight(values: Mapping[str, str], context: FormContext, *, existing: Flight | None = None) -> FlightDraft:
    """The ticket that a form describes. Keys: FLIGHT_FIELDS; missing ones are blank.

    The return flight goes the same way back unless `return_origin` or `return_destination` say otherwise (open jaw).
    Connections have the fields of `models.leg_chains`, or stand in `via` as one line (`models.connections`).
    `existing` keeps the carrier of a code-share partner.
    """
    form = FormReader(with_typed_connections(values), context.today)
    airline = form.text("airline")
    out = _read_out(form, context, airline)
    back = _read_return(form, context, out, airline)
    price, currency = read_price(form, context)
    rate = read_rate(form, context, price, currency)
    status = form.choice("booking_status", BookingStatus, BookingStatus.AVAILABLE)
    flight_class = form.choice("flight_class", FlightClass, FlightClass.ECONOMY)
    common = read_common(form, context, out.zones[0])
    gather_typed(form, out.legs)
    if form.errors or out.day is None:
        return FlightDraft(None, form.errors, form.notes)
    fields = FlightFields(
        origin=out.places[0] or "",
        destination=out.places[1] or "",
        departure_date=out.local_day or out.day,
        return_date=back.local_day if back else None,
        flight_class=flight_class,
        price=price,
        currency=currency,
        exchange_rate=rate,
        airline=airline,
        flight_number=out.number,
        seat=out.seat,
        booking_status=status,
        **common,
    )
    legs = (*out.legs, *(back.legs if back else ()))
    # A code-share partner flies one of the legs: its name stays unless the ticket's airline was changed.
    if existing and existing.airline == airline:
        legs = _with_partners(legs, existing.legs, airline)
    return FlightDraft(fields, form.errors, form.notes, legs)


def _with_partners(
    legs: Sequence[LegFields], stored: Sequence[LegFields], airline: str | None
) -> tuple[LegFields, ...]:
    """The legs with their stored carriers where the form has no other: all first legs, others that have none."""
    kept: list[LegFields] = []
    for direction in Direction:
        before = [leg for leg in stored if leg.direction is direction]
        for place, leg in enumerate(each for each in legs if each.direction is direction):
            carrier = before[place].carrier if place < len(before) else leg.carrier
            stays = not place or (carrier is None and leg.carrier == airline)
            kept.append(leg.model_copy(update={"carrier": carrier}) if stays else leg)
    return tuple(kept)


def flight_values(flight: Flight, context: FormContext) -> dict[str, str]:
    """The strings of the form for an existing ticket; `read_flight` of them gives the ticket again."""
    out = _Shown.of(flight, Direction.OUTBOUND, (flight.origin, flight.destination), flight.departure_date, context)
    turned = (out.places[1], out.places[0])
    back = _Shown.of(flight, Direction.RETURN, turned, flight.return_date, context)
    return {
        "origin": flight.origin,
        "destination": flight.destination,
        "departure_date": out.day,
        "departure_time": out.times[0],
        "arrival_time": out.times[1],
        "flight_number": out.number or flight.flight_number or "",
        "airline": flight.airline or "",
        "flight_class": flight.flight_class.value,
        "seat": out.seat or flight.seat or "",
        "departure_zone": out.zones[0],
        "arrival_zone": out.zones[1],
        "return_date": back.day,
        "return_departure_time": back.times[0],
        "return_arrival_time": back.times[1],
        "return_flight_number": back.number,
        "return_seat": back.seat,
        "return_origin": back.places[0] if back.places[0] != turned[0] else "",
        "return_destination": back.places[1] if back.places[1] != turned[1] else "",
        "return_departure_zone": back.zones[0] if back.zones[0] != out.zones[1] else "",
        "return_arrival_zone": back.zones[1] if back.zones[1] != out.zones[0] else "",
        "price": plain_amount(flight.price, flight.currency),
        "booking_status": flight.booking_status.value,
        **common_values(flight, out.zones[0] or context.zone_of(flight.origin)),
        **out.connections,
        **back.connections,
    }


@dataclass(frozen=True)
class _Direction:
    """One direction as read: `day` as typed, the rest as understood."""

    places: tuple[str | None, str | None]
    zones: tuple[str | None, str | None]
    day: date | None
    legs: tuple[LegFields, ...]
    number: str | None
    seat: str | None

    @property
    def departure(self) -> datetime | None:
        return self.legs[0].departure_time

    @property
    def arrival(self) -> datetime | None:
        return self.legs[-1].arrival_time

    @property
    def local_day(self) -> date | None:
        """The day it leaves where it leaves (`24:00` is the next one)."""
        return local(self.departure, self.zones[0]).date() if self.departure else self.day


@dataclass(frozen=True)
class _Shown:
    """One direction of a stored ticket as the form shows it."""

    places: tuple[str, str]
    zones: tuple[str, str]
    day: str
    times: tuple[str, str]
    number: str
    seat: str
    connections: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, flight: Flight, direction: Direction, places: tuple[str, str], day: date | None, context: FormContext
    ) -> _Shown:
        legs = [leg for leg in flight.legs if leg.direction is direction]
        if not legs:
            return cls(places, ("", ""), day.isoformat() if day else "", ("", ""), "", "")
        first, last = legs[0], legs[-1]
        if direction is Direction.RETURN:
            places = (first.origin, last.destination)
        assumed = (context.zone_of(places[0]), context.zone_of(places[1]) or context.zone_on(flight.departure_date))
        # A time without any zone is shown in UTC, and then the form has to say so.
        zones = (
            first.departure_zone or ("UTC" if first.departure_time and not assumed[0] else ""),
            last.arrival_zone or ("UTC" if last.arrival_time and not assumed[1] else ""),
        )
        clocks = (zones[0] or assumed[0], zones[1] or assumed[1])
        leaves = first.departure_time
        day = local(leaves, clocks[0]).date() if leaves else day
        times = journey_values(leaves, last.arrival_time, clocks, day)
        shown_day = day.isoformat() if day else ""
        prefix = "return_" if direction is Direction.RETURN else ""
        more = chain_values(legs, prefix, context, day, flight.airline)
        return cls(places, zones, shown_day, times, first.number or "", first.seat or "", more)


def _read_out(form: FormReader, context: FormContext, airline: str | None) -> _Direction:
    places = (
        _airport(form, "origin", context, "Where does it start? An airport code such as FRA is best."),
        _airport(form, "destination", context, "Where does it go? An airport code such as HND is best."),
    )
    if places[0] and places[0] == places[1]:
        form.note("destination", "ends where it starts")
    day = form.day("departure_date", after=context.after, near=context.start, required="Which day does it leave?")
    timed = form.raw("arrival_time") or form.raw("return_departure_time")
    zones = (
        read_end_zone(form, "departure_zone", places[0], context, None),
        read_end_zone(form, "arrival_zone", places[1], context, context.zone_on(day) if timed else None),
    )
    number, seat = form.text("flight_number", CODE_LIMIT), form.text("seat", CODE_LIMIT)
    chain = Chain(
        "", Direction.OUTBOUND, _OUTBOUND, places, zones, day, carrier=airline, number=number, seat=seat, flies=True
    )
    legs = read_chain(form, context, chain)
    if day:
        note_day(form, "departure_date", day, context)
    return _Direction(places, zones, day, legs, number, seat)


def _airport(form: FormReader, name: str, context: FormContext, required: str | None = None) -> str | None:
    return read_place(form, name, context, required=required, airport=True)


def _read_return(form: FormReader, context: FormContext, out: _Direction, airline: str | None) -> _Direction | None:
    """The way back, if there is one."""
    if not form.raw("return_date"):
        if any(form.raw(name) for name in _OF_RETURN) or connections_in(form.values, "return_"):
            form.fail("return_date", "Which day does the return flight leave?")
        return None
    places = (
        _airport(form, "return_origin", context) or out.places[1],
        _airport(form, "return_destination", context) or out.places[0],
    )
    zones = (
        _return_zone(form, "return_departure_zone", places[0], (out.places[1], out.zones[1]), context),
        _return_zone(form, "return_arrival_zone", places[1], (out.places[0], out.zones[0]), context),
    )
    day = form.day("return_date", after=out.day or context.after)
    number, seat = form.text("return_flight_number", CODE_LIMIT), form.text("return_seat", CODE_LIMIT)
    chain = Chain(
        "return_", Direction.RETURN, _RETURN, places, zones, day, carrier=airline, number=number, seat=seat, flies=True
    )
    legs = read_chain(form, context, chain)
    if day:
        note_day(form, "return_date", day, context)
    if day and out.day and day < out.day:
        form.fail("return_date", "The return flight leaves before the outbound one.")
    elif out.arrival and (leaves := legs[0].departure_time) and leaves <= out.arrival:
        form.fail("return_departure_time", "The return flight leaves before the outbound one has arrived.")
    return _Direction(places, zones, day, legs, number, seat)


def _return_zone(
    form: FormReader, name: str, place: str | None, other: tuple[str | None, str | None], context: FormContext
) -> str | None:
    """The zone of the same place on the way out, unless another one was typed or it is another place."""
    if not form.raw(name) and place == other[0]:
        return other[1]
    return read_end_zone(form, name, place, context, None)
