"""Changing on the way: `MUC 14:35 15:50 LH714` between the two ends of a journey, several parted by a comma.

A connection is a place, when one arrives there, when one leaves again and the number of what one leaves with; all but
the place may be missing, and one time alone is when one leaves unless `arr` stands before it. The form edits the two
ends, this fills in what lies between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tripsage_tui.models.booking_reading import FormContext
from tripsage_tui.models.bookings import LegFields
from tripsage_tui.models.form_reading import FormReader
from tripsage_tui.models.journeys import Fields, Journey, read_end_zone, read_journey, read_place
from tripsage_tui.models.text import InputError, clean_input, shown
from tripsage_tui.models.typed_times import read_time, write_time
from tripsage_tui.models.when import duration_text
from tripsage_tui.models.zones import combine, local

MOST = 8
"""Connections of one journey."""
_HOP = Fields(departure_zone="zone", arrival_zone="zone")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}.*|[0-9]{1,2}(?:am|pm).*", re.IGNORECASE)


@dataclass(frozen=True)
class Connection:
    """One change, as typed."""

    place: str
    arrival_time: str = ""
    departure_time: str = ""
    number: str = ""

    def __str__(self) -> str:
        arrives = f"arr {self.arrival_time}" if self.arrival_time and not self.departure_time else self.arrival_time
        return " ".join(part for part in (self.place, arrives, self.departure_time, self.number) if part)


def write_connections(connections: Iterable[Connection]) -> str:
    """The text of the field; `split_connections` gives the same again."""
    return ", ".join(str(connection) for connection in connections)


def split_connections(typed: str) -> tuple[Connection, ...]:
    """What stands in the field. Raises InputError."""
    found = []
    for part in re.split(r"[,;]|\s/\s", clean_input(typed)):
        words = part.split()
        arriving = "arr" in words
        if not (words := [word for word in words if word != "arr"]):
            continue
        first = next((place for place, word in enumerate(words) if _CLOCK.fullmatch(word)), len(words))
        if not first:
            raise InputError(f"Where is {shown(part.strip())}? Type the place first, for example MUC 14:35 15:50.")
        clocks = [word for word in words[first:] if _CLOCK.fullmatch(word)]
        if len(clocks) > 2:
            raise InputError(f"{shown(part.strip())}: when one arrives and when one leaves again are two times.")
        for clock in clocks:
            read_time(clock)
        rest = " ".join(word for word in words[first:] if not _CLOCK.fullmatch(word))
        times = ["", *clocks] if len(clocks) == 1 and not arriving else [*clocks, "", ""]
        found.append(Connection(" ".join(words[:first]), times[0], times[1], rest))
    if len(found) > MOST:
        raise InputError(f"These are {len(found)} connections; at most {MOST} fit here.")
    return tuple(found)


def read_connections(
    form: FormReader,
    context: FormContext,
    day: date | None,
    journey: Journey,
    ends: tuple[str | None, str | None],
) -> tuple[LegFields, ...]:
    """The legs of a journey with changes, their outer ends left open for those of the form; none without a change.

    `ends` are the zones of the two ends. What does not fit between them is said beside the field `via`.
    """
    connections = form.read("via", split_connections) or ()
    if not connections or day is None:
        return ()
    legs: list[LegFields] = []
    waits: list[str] = []
    departs: datetime | None = None
    origin, leaves, zone, number = "", form.raw("departure_time"), ends[0], ""
    for connection in connections:
        hop = FormReader(
            {"place": connection.place, "departure_time": leaves, "arrival_time": connection.arrival_time}, form.today
        )
        place = read_place(hop, "place", context) or connection.place
        here = read_end_zone(hop, "zone", place, context, context.zone_on(day))
        timed = bool(connection.arrival_time or connection.departure_time)
        if timed and not here:
            form.fail(
                "via", f"No time zone is known for {shown(place)}: leave its times out, or use an airport's code."
            )
            return ()
        there = read_journey(hop, _HOP, day, None, zones=(zone, here), places=(origin or None, place))
        for problem in hop.errors.values():
            form.fail("via", f"{place}: {problem}")
        day, departs = _next_departure(form, connection.departure_time, there, day, here)
        if there.arrival and departs:
            waits.append(f"{place} {duration_text(departs - there.arrival)}")
        legs.append(_leg((origin, place), there, (zone, here), number))
        # The day is known by now: a mark of days would count twice.
        leaves = write_time(read_time(connection.departure_time).clock) if connection.departure_time else ""
        origin, zone, number = place, here, connection.number
    if departs and journey.arrival and departs >= journey.arrival:
        form.fail("via", f"It leaves {shown(origin)} after it has arrived. Check the times and the day (+1).")
    if waits and "via" not in form.errors:
        form.note("via", f"to change: {', '.join(waits)}")
    return (*legs, _leg((origin, ""), Journey(departs), (zone, None), number))


def _leg(places: tuple[str, str], times: Journey, zones: tuple[str | None, str | None], number: str) -> LegFields:
    return LegFields(
        origin=places[0],
        destination=places[1],
        departure_time=times.departure,
        departure_zone=zones[0],
        arrival_time=times.arrival,
        arrival_zone=zones[1],
        number=number or None,
    )


def _next_departure(
    form: FormReader, typed: str, there: Journey, day: date, zone: str | None
) -> tuple[date, datetime | None]:
    """The day on which it goes on, and when. A time that the clock had shown before one arrived is of the next day."""
    arrived = local(there.arrival, zone).date() if there.arrival else day
    if not typed or not zone:
        return arrived, None
    clock = read_time(typed)
    leaves = arrived + timedelta(days=clock.plus_days or 0)
    departure = combine(leaves, clock.clock, zone).instant
    if clock.plus_days is None and there.arrival and departure < there.arrival:
        leaves += timedelta(days=1)
        departure = combine(leaves, clock.clock, zone).instant
    if there.arrival and departure < there.arrival:
        form.fail("via", f"{shown(typed)} is before one has arrived there.")
    return leaves, departure
