"""Finding out that an update is what stands there already, some lines away: the terminal can move it itself.

A scrolled list painted anew costs its whole area (4 to 7 kB); moved by the terminal, the lines that come into view.
Scroll regions (DECSTBM, with line feed and reverse index at their edges) work in every terminal since the VT100.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

FEWEST = 6
"""Lines below which painting is as cheap."""
SEQUENCE_COST = 20
"""Bytes of the sequence itself, about as many cells."""


@dataclass(frozen=True)
class Scroll:
    """Lines `top` to `bottom` (from 0, both included) go up by `by` lines, down where it is negative."""

    top: int
    bottom: int
    by: int

    def sequence(self) -> str:
        """What makes the terminal do it; leaves no margins and an undefined place of the cursor."""
        edge, step = (self.bottom, "\n") if self.by > 0 else (self.top, "\x1bM")
        return f"\x1b[{self.top + 1};{self.bottom + 1}r\x1b[{edge + 1};1H{step * abs(self.by)}\x1b[r"

    def applied(self, lines: Sequence[Strip | None]) -> list[Strip | None]:
        """All lines of the screen afterwards; None are those that came into view and have to be written."""
        after = list(lines)
        for y in range(self.top, self.bottom + 1):
            source = y + self.by
            after[y] = lines[source] if self.top <= source <= self.bottom else None
        return after


def find_scroll(old: Sequence[Strip], new: Sequence[Strip], top: int, span: tuple[int, int]) -> Scroll | None:
    """The scroll that turns most of `old` into `new`, both from line `top` on; None where painting is cheaper.

    `span` are the columns that are looked at to find it, from and up to; what stands beside them moves too and counts
    as what has to be repaired. Every character must be one cell wide.
    """
    first, last = 0, len(new) - 1
    while first <= last and _same(old[first], new[first]):
        first += 1
    while last >= first and _same(old[last], new[last]):
        last -= 1
    if last - first + 1 < FEWEST:
        return None
    by = _distance([line.text[slice(*span)] for line in old[first : last + 1]],
                   [line.text[slice(*span)] for line in new[first : last + 1]])  # fmt: skip
    if not by or abs(by) > last - first:
        return None
    painting = sum(_cells(old[y], new[y]) for y in range(first, last + 1))
    moving = sum(
        _cells(old[y + by], new[y]) if first <= y + by <= last else new[y].cell_length for y in range(first, last + 1)
    )
    return Scroll(top + first, top + last, by) if moving + SEQUENCE_COST + abs(by) < painting else None


def _distance(old: Sequence[str], new: Sequence[str]) -> int:
    """By how many lines most of what can be told apart has moved."""
    counts = Counter(old)
    places = {text: y for y, text in enumerate(old) if counts[text] == 1 and not text.isspace()}
    votes = Counter(places[text] - y for y, text in enumerate(new) if text in places)
    return votes.most_common(1)[0][0] if votes else 0


def _same(one: Strip, other: Strip) -> bool:
    return one is other or list(one) == list(other)


def _cells(old: Strip, new: Strip) -> int:
    """How many cells have to be written, roughly: from the first piece that differs to the last."""
    before, after = list(old), list(new)
    front = 0
    while front < min(len(before), len(after)) and before[front] == after[front]:
        front += 1
    back = 0
    while back < min(len(before), len(after)) - front and before[-1 - back] == after[-1 - back]:
        back += 1
    return sum(len(segment.text) for segment in after[front : len(after) - back])
