"""Text of others as lines to look at: never a link that opens, never markup of ours, never a control."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from rich.theme import Theme
from textual.strip import Strip

from tripsage_tui.widgets.pieces import Piece
from tripsage_tui.widgets.safe_text import clean

logger = logging.getLogger(__name__)

MARGIN = 4
"""Cells before a text: the cursor's bar and the indentation under the name."""
NARROWEST = 8


async def prepare() -> None:
    """Load what draws Markdown beside the event loop, before the first text needs it."""
    await asyncio.to_thread(import_module, "rich.markdown")


@dataclass(frozen=True)
class Looks:
    """The styles of a transcript."""

    plain: Style
    user: Style
    assistant: Style
    aside: Style
    code: Style


class Pen:
    """Draws lines of `width` cells."""

    def __init__(self, console: Console, width: int, looks: Looks) -> None:
        self.width = width
        self.looks = looks
        self.room = max(width - MARGIN - 1, NARROWEST)
        """Cells for the text itself."""
        self.blank = Strip([Segment(" " * width, looks.plain)], width)
        self._console = console
        self._theme = Theme({"markdown.code": looks.code})

    def words(self, text: str, style: Style | None = None) -> list[Strip]:
        """A text as it is, wrapped."""
        whole = Text(clean(text).rstrip("\n"), overflow="fold", tab_size=4, end="")
        return self._strips(whole, style or self.looks.plain)

    def markdown(self, piece: Piece) -> list[Strip]:
        """A piece of Markdown as Rich draws it; as words where Rich cannot."""
        from rich.markdown import Markdown

        text = clean(piece.lead + piece.text)
        try:
            with self._console.use_theme(self._theme):
                strips = self._strips(
                    Markdown(text, hyperlinks=False, code_theme="ansi_dark", inline_code_theme="ansi_dark"),
                    self.looks.plain,
                )
        except Exception as error:  # noqa: BLE001  a model may write anything, and the words are what counts
            logger.info("a text is shown without its Markdown: %r", error)
            return self.words(piece.text)
        # Code has an empty line above and below, which does not belong in the middle of it.
        begins, ends = int(piece.lead.lstrip()[:3] in {"```", "~~~"}), int(piece.goes_on)
        return strips[begins : len(strips) - ends] if begins or ends else strips

    def head(self, who: str, note: str, *, user: bool) -> Strip:
        """The line above a message."""
        style = self.looks.user if user else self.looks.assistant
        line = Strip(
            [Segment("  ", self.looks.plain), Segment(who, style), Segment(f"  {note}".rstrip(), self.looks.aside)]
        )
        return line.adjust_cell_length(self.width, self.looks.plain)

    def _strips(self, renderable: RenderableType, style: Style) -> list[Strip]:
        options = self._console.options.update(width=self.room, height=None)
        lines = Segment.split_and_crop_lines(
            self._console.render(renderable, options), self.room, include_new_lines=False, pad=False
        )
        return [self._line(line, style) for line in lines]

    def _line(self, segments: Sequence[Segment], style: Style) -> Strip:
        indent = Segment(" " * MARGIN, self.looks.plain)
        styled = [Segment(text, style + look if look else style) for text, look, control in segments if not control]
        return Strip(Segment.simplify([indent, *styled])).adjust_cell_length(self.width, self.looks.plain)
