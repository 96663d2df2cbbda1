"""The day to which someone wants to move items, as it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tripsage_tui.models.agenda_entries import is_idea
from tripsage_tui.models.arranging import day_of
from tripsage_tui.models.bookings import ItineraryItem
from tripsage_tui.models.text import InputError
from tripsage_tui.models.trips import TripFields
from tripsage_tui.models.typed_dates import parse_date
from tripsage_tui.models.when import format_date


@dataclass(frozen=True)
class Target:
    """What was typed: a day or none (an idea), what it means in words, or what is wrong; `stays` when nothing moves."""

    day: date | None = None
    note: str = ""
    error: str = ""
    stays: bool = False


def read_target(typed: str, items: Sequence[ItineraryItem], trip: TripFields, today: date) -> Target:
    """The day typed for `items`; blank makes them ideas, without day and times."""
    if not typed.strip():
        noun = "an idea" if len(items) == 1 else "ideas"
        note = f"{noun} without a day" + (" and without a time" if any(item.start_time for item in items) else "")
        return Target(note=note, stays=all(is_idea(item) for item in items))
    try:
        day = parse_date(typed, today, after=trip.start_date, near=trip.start_date)
    except InputError as error:
        return Target(error=str(error))
    if items and all(day_of(item, trip.time_zone) == day for item in items):
        return Target(day, "that is where it is" if len(items) == 1 else "that is where they are", stays=True)
    outside = "" if trip.start_date <= day <= trip.end_date else ", outside the trip"
    return Target(day, format_date(day, today) + outside)
