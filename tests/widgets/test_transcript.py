"""Messages: only what is looked at is drawn, the reader keeps the place, hostile text is inert."""

from __future__ import annotations

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from tests.hostile import HOSTILE, steers
from tests.widgets.stage import Stage, widths
from tests.widgets.stage import shown as whole
from tripsage_tui.widgets.transcript import Transcript
from tripsage_tui.widgets.utterance import CallLine, Utterance

LONG = "\n\n".join(f"Line {number}: " + "temple " * 30 for number in range(60))


def talk(count: int) -> list[Utterance]:
    return [
        Utterance(number, "user" if number % 2 else "assistant", f"message {number}", "You" if number % 2 else "m-1")
        for number in range(1, count + 1)
    ]


def coming(key: int, text: str = "") -> Utterance:
    return Utterance(key, "assistant", text, "m-1", coming=True)


def shown(app: Stage) -> list[str]:
    """The lines on the screen without the scrollbar."""
    return [line.rstrip(" ▁▂▃▄▅▆▇") for line in whole(app)]


async def grown(pilot: Pilot[None], transcript: Transcript) -> None:
    """Until what was fed is drawn."""
    while transcript._timer is not None:
        await pilot.pause(0.02)
    await pilot.pause()


async def test_an_answer_comes_and_is_all_there() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        transcript.show([*talk(1), coming(2)])
        for at in range(0, len(LONG), 37):
            transcript.feed(LONG[at : at + 37])
            if at % 370 == 0:
                await pilot.pause()
        await grown(pilot, transcript)
        while_it_came = shown(app)
        assert "Line 59: temple" in "\n".join(while_it_came)
        transcript.show([*talk(1), Utterance(2, "assistant", LONG, "m-1")])
        await pilot.pause()
        assert shown(app) == while_it_came
        assert transcript.shown[1].text == LONG
        text = "\n".join("".join(strip.text for strip in [line]) for line in transcript.stack.lines(0, 10_000))
        assert [f"Line {number}:" in text for number in range(60)] == [True] * 60


async def test_a_draw_touches_only_the_end_of_an_answer() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        transcript.show([coming(1)])
        transcript.feed(LONG)
        await grown(pilot, transcript)
        before = {id(block): block.strips for block in transcript.stack.messages[0].blocks if block.strips is not None}
        transcript.feed(" And then?")
        await grown(pilot, transcript)
        again = [block for block in transcript.stack.messages[0].blocks if block.strips is not before.get(id(block))]
        assert 1 <= len(again) <= 2
        assert "And then?" in "\n".join(shown(app))


async def test_what_is_cut_from_a_line_is_not_kept_with_it() -> None:
    """A strip remembers its parts: kept lines would gather them at each draw, ten kilobytes for every chunk."""
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(60, 12)) as pilot:
        transcript.show(talk(9))
        await pilot.pause()
        region = Region(0, 0, transcript.scrollable_content_region.width, 12)
        once, again = transcript.render_lines(region), transcript.render_lines(region)
        assert once == again
        assert not any(one is other for one, other in zip(once, again, strict=True))


async def test_opening_a_long_conversation_draws_what_is_in_view() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        transcript.show(talk(2000))
        await pilot.pause()
        drawn = [message for message in transcript.stack.messages if any(block.strips for block in message.blocks)]
        assert 8 <= len(drawn) <= 12
        assert "message 2000" in "\n".join(shown(app))
        transcript.focus()
        await pilot.press("g")
        await pilot.pause()
        assert "message 1" in shown(app)[1]
        assert transcript.current is not None
        assert transcript.current.key == 1
        await pilot.press("G")
        await pilot.pause()
        assert transcript.current.key == 2000
        assert "message 2000" in "\n".join(shown(app))
        assert transcript.following


async def test_a_reader_who_went_up_is_left_there() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        transcript.show([*talk(19), coming(20)])
        await pilot.pause()
        assert transcript.following
        transcript.scroll_to(y=3, animate=False)
        await pilot.pause()
        seen = shown(app)
        transcript.feed(LONG)
        await grown(pilot, transcript)
        assert shown(app)[:20] == seen[:20]
        assert not transcript.following
        transcript.show([*talk(19), Utterance(20, "assistant", LONG), *talk(30)[20:]])
        await pilot.pause()
        assert shown(app)[:20] == seen[:20]
        transcript.follow()
        await pilot.pause()
        assert "message 30" in "\n".join(shown(app))
        transcript.scroll_up(animate=False)
        await pilot.pause()
        assert not transcript.following
        transcript.scroll_end(animate=False)
        await pilot.pause()
        assert transcript.following


async def test_going_up_line_by_line_leaves_nothing_out() -> None:
    """Heights above are guesses: a wrong one must not move what is read."""
    transcript = Transcript()
    app = Stage(transcript)
    said = [
        Utterance(number, "assistant", f"M{number} " + "wörter 旅 " * (number * 7 % 90), "m") for number in range(60)
    ]
    async with app.run_test(size=(60, 20)) as pilot:
        transcript.show(said)
        await pilot.pause()
        before = shown(app)
        for _ in range(150):
            transcript.scroll_up(animate=False)
            await pilot.pause()
            now = shown(app)
            assert now[1:] == before[:-1]
            before = now
        assert widths(app) == {60}


