"""A trip gets other dates: what moves with it, what stays, what would lie outside, and the way back.

A move is by whole days of the calendar of each place, so that every wall clock stays as it is (`models.shifting`).
Nothing here writes: a rescheduling is two plans, as it is and as it would be, and a row for each dated record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from tripsage_tui.models.bookings import (
    Accommodation,
    Booking,
    BookingStatus,
    Direction,
    Flight,
    ItemStatus,
    ItineraryItem,
    LegFields,
    Transportation,
    TransportType,
)
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.shifting import moved, moved_leg, shift_stop
from tripsage_tui.models.trips import Record, StopFields, TripStop
from tripsage_tui.models.when import format_date
from tripsage_tui.models.zones import local

PARTS = ("stops", "flights", "accommodations", "transportation", "items")
"""The fields of a plan that hold what can have a date."""
_OPEN = frozenset({BookingStatus.AVAILABLE, ItemStatus.PLANNED})

Dated = Booking | TripStop
Key = tuple[str, int]
"""The part of the plan and the id."""


class Rule(StrEnum):
    """What becomes of the bookings of a trip that gets another first day."""

    SHIFT = "shift"
    """Everything moves by as many days as the first day."""
    KEEP = "keep"
    """Nothing moves."""
    ANCHOR = "anchor"
    """What is reserved, booked or over stays, and the stops with such a bed; what is only planned moves."""


@dataclass(frozen=True)
class Span:
    """When something happens by the calendars of its places: `starts` and `ends` are wall clocks, blank if unknown."""

    first: date
    last: date
    starts: str = ""
    ends: str = ""

    def text(self, today: date) -> str:
        """`Sat 2 Oct 13:25–08:55+1`, `Sun 3 Oct – Thu 7 Oct`, `Sat 2 Oct`."""
        day = format_date(self.first, today)
        nights = (self.last - self.first).days
        if not self.ends:
            return f"{day} {self.starts}".rstrip() + self._until(today)
        mark = f"{nights:+d}" if nights else ""
        return f"{day} {self.starts}–{self.ends}{mark}"

    def _until(self, today: date) -> str:
        return f" – {format_date(self.last, today)}" if self.last != self.first else ""


@dataclass(frozen=True)
class Row:
    """What becomes of one dated record. `spans` has one entry, or one per direction of a flight."""

    key: Key
    record: Dated
    before: tuple[Span, ...]
    after: tuple[Span, ...]
    moves: bool
    outside: bool
    """Whether it would lie outside of the trip's new dates."""
    was_outside: bool
    stuck: bool = False
    """It should move but would leave the calendar."""
    idea: bool = False
    """It loses its day: planned only, it would lie outside."""


@dataclass(frozen=True)
class Rescheduling:
    """A trip with other dates: `before` as it was read, `after` as it would be."""

    before: TripPlan
    after: TripPlan
    rows: tuple[Row, ...]

    @property
    def days(self) -> int:
        """By how many days the trip begins later."""
        return (self.after.trip.start_date - self.before.trip.start_date).days

    @property
    def moving(self) -> int:
        return sum(row.moves for row in self.rows)

    @property
    def ideas(self) -> int:
        """How many rows lose their day."""
        return sum(row.idea for row in self.rows)

    @property
    def possible_ideas(self) -> int:
        """How many rows lie outside and could lose their day: what is planned only."""
        return sum(row.idea or (row.outside and _is_plan(row.record)) for row in self.rows)

    @property
    def newly_outside(self) -> int:
        return sum(row.outside and not row.was_outside for row in self.rows)


def reschedule(
    plan: TripPlan,
    start: date,
    end: date,
    rule: Rule,
    toggled: frozenset[Key] = frozenset(),
    *,
    ideas: bool = False,
) -> Rescheduling:
    """The plan with the first day `start` and the last day `end`; the rows in `toggled` do the opposite of the rule.

    `ideas`: what is planned only and would lie outside becomes an idea, without a day and a time.
    """
    days = (start - plan.trip.start_date).days
    held = _anchored(plan)
    rows: list[Row] = []
    parts: dict[str, object] = {}
    for part in PARTS:
        records = []
        for record in getattr(plan, part):
            key = (part, record.id)
            wanted = rule is Rule.SHIFT or (rule is Rule.ANCHOR and key not in held)
            row, after = _row(plan, key, record, days if wanted is not (key in toggled) else 0, (start, end))
            if ideas and row.outside and isinstance(after, ItineraryItem) and _is_plan(after):
                after = after.model_copy(update={"day": None, "start_time": None, "end_time": None})
                row = replace(row, after=row.before, moves=False, outside=False, idea=True)
            records.append(after)
            rows.extend([row] if row.before else [])
        parts[part] = tuple(records)
    trip = plan.trip.model_copy(update={"start_date": start, "end_date": end})
    rows.sort(key=lambda row: (row.before[0].first, PARTS.index(row.key[0]), row.key[1]))
    return Rescheduling(plan, plan.model_copy(update={"trip": trip, **parts}), tuple(rows))


