"""The head of a trip: a few lines, each a bold beginning and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tripsage_tui.widgets.safe_text import fit, one_line


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """`start` stands out, `rest` follows."""

    start: str
    rest: str


class TripHeader(Widget):
    """As many lines as the height allows; each is cut with an ellipsis where it is too long."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"trip-header--start", "trip-header--rest"}
    DEFAULT_CSS = """
    TripHeader {
        height: auto; min-height: 2; padding: 0 1;
        .trip-header--start { text-style: bold; color: $text-primary; }
        .trip-header--rest { color: $foreground; }
        &:ansi .trip-header--start { color: ansi_default; text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id)
        self._lines: tuple[HeaderLine, ...] = ()

    def show(self, lines: Sequence[HeaderLine]) -> None:
        """Show other lines; nothing is painted when they are the same."""
        if tuple(lines) != self._lines:
            other_height = len(lines) != len(self._lines)
            self._lines = tuple(lines)
            self.refresh(layout=other_height)

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return "\n".join(f"{line.start} {line.rest}".strip() for line in self._lines)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self._lines)

    def render(self) -> Content:
        width = self.content_size.width
        start_style = self.get_visual_style("trip-header--start")
        rest_style = self.get_visual_style("trip-header--rest")
        drawn = []
        for line in self._lines:
            start = one_line(line.start)
            start = fit(start, min(cell_len(start), width))
            gap = "  " if start else ""
            rest = one_line(line.rest)
            rest = fit(gap + rest, max(min(cell_len(gap + rest), width - cell_len(start)), 0))
            drawn.append(Content(start).stylize(start_style) + Content(rest).stylize(rest_style))
        return Content("\n").join(drawn)
