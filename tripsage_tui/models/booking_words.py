"""A booking of the list and its deadlines in words, on the calendar and the clock of the place."""

from __future__ import annotations

from datetime import datetime, timedelta

from tripsage_tui.models.booking_list import BookingRow, Due
from tripsage_tui.models.deadlines import DeadlineKind
from tripsage_tui.models.when import count_of, distance_in_days, format_date, local, zone_abbreviation


def when_text(row: BookingRow, now: datetime) -> str:
    """`Sat 2 Oct 12:15 CEST`, `Sat 2 Oct`, `no day yet`: when it begins."""
    if row.starts_at is not None:
        return moment_text(row.starts_at, row.zone, now)
    return format_date(row.day, now.date()) if row.day else "no day yet"


def moment_text(instant: datetime, zone: str | None, now: datetime) -> str:
    """`Sat 2 Oct 12:15 CEST`."""
    clock = local(instant, zone)
    return f"{format_date(clock.date(), now.date())} {clock:%H:%M} {zone_abbreviation(clock, zone)}"


def deadline_text(each: Due, now: datetime) -> str:
    """`pay by 20 Sep, in 3 days`."""
    return f"{each.kind.value} {format_date(each.day, now.date(), weekday=False)}, {remaining_text(each, now)}"


def due_text(each: Due, now: datetime) -> str:
    """When a deadline strikes: `Mon 20 Sep`, `Mon 20 Sep 18:00 JST`."""
    return moment_text(each.at, each.row.zone, now) if each.timed else format_date(each.day, now.date())


def remaining_text(each: Due, now: datetime) -> str:
    """`in 45 min`, `in 5 h`, `in 3 days`, `today`; `overdue by 2 days`, `open since 3 h`.

    A deadline without a time counts calendar days of the place, one with a time what is really left.
    """
    if not each.timed:
        today = local(now, each.row.zone).date()
        late = count_of((today - each.day).days, "day")
        return f"overdue by {late}" if each.day < today else distance_in_days(each.day, today)
    left = each.at - now
    length = _length(abs(left))
    if left > timedelta():
        return f"in {length}"
    return f"open since {length}" if each.kind is DeadlineKind.CHECK_IN else f"overdue by {length}"


def _length(length: timedelta) -> str:
    """One unit, as a countdown needs it; days from two days on."""
    if length >= timedelta(days=2):
        return count_of(length.days, "day")
    minutes = int(length.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
