"""Changing on the way: the legs of one direction, read from a form and put back into it.

The form has the two ends of the journey, as always, and for each connection the place where one changes, when one gets
there and when one goes on. Which day that is follows from the times, unless it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from tripsage_tui.models.booking_reading import FormContext
from tripsage_tui.models.bookings import Direction, LegFields
from tripsage_tui.models.connections import split_connections
from tripsage_tui.models.form_reading import FormReader
from tripsage_tui.models.journeys import (
    Fields,
    Journey,
    journey_values,
    note_speed,
    read_end_zone,
    read_journey,
    read_place,
)
from tripsage_tui.models.layovers import layover
from tripsage_tui.models.text import CODE_LIMIT, InputError, shown
from tripsage_tui.models.typed_times import read_time
from tripsage_tui.models.when import duration_text
from tripsage_tui.models.zones import combine, local

MOST_CONNECTIONS = 8
PARTS = ("at", "arrival_time", "from", "departure_date", "departure_time", "carrier", "number", "seat", "zone")
_KEY = re.compile(r"(?P<prefix>return_)?via(?P<number>[1-9])_[a-z_]+")
_A_DAY = timedelta(days=1)


def connection_key(prefix: str, number: int, part: str) -> str:
    """The name of a field of the connection `number` (from 1) of a direction; `prefix` is blank or `return_`."""
    return f"{prefix}via{number}_{part}"


def connections_in(values: Mapping[str, str], prefix: str) -> int:
    """How many connections the values of a form describe: those with a field that is not blank, and all before."""
    found = [
        int(match["number"])
        for name, value in values.items()
        if value.strip() and (match := _KEY.fullmatch(name)) and (match["prefix"] or "") == prefix
    ]
    return min(max(found, default=0), MOST_CONNECTIONS)


def with_typed_connections(values: Mapping[str, str]) -> Mapping[str, str]:
    """The values with the fields of the connections that stand in `via` as one line, if that can be read."""
    try:
        typed = split_connections(values.get("via", ""))
    except InputError:
        return values
    parts = (
        {
            "at": each.place,
            "arrival_time": each.arrival_time,
            "departure_time": each.departure_time,
            "number": each.number,
        }
        for each in typed
    )
    return {
        **values,
        **{
            connection_key("", number, name): text
            for number, part in enumerate(parts, 1)
            for name, text in part.items()
        },
    }


def gather_typed(form: FormReader, legs: Sequence[LegFields]) -> None:
    """Say at `via`, where the connections stand there as one line, what is to be said of each of them."""
    if not form.raw("via"):
        return
    form.read("via", split_connections)
    for name in [name for name in form.errors if connection_of(name)]:
        problem = form.errors.pop(name)
        number = (connection_of(name) or ("", 1))[1]
        form.fail("via", f"{shown(form.raw(connection_key('', number, 'at')))}: {problem}")
    for name in [name for name in form.notes if connection_of(name)]:
        del form.notes[name]
    waits = [f"{wait.place} {wait.length}" for before, leg in pairwise(legs) if (wait := layover(before, leg))]
    if waits and "via" not in form.errors:
        form.note("via", f"to change: {', '.join(waits)}")


def connection_of(name: str) -> tuple[str, int] | None:
    """Prefix and number of the connection that a field belongs to."""
    match = _KEY.fullmatch(name)
    return (match["prefix"] or "", int(match["number"])) if match else None


@dataclass(frozen=True)
class Chain:
    """One direction as its ends say; `names` are the fields of these. `zone` stands in for zones that nothing tells."""

    prefix: str
    direction: Direction
    names: Fields
    places: tuple[str | None, str | None]
    zones: tuple[str | None, str | None]
    day: date | None
    arrival_day: date | None = None
    carrier: str | None = None
    number: str | None = None
    seat: str | None = None
    zone: str | None = None
    flies: bool = False


@dataclass(frozen=True)
class _Change:
    """Where one changes: the place one comes to and, if that is another, the place one goes on from."""

    places: tuple[str | None, str | None]
    zones: tuple[str | None, str | None]


def read_chain(form: FormReader, context: FormContext, chain: Chain) -> tuple[LegFields, ...]:
    """All legs in order; one where there is no connection. Errors and notes are at the fields of each leg."""
    count = connections_in(form.values, chain.prefix)
    changes = [_read_change(form, context, chain, number) for number in range(1, count + 1)]
    legs: list[LegFields] = []
    known: datetime | None = None
    day = chain.day
    for number in range(count + 1):
        names = _names(chain, number, last=number == count)
        start = changes[number - 1] if number else None
        end = changes[number] if number < count else None
        places = (start.places[1] if start else chain.places[0], end.places[0] if end else chain.places[1])
        zones = (start.zones[1] if start else chain.zones[0], end.zones[0] if end else chain.zones[1])
        arrived = legs[-1].arrival_time if legs else None
        if number:
            day = _departure_day(form, names, arrived, zones[0], day)
        landing = chain.arrival_day if number == count else None
        if number and landing is None:
            landing = _landing_day(form, names, known, day, zones[1])
        journey = read_journey(form, names, day, landing, zones=zones, places=places)
        if chain.flies:
            note_speed(form, names.arrival_time, journey, places, context)
        if number:
            _check_order(form, names, journey, arrived or known)
        known = journey.arrival or journey.departure or known
        mine = _papers(form, chain, number)
        legs.append(
            LegFields(
                direction=chain.direction,
                origin=places[0] or "",
                destination=places[1] or "",
                departure_time=journey.departure,
                departure_zone=zones[0],
                arrival_time=journey.arrival,
                arrival_zone=zones[1],
                carrier=mine[0],
                number=mine[1],
                seat=mine[2],
            )
        )
    return tuple(legs)


def chain_values(
    legs: Sequence[LegFields], prefix: str, context: FormContext, day: date | None, carrier: str | None
) -> dict[str, str]:
    """The strings of the connections between `legs`, and `arrival_time` for the last of them; `day` is the first leg's.

    Blank for one leg: its times are those of the ends.
    """
    values: dict[str, str] = {}
    known: datetime | None = None
    arrived: tuple[datetime, str | None] | None = None
    leg_day = day
    for number, leg in enumerate(legs if len(legs) > 1 else ()):
        zones = (
            _clock_zone(leg.departure_zone, leg.origin, context),
            _clock_zone(leg.arrival_zone, leg.destination, context),
        )
        if number:
            before = legs[number - 1]
            usual = _usual_day(arrived, leg, zones[0], leg_day)
            leg_day = local(leg.departure_time, zones[0]).date() if leg.departure_time else usual
            at_zone = before.arrival_zone or leg.departure_zone
            times = before.arrival_time or leg.departure_time
            shown = {
                "at": before.destination,
                "from": leg.origin if leg.origin != before.destination else "",
                "departure_date": leg_day.isoformat() if leg_day and leg_day != usual else "",
                "departure_time": journey_values(leg.departure_time, None, zones, leg_day)[0],
                "carrier": (leg.carrier or "") if leg.carrier != carrier else "",
                "number": leg.number or "",
                "seat": leg.seat or "",
                "zone": at_zone or ("UTC" if times and not context.zone_of(before.destination) else ""),
                "departure_zone": leg.departure_zone or "" if leg.departure_zone != at_zone else "",
            }
            values |= {connection_key(prefix, number, part): text for part, text in shown.items()}
        arrival = _arrival_text(leg, zones, leg_day, known)
        last = number == len(legs) - 1
        values[f"{prefix}arrival_time" if last else connection_key(prefix, number + 1, "arrival_time")] = arrival
        arrived = (leg.arrival_time, zones[1]) if leg.arrival_time else None
        known = leg.arrival_time or leg.departure_time or known
    return values


def _names(chain: Chain, number: int, *, last: bool) -> Fields:
    """The names of the fields of leg `number` (from 0)."""
    names = chain.names

    def here(part: str) -> str:
        return connection_key(chain.prefix, number, part)

    def there(part: str) -> str:
        return connection_key(chain.prefix, number + 1, part)

    return Fields(
        departure_date=here("departure_date") if number else names.departure_date,
        departure_time=here("departure_time") if number else names.departure_time,
        arrival_date=names.arrival_date if last else there("arrival_date"),
        arrival_time=names.arrival_time if last else there("arrival_time"),
        departure_zone=here("zone") if number else names.departure_zone,
        arrival_zone=names.arrival_zone if last else there("zone"),
    )


def _read_change(form: FormReader, context: FormContext, chain: Chain, number: int) -> _Change:
    def name(part: str) -> str:
        return connection_key(chain.prefix, number, part)

    at = read_place(form, name("at"), context, required="Where do you change?", airport=chain.flies)
    onward = read_place(form, name("from"), context, airport=chain.flies) or at
    timed = form.raw(name("arrival_time")) or form.raw(name("departure_time"))
    zone = read_end_zone(form, name("zone"), at, context, chain.zone if timed else None)
    own = form.zone(name("departure_zone")) or (context.zone_of(onward or "") if onward != at else None)
    return _Change((at, onward), (zone, own or zone))


def _departure_day(
    form: FormReader, names: Fields, arrived: datetime | None, zone: str | None, day: date | None
) -> date | None:
    """The day on which a leg leaves: as typed, else the first on which the clock shows its time after the arrival."""
    if form.raw(names.departure_date):
        return form.day(names.departure_date, after=day, near=day)
    if arrived is None:
        return day
    here = local(arrived, zone)
    try:
        typed = read_time(form.raw(names.departure_time))
    except InputError:
        return here.date()
    early = typed.plus_days is None and typed.clock < here.time()
    return here.date() + timedelta(days=int(early))


def _landing_day(
    form: FormReader, names: Fields, known: datetime | None, day: date | None, zone: str | None
) -> date | None:
    """Where a leg has no departure: the day within 24 hours after the last time that is known."""
    if form.raw(names.departure_time) or known is None or day is None or zone is None:
        return None
    try:
        typed = read_time(form.raw(names.arrival_time))
    except InputError:
        return None
    if typed.plus_days is not None:
        return None
    candidates = (day + timedelta(days=days) for days in (-1, 0, 1, 2))
    return next(
        (each for each in candidates if timedelta() < combine(each, typed.clock, zone).instant - known <= _A_DAY), None
    )


def _check_order(form: FormReader, names: Fields, journey: Journey, before: datetime | None) -> None:
    if before is None:
        return
    if journey.departure:
        wait = journey.departure - before
        if wait < timedelta():
            form.fail(names.departure_time, f"That leaves {duration_text(-wait)} before you are there.")
        else:
            form.note(names.departure_time, f"{duration_text(wait)} to change")
    elif journey.arrival and journey.arrival <= before:
        form.fail(names.arrival_time, "That arrives before the leg before it.")


def _papers(form: FormReader, chain: Chain, number: int) -> tuple[str | None, str | None, str | None]:
    """Carrier, number and seat of a leg; the carrier is that of the first one where nothing else is typed."""
    if not number:
        return chain.carrier, chain.number, chain.seat
    carrier, code, seat = (
        form.text(connection_key(chain.prefix, number, part), CODE_LIMIT) for part in ("carrier", "number", "seat")
    )
    return carrier or chain.carrier, code, seat


def _clock_zone(zone: str | None, place: str, context: FormContext) -> str | None:
    return zone or context.zone_of(place)


def _usual_day(
    arrived: tuple[datetime, str | None] | None, leg: LegFields, zone: str | None, day: date | None
) -> date | None:
    """The day that `_departure_day` would find by itself."""
    if arrived is None:
        return day
    here = local(arrived[0], zone)
    early = leg.departure_time is not None and local(leg.departure_time, zone).time() < here.time()
    return here.date() + timedelta(days=int(early))


def _arrival_text(
    leg: LegFields, zones: tuple[str | None, str | None], day: date | None, known: datetime | None
) -> str:
    text = journey_values(leg.departure_time, leg.arrival_time, zones, day)[1]
    if not text or leg.departure_time or known is None or leg.arrival_time is None or "+" in text or "-" in text:
        return text
    return text if timedelta() < leg.arrival_time - known <= _A_DAY else f"{text}+0"


def without_connection(values: Mapping[str, str], prefix: str, number: int, count: int | None = None) -> dict[str, str]:
    """The values with one connection of `count` less: those behind it move up. Only fields of connections come back."""
    count = connections_in(values, prefix) if count is None else count
    sources = [n for n in range(1, count + 1) if n != number]
    moved = {place: sources[place - 1] if place < count else 0 for place in range(1, count + 1)}
    return {
        connection_key(prefix, place, part): values.get(connection_key(prefix, source, part), "") if source else ""
        for place, source in moved.items()
        for part in (*PARTS, "departure_zone")
    }
