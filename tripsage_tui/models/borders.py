"""What changes on the way: clocks, country, what is paid with. Said once, where it changes, and never otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from tripsage_tui.models.agenda import Day
from tripsage_tui.models.agenda_entries import Moment
from tripsage_tui.models.grounds import Ground
from tripsage_tui.models.when import duration_text
from tripsage_tui.models.zones import local, zone_abbreviation, zone_info

BEFORE = -1
"""The place above a day's heading."""


def borders(days: Sequence[Day], grounds: Mapping[date, Ground]) -> Mapping[tuple[date, int], str]:
    """Sentences by day and place: below the moment of that number (of those that happen), or `BEFORE` the day.

    `grounds` may be empty as long as nothing is known but the zones.
    """
    found: dict[tuple[date, int], str] = {}
    zone: str | None = None
    ground = Ground()
    for number, day in enumerate(days):
        here = grounds.get(day.date, Ground())
        parts = []
        if ground.country and here.country and here.country != ground.country:
            parts.append(here.country_name)
        if number and (clocks := _clocks(zone, day.zone, day.date)):
            parts.append(clocks)
        if ground.currency and here.currency and here.currency != ground.currency:
            parts.append(here.currency)
        if parts:
            found[day.date, _landing(day)] = " · ".join(parts)
        zone = day.zone
        ground = Ground(here.country or ground.country, "", here.currency or ground.currency)
    return found


def _clocks(before: str | None, after: str | None, day: date) -> str:
    """`JST, clocks 7 h ahead`; for one place whose clocks change in the night, `clocks go back 1 h`."""
    noon = datetime.combine(day, time(12), tzinfo=zone_info(after))
    yesterday = noon - timedelta(days=1)
    if before == after:
        change = (local(noon, after).utcoffset() or timedelta()) - (local(yesterday, after).utcoffset() or timedelta())
        return (
            f"clocks go {'forward' if change > timedelta() else 'back'} {duration_text(abs(change))}" if change else ""
        )
    change = (local(noon, after).utcoffset() or timedelta()) - (local(noon, before).utcoffset() or timedelta())
    if not change:
        return ""
    word = "ahead" if change > timedelta() else "back"
    return f"{zone_abbreviation(noon, after)}, clocks {duration_text(abs(change))} {word}"


def _landing(day: Day) -> int:
    """The moment after which the day is lived in its own zone."""
    for number, entry in enumerate(entry for entry in day.entries if entry.happens):
        arrives = entry.moment is Moment.ARRIVAL or (
            entry.moment is Moment.DEPARTURE and entry.until and local(entry.until, entry.until_zone).date() == day.date
        )
        if arrives and entry.until and not entry.cancelled and _same_clock(entry.until, entry.until_zone, day.zone):
            return number
    return BEFORE


def _same_clock(at: datetime, one: str | None, other: str | None) -> bool:
    return local(at, one).utcoffset() == local(at, other).utcoffset()
