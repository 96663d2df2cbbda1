"""Times as people type them."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.refusals import is_sentence, refusal
from tripsage_tui.models.typed_times import InvalidTime, parse_time, read_time, write_time


@pytest.mark.parametrize(
    ("typed", "clock", "plus_days"),
    [
        ("9:30", "09:30", 0),
        ("09:30", "09:30", 0),
        ("9.30", "09:30", 0),
        ("930", "09:30", 0),
        ("0930", "09:30", 0),
        ("9h30", "09:30", 0),
        ("9:30 AM", "09:30", 0),
        ("9pm", "21:00", 0),
        ("9:30 pm", "21:30", 0),
        ("9.30 p.m.", "21:30", 0),
        ("21h", "21:00", 0),
        ("9", "09:00", 0),
        ("12am", "00:00", 0),
        ("12 pm", "12:00", 0),
        ("noon", "12:00", 0),
        ("Midnight", "00:00", 0),
        ("24:00", "00:00", 1),
        ("08:55+1", "08:55", 1),
        ("8:55 +1", "08:55", 1),
        ("8:55 (+1)", "08:55", 1),
        ("8:55 next day", "08:55", 1),
        ("10:05-1", "10:05", -1),
        ("10:05−1", "10:05", -1),
        ("9pm+2", "21:00", 2),
    ],
)
def test_times(typed: str, clock: str, plus_days: int) -> None:
    assert parse_time(typed) == (time.fromisoformat(clock), plus_days)


def test_saying_nothing_about_the_day_is_not_saying_the_same_day() -> None:
    assert read_time("8:55").plus_days is None
    assert read_time("8:55+0").plus_days == 0


def test_the_second_time_of_the_night_the_clocks_go_back() -> None:
    assert read_time("02:30 2nd").clock.fold == 1
    assert write_time(time(2, 30, fold=1), 1) == "02:30 2nd+1"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("25:00", "There is no hour 25."),
        ("9:75", "There is no minute 75."),
        ("13pm", "There is no 13 pm; hours go from 1 to 12 with am and pm."),
        ("24:30", "There is no hour 24."),
        ("half past nine", "“half past nine” is not a time. Try 9:30, 930, 9pm or 08:55+1."),
        ("", "Type a time. Try 9:30, 930, 9pm or 08:55+1."),
    ],
)
def test_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(InvalidTime) as refused:
        parse_time(typed)
    assert str(refused.value) == sentence


@given(st.times().map(lambda clock: clock.replace(microsecond=0)), st.integers(-9, 99), st.integers(0, 1))
def test_what_is_written_can_be_read(clock: time, plus_days: int, fold: int) -> None:
    typed = read_time(write_time(clock.replace(fold=fold), plus_days))
    assert (typed.clock, typed.clock.fold, typed.plus_days or 0) == (clock, fold, plus_days)


@given(st.text(max_size=40) | st.from_regex(r"[0-9:.hapm+ -]{1,12}", fullmatch=True))
def test_nothing_but_a_sentence_comes_of_nonsense(typed: str) -> None:
    assert is_sentence(refusal(lambda: parse_time(typed)))
