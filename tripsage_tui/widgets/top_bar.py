"""The first line: the program, its modes with their keys, and where in it we are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from tripsage_tui.widgets.safe_text import fit, one_line


@dataclass(frozen=True, slots=True)
class ModeTab:
    """A mode as the bar shows it: its key, its name, whether it is the present one."""

    key: str
    name: str
    here: bool = False


class TopBar(Widget):
    """`TripSage  1 Trips ▸ Japan in autumn                         3 of 12 trips`."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"top-bar--name", "top-bar--tab", "top-bar--here", "top-bar--note"}
    DEFAULT_CSS = """
    TopBar {
        height: 1;
        background: $panel;
        color: $foreground;
        .top-bar--name { color: $text-primary; text-style: bold; }
        .top-bar--tab { color: $text-muted; }
        .top-bar--here { text-style: bold; color: $foreground; }
        .top-bar--note { color: $text-muted; }
        &:ansi .top-bar--name, &:ansi .top-bar--tab, &:ansi .top-bar--note { color: ansi_default; }
        &:ansi .top-bar--here { color: ansi_default; text-style: bold underline; }
    }
    """

    def __init__(self, tabs: Sequence[ModeTab] = (), *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id)
        self._tabs = tuple(tabs)
        self._trail = ""
        self._note = ""
        self._places: list[tuple[int, int, str]] = []

    def show(self, *, trail: str | None = None, note: str | None = None) -> None:
        """Say where we are (`trail`, after the mode) and a note at the right; None leaves it as it is."""
        before = (self._trail, self._note)
        self._trail = before[0] if trail is None else one_line(trail)
        self._note = before[1] if note is None else one_line(note)
        if (self._trail, self._note) != before:
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        name = " TripSage "
        tabs = sum(cell_len(f" {tab.key} {tab.name} ") for tab in self._tabs)
        said = cell_len(self._note) + (cell_len(self._trail) + 4 if self._trail else 0)
        if cell_len(name) + tabs + said + 2 > width:
            name = ""  # where we are says more
        parts = [Content(name).stylize(self.get_visual_style("top-bar--name"))]
        used = cell_len(name)
        self._places = []
        for tab in self._tabs:
            text = f" {tab.key} {tab.name} "
            parts.append(Content(text).stylize(self.get_visual_style(f"top-bar--{'here' if tab.here else 'tab'}")))
            self._places.append((used, used + cell_len(text), tab.key))
            used += cell_len(text)
        note = fit(self._note, min(cell_len(self._note), max(width - used - 2, 0)))
        if self._trail:
            room = max(width - used - cell_len(note) - 4, 0)
            trail = fit(f"▸ {self._trail}", min(cell_len(self._trail) + 2, room))
            parts.append(Content(trail).stylize(self.get_visual_style("top-bar--here")))
            used += cell_len(trail)
        parts.append(Content(" " * max(width - used - cell_len(note) - 1, 0)))
        parts.append(Content(note).stylize(self.get_visual_style("top-bar--note")))
        return Content("").join(parts)

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._places:
            if start <= event.x < end:
                self.app.simulate_key(key)
