"""One line over the list of trips: what happens next, what is under way, what has to be done soon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tripsage_tui.models.next_up import NextUp, clock, countdown, place_of
from tripsage_tui.widgets.safe_text import fit, one_line

TICK = 20.0
"""Seconds after which the countdown is looked at again; nothing is painted while it says the same."""
SOON = 14
"""Days before a deadline from which on it is worth a place here."""


class NextLine(Widget, can_focus=False):
    """Not there while nothing comes."""

    DEFAULT_CSS = """
    NextLine { height: 1; display: none; padding: 0 1; background: $boost; color: $text; }
    NextLine.-filled { display: block; }
    NextLine:ansi { background: ansi_default; color: ansi_default; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._found: NextUp | None = None
        self._now: Callable[[], datetime] | None = None
        self._said: tuple[str, ...] = ()

    def on_mount(self) -> None:
        self.set_interval(TICK, self._look_again)

    def show(self, found: NextUp, now: Callable[[], datetime]) -> None:
        """Say what was found; `now` tells the time whenever the countdown is looked at."""
        self._found, self._now = found, now
        self._look_again()

    @property
    def said(self) -> tuple[str, ...]:
        """The parts of the line, the important ones first."""
        return self._said

    def _look_again(self) -> None:
        if self._found is None or self._now is None:
            return
        said = tuple(one_line(part) for part in _parts(self._found, self._now().timestamp()))
        if said != self._said:
            self._said = said
            self.set_class(bool(said), "-filled")
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        line = ""
        for part in self._said:
            longer = f"{line} │ {part}" if line else part
            if line and cell_len(longer) > width:
                continue
            line = longer
        return Content(fit(line, width))


def _parts(found: NextUp, now: float) -> list[str]:
    parts = []
    coming = [moment for moment in found.events if moment.at is None or moment.at >= now]
    for moment in coming[:1]:
        where = f" {place_of(moment.zone)}" if moment.time else ""
        when = f"{clock(moment.day_text, moment.time)}{where}"
        parts.append(f"Next {countdown(moment, now)}: {moment.what} · {when} · {moment.trip}")
    parts.extend(
        f"! {moment.what} {countdown(moment, now)}" for moment in found.deadlines[:1] if moment.in_days <= SOON
    )
    parts.extend(f"Now {moment.what}, {countdown(moment, now)}" for moment in found.now if _goes_on(moment.ends, now))
    return parts


def _goes_on(ends: int | None, now: float) -> bool:
    return ends is None or ends > now
