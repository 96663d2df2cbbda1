"""Putting items elsewhere: earlier and later in their day and over its end, onto another day, whole days at once.

Every function returns what has to be written, item by item; nothing to write is an empty tuple. What has a time stands
by its time: other items are moved past it, it is never moved itself except to another day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from enum import StrEnum

from tripsage_tui.models.agenda import Day, ideas
from tripsage_tui.models.agenda_entries import is_idea
from tripsage_tui.models.agenda_order import begins, is_movable, usual_check_in
from tripsage_tui.models.bookings import Booking, ItineraryItem
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.shifting import shift_instant
from tripsage_tui.models.zones import local

_NO_DAY: Mapping[str, object] = {"day": None, "start_time": None, "end_time": None, "stands_after": None}


@dataclass(frozen=True)
class Edit:
    """A booking as it is known here, and the fields to write over it."""

    booking: Booking
    changes: Mapping[str, object]


class WholeDay(StrEnum):
    """What becomes of a day's items; the value is the dialog's word."""

    MOVE = "move"
    SWAP = "swap"
    LATER = "later"


def one_step(plan: TripPlan, days: Sequence[Day], items: Iterable[ItineraryItem], by: int) -> tuple[Edit, ...]:
    """Items without a time one place down (`by` 1) or up (-1), over the day's end to the next day of the agenda.

    Those with a time stay. Several keep their order among themselves; at the end of the trip, and of the ideas, they
    stop.
    """
    chosen = {item.id for item in items if item.start_time is None and item.end_time is None}
    pool = list(ideas(plan))
    if any(item.id in chosen for item in pool):
        pool_edits = _renumbered(_pushed([_Place(item) for item in pool], chosen, by)[0])
    else:
        pool_edits = ()
    rows = [_places(day) for day in days]
    order = range(len(rows)) if by < 0 else range(len(rows) - 1, -1, -1)
    for index in order:
        stays, crossing = _pushed(rows[index], chosen, by, over=0 <= index + by < len(rows))
        rows[index] = stays
        if crossing:
            rows[index + by] = [*crossing, *rows[index + by]] if by > 0 else [*rows[index + by], *crossing]
    edits = [edit for day, row in zip(days, rows, strict=True) for edit in _written(day, row)]
    return (*pool_edits, *edits)


def onto(plan: TripPlan, days: Sequence[Day], items: Iterable[ItineraryItem], day: date | None) -> tuple[Edit, ...]:
    """Items onto a day (None: among the ideas), behind what has no time there; a time of day stays, in its own zone."""
    moving = [item for item in items if day_of(item, plan.trip.time_zone) != day or (day is None and not is_idea(item))]
    place = _last_place(plan, days, day) + 1
    edits = []
    for number, item in enumerate(moving):
        changes = _changes_for(item, day, plan.trip.time_zone) | {"position": place + number}
        edits.append(_edit(item, changes))
    return tuple(edit for edit in edits if edit.changes)


def whole_day(plan: TripPlan, days: Sequence[Day], start: date, target: date, how: WholeDay) -> tuple[Edit, ...]:
    """All items of a day onto `target`: alone, in exchange with those there, or with the items of all later days.

    Bookings stay where they are. Raises OverflowError outside the calendar.
    """
    shift = target - start
    if not shift:
        return ()
    zone = plan.trip.time_zone
    edits = []
    for item in plan.items:
        day = day_of(item, zone)
        if day is None:
            continue
        if day == start or (how is WholeDay.LATER and day > start):
            edits.append(_edit(item, _changes_for(item, day + shift, zone, keep_place=True)))
        elif how is WholeDay.SWAP and day == target:
            edits.append(_edit(item, _changes_for(item, start, zone, keep_place=True)))
    if how is WholeDay.MOVE:
        place = _last_place(plan, days, target) + 1
        ordered = sorted(edits, key=lambda edit: (edit.booking.position, edit.booking.id))
        edits = [
            _edit(edit.booking, {**edit.changes, "position": place + number}) for number, edit in enumerate(ordered)
        ]
    return tuple(edits)


def day_of(item: ItineraryItem, trip_zone: str | None) -> date | None:
    """The local day on which an item stands; None for an idea."""
    if item.start_time:
        return local(item.start_time, item.start_zone or item.end_zone or trip_zone).date()
    if item.day is None and item.end_time:
        return local(item.end_time, item.end_zone or item.start_zone or trip_zone).date()
    return item.day


def _changes_for(
    item: ItineraryItem, day: date | None, trip_zone: str | None, *, keep_place: bool = False
) -> dict[str, object]:
    if day is None:
        return dict(_NO_DAY)
    changes: dict[str, object] = {"day": day}
    if not keep_place:
        changes["stands_after"] = None
    was = day_of(item, trip_zone)
    if was is not None:
        days = (day - was).days
        for name, zone in (("start_time", item.start_zone), ("end_time", item.end_zone or item.start_zone)):
            if (instant := getattr(item, name)) is not None:
                changes[name] = shift_instant(instant, days, zone or trip_zone)
    return changes


def _edit(booking: Booking, changes: Mapping[str, object]) -> Edit:
    """Only what differs is written."""
    return Edit(booking, {name: value for name, value in changes.items() if getattr(booking, name) != value})


def _last_place(plan: TripPlan, days: Sequence[Day], day: date | None) -> int:
    if day is None:
        return max((item.position for item in ideas(plan)), default=-1)
    there = next((each for each in days if each.date == day), None)
    return max((entry.booking.position for entry in there.entries if is_movable(entry)), default=-1) if there else -1


# ---- one step


@dataclass(frozen=True)
class _Place:
    """A row that others are moved past, or an item that is moved. `minute` is when a fixed row begins."""

    item: ItineraryItem | None
    minute: int = 0


def _places(day: Day) -> list[_Place]:
    """What of a day has a place that can change, in order: a check-out or departure without a time always leads it."""
    check_in = usual_check_in(day.entries, day.zone)
    rows = []
    for entry in day.entries:
        if is_movable(entry) and isinstance(entry.booking, ItineraryItem):
            rows.append(_Place(entry.booking))
        elif entry.happens and (at := begins(entry, check_in)):
            wall = local(at.astimezone(UTC), day.zone)
            minute = 0 if wall.date() < day.date else 1440 if wall.date() > day.date else wall.hour * 60 + wall.minute
            # Nothing stands before midnight, or between two that begin together.
            if minute and rows[-1:] != [_Place(None, minute)]:
                rows.append(_Place(None, minute))
    return rows


def _pushed(rows: list[_Place], chosen: set[int], by: int, *, over: bool = False) -> tuple[list[_Place], list[_Place]]:
    """The rows with the chosen ones a place further, and those that cross the end (`over`), in order."""
    result = rows[::by]
    crossing: list[_Place] = []
    while over and result and _is(result[-1], chosen):
        crossing.insert(0, result.pop())
    for index in range(len(result) - 2, -1, -1):
        if _is(result[index], chosen) and not _is(result[index + 1], chosen):
            result[index], result[index + 1] = result[index + 1], result[index]
    return result[::by], crossing[::by]


def _is(place: _Place, chosen: set[int]) -> bool:
    return place.item is not None and place.item.id in chosen


def _written(day: Day, rows: Sequence[_Place]) -> tuple[Edit, ...]:
    """What makes a day read in this order."""
    edits = []
    position, after = 0, 0
    last_fixed = max((index for index, row in enumerate(rows) if row.item is None), default=-1)
    for index, row in enumerate(rows):
        if row.item is None:
            after = max(after, row.minute)
            continue
        stands_after = None if index > last_fixed else after
        wanted = {"day": day.date, "position": position, "stands_after": stands_after}
        edits.append(_edit(row.item, wanted))
        position += 1
    # Where nobody moved nothing is tidied up.
    return tuple(edit for edit in edits if edit.changes) if _reads_otherwise(day, rows) else ()


def _reads_otherwise(day: Day, rows: Sequence[_Place]) -> bool:
    return [row.item.id if row.item else None for row in _places(day)] != [
        row.item.id if row.item else None for row in rows
    ]


def _renumbered(rows: Sequence[_Place]) -> tuple[Edit, ...]:
    items = [row.item for row in rows if row.item is not None]
    edits = [_edit(item, {"position": position}) for position, item in enumerate(items)]
    return tuple(edit for edit in edits if edit.changes)
