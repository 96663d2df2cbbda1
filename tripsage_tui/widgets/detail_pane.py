"""Facts about one thing, beside or below a list. Only the part of each line that differs is painted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tripsage_tui.widgets.runs import coalesced
from tripsage_tui.widgets.safe_text import clean, fit, fit_right, one_line

Look = Literal["", "title", "heading", "muted", "good", "warn", "bad", "strong"]
_LABEL, _AMOUNT = 11, 10


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, wrapped; newlines are kept."""

    text: str
    look: Look = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it is."""

    label: str
    value: str
    look: Look = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A label, a bar filled to `part` (0 to 1, more is shown as full), and what the bar says in words."""

    label: str
    part: float
    value: str
    look: Look = ""


Block = Text | Fact | Bar
Line = tuple[tuple[str, Look], ...]


class DetailPane(ScrollView, can_focus=False):
    """Shows blocks from top to bottom."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"detail--{look}" for look in ("title", "heading", "muted", "good", "warn", "bad", "strong")
    }
    DEFAULT_CSS = """
    DetailPane {
        background: $surface;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .detail--title { text-style: bold; color: $text-primary; }
        & > .detail--heading { text-style: bold; color: $text-secondary; }
        & > .detail--muted { color: $text-muted; }
        & > .detail--good { color: $text-success; }
        & > .detail--warn { color: $text-warning; }
        & > .detail--bad { color: $text-error; }
        & > .detail--strong { text-style: bold; }
        &:ansi > .detail--muted { color: ansi_default; text-style: dim; }
        &:ansi > .detail--title, &:ansi > .detail--heading { color: ansi_default; text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id)
        self._blocks: tuple[Block, ...] = ()
        self._lines: list[Line] = []
        self._for_width = -1

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return "\n".join("".join(part for part, _ in line).rstrip() for line in self._lines)

    def show(self, blocks: Sequence[Block]) -> None:
        """Show other blocks, from the top."""
        if tuple(blocks) == self._blocks:
            return
        self._blocks = tuple(blocks)
        before, scrolled = self._lines, self.scroll_offset.y
        self._lay_out()
        if scrolled:
            self.scroll_to(y=0, animate=False, force=True)
            self.refresh()
            return
        for y in range(min(max(len(before), len(self._lines)), self.size.height)):
            old = before[y] if y < len(before) else ()
            new = self._lines[y] if y < len(self._lines) else ()
            if old != new:
                start, end = _difference(old, new)
                self.refresh(Region(start, y, min(end, self.size.width) - start, 1))

    def _lay_out(self) -> None:
        width = self._for_width = max(self.scrollable_content_region.width - 2, 8)
        self._lines = [line for block in self._blocks for line in _lines(block, width)]
        # As high as the pane at least: a size that does not change needs no layout.
        self.virtual_size = Size(self.size.width, max(len(self._lines), self.size.height))

    def on_resize(self) -> None:
        self._lay_out()
        self.refresh()

    def watch_show_vertical_scrollbar(self) -> None:
        # It came or went without a resize, and with it a column of the text.
        if self.is_mounted:
            self.call_after_refresh(self.on_resize)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        number = y + self.scroll_offset.y
        base = self.rich_style
        parts = self._lines[number] if number < len(self._lines) else ()
        runs = [(" ", base), *((text, base + self._style(look)) for text, look in parts)]
        return coalesced(runs).adjust_cell_length(width, base)

    def _style(self, look: Look) -> Style:
        return self.get_component_rich_style(f"detail--{look}") if look else Style()


def _lines(block: Block, width: int) -> list[Line]:
    match block:
        case Text(text, look):
            return [((line, look),) for line in wrapped(text, width)]
        case Fact(label, value, look):
            lines = wrapped(one_line(value), max(width - _LABEL, 8))
            labels = [fit(one_line(label), _LABEL), *[" " * _LABEL] * (len(lines) - 1)]
            return [((head, "muted"), (line, look)) for head, line in zip(labels, lines, strict=True)]
        case Bar(label, part, value, look):
            words = one_line(value)
            # Bars under each other begin and end alike, unless an amount is very long.
            words = fit_right(words, max(cell_len(words), _AMOUNT))
            size = max(width - _LABEL - cell_len(words) - 1, 4)
            filled = min(round(part * size), size) or (1 if part > 0 else 0)
            bar: Line = (("█" * filled, look), ("░" * (size - filled), "muted"), (f" {words}", ""))
            return [((fit(one_line(label), _LABEL), "muted"), *bar)]


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, broken at spaces where there are any; always one line at least."""
    found: list[str] = []
    for paragraph in clean(text).expandtabs(4).splitlines() or [""]:
        rest = paragraph.rstrip()
        while cell_len(rest) > width:
            head = _head(rest, width)
            space = head.rfind(" ")
            cut = space if space > 0 and len(head) < len(rest) and rest[len(head)] != " " else len(head)
            found.append(rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
        found.append(rest)
    return found


def _head(text: str, width: int) -> str:
    """As many characters from the start as fit, at least one."""
    end = min(len(text), width)
    while end > 1 and cell_len(text[:end]) > width:
        end -= 1
    while end < len(text) and cell_len(text[: end + 1]) <= width:
        end += 1
    return text[:end]


def _difference(old: Line, new: Line) -> tuple[int, int]:
    """First and last cell (plus one) at which two lines differ, counted in the widget with its margin of one."""
    before, after = ("".join(text for text, _ in line) for line in (old, new))
    start = 0
    position = 0
    for (old_text, old_look), (new_text, new_look) in zip(old, new, strict=False):
        if (old_text, old_look) != (new_text, new_look):
            break
        position += cell_len(old_text)
        start = position
    return start + 1, max(cell_len(before), cell_len(after)) + 1
