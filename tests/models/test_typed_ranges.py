"""From-to dates and lengths as people type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.refusals import is_sentence, refusal
from tripsage_tui.models.typed_dates import InvalidDate
from tripsage_tui.models.typed_ranges import parse_end, parse_length, parse_range
from tripsage_tui.models.when import format_range

TODAY = date(2026, 11, 22)
near_days = st.dates(date(2000, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize(
    "typed",
    [
        "2-16 oct",
        "2 - 16 oct",
        "2 – 16 oct 2027",
        "oct 2-16",
        "oct 2 - 16 2027",
        "2 oct - 16 oct",
        "2oct-16oct",
        "2 oct to 16 oct 2027",
        "2027-10-02..2027-10-16",
        "2027-10-02 to 2027-10-16",
        "2.-16.10.",
        "2.10.-16.10.2027",
        "2 oct for 15 days",
        "2 oct, 14 nights",
        "2 oct until 16 oct",
    ],
)
def test_one_range_in_many_ways(typed: str) -> None:
    assert parse_range(typed, TODAY) == (date(2027, 10, 2), date(2027, 10, 16))


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("28 dec - 3 jan", "2026-12-28", "2027-01-03"),
        ("28 dec - 3 jan 2028", "2027-12-28", "2028-01-03"),
        ("1 nov - 3 nov 2026", "2026-11-01", "2026-11-03"),
        ("fri-sun", "2026-11-27", "2026-11-29"),
        ("tomorrow for a week", "2026-11-23", "2026-11-29"),
        ("14 days", "2026-11-22", "2026-12-05"),
        ("2 oct", "2027-10-02", "2027-10-02"),
        ("2 oct for two weeks", "2027-10-02", "2027-10-15"),
    ],
)
def test_ranges(typed: str, start: str, end: str) -> None:
    assert parse_range(typed, TODAY) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("18-14 oct", "“14 oct” is before “18”."),
        ("2027-10-16..2027-10-02", "“2027-10-02” is before “2027-10-16”."),
        ("0 days", "That is no time at all; one day is the least."),
        ("2 oct - 30 feb", "30 Feb does not exist."),
        ("2/3 - 4/3", "“2/3” can be 2 Mar or 3 Feb: write the month as a word."),
    ],
)
def test_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(InvalidDate) as refused:
        parse_range(typed, TODAY)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        ("14 days", "2027-10-15"),
        ("14 nights", "2027-10-16"),
        ("a week", "2027-10-08"),
        ("16 oct", "2027-10-16"),
        ("+3", "2027-10-05"),
    ],
)
def test_an_end_is_a_date_or_a_length(typed: str, end: str) -> None:
    assert parse_end(typed, TODAY, date(2027, 10, 2)) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("typed", "days"), [("1 day", 1), ("4 nights", 5), ("2w", 14), ("10", None), ("3 months", None)]
)
def test_lengths(typed: str, days: int | None) -> None:
    assert parse_length(typed) == days


@given(near_days, st.integers(0, 800), near_days)
def test_what_is_shown_can_be_typed(start: date, length: int, today: date) -> None:
    end = start + timedelta(days=length)
    assert parse_range(format_range(start, end), today) == (start, end)
    assert parse_range(f"{start}..{end}", today) == (start, end)


@given(st.text(max_size=80) | st.from_regex(r"[0-9a-z./ –-]{1,25}", fullmatch=True), near_days)
def test_nothing_but_a_sentence_comes_of_nonsense(typed: str, today: date) -> None:
    assert is_sentence(refusal(lambda: parse_range(typed, today)))
