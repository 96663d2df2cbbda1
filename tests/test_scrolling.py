"""A list that scrolls: the terminal moves what it can, and shows what Textual would have painted."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from tripsage_tui.painting import Painted

WIDTH, HEIGHT, LIST, TOP = 100, 16, 84, 2
PLAIN, CURSOR, PANE = (Style.parse(words) for words in ("#d7d7ff on #1c1c1c", "bold #ffffff on #005f87", "#afafaf"))
ROWS = [f"{n:02} something to do in the old town, and where to eat nearby" if n % 5 else "" for n in range(80)]
NOTES = ["", "Fushimi Inari", "Open until 17:00", "Price 300"]
SCREEN = Size(WIDTH, HEIGHT)


def row(number: int, cursor: int) -> Strip:
    return Strip([Segment(ROWS[number], CURSOR if number == cursor else PLAIN)]).adjust_cell_length(LIST, PLAIN)


def pane(y: int) -> Strip:
    return Strip([Segment(f"│ {NOTES[y % len(NOTES)]}", PANE)]).adjust_cell_length(WIDTH - LIST, PANE)


def whole(scroll: int, cursor: int) -> LayoutUpdate:
    head = Strip([Segment("A trip", PLAIN)]).adjust_cell_length(WIDTH, PLAIN)
    lines = [[head] if y < TOP else [row(scroll + y - TOP, cursor), pane(y)] for y in range(HEIGHT)]
    return LayoutUpdate(lines, Region(0, 0, WIDTH, HEIGHT))


def listed(scroll: int, cursor: int) -> ChopsUpdate:
    """The list alone, as it refreshes itself."""
    chops: list[dict[int, Strip | None]] = [
        {0: row(scroll + y - TOP, cursor) if y >= TOP else None, LIST: None} for y in range(HEIGHT)
    ]
    spans = [(y, 0, LIST) for y in range(TOP, HEIGHT)]
    return ChopsUpdate(chops, spans, [[LIST, WIDTH] for _ in range(HEIGHT)])


class Emulator:
    def __init__(self) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.Stream(self.screen)
        self.console = Console(color_system="truecolor", force_terminal=True)
        self.stream.feed("\x1b[?7l")
        self.written = 0

    def take(self, update: CompositorUpdate | None) -> int:
        """Show an update; the bytes that it takes."""
        text = update.render_segments(self.console) if update is not None else ""
        self.stream.feed(text)
        return len(text.encode())

    @property
    def cells(self) -> list[list[object]]:
        rows = [[self.screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]
        return [[(cell.data, cell.bg) if cell.data == " " else cell for cell in line] for line in rows]


STEPS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 13), st.booleans()), min_size=1, max_size=5)


@given(steps=STEPS)
@settings(deadline=None, max_examples=80)
def test_the_screen_is_the_one_that_would_be_painted(steps: list[tuple[int, int, bool]]) -> None:
    theirs, ours, painted = Emulator(), Emulator(), Painted()
    for scroll, cursor, everything in [(0, 0, True), *steps]:
        update = whole(scroll, scroll + cursor) if everything else listed(scroll, scroll + cursor)
        theirs.take(update)
        ours.take(painted.changes(update, SCREEN))
        assert ours.cells == theirs.cells


def test_a_scrolled_list_costs_what_comes_into_view() -> None:
    painted, terminal = Painted(), Emulator()
    terminal.take(painted.changes(whole(10, 20), SCREEN))
    all_of_it = terminal.take(Painted().changes(listed(10, 20), SCREEN))
    down = terminal.take(painted.changes(listed(13, 24), SCREEN))
    up = terminal.take(painted.changes(listed(10, 20), SCREEN))
    assert max(down, up) < all_of_it * 0.7
    assert terminal.screen.display[TOP].startswith(" " * LIST)
    assert terminal.screen.display[TOP + 1].startswith("11 something")


def test_wide_characters_are_painted_and_not_moved() -> None:
    painted = Painted()
    there, ROWS[12] = ROWS[12], "12 日本"
    try:
        painted.changes(whole(10, 20), SCREEN)
        update = painted.changes(listed(13, 24), SCREEN)
        assert update is not None
        assert update.scroll is None  # type: ignore[attr-defined]
    finally:
        ROWS[12] = there