def likely_rule(plan: TripPlan, start: date, end: date) -> Rule:
    """What is probably wanted: a day cut off or put before the first one moves nothing, another week moves the rest."""
    if start != plan.trip.start_date and end == plan.trip.end_date:
        return Rule.KEEP
    return Rule.ANCHOR if _anchored(plan) else Rule.SHIFT


def is_dated(plan: TripPlan) -> bool:
    """Whether anything in the plan has a date, so that there is something to ask."""
    return any(spans_of(record, None) for part in PARTS for record in getattr(plan, part))


def restored(now: TripPlan, done: Rescheduling, *, stops: Sequence[TripStop] | None = None) -> TripPlan | None:
    """`now` with all that a rescheduling wrote set back; None where one of these has been changed or deleted since.

    `stops` are the ones to come back where they were replaced as a whole.
    """
    trip = _set_back(now.trip, done.before.trip, done.after.trip)
    parts: dict[str, object] = {}
    for part in PARTS:
        there = {record.id: record for record in getattr(now, part)}
        if part == "stops" and stops is not None:
            if [plain(stop) for stop in now.stops] != [plain(stop) for stop in done.after.stops]:
                return None
            continue
        for before, after in zip(getattr(done.before, part), getattr(done.after, part), strict=True):
            if before is after or before == after:
                continue
            back = _set_back(there.get(before.id), before, after)
            if back is None:
                return None
            there[before.id] = back
        parts[part] = tuple(there.values())
    return None if trip is None else now.model_copy(update={"trip": trip, **parts})


def plain(stop: StopFields) -> StopFields:
    """A stored stop without its ids."""
    return StopFields(**{name: getattr(stop, name) for name in StopFields.model_fields})


def spans_of(record: Dated, zone: str | None) -> tuple[Span, ...]:
    """When it happens; nothing for what has no date. `zone` stands in for a zone that is not stored."""
    return tuple(_spans(record, zone))


def _set_back(now: Record | None, before: Record, after: Record) -> Record | None:
    """`now` with the fields that differ between the two as they were; None unless it still has them as written."""
    if now is None:
        return None
    update: dict[str, object] = {}
    for name in type(before).model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        current = getattr(now, name)
        if name == "legs":
            if [_times(leg) for leg in current] != [_times(leg) for leg in new]:
                return None
            current = tuple(_with_times(leg, was) for leg, was in zip(current, old, strict=True))
            update[name] = current
        elif current != new:
            return None
        else:
            update[name] = old
    return now.model_copy(update=update)


def _times(leg: LegFields) -> tuple[datetime | None, datetime | None]:
    return leg.departure_time, leg.arrival_time


def _with_times(leg: LegFields, was: LegFields) -> LegFields:
    return leg.model_copy(update={"departure_time": was.departure_time, "arrival_time": was.arrival_time})


def _row(plan: TripPlan, key: Key, record: Dated, days: int, dates: tuple[date, date]) -> tuple[Row, Dated]:
    zone, trip = plan.trip.time_zone, plan.trip
    before = spans_of(record, zone)
    after, stuck = record, False
    if days and before:
        try:
            after = _moved(record, days, zone)
        except OverflowError:
            stuck = True
    later = before if after is record else spans_of(after, zone)
    was_outside = _outside(record, before, (trip.start_date, trip.end_date))
    moves = after is not record
    return Row(key, record, before, later, moves, _outside(after, later, dates), was_outside, stuck), after


def _is_plan(record: Dated) -> bool:
    return isinstance(record, ItineraryItem) and record.booking_status is ItemStatus.PLANNED


