"""Writing to the terminal only what differs from what stands there.

Textual 8.2.8 repaints the whole screen two or three times for every screen that opens or closes (48 to 59 kB at 120x40,
all of it lag over SSH). Here each update is compared with a copy of the screen, line by line and piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

from tripsage_tui.scrolling import FEWEST, Scroll, find_scroll
from tripsage_tui.sgr import PLAIN, look_of, switch

NO_STYLE = Style.null()
Piece = tuple[int, int, Strip]
"""Line, column, what stands from there on."""


class Changes(CompositorUpdate):
    """The pieces that have to be written, after the terminal has moved what only moved."""

    def __init__(self, pieces: list[Piece], scroll: Scroll | None = None) -> None:
        self.pieces = pieces
        self.scroll = scroll

    def render_segments(self, console: Console) -> str:
        system = console._color_system or ColorSystem.TRUECOLOR
        written: list[str] = [self.scroll.sequence()] if self.scroll else []
        before = PLAIN
        for y, x, strip in self.pieces:
            written.append(f"\x1b[{y + 1};{x + 1}H")
            for text, style, _ in strip:
                look = look_of(style or Style.null(), system)
                written += (switch(before, look), text)
                before = look
        written.append(switch(before, PLAIN))
        return "".join(written)


class Painted:
    """A copy of what stands on the terminal. `forget` it whenever something else may have written there."""

    def __init__(self) -> None:
        self._lines: list[Strip | None] = []
        self._size = Size(0, 0)

    def forget(self) -> None:
        """The next update writes everything that it has."""
        self._lines = []

    def changes(self, update: CompositorUpdate, size: Size) -> CompositorUpdate | None:
        """What of an update differs from what stands there, None when nothing does; the copy is brought up to date."""
        if not isinstance(update, LayoutUpdate | ChopsUpdate):
            self.forget()
            return update
        if size != self._size or len(self._lines) != size.height:
            self._size = size
            self._lines = [None] * size.height
        pieces = [
            (y, x, _plain(strip)) for y, x, strip in _pieces(update) if 0 <= y < size.height and strip.cell_length
        ]
        scroll = None
        if found := self._scrolled(pieces):
            scroll, pieces = found
            self._lines = scroll.applied(self._lines)
        changed = [written for piece in pieces for written in self._put(*piece)]
        return Changes(changed, scroll) if changed or scroll else None

    def _scrolled(self, pieces: Sequence[Piece]) -> tuple[Scroll, list[Piece]] | None:
        """The scroll that saves most of an update, and the lines as they should be afterwards."""
        rows = sorted({y for y, _, _ in pieces})
        if len(rows) < FEWEST or rows[-1] - rows[0] != len(rows) - 1:
            return None
        top, bottom = rows[0], rows[-1]
        old = [line for line in self._lines[top : bottom + 1] if line is not None]
        if len(old) != len(rows):
            return None
        new = list(old)
        for y, x, strip in pieces:
            line = new[y - top]
            new[y - top] = _plain(Strip.join([line.crop(0, x), strip, line.crop(x + strip.cell_length)]))
        if not all(_is_regular(line) for line in (*old, *new)):
            return None
        _, x, widest = max(pieces, key=lambda piece: piece[2].cell_length)
        scroll = find_scroll(old, new, top, (x, x + widest.cell_length))
        return (scroll, [(top + y, 0, line) for y, line in enumerate(new)]) if scroll else None

    def _put(self, y: int, x: int, new: Strip) -> Iterator[Piece]:
        line = self._lines[y]
        end = x + new.cell_length
        if line is None:
            if x == 0 and end >= self._size.width:
                self._lines[y] = new
            yield y, x, new
            return
        # Terminals disagree on the width of unusual text, and a piece may end in the middle of a wide character: where
        # there is such text nothing is left out but lines that are the same from end to end.
        regular = _is_regular(line) and _is_regular(new)
        old = line.crop(x, end)
        same = list(old) == list(new)
        if same and (regular or old is line):
            return
        self._lines[y] = Strip.join([line.crop(0, x), new, line.crop(end)])
        if regular:
            yield from _difference(y, x, list(old), list(new))
        else:
            yield y, x, new


def _pieces(update: LayoutUpdate | ChopsUpdate) -> Iterator[Piece]:
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            yield y, update.region.x, Strip.join(strips)
        return
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= right and end > left:
                yield y, x, strip.crop(0, min(end, right) - x)


def _plain(strip: Strip) -> Strip:
    """The strip as the terminal sees it: without Textual's notes in the styles, neighbours of one style joined."""
    plain: list[Segment] = []
    for text, style, _ in strip:
        look = style or NO_STYLE
        if look._meta is not None or look._link is not None:
            look = look.clear_meta_and_links()
        if plain and (plain[-1].style is look or plain[-1].style == look):
            plain[-1] = Segment(plain[-1].text + text, look)
        elif text:
            plain.append(Segment(text, look))
    return Strip(plain, strip.cell_length)


def _is_regular(strip: Strip) -> bool:
    """Whether every character is one cell wide in every terminal."""
    return all(text.isascii() or all(_is_narrow(character) for character in text) for text, _, _ in strip)


def _is_narrow(character: str) -> bool:
    code = ord(character)
    # Latin, Greek and Cyrillic letters, general punctuation without its joiners, signs of currencies; arrows, box
    # drawing and blocks.
    if code < 0x483:
        return 0x20 <= code < 0x300 or code >= 0x370
    return 0x2010 <= code < 0x2028 or 0x20A0 <= code < 0x20C1 or 0x2190 <= code < 0x25FE


def _difference(y: int, x: int, old: list[Segment], new: list[Segment]) -> Iterator[Piece]:
    """The part of `new` between what it has in common with `old` at both ends. One character is one cell."""
    front = 0
    while front < min(len(old), len(new)) and old[front] == new[front]:
        x += len(new[front].text)
        front += 1
    back = 0
    while back < min(len(old), len(new)) - front and old[-1 - back] == new[-1 - back]:
        back += 1
    if middle := new[front : len(new) - back]:
        yield y, x, Strip(middle)
