"""Dates as people type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.refusals import is_sentence, refusal
from tripsage_tui.models.typed_dates import MAX_YEAR, MIN_YEAR, InvalidDate, parse_date
from tripsage_tui.models.when import format_date

SUNDAY = date(2026, 11, 22)
WEDNESDAY = date(2026, 11, 18)
days = st.dates(date(MIN_YEAR, 1, 1), date(MAX_YEAR, 12, 31))
near_days = st.dates(date(2000, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize(
    "typed",
    [
        "2027-10-02",
        "2027/10/2",
        "20271002",
        "2.10.2027",
        "2.10.27",
        "2.10.",
        "2.10",
        "2. 10.",
        "2 oct",
        "oct 2",
        "OCT 2",
        "2 Oct 27",
        "2 oct '27",
        "2oct",
        "2-oct-2027",
        "2nd of october",
        "the 2nd of october 2027",
        "October 2nd, 2027",
        "sat 2 oct",
        "Saturday, 2 October 2027",
        "  2   oct  ",
    ],
)
def test_one_day_in_many_ways(typed: str) -> None:
    assert parse_date(typed, SUNDAY) == date(2027, 10, 2)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("today", "2026-11-18"),
        ("tomorrow", "2026-11-19"),
        ("the day after tomorrow", "2026-11-20"),
        ("yesterday", "2026-11-17"),
        ("wed", "2026-11-18"),
        ("fri", "2026-11-20"),
        ("this friday", "2026-11-20"),
        ("next fri", "2026-11-27"),
        ("next mon", "2026-11-23"),
        ("tue", "2026-11-24"),
        ("+3", "2026-11-21"),
        ("+2w", "2026-12-02"),
        ("+1m", "2026-12-18"),
        ("-1", "2026-11-17"),
        ("in 10 days", "2026-11-28"),
        ("in a week", "2026-11-25"),
        ("in two weeks", "2026-12-02"),
        ("3 days ago", "2026-11-15"),
        ("14 oct", "2027-10-14"),
        ("18 nov", "2026-11-18"),
        ("14", "2026-12-14"),
        ("20th", "2026-11-20"),
        ("29 feb", "2028-02-29"),
        ("25/12", "2026-12-25"),
        ("12/25", "2026-12-25"),
        ("1/1", "2027-01-01"),
    ],
)
def test_relative_to_today(typed: str, meant: str) -> None:
    assert parse_date(typed, WEDNESDAY) == date.fromisoformat(meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14 oct", "2027-10-14"),
        ("1 oct", "2028-10-01"),
        ("sun", "2027-10-03"),
        ("+3", "2027-10-05"),
        ("5", "2027-10-05"),
    ],
)
def test_after_a_day(typed: str, meant: str) -> None:
    assert parse_date(typed, WEDNESDAY, after=date(2027, 10, 2)) == date.fromisoformat(meant)


@pytest.mark.parametrize(
    ("typed", "meant"), [("1 oct", "2027-10-01"), ("16 oct", "2027-10-16"), ("30.9.", "2027-09-30")]
)
def test_the_eve_of_a_trip_is_not_a_year_late(typed: str, meant: str) -> None:
    start = date(2027, 10, 2)
    assert parse_date(typed, WEDNESDAY, after=start, near=start) == date.fromisoformat(meant)


def test_in_ten_days_counts_from_today_whatever_comes_before() -> None:
    assert parse_date("in 10 days", WEDNESDAY, after=date(2027, 10, 2)) == date(2026, 11, 28)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2/10", "“2/10” can be 2 Oct or 10 Feb: write the month as a word."),
        ("3-4-2027", "“3-4-2027” can be 3 Apr or 4 Mar: write the month as a word."),
        ("30 feb", "30 Feb does not exist."),
        ("29 feb 2027", "29 Feb 2027 does not exist."),
        ("31.4.2027", "31 Apr does not exist."),
        ("2027-13-01", "There is no month 13."),
        ("10.25", "There is no month 25. Write the day first, or the month as a word."),
        ("fri 2 oct 2027", "2 Oct 2027 is a Saturday, not a Friday."),
        ("oct", "Which day of October?"),
        ("october 2027", "Which day of October?"),
        ("2 oct 1850", "The year must be between 1900 and 2199."),
        ("+9999y", "That is too far away: the year must be between 1900 and 2199."),
        ("32", "32 is not a day of a month. Try 2 oct, 2027-10-02, fri or +3."),
        ("soon", "“soon” is not a date. Try 2 oct, 2027-10-02, fri or +3."),
        ("2 oct @", "“2 oct @” is not a date. Try 2 oct, 2027-10-02, fri or +3."),
        ("in 10", "“in 10” is not a date. Try 2 oct, 2027-10-02, fri or +3."),
        ("", "Type a date. Try 2 oct, 2027-10-02, fri or +3."),
    ],
)
def test_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(InvalidDate) as refused:
        parse_date(typed, SUNDAY)
    assert str(refused.value) == sentence


@given(days, near_days)
def test_what_is_shown_can_be_typed(day: date, today: date) -> None:
    assert parse_date(day.isoformat(), today) == day
    assert parse_date(format_date(day), today) == day


@given(near_days, near_days)
def test_without_a_year_the_next_one(day: date, today: date) -> None:
    found = parse_date(format_date(day, day, weekday=False), today)
    assert (found.day, found.month) == (day.day, day.month)
    assert found >= today
    assert found - today < timedelta(days=366 if (day.day, day.month) != (29, 2) else 366 * 8)


@given(near_days, near_days)
def test_near_is_never_more_than_half_a_year_away(day: date, near: date) -> None:
    found = parse_date(format_date(day, day, weekday=False), near, near=near)
    limit = 184 if (day.day, day.month) != (29, 2) else 366 * 4
    assert abs(found - near) <= timedelta(days=limit)


@given(st.text(max_size=80) | st.from_regex(r"[0-9a-z+./ -]{1,20}", fullmatch=True), near_days)
def test_nothing_but_a_sentence_comes_of_nonsense(typed: str, today: date) -> None:
    assert is_sentence(refusal(lambda: parse_date(typed, today)))
