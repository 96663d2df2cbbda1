"""A column of messages that is drawn as far as it is looked at: growing, scrolling, other widths.

One widget for all of it: a draw of an answer that comes touches the piece at its end, opening a long conversation draws
one screenful. The end is followed while the reader is there; anywhere else what is read stays where it is, whatever
grows, comes or changes its width.
"""

from __future__ import annotations

from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from tripsage_tui.widgets.markdown_text import Looks, Pen
from tripsage_tui.widgets.message_lines import MessageLines
from tripsage_tui.widgets.message_stack import MessageStack, Place
from tripsage_tui.widgets.transcript_selection import SelectableLines

NEAR = 25.0
REMOTE = 15.0
"""Updates a second of an answer that comes, here and over a slow line."""
SHARE = 2.0
"""The pause after a draw is at least so many times as long as the draw: keys come first."""


class TranscriptView(SelectableLines, ScrollView):
    """Shows a stack of messages."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "transcript--user",
        "transcript--assistant",
        "transcript--aside",
        "transcript--code",
        "transcript--cursor",
    }
    DEFAULT_CSS = """
    TranscriptView {
        height: 1fr;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        overflow-x: hidden;
        & > .transcript--user { color: $text-secondary; text-style: bold; }
        & > .transcript--assistant { color: $text-primary; text-style: bold; }
        & > .transcript--aside { color: $text-muted; }
        & > .transcript--code { color: $text-accent; text-style: bold; }
        & > .transcript--cursor { color: $primary; }
        &:ansi > .transcript--user, &:ansi > .transcript--assistant { color: ansi_default; text-style: bold; }
        &:ansi > .transcript--aside, &:ansi > .transcript--cursor { color: ansi_default; }
        &:ansi > .transcript--code { color: ansi_default; text-style: bold; }
    }
    """

    def __init__(self, *, updates: float = NEAR, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id)
        self.stack = MessageStack()
        self._updates = updates
        self._following = True
        self._at: Place | None = None
        self._pen: Pen | None = None
        self._painted: list[Strip] = []
        self._laid = Size(0, 0)
        self._placing = False
        self._timer: Timer | None = None
        self._not_before = 0.0

    @property
    def following(self) -> bool:
        """Whether the end stays in view when more comes."""
        return self._following

    @property
    def marked(self) -> MessageLines | None:
        """The message with a bar beside it."""
        return None

    def feed(self, delta: str) -> None:
        """More of the message that is coming, if one is; drawn with the next update."""
        if (coming := self._coming) is not None:
            coming.feed(delta)
            self._wake()

    def think(self, delta: str) -> None:
        """More of what the model thinks."""
        if (coming := self._coming) is not None:
            coming.think(delta)
            self._wake()

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._following = True
        self._lay_out()

    @property
    def _coming(self) -> MessageLines | None:
        last = self.stack.messages[-1] if self.stack.messages else None
        return last if last is not None and last.said.coming else None

    def _wake(self) -> None:
        if self._timer is not None:
            return
        wait = self._not_before - monotonic()
        if wait > 0:
            self._timer = self.set_timer(wait, self._grow)
        else:
            self._grow()

    def _grow(self) -> None:
        self._timer = None
        begun = monotonic()
        if self.stack.messages:
            self.stack.messages[-1].take_in()
            self.stack.changed()
            self._lay_out()
        now = monotonic()
        self._not_before = max(begun + 1 / self._updates, now + SHARE * (now - begun))

    # ---- lines

    def _lay_out(self) -> None:
        """Draw what is in view; bring scroll position and scrollbar in step with it; paint the lines that differ."""
        width, height = self.scrollable_content_region.size
        if not width or not height:
            return
        stack, self._laid = self.stack, self.size
        if self._pen is None or self._pen.width != width:
            self._pen = self._new_pen(width)
            self._at = stack.use(self._pen, self._at)
            self._painted = []
        top = stack.fill_up(height) if self._following or self._at is None else stack.fill_down(self._at, height)
        self._place(top, Size(width, stack.height), height)
        self._at = stack.find(top)
        self.keep_origin(self._at)
        stack.forget(top, top + height)
        self._paint(stack.lines(top, top + height))

    def _place(self, top: int, size: Size, height: int) -> None:
        self._placing = True
        try:
            if (size.height > height) == self.show_vertical_scrollbar:
                # The height alone moves nothing on the screen: no layout of all widgets for it.
                self.set_reactive(ScrollView.virtual_size, size)
                if self.show_vertical_scrollbar:
                    self.vertical_scrollbar.window_virtual_size = size.height
            else:
                self.virtual_size = size
                self._refresh_scrollbars()
            self.set_reactive(ScrollView.scroll_target_y, float(top))
            if round(self.scroll_y) != top:
                self.scroll_y = float(top)
        finally:
            self._placing = False

    def _paint(self, lines: list[Strip]) -> None:
        """Have the lines painted that are not on the screen yet."""
        before, self._painted = self._painted, lines
        if len(before) != len(lines):
            self.refresh(self.size.region)
            return
        rows = [row for row, (one, other) in enumerate(zip(before, lines, strict=True)) if one is not other]
        rows = [row for row in rows if before[row] != lines[row]]
        if rows:
            self.refresh(Region(0, rows[0], self.size.width, rows[-1] - rows[0] + 1))

    def _new_pen(self, width: int) -> Pen:
        style = self.get_component_rich_style
        looks = Looks(
            plain=self.rich_style,
            user=self.rich_style + style("transcript--user", partial=True),
            assistant=self.rich_style + style("transcript--assistant", partial=True),
            aside=self.rich_style + style("transcript--aside", partial=True),
            code=style("transcript--code", partial=True),
        )
        return Pen(self.app.console, width, looks)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines as they are kept: there is no border that Textual would have to draw around them."""
        filters, background = self.get_line_filters(), self.background_colors[1]
        plain = self._pen.looks.plain if self._pen else self.rich_style
        left, right = crop.column_span
        whole = left == 0
        strips = []
        for y in crop.line_range:
            kept = self.render_line(y, offsets=False)
            # A strip remembers all that is ever cut from it: a copy takes that along when the screen has changed.
            strip = Strip(list(kept), kept.cell_length)
            for each in filters:
                strip = strip.apply_filter(each, background)
            strips.append(strip if whole and strip.cell_length == crop.width else strip.crop_extend(left, right, plain))
        return strips

    def render_line(self, y: int, *, offsets: bool = True) -> Strip:
        if self._pen is None:
            return Strip.blank(self.size.width, self.rich_style)
        if y >= len(self._painted):
            return self._pen.blank
        strip, line = self._painted[y], self.scroll_offset.y + y
        if (marked := self.marked) is not None and self.stack.at(line) is marked:
            bar = Segment("▌", self.rich_style + self.get_component_rich_style("transcript--cursor", partial=True))
            strip = Strip([bar, *strip.crop(1)], strip.cell_length)
        return self.selectable(strip, line, offsets=offsets)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._pen = None
        if self.is_mounted:
            self.call_later(self._lay_out)

    def on_resize(self) -> None:
        self._painted = []
        self._lay_out()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        # Textual itself scrolls while a new size is on its way: that is not the reader.
        if self._placing or round(old_value) == round(new_value) or self.size != self._laid:
            return
        self._following = new_value >= self.max_scroll_y
        self._at = self.stack.find(round(new_value))
        self._lay_out()

    @property
    def _top(self) -> int:
        """The line at the top of the screen, also where heights above it have just turned out to be others."""
        return self.stack.y_of(self._at) if self._at is not None else 0

    def _scroll(self, y: int) -> None:
        y = max(0, min(y, self.stack.height - self.size.height))
        self._following = y >= self.stack.height - self.size.height
        self._at = self.stack.find(y)
        self._lay_out()
