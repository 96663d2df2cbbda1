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
    """A column of `least` to `most` cells.

    Of columns that do not fit together the one of the lowest `rank` goes first. A column with a `good` width takes any
    width; one without has its short form at `least` and its long form at `most`, and nothing in between helps it.
    """

    title: str
    least: int
    most: int
    rank: int = 5
    good: int = 0
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
    """Width of each column in cells; 0 for one that is left out. One cell before and after each column is the caller's.

    First every column gets its least, then the stretching ones their good width, then the others their long form, the
    more important first, and what is left goes to the stretching ones again.
    """
    kept = set(range(len(columns)))
    while len(kept) > 1 and sum(columns[number].least + 1 for number in kept) + 1 > width:
        kept.remove(min(kept, key=lambda number: (columns[number].rank, -number)))
    sizes = {number: columns[number].least for number in kept}
    spare = width - sum(sizes.values()) - len(sizes) - 1
    spare = _stretch(columns, sizes, {number: column.good for number, column in enumerate(columns)}, spare)
    for number in sorted(kept, key=lambda number: -columns[number].rank):
        more = columns[number].most - sizes[number]
        if not columns[number].good and more <= spare:
            sizes[number] += more
            spare -= more
    _stretch(columns, sizes, {number: column.most for number, column in enumerate(columns) if column.good}, spare)
    return tuple(sizes.get(number, 0) for number in range(len(columns)))


def _stretch(columns: Sequence[Column], sizes: dict[int, int], wishes: dict[int, int], spare: int) -> int:
    """Hand out spare cells one by one, to the column that is furthest from its wish; returns what is left."""
    while spare > 0:
        wanting = [number for number in sizes if sizes[number] < wishes.get(number, 0)]
        if not wanting:
            return spare
        sizes[min(wanting, key=lambda number: (sizes[number] / wishes[number], number))] += 1
        spare -= 1
    return 0
