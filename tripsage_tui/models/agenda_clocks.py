"""The agenda on another clock: home's or UTC's. Days stay those of the place; a mark says where the date differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum

from tripsage_tui.models.agenda import Day, Entry
from tripsage_tui.models.agenda_entries import changed
from tripsage_tui.models.zones import local


class Clocks(StrEnum):
    """Whose clocks the times are read on."""

    PLACE = "place"
    HOME = "home"
    UTC = "UTC"

    @property
    def following(self) -> Clocks:
        """The next one, round and round."""
        order = list(Clocks)
        return order[(order.index(self) + 1) % len(order)]


def on_clock(days: Iterable[Day], zone: str) -> tuple[Day, ...]:
    """The same days with every time as the clock of `zone` shows it: `23:55-1` is on the evening before."""
    return tuple(
        replace(day, zone=zone, entries=tuple(_read_on(entry, day.date, zone) for entry in day.entries)) for day in days
    )


def now_place(day: Day, now: datetime) -> int | None:
    """How many moments of a day are over or under way, where `now` is on that day; None on other days."""
    if local(now, day.zone).date() != day.date:
        return None
    happening = [entry for entry in day.entries if entry.happens]
    coming = (number for number, entry in enumerate(happening) if entry.at and entry.at > now)
    return next(coming, len(happening))


def clock_text(at: datetime, day: date, zone: str | None) -> str:
    """`08:55`, with `+1` or `-1` where the calendar shows another date than `day`."""
    wall = local(at, zone)
    days = (wall.date() - day).days
    return f"{wall:%H:%M}{f'{days:+d}' if days else ''}"


def _read_on(entry: Entry, day: date, zone: str) -> Entry:
    return changed(
        entry,
        time=clock_text(entry.at, day, zone) if entry.at else "",
        until_text=clock_text(entry.until, day, zone) if entry.until and entry.until_text else "",
        zone_label="",
        until_label="",
    )
