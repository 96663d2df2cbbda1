"""Giving an itinerary item another day: its time of day stays, in its own zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tripsage_tui.models.bookings import ItineraryItem
from tripsage_tui.models.shifting import shift_instant
from tripsage_tui.models.text import InputError
from tripsage_tui.models.trips import TripFields
from tripsage_tui.models.typed_dates import parse_date
from tripsage_tui.models.when import format_date, local


@dataclass(frozen=True)
class Move:
    """What was typed: the fields to write (none when it stays where it is), or what is wrong."""

    changes: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    error: str = ""


def read_move(typed: str, item: ItineraryItem, trip: TripFields, today: date) -> Move:
    """The day typed for `item`; blank makes it an idea, without day and times."""
    if not typed.strip():
        gone: dict[str, object] = {"day": None, "start_time": None, "end_time": None}
        changes = {name: value for name, value in gone.items() if getattr(item, name) is not None}
        return Move(changes, "an idea without a day" + (" and without a time" if item.start_time else ""))
    try:
        day = parse_date(typed, today, after=trip.start_date, near=trip.start_date)
    except InputError as error:
        return Move(error=str(error))
    zone = item.start_zone or item.end_zone or trip.time_zone
    was = local(item.start_time, zone).date() if item.start_time else item.day
    if was is None:
        return Move({"day": day}, format_date(day, today))
    days = (day - was).days
    if not days:
        return Move(note="that is where it is")
    changes = {"day": day}
    for name, own_zone in (("start_time", item.start_zone), ("end_time", item.end_zone or item.start_zone)):
        if (instant := getattr(item, name)) is not None:
            changes[name] = shift_instant(instant, days, own_zone or trip.time_zone)
    return Move(changes, format_date(day, today))
