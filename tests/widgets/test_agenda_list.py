"""The agenda: a cursor that stays with its entry, whatever happens around it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile import HOSTILE, steers
from tests.widgets.stage import Stage, shown, widths
from tripsage_tui.widgets.agenda_list import AgendaLine, AgendaList


def lines(*days: int) -> list[AgendaLine]:
    """Days with that many entries each; a day without any can be stood on."""
    found = []
    for day, count in enumerate(days, start=1):
        found.append(AgendaLine("day", f"Day {day}", key=None if count else ("day", day), section=day))
        found += [
            AgendaLine("entry", f"{day}.{number}", key=(day, number), section=day) for number in range(1, count + 1)
        ]
    return found


def title(agenda: AgendaList) -> str:
    return agenda.line.title if agenda.line else ""


class Agenda(Stage):
    def __init__(self, shown_lines: Sequence[AgendaLine]) -> None:
        self.agenda = AgendaList()
        self._first = shown_lines
        super().__init__(self.agenda)

    def on_mount(self) -> None:
        self.agenda.set_lines(self._first)
        self.agenda.focus()


async def test_headings_are_skipped_and_empty_days_are_not() -> None:
    app = Agenda(lines(2, 0, 1))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        seen = [title(app.agenda)]
        for _ in range(4):
            await pilot.press("j")
            seen.append(title(app.agenda))
        assert seen == ["1.1", "1.2", "Day 2", "3.1", "3.1"]


async def test_the_cursor_and_its_row_stay_when_lines_come_in_above() -> None:
    app = Agenda(lines(*[3] * 20))
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        for _ in range(20):
            await pilot.press("j")
        await pilot.pause()
        here = title(app.agenda)
        row = next(number for number, line in enumerate(shown(app)) if line.startswith("▸"))
        app.agenda.set_lines(lines(8, *[3] * 19))
        await pilot.pause()
        assert title(app.agenda) == here
        assert shown(app)[row].startswith("▸")


async def test_the_neighbour_gets_the_cursor_when_its_entry_goes() -> None:
    app = Agenda(lines(3))
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("j")
        await pilot.pause()
        app.agenda.set_lines([line for line in lines(3) if line.title != "1.2"])
        await pilot.pause()
        assert title(app.agenda) in {"1.1", "1.3"}
        app.agenda.set_lines([])
        await pilot.pause()
        assert app.agenda.line is None
        await pilot.press("j", "k", "g", "G", "pagedown", "right_curly_bracket", "enter")
        assert app.agenda.line is None


async def test_the_first_entry_shows_the_heading_of_its_day() -> None:
    app = Agenda(lines(*[5] * 10))
    async with app.run_test(size=(80, 8)) as pilot:
        await pilot.press("G")
        for _ in range(4):
            await pilot.press("left_curly_bracket")
            await pilot.pause()
            day = title(app.agenda).split(".")[0]
            assert any(f"Day {day}" in line for line in shown(app))


@pytest.mark.parametrize("width", [30, 60, 80, 120])
async def test_every_line_is_as_wide_as_the_screen(width: int) -> None:
    wide = [
        AgendaLine(
            "entry", text, key=name, time="12:15–08:55+1", kind="flight", detail=text, state="● booked", price="€1"
        )
        for name, text in HOSTILE.items()
    ]
    wide += [AgendaLine("day", text, section=name, detail=text, state=text) for name, text in HOSTILE.items()]
    app = Agenda(wide)
    async with app.run_test(size=(width, 50)) as pilot:
        await pilot.pause()
        assert widths(app) == {width}
        assert not steers("".join(shown(app)))


@given(st.lists(st.integers(0, 3), max_size=6), st.lists(st.sampled_from("jkgG[]du"), max_size=20))
def test_the_cursor_never_stands_on_a_heading(days: list[int], keys: list[str]) -> None:
    agenda = AgendaList()
    agenda._lines = tuple(lines(*days))
    agenda.set_reactive(AgendaList.cursor, agenda._nearest(0))
    moves = {
        "j": lambda: agenda._step(agenda.cursor, 1),
        "k": lambda: agenda._step(agenda.cursor, -1),
        "g": lambda: agenda._step(-1, 1),
        "G": lambda: agenda._step(len(agenda._lines), -1),
    }
    for key in keys:
        if key in moves and agenda.cursor >= 0:
            agenda.set_reactive(AgendaList.cursor, moves[key]())
        line = agenda.line
        assert line is None or line.key is not None
    assert (agenda.line is None) == (not days)
