"""Nothing that we did not write steers the terminal or is read as markup."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.hostile import HOSTILE, steers
from tripsage_tui.widgets.safe_text import clean, fit, fit_right, line, one_line, template


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_that_steers_is_left(text: str) -> None:
    assert not steers(clean(text))
    assert not steers(one_line(text))


@given(st.text(alphabet=st.characters(exclude_categories=()) | st.sampled_from("\x1b[]P^_\\\x07;?$q0 m\x9b")))
def test_nothing_that_steers_is_left_of_any_text(text: str) -> None:
    assert not steers(clean(text))
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_readable_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


def test_sequences_go_whole_and_what_people_write_stays() -> None:
    assert clean("\x1b[31mred\x1b[0m") == "red"
    assert clean("\x1b]52;c;aGFja2Vk\x07copied") == "copied"
    assert clean("👨‍👩‍👧 \tnew\nline") == "👨‍👩‍👧 \tnew\nline"
    assert clean("cut \x1b]52;c;text") == "cut ]52;c;text"


def test_a_letter_keeps_a_few_marks_and_not_a_tower() -> None:
    assert clean("Z" + "\u0301" * 500 + "a") == "Z" + "\u0301" * 4 + "a"
    assert clean("Việt Nam, naïve") == "Việt Nam, naïve"


def test_markup_is_shown_literally() -> None:
    assert line("[@click=app.quit]x[/]").plain == "[@click=app.quit]x[/]"
    shown = template("[b]$who[/b]: $what", who="[/", what="[@click=app.quit]x[/]")
    assert shown.plain == "[/: [@click=app.quit]x[/]"
    assert len(shown.spans) == 1


@given(st.text(max_size=60), st.integers(0, 40))
def test_fitted_text_has_the_width_asked_for(text: str, width: int) -> None:
    assert cell_len(fit(one_line(text), width)) == width
    assert cell_len(fit_right(one_line(text), width)) == width


def test_fitted_text_says_that_it_was_cut() -> None:
    assert fit("Japan in autumn", 8) == "Japan i…"
    assert fit("Japan", 8) == "Japan   "
    assert fit_right("Japan", 8) == "   Japan"
    assert fit("日本の秋", 5) == "日本…"


def test_a_million_hostile_characters_are_cleaned_at_once() -> None:
    start = time.perf_counter()
    for piece in ("\x1b]", "\x1b[0", "\x1bP", "\u0301", "a\n", "\x9b"):
        clean(piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - start < 5
