"""Facts in a narrow pane: wrapped, aligned, safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.geometry import Region

from tests.hostile import HOSTILE, steers
from tests.widgets.stage import Stage, shown, widths
from tripsage_tui.widgets.detail_pane import Bar, Block, DetailPane, Fact, Text, wrapped


def blocks(text: str) -> list[Block]:
    return [
        Text(text, "title"),
        Text(""),
        Fact(text, text),
        Fact("Tags", text, "warn"),
        Bar(text, 0.5, text),
        Text(text),
    ]


async def test_facts_bars_and_paragraphs() -> None:
    pane = DetailPane()
    async with Stage(pane).run_test(size=(34, 12)) as pilot:
        pane.show(
            [
                Text("Japan in autumn", "title"),
                Bar("Booked", 0.5, "€1,200"),
                Bar("Planned", 0.01, "€12"),
                Fact("Stops", "Tokyo, Kyoto, Osaka, Hiroshima"),
                Text("Buy the rail tickets a month ahead."),
            ]
        )
        await pilot.pause()
        assert shown(pilot.app)[:7] == [
            " Japan in autumn",
            " Booked     █████░░░░░     €1,200",
            " Planned    █░░░░░░░░░        €12",
            " Stops      Tokyo, Kyoto, Osaka,",
            "            Hiroshima",
            " Buy the rail tickets a month",
            " ahead.",
        ]


async def test_only_lines_that_differ_are_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    pane = DetailPane()
    async with Stage(pane).run_test(size=(34, 12)) as pilot:
        pane.show([Text("One"), Fact("Budget", "€10"), Text("Same")])
        await pilot.pause()
        painted: list[int] = []

        def refresh(*regions: Region, **_: bool) -> DetailPane:
            painted.extend(region.y for region in regions)
            return pane

        monkeypatch.setattr(pane, "refresh", refresh)
        pane.show([Text("One"), Fact("Budget", "€20"), Text("Same")])
        assert painted == [1]
        pane.show([Text("One"), Fact("Budget", "€20"), Text("Same")])
        assert painted == [1]


@pytest.mark.parametrize("width", [12, 40])
async def test_hostile_text_stays_in_the_pane(width: int) -> None:
    pane = DetailPane()
    async with Stage(pane).run_test(size=(width, 10)) as pilot:
        for text in HOSTILE.values():
            pane.show(blocks(text))
            await pilot.pause()
            pane.scroll_relative(y=3, animate=False)
            await pilot.click(pane, offset=(2, 1))
            assert not steers("".join(shown(pilot.app)))
            assert widths(pilot.app) == {width}


@given(st.text(max_size=200), st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert lines
    assert all(cell_len(line) <= width for line in lines)


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=12), max_size=30), st.integers(12, 40))
def test_words_are_not_broken_where_they_fit(words: list[str], width: int) -> None:
    assert " ".join(wrapped(" ".join(words), width)).split() == words