def _moved(record: Dated, days: int, zone: str | None) -> Dated:
    if isinstance(record, TripStop):
        shifted = shift_stop(record, days)
        return record.model_copy(update={"arrive_date": shifted.arrive_date, "depart_date": shifted.depart_date})
    if isinstance(record, Flight | Transportation):
        legs = tuple(leg.model_copy(update=moved_leg(leg, days, zone)) for leg in record.legs)
        first = record.legs[0].departure_zone if record.legs else None
        return record.model_copy(update={**moved(record, days, first or zone), "legs": legs})
    return record.model_copy(update=moved(record, days, zone))


def _anchored(plan: TripPlan) -> frozenset[Key]:
    """What stays under `Rule.ANCHOR`."""
    bookings: list[tuple[str, Booking]] = [(part, each) for part in PARTS[1:] for each in getattr(plan, part)]
    held = {(part, booking.id) for part, booking in bookings if booking.booking_status not in _OPEN}
    nights = [
        stay.check_in_date
        for stay in plan.accommodations
        if ("accommodations", stay.id) in held and stay.booking_status is not BookingStatus.CANCELLED
    ]
    return frozenset(held) | {("stops", stop.id) for stop in plan.stops if _has_night(stop, nights)}


def _has_night(stop: TripStop, nights: Sequence[date]) -> bool:
    return any(
        stop.arrive_date and stop.arrive_date <= night and (stop.depart_date is None or night < stop.depart_date)
        for night in nights
    )


def _outside(record: Dated, spans: Iterable[Span], dates: tuple[date, date]) -> bool:
    """A journey belongs to the day it leaves; what one stays in or keeps belongs to both of its ends."""
    kept = isinstance(record, Accommodation | TripStop) or (
        isinstance(record, Transportation) and record.transport_type is TransportType.CAR_RENTAL
    )
    days = [day for span in spans for day in ((span.first, span.last) if kept else (span.first,))]
    return any(not dates[0] <= day <= dates[1] for day in days)


def _spans(record: Dated, zone: str | None) -> Iterator[Span]:
    match record:
        case TripStop():
            if first := record.arrive_date or record.depart_date:
                yield Span(first, record.depart_date or first)
        case Accommodation():
            into = record.check_in_zone or zone
            out = record.check_out_zone or into
            stay = _between(
                (record.check_in_at, into, record.check_in_date), (record.check_out_at, out, record.check_out_date)
            )
            yield Span(stay.first, stay.last)
        case Flight():
            for direction, day in ((Direction.OUTBOUND, record.departure_date), (Direction.RETURN, record.return_date)):
                legs = [leg for leg in record.legs if leg.direction is direction]
                if legs and (span := _of_legs(legs, day, zone)):
                    yield span
                elif day and not legs:
                    yield Span(day, day)
        case Transportation():
            whole = LegFields(**{name: getattr(record, name) for name in _ENDS})
            if span := _of_legs(record.legs or (whole,), record.day, zone):
                yield span
        case ItineraryItem():
            starts, ends = record.start_zone or zone, record.end_zone or record.start_zone or zone
            known = record.start_time or record.end_time
            day = record.day or (local(known, starts if record.start_time else ends).date() if known else None)
            if day:
                yield _between((record.start_time, starts, day), (record.end_time, ends, day))


_ENDS = ("origin", "destination", "departure_time", "departure_zone", "arrival_time", "arrival_zone")
_End = tuple[datetime | None, str | None, date]


def _of_legs(legs: Sequence[LegFields], day: date | None, zone: str | None) -> Span | None:
    first, last = legs[0], legs[-1]
    known = first.departure_time or last.arrival_time
    if day is None and known:
        day = local(known, (first.departure_zone if first.departure_time else last.arrival_zone) or zone).date()
    if day is None:
        return None
    return _between(
        (first.departure_time, first.departure_zone or zone, day), (last.arrival_time, last.arrival_zone or zone, day)
    )


def _between(start: _End, end: _End) -> Span:
    leaves = local(start[0], start[1]) if start[0] else None
    lands = local(end[0], end[1]) if end[0] else None
    first = leaves.date() if leaves else start[2]
    return Span(
        first,
        lands.date() if lands else max(end[2], first),
        f"{leaves:%H:%M}" if leaves else "",
        f"{lands:%H:%M}" if lands else "",
    )
