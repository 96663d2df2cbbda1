"""Messages: streaming renders only the tail, the end is followed while the reader is there, hostile text is inert."""

from __future__ import annotations

import pytest

from tests.hostile import HOSTILE, steers
from tests.widgets.stage import Stage, shown
from tripsage_tui.widgets.markdown_text import SEGMENT, code_blocks, cut, segments
from tripsage_tui.widgets.transcript import CallLine, MessageView, Transcript, Utterance

LONG = "\n\n".join(f"Line {number}: " + "temple " * 30 for number in range(60))


def talk(count: int) -> list[Utterance]:
    return [
        Utterance(number, "user" if number % 2 else "assistant", f"message {number}", "You" if number % 2 else "m-1")
        for number in range(1, count + 1)
    ]


def test_segments_are_the_whole_text_and_no_code_is_cut() -> None:
    code = "```\n" + "x = 1\n\n" * 600 + "```\n\n"
    text = LONG + "\n\n" + code + LONG
    assert "".join(segments(text)) == text
    assert len(segments(text)) > 4
    assert all(part.count("```") % 2 == 0 for part in segments(text))
    assert cut("short\n\ntext") == 0
    assert cut("a" * SEGMENT + "\n\nrest") == SEGMENT + 2
    assert cut("```\n" + "a" * SEGMENT + "\n\nrest") == 0
    assert code_blocks("a\n```sh\nls\n```\nb\n~~~\nx\n~~~\n") == ["ls\n", "x\n"]


async def test_an_answer_comes_and_is_all_there() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        await transcript.show([*talk(1), Utterance(2, "assistant", "", coming=True)])
        view = transcript.view(2)
        assert view is not None
        for at in range(0, len(LONG), 37):
            view.feed(LONG[at : at + 37])
            if at % 370 == 0:
                await pilot.pause()
        await pilot.pause(0.1)
        assert "Line 59: temple" in "\n".join(shown(app))
        sealed = list(view.query(".-sealed"))
        assert len(sealed) > 3
        await transcript.show([*talk(1), Utterance(2, "assistant", LONG, note="complete")])
        await pilot.pause()
        assert list(view.query(".-sealed"))[: len(sealed)] == sealed
        assert view.utterance.text == LONG
        assert "Line 59: temple" in "\n".join(shown(app))


async def test_a_reader_who_went_up_is_left_there() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        await transcript.show([*talk(19), Utterance(20, "assistant", "", coming=True)])
        await pilot.pause()
        assert transcript.scroll_y == transcript.max_scroll_y > 0
        transcript.scroll_to(y=3, animate=False)
        await pilot.pause()
        view = transcript.view(20)
        assert view is not None
        view.feed(LONG)
        await pilot.pause(0.1)
        assert transcript.scroll_y == 3
        transcript.follow()
        await pilot.pause()
        view.feed(LONG)
        await pilot.pause(0.1)
        assert transcript.scroll_y == transcript.max_scroll_y


async def test_older_messages_come_when_the_reader_goes_up() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        await transcript.show(talk(500))
        await pilot.pause()
        assert len(transcript.views) == 20
        transcript.focus()
        await pilot.press("up", "k")
        assert transcript.current is not None
        assert transcript.current.utterance.key == 498
        await pilot.press("g")
        await pilot.pause()
        assert transcript.current.utterance.key == 1
        await pilot.press("G")
        assert transcript.current.utterance.key == 500


async def test_another_branch_takes_the_place_of_the_old_one() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        first = talk(4)
        await transcript.show(first)
        same = transcript.view(1)
        await transcript.show([first[0], Utterance(9, "assistant", "Other"), Utterance(10, "user", "Then")])
        await pilot.pause()
        assert [view.utterance.key for view in transcript.views] == [1, 9, 10]
        assert transcript.view(1) is same
        text = "\n".join(shown(app))
        assert "message 2" not in text
        assert text.index("Other") < text.index("Then")


async def test_calls_and_thoughts_are_closed_until_they_are_opened() -> None:
    transcript = Transcript()
    app = Stage(transcript)
    said = Utterance(
        1, "assistant", "Done.", "m-1", thinking="well well", below="used 1 memory",
        calls=(CallLine(1, "✓", "add_item Dinner", "done", '{"id": 7}'),),
    )  # fmt: skip
    async with app.run_test(size=(80, 24)) as pilot:
        await transcript.show([said])
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


@pytest.mark.parametrize("role", ["user", "assistant"])
async def test_hostile_text_is_inert(role: str) -> None:
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(80, 24)) as pilot:
        for number, text in enumerate(HOSTILE.values(), start=1):
            said = Utterance(number, role, text, text, text, False, text, (CallLine(1, "✓", text, text, text),), text)
            await transcript.show([said])
            view = transcript.view(number)
            assert isinstance(view, MessageView)
            view.toggle()
            view.feed(text)
            await pilot.pause()
            assert not steers("".join(shown(app)))
