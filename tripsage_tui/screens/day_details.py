"""What the details of a day say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tripsage_tui.models.agenda import Day
from tripsage_tui.models.trips import Trip
from tripsage_tui.models.when import format_date
from tripsage_tui.widgets.detail_pane import Block, Fact, Text


def day_details(day: Day, trip: Trip, today: date, more: Sequence[str] = ()) -> list[Block]:
    """Where the day is spent, and what to do about an empty one."""
    number = f"day {day.number} of {trip.days}" if day.number else "outside the trip"
    blocks: list[Block] = [Text(format_date(day.date, today), "title"), Text(number, "muted"), Text("")]
    if day.place:
        blocks.append(Fact("Place", day.place))
    if day.zone:
        blocks.append(Fact("Time zone", day.zone))
    blocks += [Text(each) for each in more]
    blocks += [Fact(entry.moment.value.capitalize(), entry.title) for entry in day.entries if not entry.happens]
    if trip.access.may_edit:
        blocks += [Text(""), Text("Nothing planned yet. a adds something to this day.", "muted")]
    return blocks
