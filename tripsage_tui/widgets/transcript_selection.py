"""Selecting text in a transcript with the mouse: what is highlighted and what is copied.

Lines are counted from a message that was in view when the selection began, because heights above it may still turn out
to be other than guessed.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Offset
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tripsage_tui.widgets.markdown_text import MARGIN
from tripsage_tui.widgets.message_lines import MessageLines
from tripsage_tui.widgets.message_stack import MessageStack, Place

FAR = 10_000_000
"""The number of the first line of the message that is counted from; all numbers stay positive."""
LINE_END = 1_000_000


class SelectableLines(ScrollView):
    """A view of a stack of messages whose text can be selected."""

    stack: MessageStack
    _origin: MessageLines | None = None

    @property
    def selecting(self) -> bool:
        """Whether text is selected here or about to be."""
        return self.text_selection is not None or self.screen._selecting

    def keep_origin(self, at: Place | None) -> None:
        """Count from this place on, unless a selection counts from another one."""
        gone = self._origin is None or self.stack.number(self._origin.said.key) is None
        if gone or not self.selecting:
            self._origin = at.message if at else None

    def _number(self, line: int) -> int:
        return line - self._first + FAR

    @property
    def _first(self) -> int:
        return self.stack.top_of(self._origin) if self._origin is not None else 0

    def selectable(self, strip: Strip, line: int, *, offsets: bool) -> Strip:
        """The strip with what is selected of it highlighted; `offsets` tell Textual which characters these are."""
        number = self._number(line)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(number)) is not None:
            strip = self._highlighted(strip, *span)
        return strip.apply_offsets(0, number) if offsets else strip

    def _highlighted(self, strip: Strip, start: int, end: int) -> Strip:
        text = strip.text
        last = len(text.rstrip())
        start, end = max(start, MARGIN), min(last if end < 0 else end, last)
        if end <= start:
            return strip
        left, right = strip.index_to_cell_position(start), strip.index_to_cell_position(end)
        style = self.screen.get_component_rich_style("screen--selection", partial=True)
        parts = [
            strip.crop(0, left),
            Strip(list(Segment.apply_style(strip.crop(left, right), post_style=style)), right - left),
            strip.crop(right),
        ]
        return Strip.join([part for part in parts if part.cell_length])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is selected, line by line as it is shown, without the margin."""
        if selection.start is None and selection.end is None:
            return "\n\n".join(message.said.text for message in self.stack.messages), "\n"
        begin = selection.start or Offset(0, self._number(0))
        end = selection.end or Offset(LINE_END, self._number(self.stack.height))
        first = begin.y - FAR + self._first
        lines = self.stack.lines(max(first, 0), end.y - FAR + self._first + 1)
        found: list[str] = []
        for number, strip in enumerate(lines, start=max(first, 0)):
            span = selection.get_span(self._number(number))
            if span is not None:
                start, stop = span
                found.append(strip.text[max(start, MARGIN) : stop if stop >= 0 else None].rstrip())
        return "\n".join(found), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def select_lines(self, first: int, last: int) -> None:
        """Select whole lines, both included."""
        self.screen.selections = {self: Selection(Offset(0, self._number(first)), Offset(LINE_END, self._number(last)))}
