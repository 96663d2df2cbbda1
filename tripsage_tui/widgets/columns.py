"""How columns share the width of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

from tripsage_tui.widgets.safe_text import one_line

Look = Literal["", "muted", "good", "warn", "bad", "strong"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `least` to `most` cells. Of several that do not fit together the lowest `rank` goes first."""

    title: str
    least: int
    most: int
    rank: int = 5
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, what it means for the eye, and a shorter text for a column that is too narrow for it."""

    text: str
    look: Look = ""
    short: str = ""

    def text_for(self, width: int) -> str:
        """The text that says most in `width` terminal cells, on one line and safe to show."""
        text = one_line(self.text)
        return one_line(self.short) if self.short and cell_len(text) > width else text


def arrange(columns: Sequence[Column], width: int) -> tuple[int, ...]:
    """Width of each column in cells; 0 for one that is left out. One cell before each column is the caller's."""
    kept = set(range(len(columns)))
    while len(kept) > 1 and sum(columns[number].least + 1 for number in kept) > width:
        kept.remove(min(kept, key=lambda number: (columns[number].rank, -number)))
    sizes = {number: columns[number].least for number in kept}
    spare = width - sum(sizes.values()) - len(sizes) - 1
    # Those that want more get it cell by cell, the one that is furthest from its wish first.
    while spare > 0:
        wanting = [number for number in kept if sizes[number] < columns[number].most]
        if not wanting:
            break
        neediest = min(wanting, key=lambda number: (sizes[number] / columns[number].most, number))
        sizes[neediest] += 1
        spare -= 1
    return tuple(sizes.get(number, 0) for number in range(len(columns)))
