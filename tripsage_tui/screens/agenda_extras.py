"""What the agenda says between its entries: what changes on the way, where now is, the day's holiday and sun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from tripsage_tui.models.agenda import Day
from tripsage_tui.models.agenda_clocks import clock_text, now_place
from tripsage_tui.models.borders import BEFORE, borders
from tripsage_tui.models.when import local
from tripsage_tui.widgets.agenda_list import AgendaLine

if TYPE_CHECKING:
    from tripsage_tui.places.day_notes import DayNote


@dataclass(frozen=True)
class Extras:
    """Lines by day and place (the number of the moment above them), and words for the headings."""

    borders: Mapping[tuple[date, int], str] = field(default_factory=dict)
    notes: Mapping[date, DayNote] = field(default_factory=dict)
    now: datetime | None = None

    def above(self, day: Day) -> list[AgendaLine]:
        """What stands above a day's heading."""
        text = self.borders.get((day.date, BEFORE))
        return [AgendaLine("note", text, section=day.date)] if text else []

    def below(self, day: Day, number: int) -> list[AgendaLine]:
        """What stands below the moment of that number, or below the heading (-1)."""
        lines = []
        if number != BEFORE and (text := self.borders.get((day.date, number))):
            lines.append(AgendaLine("note", text, section=day.date))
        if self.now is not None and now_place(day, self.now) == number + 1:
            lines.append(AgendaLine("now", f"now {local(self.now, day.zone):%H:%M}", section=day.date))
        return lines

    def facts(self, day: Day) -> list[str]:
        """The holiday, and the sun on the clock of `day`."""
        note = self.notes.get(day.date)
        if note is None:
            return []
        facts = [note.holiday] if note.holiday else []
        if note.sun:
            rise, down = (clock_text(at, day.date, day.zone) for at in note.sun)
            facts.append(f"sun {'~' if note.ground.about else ''}{rise}–{down}")
        return facts


def extras(days: Sequence[Day], notes: Mapping[date, DayNote], now: datetime) -> Extras:
    """The extras of an agenda; `days` as they are lived, whatever clock they are read on."""
    under_way = any(now_place(day, now) is not None for day in days)
    grounds = {day: note.ground for day, note in notes.items()}
    return Extras(borders(days, grounds), notes, now if under_way else None)
