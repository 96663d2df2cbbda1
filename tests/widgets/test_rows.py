"""The table: groups, a cursor that stays where its row is, and only as much painted as has changed."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from tests.hostile import HOSTILE, steers
from tests.widgets.stage import Stage, shown, widths
from tripsage_tui.widgets.columns import Cell, Column
from tripsage_tui.widgets.rows import Rows, Section

COLUMNS = (Column("Name", 8, 20, rank=9, good=12), Column("No", 3, 5, rank=1, right=True))


def draw(key: int) -> Sequence[Cell]:
    return (Cell(f"Trip {key}"), Cell(str(key)))


def table() -> Rows[int]:
    return Rows[int](COLUMNS, draw)


def sections(*counts: int) -> list[Section[int]]:
    titles = ("Now", "Upcoming", "Past")
    starts = [sum(counts[:number]) for number in range(len(counts))]
    return [
        Section(title, range(start, start + count)) for title, start, count in zip(titles, starts, counts, strict=False)
    ]


async def test_groups_have_titles_and_empty_ones_are_left_out() -> None:
    rows = table()
    async with Stage(rows).run_test(size=(40, 12)) as pilot:
        rows.show(sections(2, 0, 1))
        await pilot.pause()
        lines = shown(pilot.app)
        assert lines[0].split() == ["Name", "No"]
        assert lines[1].startswith(" Now ─")
        assert lines[2].startswith("▸Trip 0")
        assert lines[3].startswith(" Trip 1")
        assert lines[4].startswith(" Past ─")
        assert lines[5].startswith(" Trip 2")
        assert widths(pilot.app) == {40}


async def move(pilot: Pilot[None], rows: Rows[int], *keys: str) -> int | None:
    rows.focus()
    await pilot.press(*keys)
    return rows.key


async def test_arrow_and_vim_keys_skip_the_titles() -> None:
    rows = table()
    async with Stage(rows).run_test(size=(40, 12)) as pilot:
        rows.show(sections(2, 3, 40))
        assert await move(pilot, rows, "down") == 1
        assert await move(pilot, rows, "j") == 2
        assert await move(pilot, rows, "k") == 1
        assert await move(pilot, rows, "up", "up", "up") == 0
        assert await move(pilot, rows, "G") == 44
        assert await move(pilot, rows, "j") == 44
        assert await move(pilot, rows, "g") == 0
        assert await move(pilot, rows, "end") == 44
        assert await move(pilot, rows, "home") == 0
        assert await move(pilot, rows, "right_square_bracket") == 2
        assert await move(pilot, rows, "right_square_bracket", "right_square_bracket") == 5
        assert await move(pilot, rows, "left_square_bracket") == 2
        page = await move(pilot, rows, "g", "pagedown")
        assert page is not None
        assert page > 5
        assert await move(pilot, rows, "ctrl+u") == 0


async def test_the_first_row_of_a_group_is_seen_with_its_title() -> None:
    rows = table()
    async with Stage(rows).run_test(size=(40, 8)) as pilot:
        rows.show(sections(10, 10))
        assert await move(pilot, rows, "G", *["k"] * 9) == 10
        assert any(line.startswith(" Upcoming") for line in shown(pilot.app))
        await move(pilot, rows, "g")
        assert shown(pilot.app)[1].startswith(" Now")


async def test_the_cursor_stays_on_its_row_and_at_its_place() -> None:
    rows = table()
    async with Stage(rows).run_test(size=(40, 12)) as pilot:
        rows.show([Section("All", range(1000))])
        await move(pilot, rows, "G", *["k"] * 300)
        key = rows.key
        assert key is not None
        place = next(number for number, line in enumerate(shown(pilot.app)) if line.startswith("▸"))
        rows.show(
            [
                Section("New", [5000, 5001]),
                Section("All", [number for number in range(1000) if number % 3 or number == key]),
            ]
        )
        await pilot.pause()
        assert rows.key == key
        assert shown(pilot.app)[place].startswith(f"▸Trip {key}")


async def test_the_cursor_goes_near_when_its_row_is_gone() -> None:
    rows = table()
    async with Stage(rows).run_test(size=(40, 12)) as pilot:
        rows.show([Section("All", range(10))])
        await move(pilot, rows, "j", "j", "j")
        rows.show([Section("All", [number for number in range(10) if number != 3])])
        assert rows.key == 4
        rows.show([Section("All", [0])])
        assert rows.key == 0
        rows.show([])
        await pilot.pause()
        assert rows.key is None
        assert await move(pilot, rows, "j", "G", "pagedown", "right_square_bracket") is None
        rows.show([Section("All", range(10))], prefer=7)
        assert rows.key == 7


async def test_every_change_of_the_row_is_told_once() -> None:
    told: list[int | None] = []

    class Listening(Stage):
        def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
            told.append(event.rows.key)

    rows = table()
    async with Listening(rows).run_test(size=(40, 12)) as pilot:
        rows.show(sections(3))
        await move(pilot, rows, "j", "j", "G")
        rows.show(sections(3))
        rows.show([])
        await pilot.pause()
    assert told == [0, 1, 2, None]


async def test_a_click_moves_the_cursor_and_a_title_does_not_take_it() -> None:
    rows = table()
    async with Stage(rows).run_test(size=(40, 12)) as pilot:
        rows.show(sections(2, 2))
        await pilot.pause()
        await pilot.click(rows, offset=(3, 5))
        assert rows.key == 2
        await pilot.click(rows, offset=(3, 1))
        assert rows.key == 2
        await pilot.click(rows, offset=(3, 11))
        assert rows.key == 2


async def test_a_cursor_move_repaints_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table()
    async with Stage(rows).run_test(size=(40, 12)) as pilot:
        rows.show(sections(5))
        await pilot.pause()
        painted: list[Region] = []
        whole = rows.refresh

        def refresh(*regions: Region, **options: bool) -> Rows[int]:
            painted.extend(regions or [rows.region])
            whole(*regions, **options)
            return rows

        monkeypatch.setattr(rows, "refresh", refresh)
        await move(pilot, rows, "j")
        assert [region.height for region in painted if region.y > 1] == [1, 1]


@pytest.mark.parametrize("width", [20, 80])
async def test_hostile_text_is_shown_literally_in_its_own_cell(width: int) -> None:
    text = ""
    rows = Rows[int](COLUMNS, lambda key: (Cell(text), Cell(str(key))))
    async with Stage(rows).run_test(size=(width, 6)) as pilot:
        for text in HOSTILE.values():
            rows.show([Section(text, [1, 2])])
            await move(pilot, rows, "j")
            await pilot.click(rows, offset=(2, 2))
            assert not steers("".join(shown(pilot.app)))
            assert widths(pilot.app) == {width}
            assert pilot.app.is_running


async def test_ten_thousand_rows_cost_what_is_in_view() -> None:
    rows = table()
    async with Stage(rows).run_test(size=(120, 40)) as pilot:
        start = time.perf_counter()
        rows.show([Section("All", range(10_000))])
        assert time.perf_counter() - start < 0.2
        assert await move(pilot, rows, "G") == 9_999
        assert shown(pilot.app)[39].startswith("▸Trip 9999")
        assert len(rows._strips) < 200
