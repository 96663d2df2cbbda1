"""The lines round a screen say what matters, in the room there is, and are painted only when their words change."""

from __future__ import annotations

import pytest

from tests.hostile import HOSTILE, steers
from tests.widgets.stage import Stage, shown, widths
from tripsage_tui.widgets.key_line import KeyHint, KeyLine
from tripsage_tui.widgets.status_bar import Status, StatusBar, latency_text
from tripsage_tui.widgets.top_bar import ModeTab, TopBar

HINTS = (
    KeyHint("n", "New", "n"),
    KeyHint("e", "Edit", "e", enabled=False),
    KeyHint("?", "Help", "question_mark", last=True),
)


async def test_keys_are_shown_with_help_at_the_end() -> None:
    line = KeyLine()
    async with Stage(line).run_test(size=(40, 3)) as pilot:
        line.show(HINTS)
        await pilot.pause()
        assert shown(pilot.app)[0] == " n New  e Edit                   ? Help"


async def test_help_stays_when_there_is_no_room() -> None:
    line = KeyLine()
    async with Stage(line).run_test(size=(16, 3)) as pilot:
        line.show(HINTS)
        await pilot.pause()
        assert shown(pilot.app)[0] == " n New   ? Help"


async def test_a_click_presses_the_key_unless_it_is_not_valid_now() -> None:
    class Listening(Stage):
        BINDINGS = [("n", "note('n')"), ("e", "note('e')"), ("question_mark", "note('?')")]  # noqa: RUF012
        notes: list[str] = []  # noqa: RUF012

        def action_note(self, key: str) -> None:
            self.notes.append(key)

    line = KeyLine()
    app = Listening(line)
    async with app.run_test(size=(40, 3)) as pilot:
        line.show(HINTS)
        await pilot.pause()
        for x in (1, 9, 35, 25):
            await pilot.click(line, offset=(x, 0))
        await pilot.pause()
    assert app.notes == ["n", "?"]


async def test_the_status_says_who_where_how_far_and_live() -> None:
    bar = StatusBar()
    async with Stage(bar).run_test(size=(60, 3)) as pilot:
        bar.show(Status("up", "Alex", "embedded", 0.4, live=True))
        await pilot.pause()
        assert shown(pilot.app)[0].endswith("Alex · embedded · <1 ms · ● live")
        bar.show(Status("up", "Alex", "db.example.org", 48.0, live=False))
        await pilot.pause()
        assert shown(pilot.app)[0].endswith("Alex · db.example.org · 50 ms · ○ not live")


async def test_a_database_that_is_down_is_said_with_reason_and_age() -> None:
    bar = StatusBar()
    async with Stage(bar).run_test(size=(100, 3)) as pilot:
        bar.show(Status("down", "Alex", "embedded", problem="The server is gone.", data_of="the state of 14:05"))
        await pilot.pause()
        line = shown(pilot.app)[0]
        assert line.startswith(" ! The server is gone. Shown: the state of 14:05.")
        assert line.endswith("✕ down")


async def test_what_to_do_about_a_database_that_is_down_is_not_cut_off() -> None:
    bar = StatusBar()
    remedy = "The database was stopped by hand. Start it: tripsage-tui db start."
    async with Stage(bar).run_test(size=(80, 3)) as pilot:
        bar.show(Status("down", "Alexandra", "embedded", problem=remedy, data_of="the state of 14:05"))
        await pilot.pause()
        line = shown(pilot.app)[0]
        assert remedy in line
        assert line.endswith("✕ down")


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(None, ""), (0.02, "<1 ms"), (1.4, "1 ms"), (9.6, "10 ms"), (52.0, "50 ms"), (1234.0, "1.2 s")],
)
def test_latency_is_rounded_so_that_it_stands_still(milliseconds: float | None, text: str) -> None:
    assert latency_text(milliseconds) == text


async def test_the_same_words_are_not_painted_again() -> None:
    status, keys, top = StatusBar(), KeyLine(), TopBar([ModeTab("1", "Trips", here=True)])
    async with Stage(top, status, keys).run_test(size=(60, 5)) as pilot:
        status.show(Status("up", "Alex", "embedded", 50.0, live=True))
        keys.show(HINTS)
        top.show(trail="Japan", note="12 trips")
        await pilot.pause()
        painted: list[object] = []
        for widget in (status, keys, top):
            widget.refresh = painted.append  # type: ignore[method-assign, assignment]
        status.show(Status("up", "Alex", "embedded", 52.0, live=True))
        keys.show(list(HINTS))
        top.show(trail="Japan")
        top.show(note="12 trips")
        assert not painted


async def test_the_top_bar_says_where_we_are() -> None:
    bar = TopBar([ModeTab("1", "Trips", here=True)])
    async with Stage(bar).run_test(size=(50, 3)) as pilot:
        bar.show(trail="Japan in autumn", note="12 trips")
        await pilot.pause()
        assert shown(pilot.app)[0] == " TripSage  1 Trips ▸ Japan in autumn     12 trips"


@pytest.mark.parametrize("width", [12, 80])
async def test_hostile_text_stays_in_its_line(width: int) -> None:
    status, keys, top = StatusBar(), KeyLine(), TopBar([ModeTab("1", "Trips", here=True)])
    async with Stage(top, status, keys).run_test(size=(width, 5)) as pilot:
        for text in HOSTILE.values():
            status.show(Status("down", text, text, 1.0, problem=text, data_of=text))
            keys.show([KeyHint("x", text, "x"), *HINTS])
            top.show(trail=text, note=text)
            await pilot.pause()
            status.show(Status("up", text, text, 1.0, message=text))
            await pilot.pause()
            await pilot.click(top, offset=(4, 0))
            assert not steers("".join(shown(pilot.app)))
            assert widths(pilot.app) == {width}
