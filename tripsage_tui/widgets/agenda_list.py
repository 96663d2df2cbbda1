"""A list of days and what happens on them, drawn line by line so that a long trip costs what is on the screen."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tripsage_tui.commands import Command, bindings
from tripsage_tui.widgets.safe_text import fit, one_line

Look = Literal["day", "today", "entry", "muted", "note", "now"]

_TIME, _KIND, _STATE, _PRICE = 14, 12, 12, 11
_LONG_TIME = 17
"""For times with a day's mark at both ends."""
_MARKS = {(False, False): " ", (False, True): "▸", (True, False): "◆", (True, True): "◈"}
"""The first cell of a line: by whether it is marked, and under the cursor."""
_CURSORS = {sign for (_, on_cursor), sign in _MARKS.items() if on_cursor}
_ROOMY = 76
"""From this width on the kind is written out beside its sign."""


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One line. `key` names what the cursor stands on; None makes a line that the cursor skips."""

    look: Look
    title: str
    key: Hashable | None = None
    section: Hashable = None
    """Lines of one day share it; `{` and `}` go from section to section."""
    time: str = ""
    sign: str = " "
    kind: str = ""
    detail: str = ""
    state: str = ""
    price: str = ""
    marked: bool = False
    finding: str = ""
    """A sign of what the checker has found there."""


class AgendaList(ScrollView, can_focus=True):
    """The cursor stands on entries and stays with its entry when the lines change."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "agenda--day",
        "agenda--today",
        "agenda--muted",
        "agenda--detail",
        "agenda--finding",
        "agenda--cursor",
        "agenda--cursor-blurred",
    }
    DEFAULT_CSS = """
    AgendaList {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .agenda--day { color: $text-secondary; text-style: bold; }
        & > .agenda--today { color: $text-accent; text-style: bold; }
        & > .agenda--muted, & > .agenda--detail { color: $text-muted; }
        & > .agenda--cursor-blurred { background: $block-cursor-blurred-background; text-style: bold; }
        & > .agenda--finding { color: $text-error; text-style: bold; }
        &:ansi > .agenda--finding { color: ansi_default; text-style: bold; }
        &:focus > .agenda--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        &:ansi > .agenda--muted, &:ansi > .agenda--detail { color: ansi_default; text-style: dim; }
        &:ansi > .agenda--day, &:ansi > .agenda--today { color: ansi_default; text-style: bold; }
        &:ansi > .agenda--cursor, &:ansi > .agenda--cursor-blurred { text-style: reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("agenda.open", "enter", "select", "Details", "Show all about the entry under the cursor."),
            Command("agenda.down", "down,j", "move(1)", "Down", footer=False, palette=False),
            Command("agenda.up", "up,k", "move(-1)", "Up", footer=False, palette=False),
            Command("agenda.page-down", "pagedown,ctrl+d", "page(1)", "Page down", footer=False, palette=False),
            Command("agenda.page-up", "pageup,ctrl+u", "page(-1)", "Page up", footer=False, palette=False),
            Command("agenda.first", "home,g", "edge(-1)", "First", footer=False, palette=False),
            Command("agenda.last", "end,G", "edge(1)", "Last", footer=False, palette=False),
            Command("agenda.next-day", "right_curly_bracket", "section(1)", "Next day", footer=False, palette=False),
            Command(
                "agenda.day-before", "left_curly_bracket", "section(-1)", "Day before", footer=False, palette=False
            ),
        )
    )
    BINDING_GROUP_TITLE = "Agenda"

    cursor: reactive[int] = reactive(-1, repaint=False)
    """Index of the line under the cursor; -1 where there is nothing to stand on."""

    class Highlighted(Message):
        """The cursor came to a line (None: there is none)."""

        def __init__(self, line: AgendaLine | None) -> None:
            super().__init__()
            self.line = line

    class Selected(Highlighted):
        """Enter or a double click on a line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id)
        self._lines: tuple[AgendaLine, ...] = ()
        self._strips: dict[tuple[int, bool, bool], Strip] = {}
        self._time = _TIME

    @property
    def lines_shown(self) -> tuple[AgendaLine, ...]:
        """All lines, in order."""
        return self._lines

    @property
    def line(self) -> AgendaLine | None:
        """The line under the cursor."""
        return self._lines[self.cursor] if 0 <= self.cursor < len(self._lines) else None

    def set_lines(self, lines: Sequence[AgendaLine], *, prefer: Hashable | None = None) -> None:
        """Show other lines; the cursor goes to `prefer`, else stays with its key and row, else near its place."""
        if tuple(lines) == self._lines and prefer is None:
            return
        before, place = self.line, self.cursor
        scroll = self.scroll_offset
        self._lines = tuple(lines)
        self._time = _LONG_TIME if any(len(line.time) >= _TIME for line in self._lines) else _TIME
        self._strips.clear()
        self._resize()
        wanted = [key for key in (prefer, before.key if before else None) if key is not None]
        found = next((index for key in wanted for index, line in enumerate(self._lines) if line.key == key), None)
        if found is None:
            found = self._nearest(max(place, 0))
        self.set_reactive(AgendaList.cursor, found)
        if self.is_mounted:
            # What others put in above must not push the line away under the reader's eyes.
            kept = before is not None and self._lines[found : found + 1] and self._lines[found].key == before.key
            moved = found - place if kept else 0
            self.scroll_to(y=max(scroll.y + moved, 0), animate=False, force=True)
            self._show_cursor()
        self.refresh()
        self.post_message(self.Highlighted(self.line))

    def go_to(self, key: Hashable) -> bool:
        """Put the cursor on a line; False where there is none of that key."""
        for index, line in enumerate(self._lines):
            if line.key == key:
                self.cursor = index
                return True
        return False

    def _nearest(self, place: int) -> int:
        stands = [index for index, line in enumerate(self._lines) if line.key is not None]
        return min(stands, key=lambda index: abs(index - place), default=-1)

    def _step(self, start: int, by: int) -> int:
        index = start + by
        while 0 <= index < len(self._lines):
            if self._lines[index].key is not None:
                return index
            index += by
        return self.cursor

    def watch_cursor(self, old: int, new: int) -> None:
        for index in (old, new):
            if 0 <= index < len(self._lines):
                self.refresh_line(index)
        self._show_cursor()
        self.post_message(self.Highlighted(self.line))

    def _show_cursor(self) -> None:
        """Scroll so that the cursor is in view, and with the first entry of a day its heading.

        By a sixth of the height at once, for the terminal moves what stands there; by a third where something stands
        beside, which moves too and has to be painted again.
        """
        height = self.size.height
        if self.cursor < 0 or height <= 0:
            return
        step = height // (6 if self.size.width == self.screen.size.width else 3)
        first = self.cursor
        while first > 0 and self._lines[first - 1].key is None:
            first -= 1
        top = self.scroll_offset.y
        if first < top:
            self.scroll_to(y=max(first - step, 0) if first > 1 else 0, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1 + step, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        index = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        if index >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        key = (index, index == self.cursor, self.has_focus)
        strip = self._strips.get(key)
        if strip is None or strip.cell_length != width:
            strip = self._strips[key] = self._draw(self._lines[index], index == self.cursor, width)
        return strip

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)

    def _draw(self, line: AgendaLine, on_cursor: bool, width: int) -> Strip:
        plain = self.rich_style
        if on_cursor:
            style = self._style("agenda--cursor" if self.has_focus else "agenda--cursor-blurred")
            main = detail = style
        elif line.look in ("day", "today"):
            main, detail = self._style(f"agenda--{line.look}"), self._style("agenda--detail")
        elif line.look == "muted":
            main = detail = self._style("agenda--muted")
        else:
            main, detail = plain, self._style("agenda--detail")
        mark = _MARKS[line.marked, on_cursor]
        if line.look in ("note", "now"):
            return self._draw_between(line, width)
        if line.look in ("day", "today"):
            return self._draw_day(line, mark, main, detail, width)
        return self._draw_entry(line, mark, main, detail, width)

    def _draw_day(self, line: AgendaLine, mark: str, main: Style, detail: Style, width: int) -> Strip:
        segments = [Segment(f"{mark}{one_line(line.title)}", main)]
        if line.finding:
            segments.append(Segment(f" {line.finding}", main if mark in _CURSORS else self._style("agenda--finding")))
        if line.detail:
            segments.append(Segment(f"  {one_line(line.detail)}", detail))
        if line.state:
            used = sum(segment.cell_length for segment in segments)
            state = one_line(line.state)
            state = fit(state, max(min(cell_len(state), width - used - 3), 0))
            segments.append(Segment(" " * max(width - used - cell_len(state) - 1, 0) + f"{state} ", detail))
        return Strip(segments).adjust_cell_length(width, main if mark != " " else self.rich_style)

    def _draw_between(self, line: AgendaLine, width: int) -> Strip:
        """A sentence between the entries; where now is, as a rule from edge to edge."""
        text = one_line(line.title)
        if line.look == "note":
            return Strip([Segment(fit(f"   · {text}", width), self._style("agenda--detail"))])
        rule = f"── {text} "
        return Strip([Segment(fit(rule + "─" * max(width - cell_len(rule), 0), width), self._style("agenda--today"))])

    def _draw_entry(self, line: AgendaLine, mark: str, main: Style, detail: Style, width: int) -> Strip:
        kind = _KIND if width >= _ROOMY else 2
        room = max(width - 1 - self._time - kind - _STATE - _PRICE - 1, 8)
        title, more = one_line(line.title), one_line(line.detail)
        sign = f"{line.finding} " if line.finding else ""
        title_width = min(cell_len(title), room - len(sign))
        more_width = room - len(sign) - title_width
        price = one_line(line.price)
        return Strip(
            [
                Segment(mark, main),
                Segment(fit(line.time, self._time), detail),
                Segment(fit(f"{line.sign} {line.kind}" if kind > 2 else line.sign, kind), detail),
                Segment(sign, main if mark in _CURSORS else self._style("agenda--finding")),
                Segment(fit(title, title_width), main),
                Segment(fit(f"  {more}" if more and more_width > 4 else "", more_width), detail),
                Segment(fit(f" {one_line(line.state)}", _STATE), main),
                Segment(" " * max(_PRICE - cell_len(price), 0) + price + " ", main),
            ]
        ).adjust_cell_length(width, main)

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        self._strips.clear()
        self._resize()
        self._show_cursor()

    def _resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._lines))

    def on_focus(self) -> None:
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        self.refresh_line(self.cursor)

    def action_move(self, by: int) -> None:
        self.cursor = self._step(self.cursor, by)

    def action_edge(self, by: int) -> None:
        self.cursor = self._step(-1 if by < 0 else len(self._lines), -by)

    def action_page(self, by: int) -> None:
        self.cursor = max(self._nearest(min(max(self.cursor + by * (self.size.height - 1), 0), len(self._lines))), 0)

    def action_section(self, by: int) -> None:
        """To the first line of the next section, or of this one, then of the one before."""
        here = self.line
        if here is None:
            return
        firsts: dict[Hashable, int] = {}
        for index, line in enumerate(self._lines):
            if line.key is not None:
                firsts.setdefault(line.section, index)
        order = sorted(firsts.values())
        later = [index for index in order if index > self.cursor]
        earlier = [index for index in order if index < self.cursor]
        if by > 0 and later:
            self.cursor = later[0]
        elif by < 0 and earlier:
            self.cursor = earlier[-1]

    def action_select(self) -> None:
        if self.line is not None:
            self.post_message(self.Selected(self.line))

    def on_click(self, event: events.Click) -> None:
        index = self.scroll_offset.y + event.y
        if 0 <= index < len(self._lines) and self._lines[index].key is not None:
            self.cursor = index
            if event.chain == 2:
                self.action_select()
