"""The bottom line: the keys that are valid right now.

One widget that draws one line. Textual's Footer makes a widget per key and never lets go of them (0.35 MB per change
of focus in 8.2.8, textual#6666) and repaints whole on every change; this one is painted only when its text changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from tripsage_tui.widgets.safe_text import one_line


@dataclass(frozen=True, slots=True)
class KeyHint:
    """One entry: how the key is written, what it does, the key to press when it is clicked."""

    key: str
    label: str
    press: str
    enabled: bool = True
    last: bool = False
    """Stands at the right end and is kept when there is no room for all."""

    @property
    def width(self) -> int:
        return cell_len(self.key) + cell_len(self.label) + 3


class KeyLine(Widget):
    """Shows as many hints as fit."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-line--key", "key-line--label", "key-line--disabled"}
    DEFAULT_CSS = """
    KeyLine {
        height: 1;
        background: $panel;
        color: $foreground;
        .key-line--key { color: $text-accent; text-style: bold; }
        .key-line--label { color: $foreground; }
        .key-line--disabled { color: $text-disabled; }
        &:ansi .key-line--key { color: ansi_default; text-style: bold; }
        &:ansi .key-line--disabled { color: ansi_default; text-style: dim; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id)
        self._hints: tuple[KeyHint, ...] = ()
        self._places: list[tuple[int, int, KeyHint]] = []

    @property
    def hints(self) -> tuple[KeyHint, ...]:
        """All hints, also those without room."""
        return self._hints

    def show(self, hints: Sequence[KeyHint]) -> None:
        """Show other hints; nothing is painted when they are the same."""
        if tuple(hints) != self._hints:
            self._hints = tuple(hints)
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        first = [hint for hint in self._hints if not hint.last]
        last = [hint for hint in self._hints if hint.last]
        room = width - sum(hint.width for hint in last)
        self._places = []
        parts: list[Content] = []
        used = 0
        for hint in first:
            if used + hint.width > room:
                break
            parts.append(self._draw(hint))
            self._places.append((used, used + hint.width, hint))
            used += hint.width
        if last:
            parts.append(Content(" " * max(room - used, 0)))
            used = max(room, used)
            for hint in last:
                parts.append(self._draw(hint))
                self._places.append((used, used + hint.width, hint))
                used += hint.width
        return Content("").join(parts)

    def _draw(self, hint: KeyHint) -> Content:
        if not hint.enabled:
            return Content(f" {hint.key} {one_line(hint.label)} ").stylize(self.get_visual_style("key-line--disabled"))
        key = Content(f" {hint.key}").stylize(self.get_visual_style("key-line--key"))
        label = Content(f" {one_line(hint.label)} ").stylize(self.get_visual_style("key-line--label"))
        return key + label

    def on_click(self, event: events.Click) -> None:
        for start, end, hint in self._places:
            if start <= event.x < end:
                if hint.enabled:
                    self.app.simulate_key(hint.press)
                return
