"""A table of any length in named groups. Only the lines in view are drawn, and only changed lines are painted.

DataTable needs 1.2 s to fill with 10,000 rows, blocking the loop; this needs the time of a screenful. The owner hands
over the keys in order and draws a row when it is asked for one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tripsage_tui.commands import Command, bindings
from tripsage_tui.widgets.columns import Cell, Column, arrange
from tripsage_tui.widgets.runs import coalesced
from tripsage_tui.widgets.safe_text import fit, fit_right, one_line

KeyT = TypeVar("KeyT", bound=Hashable)

CURSOR, BLURRED = "rows--cursor", "rows--cursor-blurred"
STRIPS_KEPT = 2000
"""Drawn lines that are remembered; a few screenfuls, for going back and forth."""

MOVEMENT = (
    Command("rows.down", "down,j", "move(1)", "Down", footer=False, palette=False),
    Command("rows.up", "up,k", "move(-1)", "Up", footer=False, palette=False),
    Command("rows.page-down", "pagedown,ctrl+d", "page(1)", "Page down", footer=False, palette=False),
    Command("rows.page-up", "pageup,ctrl+u", "page(-1)", "Page up", footer=False, palette=False),
    Command("rows.first", "home,g", "edge(-1)", "First", footer=False, palette=False),
    Command("rows.last", "end,G", "edge(1)", "Last", footer=False, palette=False),
    Command("rows.next-group", "right_square_bracket", "group(1)", "Next group", footer=False, palette=False),
    Command("rows.previous-group", "left_square_bracket", "group(-1)", "Previous group", footer=False, palette=False),
)


class Section(Generic[KeyT]):
    """A titled run of rows; an empty one is not shown."""

    __slots__ = ("keys", "title")

    def __init__(self, title: str, keys: Sequence[KeyT]) -> None:
        self.title = title
        self.keys = keys


class Rows(ScrollView, Generic[KeyT], can_focus=True, inherit_bindings=False):
    """The cursor stands on a key and stays with it, and with its place on the screen, when the rows change."""

    BINDING_GROUP_TITLE = "List"
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--head",
        "rows--group",
        "rows--rule",
        "rows--cursor",
        "rows--cursor-blurred",
        "rows--muted",
        "rows--good",
        "rows--warn",
        "rows--bad",
        "rows--strong",
    }
    DEFAULT_CSS = """
    Rows {
        height: 1fr;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        & > .rows--head { color: $text-muted; text-style: underline; }
        & > .rows--group { color: $text-primary; text-style: bold; }
        & > .rows--rule { color: $primary-muted; }
        & > .rows--muted { color: $text-muted; }
        & > .rows--good { color: $text-success; }
        & > .rows--warn { color: $text-warning; }
        & > .rows--bad { color: $text-error; }
        & > .rows--strong { text-style: bold; }
        & > .rows--cursor { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
        & > .rows--cursor-blurred { background: $block-cursor-blurred-background; text-style: bold; }
        &:ansi > .rows--rule { color: ansi_default; text-style: dim; }
        &:ansi > .rows--muted { color: ansi_default; text-style: dim; }
        &:ansi > .rows--group { color: ansi_default; text-style: bold; }
        &:ansi > .rows--cursor, &:ansi > .rows--cursor-blurred { text-style: reverse; }
    }
    """
    BINDINGS = bindings(MOVEMENT)

    cursor: reactive[int] = reactive(-1, repaint=False)
    """Line under the cursor, counted from the first group title; -1 where there is nothing to stand on."""

    class Highlighted(Message):
        """The cursor came to a row; `rows.key` says which (None: there is none)."""

        def __init__(self, rows: Rows[Any]) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> Rows[Any]:
            return self.rows

    class Selected(Highlighted):
        """Double click on a row. Keys belong to the screen, which can say in words what they do."""

    def __init__(
        self,
        columns: Sequence[Column],
        draw: Callable[[KeyT], Sequence[Cell]],
        *,
        id: str | None = None,  # noqa: A002  Textual's word
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._draw = draw
        self._lines: list[KeyT | None] = []
        self._titles: dict[int, str] = {}
        self._index: dict[KeyT, int] = {}
        self._strips: dict[tuple[int, str], Strip] = {}
        self._widths: tuple[int, ...] = ()
        self._arranged_for = -1

    @property
    def key(self) -> KeyT | None:
        """The key under the cursor."""
        return self._lines[self.cursor] if 0 <= self.cursor < len(self._lines) else None

    @property
    def keys(self) -> list[KeyT]:
        """All keys in the order shown."""
        return [key for key in self._lines if key is not None]

    def use_columns(self, columns: Sequence[Column]) -> None:
        """Draw rows in other columns from now on."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self._arranged_for = -1
            self.refresh()

    def show(self, sections: Sequence[Section[KeyT]], *, prefer: KeyT | None = None) -> None:
        """Show other rows. The cursor goes to `prefer`, else stays with its key, else near its old place."""
        before, place, top = self.key, self.cursor, self.scroll_offset.y
        self._lines, self._titles, self._index = [], {}, {}
        for section in sections:
            if section.keys:
                self._titles[len(self._lines)] = section.title
                self._lines.append(None)
                start = len(self._lines)
                self._index.update({key: start + number for number, key in enumerate(section.keys)})
                self._lines.extend(section.keys)
        self._strips.clear()
        target = self._index.get(prefer, -1) if prefer is not None else -1
        if target < 0 and before is not None:
            target = self._index.get(before, -1)
        moved_to = target if target >= 0 else self._nearest(place)
        # Height counts the head line, which stays in place while the rest scrolls.
        self.virtual_size = Size(self.size.width, len(self._lines) + 1)
        self.set_reactive(Rows.cursor, moved_to)
        if place >= 0 and moved_to >= 0:
            self.scroll_to(y=max(top + moved_to - place, 0), animate=False, force=True)
        self._follow_cursor()
        self.refresh()
        if self.key != before:
            self.post_message(self.Highlighted(self))

    def redraw(self, key: KeyT) -> None:
        """Draw one row again, after what it shows has changed."""
        if (line := self._index.get(key)) is not None:
            for look in ("", CURSOR, BLURRED):
                self._strips.pop((line, look), None)
            self._refresh_row(line)

    def move_to(self, key: KeyT) -> None:
        """Put the cursor on a key, if it is shown."""
        if (line := self._index.get(key)) is not None:
            self.cursor = line

    def validate_cursor(self, value: int) -> int:
        return self._nearest(value)

    def watch_cursor(self, old: int, new: int) -> None:
        self._refresh_row(old)
        self._refresh_row(new)
        self._follow_cursor()
        if old != new:
            self.post_message(self.Highlighted(self))

    def _nearest(self, line: int, step: int = 1) -> int:
        """The line itself where it is a row, else the next row in the direction of `step`, else the other way."""
        if not self._index:
            return -1
        line = max(0, min(line, len(self._lines) - 1))
        for direction in (step, -step):
            at = line
            while 0 <= at < len(self._lines):
                if self._lines[at] is not None:
                    return at
                at += direction
        return -1

    def _follow_cursor(self) -> None:
        """Scroll so that the cursor is in view, and with the first row of a group its title.

        By a sixth of the height at once, for the terminal moves what stands there; by a third where something stands
        beside, which moves too and has to be painted again.
        """
        height = self.size.height - 1
        if self.cursor < 0 or height <= 0:
            return
        top = self.scroll_offset.y
        step = height // (6 if self.size.width == self.screen.size.width else 3)
        first = self.cursor - 1 if self.cursor - 1 in self._titles else self.cursor
        if first < top:
            self.scroll_to(y=max(first - step, 0) if first > 1 else 0, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1 + step, animate=False, force=True)

    def _refresh_row(self, line: int) -> None:
        y = line - self.scroll_offset.y + 1
        if line >= 0 and 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width or self.size.width
        self._arrange(width)
        if y == 0:
            return self._head(width)
        line = y - 1 + self.scroll_offset.y
        if line >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        look = "" if line != self.cursor else CURSOR if self.has_focus else BLURRED
        if (strip := self._strips.get((line, look))) is None:
            if len(self._strips) > STRIPS_KEPT:
                self._strips.clear()
            key = self._lines[line]
            strip = self._group(line, width) if key is None else self._row(key, width, look)
            self._strips[line, look] = strip
        return strip

    def _arrange(self, width: int) -> None:
        if width != self._arranged_for:
            self._arranged_for = width
            self._widths = arrange(self._columns, width)
            self._strips.clear()

    def _head(self, width: int) -> Strip:
        style = self.get_component_rich_style("rows--head")
        text = " ".join(
            " " * size if cell_len(column.title) > size else (fit_right if column.right else fit)(column.title, size)
            for column, size in zip(self._columns, self._widths, strict=True)
            if size
        )
        return Strip([Segment(fit(" " + text, width), self.rich_style + style)])

    def _group(self, line: int, width: int) -> Strip:
        text = f" {one_line(self._titles[line])} "
        base = self.rich_style
        room = max(width - cell_len(text), 0)
        rule = Segment(fit("─" * (room - 1), room), base + self.get_component_rich_style("rows--rule"))
        return Strip([Segment(text, base + self.get_component_rich_style("rows--group")), rule])

    def _row(self, key: KeyT, width: int, cursor: str) -> Strip:
        base = self.rich_style
        if cursor:
            base += self.get_component_rich_style(cursor)
        # Neighbours of one style become one segment: each segment costs 40 bytes of colours on the wire.
        runs: list[tuple[str, Style]] = [("▸" if cursor else " ", base)]
        for cell, column, size in zip(self._draw(key), self._columns, self._widths, strict=True):
            if size:
                # Under the cursor its own colours win over the look's: contrast before meaning, which has a sign too.
                look = "" if cursor else cell.look
                style = base + self.get_component_rich_style(f"rows--{look}") if look else base
                text = cell.text_for(size)
                runs += [(fit_right(text, size) if column.right else fit(text, size), style), (" ", base)]
        return coalesced(runs).adjust_cell_length(width, base)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        self._strips.clear()
        self.virtual_size = Size(self.size.width, len(self._lines) + 1)
        self._follow_cursor()

    def on_focus(self) -> None:
        self._refresh_row(self.cursor)

    def on_blur(self) -> None:
        self._refresh_row(self.cursor)

    def action_move(self, by: int) -> None:
        if self.cursor >= 0:
            self.cursor = self._step(self.cursor + by, by)

    def action_page(self, by: int) -> None:
        if self.cursor >= 0:
            height = max(self.size.height - 2, 1)
            self.cursor = self._step(max(0, min(self.cursor + by * height, len(self._lines) - 1)), by)

    def action_edge(self, by: int) -> None:
        self.cursor = len(self._lines) - 1 if by > 0 else 0
        if by < 0:
            self.scroll_to(y=0, animate=False, force=True)

    def action_group(self, by: int) -> None:
        """To the first row of the next or the previous group."""
        starts = [line + 1 for line in self._titles]
        if by > 0:
            self.cursor = next((start for start in starts if start > self.cursor), self.cursor)
        else:
            self.cursor = next((start for start in reversed(starts) if start < self.cursor), self.cursor)

    def _step(self, line: int, by: int) -> int:
        if not 0 <= line < len(self._lines):
            return self.cursor
        return self._nearest(line, 1 if by > 0 else -1)

    def on_click(self, event: events.Click) -> None:
        line = self.scroll_offset.y + event.y - 1
        if event.y >= 1 and line in range(len(self._lines)) and self._lines[line] is not None:
            self.cursor = line
            if event.chain == 2:
                self.post_message(self.Selected(self))
