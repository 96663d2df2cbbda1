"""What is written to the terminal: less than Textual writes, and the same screen in the end."""

from __future__ import annotations

from itertools import product

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich._palettes import EIGHT_BIT_PALETTE
from rich.cells import set_cell_size
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from tripsage_tui.painting import Painted
from tripsage_tui.sgr import look_of

WIDTH, HEIGHT = 24, 5
SIZE = Size(WIDTH, HEIGHT)
# Colours of which Rich and we take the same one of 256.
STYLES = [
    Style.parse(words)
    for words in (
        "#d7d7ff on #1c1c1c",
        "bold #d7d7ff on #1c1c1c",
        "dim #d7d7ff on #1c1c1c",
        "bold dim #ffffff on #005f87",
        "reverse underline #ffffff on #005f87",
        "italic red on default",
        "none",
    )
]
TEXTS = st.text("abc ─█", max_size=8) | st.sampled_from(["日本の秋", "e\u0301e", "", "     "])
STRIPS = st.lists(st.tuples(TEXTS, st.sampled_from(STYLES)), min_size=1, max_size=5)


def strip(pieces: list[tuple[str, Style]], width: int) -> Strip:
    return Strip([Segment(text, style) for text, style in pieces]).adjust_cell_length(width, STYLES[0])


def whole(lines: list[list[tuple[str, Style]]]) -> LayoutUpdate:
    return LayoutUpdate([[strip(line, WIDTH)] for line in lines], Region(0, 0, WIDTH, HEIGHT))


def part(y: int, x: int, pieces: list[tuple[str, Style]], width: int) -> ChopsUpdate:
    """An update of `width` cells at a place, as a widget of that size makes it."""
    width = min(width, WIDTH - x)
    chops: list[dict[int, Strip | None]] = [{} for _ in range(HEIGHT)]
    chops[y] = {0: None, x: strip(pieces, width), x + width: None}
    ends = [[x, x + width, WIDTH] for _ in range(HEIGHT)]
    return ChopsUpdate(chops, [(y, x, x + width)], ends)


UPDATES = st.lists(
    st.builds(whole, st.lists(STRIPS, min_size=HEIGHT, max_size=HEIGHT))
    | st.builds(part, st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 3), STRIPS, st.integers(1, WIDTH)),
    min_size=1,
    max_size=6,
)


class Emulator:
    """A terminal that can be compared with another."""

    def __init__(self, color: str) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.Stream(self.screen)
        self.console = Console(color_system=color, force_terminal=True)  # type: ignore[arg-type]
        self.written = 0
        self.stream.feed("\x1b[?7l")  # as Textual does: a line that is too long stays in its line

    def take(self, update: CompositorUpdate | None) -> None:
        text = update.render_segments(self.console) if update is not None else ""
        self.written += len(text)
        self.stream.feed(text)

    @property
    def cells(self) -> list[list[object]]:
        """Every cell with what can be seen of it: the colour of a blank's letter cannot."""
        return [[self._visible(self.screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]

    @staticmethod
    def _visible(cell: pyte.screens.Char) -> object:
        blank = cell.data == " " and not (cell.reverse or cell.underscore or cell.strikethrough)
        return (cell.data, cell.bg) if blank else cell


@pytest.mark.parametrize("color", ["truecolor", "256", "standard"])
@given(updates=UPDATES)
@settings(deadline=None, max_examples=60)
def test_the_screen_is_the_one_that_textual_would_paint(color: str, updates: list[CompositorUpdate]) -> None:
    for style in STYLES:
        style._ansi = None  # Textual keeps the codes of the first colour system it met
    theirs, ours, painted = Emulator(color), Emulator(color), Painted()
    first = whole([[("start", STYLES[0])]] * HEIGHT)
    for update in (first, *updates):
        theirs.take(update)
        ours.take(painted.changes(update, SIZE))
        assert ours.cells == theirs.cells


@given(lines=st.lists(STRIPS, min_size=HEIGHT, max_size=HEIGHT))
@settings(deadline=None, max_examples=30)
def test_the_same_screen_again_costs_nothing(lines: list[list[tuple[str, Style]]]) -> None:
    painted = Painted()
    assert painted.changes(whole(lines), SIZE) is not None
    assert painted.changes(whole(lines), SIZE) is None
    painted.forget()
    assert painted.changes(whole(lines), SIZE) is not None


def test_one_changed_word_costs_a_word() -> None:
    painted, terminal = Painted(), Emulator("truecolor")
    lines = [[("in 12 days ", STYLES[0]), ("○ planning", STYLES[1])]] * HEIGHT
    terminal.take(painted.changes(whole(lines), SIZE))
    before = terminal.written
    lines[2] = [("in 12 days ", STYLES[0]), ("● booked", STYLES[1])]
    terminal.take(painted.changes(whole(lines), SIZE))
    assert 0 < terminal.written - before < 80
    assert "● booked" in terminal.screen.display[2]


def test_a_line_of_disputed_width_is_written_from_the_start_of_what_changed() -> None:
    painted, terminal = Painted(), Emulator("truecolor")
    family = set_cell_size("x👨‍👩‍👧y", WIDTH)
    terminal.take(painted.changes(whole([[(family, STYLES[0])]] * HEIGHT), SIZE))
    changed = painted.changes(whole([[("plain", STYLES[0])]] * HEIGHT), SIZE)
    assert changed is not None
    assert all(x == 0 and piece.cell_length == WIDTH for _, x, piece in changed.pieces)  # type: ignore[attr-defined]


def test_another_size_writes_everything() -> None:
    painted = Painted()
    painted.changes(whole([[("a", STYLES[0])]] * HEIGHT), SIZE)
    assert painted.changes(whole([[("a", STYLES[0])]] * HEIGHT), Size(WIDTH, HEIGHT + 1)) is not None


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ("#222a36", 236),  # the fields of forms: a grey, not #00005f as Rich has it
        ("#2a3442", 237),
        ("#e4e8ef", 255),
        ("#12161d", 234),
        ("#2f5d95", 24),
        ("#ff8f8f", 210),
        ("#ffffff", 231),
        ("#000000", 16),
    ],
)
def test_of_256_colours_the_one_that_looks_most_alike_is_taken(wanted: str, number: int) -> None:
    look = look_of(Style(color=wanted, bgcolor=wanted), ColorSystem.EIGHT_BIT)
    assert look == (("38", "5", str(number)), ("48", "5", str(number)), frozenset())


def test_a_colour_that_256_have_stays_as_it_is() -> None:
    for red, green, blue in product((0, 95, 135, 175, 215, 255), repeat=3):
        wanted = Color.from_rgb(red, green, blue)
        taken = int(look_of(Style(color=wanted), ColorSystem.EIGHT_BIT)[0][2])
        assert EIGHT_BIT_PALETTE[taken] == wanted.triplet
