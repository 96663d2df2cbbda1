"""The form of a train, bus, hired car, taxi: like a flight, but one way and perhaps over days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tripsage_tui.models.booking_reading import (
    COMMON_FIELDS,
    FormContext,
    common_values,
    note_day,
    read_common,
    read_price,
    read_rate,
)
from tripsage_tui.models.bookings import (
    BookingStatus,
    Direction,
    LegFields,
    Transportation,
    TransportationFields,
    TransportType,
)
from tripsage_tui.models.form_reading import Draft, FormReader
from tripsage_tui.models.journeys import Fields, journey_values, merge_legs, read_end_zone, read_place
from tripsage_tui.models.leg_chains import Chain, chain_values, gather_typed, read_chain, with_typed_connections
from tripsage_tui.models.money import plain_amount
from tripsage_tui.models.text import CODE_LIMIT
from tripsage_tui.models.zones import local

TRANSPORT_FIELDS = (
    *("transport_type", "origin", "destination", "departure_date", "departure_time", "arrival_date", "arrival_time"),
    *("departure_zone", "arrival_zone", "seat", "via", *COMMON_FIELDS),
)


@dataclass(frozen=True)
class TransportationDraft(Draft[TransportationFields]):
    """A journey as typed; `legs` only where there are connections, or the stored one has one."""

    legs: tuple[LegFields, ...] = ()


def read_transport(
    values: Mapping[str, str], context: FormContext, *, existing: Transportation | None = None
) -> TransportationDraft:
    """The journey that a form describes. Keys: TRANSPORT_FIELDS; missing ones are blank.

    With connections (`models.leg_chains`, or one line in `via`) the first leg has `first_carrier` and `first_number`.
    """
    form = FormReader(with_typed_connections(values), context.today)
    kind = form.choice("transport_type", TransportType, TransportType.TRAIN)
    places = (
        read_place(form, "origin", context, required="Where does it start?"),
        read_place(form, "destination", context, required="Where does it go?"),
    )
    day = form.day("departure_date", after=context.after, near=context.start, required="Which day does it leave?")
    arrival_day = form.day("arrival_date", after=day or context.after)
    zones = (_zone(form, "departure", places[0], context, day), _zone(form, "arrival", places[1], context, day))
    seat = form.text("seat", CODE_LIMIT)
    chain = Chain(
        "",
        Direction.OUTBOUND,
        Fields(),
        places,
        zones,
        day,
        arrival_day,
        carrier=form.text("first_carrier"),
        number=form.text("first_number", CODE_LIMIT),
        seat=seat,
        zone=context.zone_on(day),
    )
    legs = read_chain(form, context, chain)
    leaves, arrives = legs[0].departure_time, legs[-1].arrival_time
    _check_days(form, context, day, arrival_day)
    price, currency = read_price(form, context)
    rate = read_rate(form, context, price, currency)
    status = form.choice("booking_status", BookingStatus, BookingStatus.AVAILABLE)
    common = read_common(form, context, zones[0])
    gather_typed(form, legs)
    if form.errors or places[0] is None or places[1] is None or day is None:
        return TransportationDraft(None, form.errors, form.notes)
    fields = TransportationFields(
        transport_type=kind,
        origin=places[0],
        destination=places[1],
        departure_time=leaves,
        departure_zone=zones[0],
        arrival_time=arrives,
        arrival_zone=zones[1],
        price=price,
        currency=currency,
        exchange_rate=rate,
        seat=seat,
        booking_status=status,
        day=local(leaves, zones[0]).date() if leaves else day,
        **common,
    )
    stored = existing.legs if existing else ()
    if len(legs) == 1:
        # One leg says no more than the journey itself, but for its number; only an import has stored it.
        legs = merge_legs(stored, legs, keep=frozenset({"carrier", "number"})) if len(stored) == 1 else ()
    return TransportationDraft(fields, form.errors, form.notes, legs)


def transport_values(transport: Transportation, context: FormContext) -> dict[str, str]:
    """The strings of the form for a stored journey; `read_transport` of them gives the journey again."""
    leaves, arrives = transport.departure_time, transport.arrival_time
    assumed = tuple(
        context.zone_of(place) or context.zone_at(place) or context.zone_on(transport.day)
        for place in (transport.origin, transport.destination)
    )
    zones = (
        transport.departure_zone or ("UTC" if leaves and not assumed[0] else ""),
        transport.arrival_zone or ("UTC" if arrives and not assumed[1] else ""),
    )
    clocks = (zones[0] or assumed[0], zones[1] or assumed[1])
    day = local(leaves, clocks[0]).date() if leaves else transport.day
    lands = local(arrives, clocks[1]).date() if arrives else None
    times = journey_values(leaves, arrives, clocks, day)
    return {
        "transport_type": transport.transport_type.value,
        "origin": transport.origin,
        "destination": transport.destination,
        "departure_date": (day or lands or context.start or context.today).isoformat(),
        "departure_time": times[0],
        "arrival_date": lands.isoformat() if lands else "",
        "arrival_time": times[1].partition("+")[0].partition("-")[0],
        "departure_zone": zones[0],
        "arrival_zone": zones[1],
        "seat": transport.seat or "",
        "price": plain_amount(transport.price, transport.currency),
        "booking_status": transport.booking_status.value,
        **common_values(transport, clocks[0]),
        **_connections(transport, context, day),
    }


def _connections(transport: Transportation, context: FormContext, day: date | None) -> dict[str, str]:
    """The strings of the connections, if any. The day of arrival follows from the times of all legs."""
    legs = transport.legs
    if len(legs) < 2:
        return {}
    first = {"first_carrier": legs[0].carrier or "", "first_number": legs[0].number or "", "arrival_date": ""}
    return first | chain_values(legs, "", context, day, legs[0].carrier)


def _zone(form: FormReader, end: str, place: str | None, context: FormContext, day: date | None) -> str | None:
    fallback = context.zone_on(day) if form.raw(f"{end}_time") else None
    return read_end_zone(form, f"{end}_zone", place, context, fallback)


def _check_days(form: FormReader, context: FormContext, day: date | None, arrival_day: date | None) -> None:
    if day:
        note_day(form, "departure_date", day, context)
    if day and arrival_day and (arrival_day - day).days < -1:
        form.fail("arrival_date", "It arrives before it leaves.")
    if arrival_day and not form.raw("arrival_time"):
        form.fail("arrival_time", "Type the time too; the day of arrival is kept with its time only.")