async def test_another_width_keeps_the_place_also_while_an_answer_comes() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(120, 40)) as pilot:
        transcript.show([Utterance(1, "assistant", LONG, "m"), coming(2)])
        transcript.feed(LONG)
        await grown(pilot, transcript)
        transcript.scroll_to(y=60, animate=False)
        await pilot.pause()
        number = next(line for line in shown(app) if "Line " in line).split("Line ")[1].split(":")[0]
        for size in ((40, 12), (80, 24), (20, 6), (120, 40)):
            await pilot.resize_terminal(*size)
            transcript.feed("\n\nMore and more.")
            await grown(pilot, transcript)
            text = "\n".join(shown(app))
            assert any(f"Line {near}:" in text for near in range(int(number) - 2, int(number) + 3)) or size == (20, 6)
        transcript.follow()
        await pilot.resize_terminal(50, 15)
        await pilot.pause()
        assert "More and more." in "\n".join(shown(app))


async def test_a_message_longer_than_the_screen_is_read_through() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        transcript.show([*talk(2), Utterance(3, "assistant", LONG, "m"), *talk(5)[3:]])
        transcript.focus()
        await pilot.press("g", "j", "j")
        assert transcript.current is not None
        assert transcript.current.key == 3
        text = ""
        for _ in range(40):
            text += "\n".join(shown(app))
            if transcript.current.key != 3:
                break
            await pilot.press("j")
            await pilot.pause()
        assert transcript.current.key == 4
        assert all(f"Line {number}:" in text for number in range(60))
        await pilot.press("k")
        await pilot.pause()
        assert transcript.current.key == 3
        assert "Line 59:" in "\n".join(shown(app))
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        assert "Line 59:" not in "\n".join(shown(app))


async def test_another_branch_takes_the_place_of_the_old_one() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        first = talk(4)
        transcript.show(first)
        transcript.focus()
        await pilot.press("k", "k")
        same = transcript.stack.messages[0]
        transcript.show([first[0], Utterance(9, "assistant", "Other"), Utterance(10, "user", "Then")])
        await pilot.pause()
        assert [said.key for said in transcript.shown] == [1, 9, 10]
        assert transcript.stack.messages[0] is same
        assert transcript.current is not None
        assert transcript.current.key == 9  # the cursor stays where the old version stood
        text = "\n".join(shown(app))
        assert "message 2" not in text
        assert text.index("Other") < text.index("Then")
        transcript.show([])
        await pilot.pause()
        assert not "".join(shown(app)).strip()


async def test_calls_and_thoughts_are_closed_until_they_are_opened() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    said = Utterance(
        1, "assistant", "Done.", "m-1", thinking="well well", below="used 1 memory",
        calls=(CallLine(1, "✓", "add_item Dinner", "done", '{"id": 7}'),),
    )  # fmt: skip
    async with app.run_test(size=(80, 24)) as pilot:
        transcript.show([said])
        transcript.focus()
        await pilot.pause()
        text = "\n".join(shown(app))
        assert "thinking, 2 words" in text
        assert "✓ add_item Dinner  done" in text
        assert "used 1 memory" in text
        assert "well well" not in text
        assert '{"id": 7}' not in text
        await pilot.press("enter")
        await pilot.pause()
        text = "\n".join(shown(app))
        assert "well well" in text
        assert '{"id": 7}' in text
        await pilot.click(transcript, offset=(6, 1))
        await pilot.pause()
        assert "well well" not in "\n".join(shown(app))


async def test_text_is_selected_with_the_mouse() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(40, 12)) as pilot:
        transcript.show([Utterance(1, "assistant", "旅 to **Kyoto** now\n\nand Nara then", "m"), *talk(3)[1:]])
        await pilot.pause()
        await pilot.mouse_down(transcript, offset=(7, 1))
        await pilot.hover(transcript, offset=(12, 3))
        await pilot.mouse_up(transcript, offset=(12, 3))
        assert app.screen.get_selected_text() == "to Kyoto now\n\nand Nara"
        transcript.show([Utterance(0, "user", "before it"), *transcript.shown])
        await pilot.pause()
        assert app.screen.get_selected_text() == "to Kyoto now\n\nand Nara"
        await pilot.click(transcript, offset=(12, 4), times=2)
        assert "旅 to Kyoto now" in (app.screen.get_selected_text() or "")


@pytest.mark.parametrize("role", ["user", "assistant"])
async def test_hostile_text_is_inert(role: str) -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        for number, text in enumerate(HOSTILE.values(), start=1):
            said = Utterance(number, role, text, text, text, False, text, (CallLine(1, "✓", text, text, text),), text)
            transcript.show([said])
            transcript.action_open()
            transcript.show([coming(number), said])
            transcript.feed(text)
            await pilot.pause()
            assert not steers("".join(shown(app)))
            assert widths(app) == {80}


@pytest.mark.parametrize(
    "text",
    ["> " * 400 + "deep", "- " * 300 + "x", "x" * 20_000, "|a|b|\n|-|-|\n" + "|c|\n" * 900, "\n" * 500 + "x",
     "```py\n" + "x = '''\n" * 900,
     "`" * 900, "[" * 900 + "](" * 900, "\t\t\n" * 400, "👩‍👩‍👧‍👦" * 300, "旅行" * 200, "&#x1b;[31m"],
)  # fmt: skip
async def test_odd_markdown_is_shown_all_the_same(text: str) -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(30, 10)) as pilot:
        transcript.show([coming(1)])
        transcript.feed(text)
        await grown(pilot, transcript)
        assert widths(app) == {30}
        for key in ("pageup", "g", "G", "pagedown"):
            transcript.focus()
            await pilot.press(key)
        await pilot.resize_terminal(9, 4)
        await pilot.pause()
        assert widths(app) == {9}
