"""Rows of a change that is not made yet: what was, what will be, and a mark for each that one can turn over."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tripsage_tui.commands import Command, bindings
from tripsage_tui.widgets.safe_text import fit, one_line

_LEAST_TITLE = 14


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One line. Texts are anyone's; `short` stands for `after` where room is short."""

    key: Hashable
    mark: str
    title: str
    before: str = ""
    after: str = ""
    short: str = ""
    note: str = ""


class PreviewList(ScrollView, can_focus=True):
    """Draws what is on the screen only; space turns the row under the cursor over, enter accepts all of them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"preview--before", "preview--note", "preview--cursor"}
    DEFAULT_CSS = """
    PreviewList {
        height: auto; min-height: 3; overflow-x: hidden; scrollbar-size-vertical: 1;
        & > .preview--before { color: $text-muted; }
        & > .preview--note { color: $text-warning; text-style: bold; }
        &:focus > .preview--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        &:ansi > .preview--before { color: ansi_default; text-style: dim; }
        &:ansi > .preview--note { color: ansi_default; }
        &:ansi > .preview--cursor { text-style: reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("preview.toggle", "space", "turn_over", "Move or leave", "Turn the row under the cursor over."),
            Command("preview.accept", "enter", "accept", "Save", palette=False),
            Command("preview.down", "down,j", "move(1)", "Down", footer=False, palette=False),
            Command("preview.up", "up,k", "move(-1)", "Up", footer=False, palette=False),
            Command("preview.page-down", "pagedown,ctrl+d", "page(1)", "Page down", footer=False, palette=False),
            Command("preview.page-up", "pageup,ctrl+u", "page(-1)", "Page up", footer=False, palette=False),
            Command("preview.first", "home,g", "edge(-1)", "First", footer=False, palette=False),
            Command("preview.last", "end,G", "edge(1)", "Last", footer=False, palette=False),
        )
    )
    BINDING_GROUP_TITLE = "Preview"

    cursor: reactive[int] = reactive(0, repaint=False)

    class Toggled(Message):
        """Space on a row."""

        def __init__(self, key: Hashable) -> None:
            super().__init__()
            self.key = key

    class Accepted(Message):
        """Enter."""

    class Left(Message):
        """Up from the first row."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id)
        self._rows: tuple[PreviewRow, ...] = ()

    @property
    def rows(self) -> tuple[PreviewRow, ...]:
        return self._rows

    def show(self, rows: Sequence[PreviewRow]) -> None:
        """Show other rows; the cursor stays where it is."""
        self._rows = tuple(rows)
        self.cursor = min(self.cursor, max(len(rows) - 1, 0))
        self.virtual_size = Size(self.scrollable_content_region.width, len(rows))
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows)

    def render_line(self, y: int) -> Strip:
        index = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        if index >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[index]
        plain = self.rich_style
        before, note = (self.get_component_rich_style(f"preview--{name}") for name in ("before", "note"))
        if index == self.cursor and self.has_focus:
            plain = before = note = self.get_component_rich_style("preview--cursor")
        widths = self._widths(width)
        after = row.after if widths[4] else row.short
        arrow = " → " if row.after else "   "
        return Strip(
            [
                Segment("▸" if index == self.cursor else " ", plain),
                Segment(fit(row.mark, 2), plain),
                Segment(fit(one_line(row.title), widths[0]) + " ", plain),
                Segment(fit(one_line(row.before), widths[1]), before),
                Segment(arrow + fit(one_line(after), widths[2]), plain),
                Segment(fit(f" {row.note}" if row.note else "", widths[3]), note),
            ]
        ).adjust_cell_length(width, plain)

    def _widths(self, width: int) -> tuple[int, int, int, int, bool]:
        """Of title, before, after and note; whether the whole of `after` fits beside a title that can be read."""
        before, after, short, note = (
            max((cell_len(getattr(row, name)) for row in self._rows), default=0)
            for name in ("before", "after", "short", "note")
        )
        note += 1 if note else 0
        left = width - 7 - before - note
        whole = left - after >= _LEAST_TITLE
        used = after if whole else short
        title = max(left - used, _LEAST_TITLE)
        return title, min(before, max(width - 7 - title - used - note, 0)), used, note, whole

    def watch_cursor(self) -> None:
        height = self.size.height
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif height and self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)
        self.refresh()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_move(self, by: int) -> None:
        if by < 0 and not self.cursor:
            self.post_message(self.Left())
        self.cursor = max(0, min(self.cursor + by, len(self._rows) - 1))

    def action_page(self, by: int) -> None:
        self.cursor = max(0, min(self.cursor + by * (self.size.height - 1), len(self._rows) - 1))

    def action_edge(self, by: int) -> None:
        self.cursor = 0 if by < 0 else max(len(self._rows) - 1, 0)

    def action_turn_over(self) -> None:
        if self._rows:
            self.post_message(self.Toggled(self._rows[self.cursor].key))

    def action_accept(self) -> None:
        self.post_message(self.Accepted())

    def on_click(self, event: events.Click) -> None:
        index = self.scroll_offset.y + event.y
        if 0 <= index < len(self._rows):
            self.cursor = index
            if event.chain == 2:
                self.action_turn_over()
