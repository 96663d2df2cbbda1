"""Times of the checker: like those of `zones`, but nothing that a database can hold makes them fail.

`timestamptz` reaches further than a calendar of four-digit years moved to another zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from tripsage_tui.models.when import format_date
from tripsage_tui.models.zones import local, zone_info

SMALL_HOURS = time(4)
"""What ends before this belongs to the evening before: a night is spent where one is at four in the morning."""


def wall(instant: datetime, zone: str | None) -> datetime:
    """The wall clock in `zone`, without a zone."""
    try:
        return local(instant, zone).replace(tzinfo=None)
    except (OverflowError, ValueError):
        return instant.replace(tzinfo=None)


def at_clock(day: date, clock: time, zone: str | None) -> datetime:
    """The instant at which the wall clock in `zone` shows a day and a time."""
    try:
        return datetime.combine(day, clock, tzinfo=zone_info(zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return datetime.combine(day, clock, tzinfo=UTC)


def night_of(clock: datetime) -> int:
    """The night (as the ordinal of its evening's date) that is still going on, or next to come, on a wall clock."""
    return clock.date().toordinal() - (clock.time() < SMALL_HOURS)


def add_days(day: date, days: int) -> date:
    """`day` plus `days`, at most as far as the calendar goes."""
    return from_ordinal(day.toordinal() + days)


def from_ordinal(number: int) -> date:
    return date.fromordinal(min(max(number, 1), date.max.toordinal()))


def clock_text(instant: datetime, zone: str | None) -> str:
    return f"{wall(instant, zone):%H:%M}"


def day_text(day: date, today: date) -> str:
    return format_date(day, today)


def days_text(first: date, last: date, today: date) -> str:
    """`Tue 12 Oct` or `Tue 12 to Thu 14 Oct`, with the year unless it is `today`'s."""
    if first == last:
        return format_date(first, today)
    begin = format_date(first, first if first.year == last.year else today)
    if (first.year, first.month) == (last.year, last.month):
        begin = begin.rpartition(" ")[0]
    return f"{begin} to {format_date(last, today)}"


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes, rounded towards the past; negative where `end` is before `start`."""
    return (end - start) // timedelta(minutes=1)
