"""From here to there: the two ends of a leg, each with its own wall clock, read from a form.

Which day it arrives is usually not typed. Where it is not, exactly one day makes the journey longer than nothing and
not longer than 24 hours, whatever the zones: that day is taken and said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tripsage_tui.models.booking_reading import FormContext
from tripsage_tui.models.bookings import LegFields
from tripsage_tui.models.form_reading import FormReader
from tripsage_tui.models.text import shown
from tripsage_tui.models.typed_times import TypedTime, write_time
from tripsage_tui.models.when import count_of, duration_text, format_date
from tripsage_tui.models.zones import combine, local

FASTEST_KM_PER_HOUR = 1_100
_CODE = re.compile(
    r"(?:.*\((?P<in_brackets>[A-Za-z]{3})\)|(?P<alone>[A-Za-z]{3})|(?P<first>[A-Z]{3})(?:\s{2,}|\s[·–-]\s).*)"
)
_OF_FIRST = frozenset({"origin", "departure_time", "departure_zone", "carrier", "number", "seat"})
_OF_LAST = frozenset({"destination", "arrival_time", "arrival_zone"})


@dataclass(frozen=True)
class Fields:
    """The names of the fields that hold the two ends of one journey."""

    departure_date: str = "departure_date"
    departure_time: str = "departure_time"
    arrival_date: str = "arrival_date"
    arrival_time: str = "arrival_time"
    departure_zone: str = "departure_zone"
    arrival_zone: str = "arrival_zone"


@dataclass(frozen=True)
class Journey:
    """Both ends as instants, where their times are known."""

    departure: datetime | None = None
    arrival: datetime | None = None


def read_place(
    form: FormReader, name: str, context: FormContext, *, required: str | None = None, airport: bool = False
) -> str | None:
    """A place; `hnd`, `Tokyo (HND)` and `HND  Tokyo  Haneda` become `HND` where that is an airport.

    What is not known is kept: a note says so of a code in capitals, and of anything that should be an `airport`.
    """
    typed = form.text(name, required=required)
    if typed is None:
        return None
    match = _CODE.fullmatch(typed)
    code = str(match["in_brackets"] or match["alone"] or match["first"]).upper() if match else ""
    if code and context.zone_of(code):
        return code
    if airport and context.knows_airports:
        form.warn(name, f"{shown(typed)} is not an airport that is known here")
    elif match and match["alone"] and typed.isupper():
        form.note(name, f"{code} is not an airport that is known here")
    return typed


def read_end_zone(
    form: FormReader, name: str, place: str | None, context: FormContext, fallback: str | None
) -> str | None:
    """The zone of one end: typed, else of the airport or stop it names, else `fallback` (the trip's), which is said."""
    if form.raw(name):
        return form.zone(name)
    if zone := context.zone_of(place or "") or context.zone_at(place):
        return zone
    if fallback:
        form.note(name, f"{fallback}, the trip's time zone")
    return fallback


def read_journey(
    form: FormReader,
    names: Fields,
    day: date | None,
    arrival_day: date | None,
    *,
    zones: tuple[str | None, str | None],
    places: tuple[str | None, str | None],
) -> Journey:
    """Both instants. Refuses arriving before departing; notes the day it arrives, how long it takes, clock changes."""
    leaves, arrives = form.clock(names.departure_time), form.clock(names.arrival_time)
    _require_zone(form, names.departure_zone, leaves, zones[0], places[0])
    _require_zone(form, names.arrival_zone, arrives, zones[1], places[1])
    if day is None:
        return Journey()
    if leaves and leaves.plus_days:
        day += timedelta(days=leaves.plus_days)
    departure = form.instant(names.departure_time, day, leaves, zones[0]) if leaves and zones[0] else None
    if not arrives or not zones[1]:
        return Journey(departure)
    if arrival_day and arrives.plus_days is not None and arrives.plus_days != (arrival_day - day).days:
        form.fail(names.arrival_time, f"{shown(form.raw(names.arrival_time))} and the arrival date disagree.")
        return Journey(departure)
    landing = arrival_day or _landing_day(day, arrives, zones[1], departure)
    arrival = form.instant(names.arrival_time, landing, arrives, zones[1])
    if departure and arrival <= departure:
        early = duration_text(departure - arrival)
        form.fail(
            names.arrival_time,
            f"That arrives {early} before it departs. Check the times, the time zones and the day (08:55+1).",
        )
    elif departure:
        _note_arrival(form, names.arrival_time, (landing - day).days, landing, arrival - departure)
    return Journey(departure, arrival)


def note_speed(
    form: FormReader, name: str, journey: Journey, places: tuple[str | None, str | None], context: FormContext
) -> None:
    """Say where a flight is faster than any airliner: usually a zone or the day is wrong."""
    if not (journey.departure and journey.arrival and journey.arrival > journey.departure):
        return
    distance = context.distance_km(places[0] or "", places[1] or "")
    hours = (journey.arrival - journey.departure).total_seconds() / 3600
    if distance and distance / hours > FASTEST_KM_PER_HOUR:
        form.note(name, f"too fast for {distance:,.0f} km: check the time zones")


def journey_values(
    departure: datetime | None, arrival: datetime | None, zones: tuple[str | None, str | None], day: date | None
) -> tuple[str, str]:
    """Departure and arrival time as strings; the arrival says how many days after `day` (or the departure) it is."""
    leaves = local(departure, zones[0]) if departure else None
    lands = local(arrival, zones[1]) if arrival else None
    first = leaves.date() if leaves else day
    leaving = write_time(leaves.time(), _days(day, leaves)) if leaves else ""
    if not lands:
        return leaving, ""
    text = write_time(lands.time(), _days(first, lands))
    stays_the_day = bool(first) and lands.date() == first
    # Without a mark the day is worked out from the length; say "+0" where that would come out differently.
    unmarked = departure is not None and arrival is not None and timedelta() < arrival - departure <= timedelta(days=1)
    return leaving, f"{text}+0" if stays_the_day and departure and not unmarked else text


def merge_legs(
    existing: Sequence[LegFields], read: Sequence[LegFields], *, keep: frozenset[str] = frozenset()
) -> tuple[LegFields, ...]:
    """Legs as a form of two ends edits them: departure goes to the first leg of a direction, arrival to its last.

    The connections between stay as they are, and so do the fields in `keep`. A direction that is no longer in `read`
    loses its legs.
    """
    merged: list[LegFields] = []
    for leg in read:
        chain = [plain_leg(old) for old in existing if old.direction is leg.direction]
        if not chain:
            merged.append(leg)
            continue
        chain[0] = chain[0].model_copy(update=leg.model_dump(include=set(_OF_FIRST - keep)))
        chain[-1] = chain[-1].model_copy(update=leg.model_dump(include=set(_OF_LAST)))
        merged.extend(chain)
    return tuple(merged)


def plain_leg(leg: LegFields) -> LegFields:
    """A stored leg without its ids."""
    return LegFields(**{name: getattr(leg, name) for name in LegFields.model_fields})


def _landing_day(day: date, arrives: TypedTime, zone: str, departure: datetime | None) -> date:
    if arrives.plus_days is not None:
        return day + timedelta(days=arrives.plus_days)
    if departure is None:
        return day
    candidates = [day + timedelta(days=days) for days in (-1, 0, 1, 2)]
    for candidate in candidates:
        if timedelta() < combine(candidate, arrives.clock, zone).instant - departure <= timedelta(days=1):
            return candidate
    return day


def _require_zone(form: FormReader, name: str, typed: TypedTime | None, zone: str | None, place: str | None) -> None:
    if typed and place and not zone and not form.raw(name):
        form.fail(name, f"No time zone is known for {shown(place)}: type one, for example Europe/Berlin.")


def _note_arrival(form: FormReader, name: str, days: int, landing: date, length: timedelta) -> None:
    if days == 1:
        form.note(name, f"arrives a day later, {format_date(landing, form.today)}")
    elif days == -1:
        form.note(name, f"arrives the day before, {format_date(landing, form.today)}")
    elif days:
        form.note(name, f"arrives {count_of(days, 'day')} later, {format_date(landing, form.today)}")
    form.note(name, duration_text(length))


def _days(first: date | None, moment: datetime) -> int:
    return (moment.date() - first).days if first else 0
