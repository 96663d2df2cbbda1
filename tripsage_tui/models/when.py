"""Dates and times as people read them, and the one door to reading what they type.

What is typed: `parse_date`, `parse_range`, `parse_end`, `parse_time`, `parse_zone`. What is shown: the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from tripsage_tui.models.trips import TripFields, TripStatus
from tripsage_tui.models.typed_dates import WEEKDAYS, InvalidDate, month_abbreviation, parse_date
from tripsage_tui.models.typed_ranges import parse_end, parse_length, parse_range
from tripsage_tui.models.typed_times import InvalidTime, parse_time, read_time, write_time
from tripsage_tui.models.zones import InvalidZone, combine, local, offset_text, parse_zone, zone_abbreviation

__all__ = [
    "InvalidDate",
    "InvalidTime",
    "InvalidZone",
    "Phase",
    "combine",
    "count_of",
    "countdown",
    "day_mark",
    "distance_in_days",
    "duration_text",
    "format_date",
    "format_range",
    "group_by_phase",
    "local",
    "offset_text",
    "parse_date",
    "parse_end",
    "parse_length",
    "parse_range",
    "parse_time",
    "parse_zone",
    "phase",
    "read_time",
    "write_time",
    "zone_abbreviation",
]

T = TypeVar("T", bound=TripFields)


class Phase(StrEnum):
    """Where a trip is in time."""

    NOW = "now"
    UPCOMING = "upcoming"
    PAST = "past"


def format_date(day: date, today: date | None = None, *, weekday: bool = True) -> str:
    """`Sat 2 Oct`, with the year unless it is `today`'s."""
    text = f"{WEEKDAYS[day.weekday()][:3]} {day.day} {month_abbreviation(day.month)}"
    text = text if weekday else text[4:]
    return text if today and day.year == today.year else f"{text} {day.year}"


def format_range(start: date, end: date, today: date | None = None) -> str:
    """`2-15 Oct`, `28 Sep - 3 Oct`, `28 Dec 2027 - 3 Jan 2028` with en dashes; the year unless it is `today`'s."""
    if start == end:
        return format_date(start, today, weekday=False)
    last = format_date(end, today if start.year == end.year else None, weekday=False)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{last}"
    return f"{format_date(start, start if start.year == end.year else None, weekday=False)} – {last}"


def phase(trip: TripFields, today: date) -> Phase:
    """Now, upcoming or past; a cancelled trip belongs to the past at once."""
    if trip.end_date < today or trip.status is TripStatus.CANCELLED:
        return Phase.PAST
    return Phase.NOW if trip.start_date <= today else Phase.UPCOMING


def group_by_phase(trips: Iterable[T], today: date) -> dict[Phase, list[T]]:
    """Trips by phase, in this order: now (first to end), upcoming (first to start), past (last ended first)."""
    groups: dict[Phase, list[T]] = {each: [] for each in Phase}
    for trip in trips:
        groups[phase(trip, today)].append(trip)
    groups[Phase.NOW].sort(key=lambda trip: (trip.end_date, trip.start_date))
    groups[Phase.UPCOMING].sort(key=lambda trip: (trip.start_date, trip.end_date))
    groups[Phase.PAST].sort(key=lambda trip: (trip.end_date, trip.start_date), reverse=True)
    return groups


def countdown(trip: TripFields, today: date) -> str:
    """`in 12 days`, `tomorrow`, `today`, `day 3 of 14`, `ended 5 days ago`, `cancelled`."""
    if trip.status is TripStatus.CANCELLED:
        return "cancelled"
    if today > trip.end_date:
        days = (today - trip.end_date).days
        return "ended yesterday" if days == 1 else f"ended {_long_ago(days)} ago"
    if today > trip.start_date:
        return f"day {(today - trip.start_date).days + 1} of {trip.days}"
    return distance_in_days(trip.start_date, today)


def distance_in_days(day: date, today: date) -> str:
    """`today`, `tomorrow`, `in 12 days`, `yesterday`, `5 days ago`."""
    days = (day - today).days
    if days in {-1, 0, 1}:
        return ("today", "tomorrow", "yesterday")[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def duration_text(length: timedelta) -> str:
    """`45 min`, `2 h`, `11 h 15 min`; from two days on `2 d 3 h`."""
    minutes = round(abs(length).total_seconds() / 60)
    sign = "-" if length < timedelta() and minutes else ""
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return sign + _joined((hours // 24, "d"), (hours % 24, "h"))
    return sign + _joined((hours, "h"), (minutes, "min"))


def day_mark(start: datetime, start_zone: str | None, end: datetime, end_zone: str | None) -> str:
    """`+1` where the calendar at the end shows a later day than the one at the start did, `-1`, or nothing."""
    days = (local(end, end_zone).date() - local(start, start_zone).date()).days
    return f"{days:+d}" if days else ""


def count_of(number: int, word: str, words: str = "") -> str:
    """`1 night`, `14 nights`; `words` where an s does not do (`memories`)."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {words or word + 's'}"


def _joined(*parts: tuple[int, str]) -> str:
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or f"0 {parts[-1][1]}"


def _long_ago(days: int) -> str:
    if days < 60:
        return count_of(days, "day")
    return count_of(round(days / 30.44), "month") if days < 700 else count_of(round(days / 365.25), "year")
