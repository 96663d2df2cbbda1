"""Zones: every name, and the nights when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.refusals import is_sentence, refusal
from tripsage_tui.models.zones import (
    InvalidZone,
    combine,
    local,
    offset_text,
    parse_zone,
    zone_abbreviation,
)

ZONES = sorted(available_timezones())
SUMMER = datetime(2027, 7, 1, 12, tzinfo=UTC)
instants = st.integers(86_400, 7_258_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize("name", ZONES)
def test_every_zone_is_accepted_in_any_case(name: str) -> None:
    assert parse_zone(name) == name
    assert parse_zone(name.upper()) == name
    assert parse_zone(f" {name.lower().replace('_', ' ')} ") == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("tokyo", "Asia/Tokyo"),
        ("new york", "America/New_York"),
        ("Ho Chi Minh", "Asia/Ho_Chi_Minh"),
        ("kolkata", "Asia/Kolkata"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("utc", "UTC"),
    ],
)
def test_the_last_part_is_enough(typed: str, name: str) -> None:
    assert parse_zone(typed) == name


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("UTC+9", "“UTC+9” is an offset; name a place instead, for example Asia/Tokyo."),
        ("Mars", "“Mars” is not a time zone; try Asia/Tokyo, Europe/Berlin or America/New_York."),
        (
            "../../etc/passwd",
            "“../../etc/passwd” is not a time zone; try Asia/Tokyo, Europe/Berlin or America/New_York.",
        ),
        ("louisville", "Several time zones end in “louisville”: America/Kentucky/Louisville, America/Louisville."),
        (" ", "Type a time zone, for example Asia/Tokyo."),
    ],
)
def test_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(InvalidZone) as refused:
        parse_zone(typed)
    assert str(refused.value) == sentence


def test_a_time_that_the_clocks_skip_moves_on_and_says_so() -> None:
    combined = combine(date(2027, 3, 28), time(2, 30), "Europe/Berlin")
    assert combined.instant == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert combined.note == "02:30 does not exist that day: the clocks go forward. Taken as 03:30."


def test_a_time_that_happens_twice_is_the_first_unless_the_second_is_asked_for() -> None:
    day = date(2027, 10, 31)
    first, second = combine(day, time(2, 30), "Europe/Berlin"), combine(day, time(2, 30, fold=1), "Europe/Berlin")
    assert second.instant - first.instant == timedelta(hours=1)
    assert first.note == (
        "02:30 happens twice that day: the clocks go back. The first one is meant. Write “02:30 2nd” for the second."
    )
    assert second.note == "02:30 happens twice that day: the clocks go back. The second one is meant."


def test_an_ordinary_time_has_nothing_to_say() -> None:
    assert combine(date(2027, 10, 2), time(9), "Asia/Tokyo").note is None


def test_a_day_that_a_country_skipped() -> None:
    combined = combine(date(2011, 12, 30), time(10), "Pacific/Apia")
    assert combined.note == ("10:00 does not exist that day: the clocks go forward. Taken as 10:00 the next day.")


@given(instants, st.sampled_from(ZONES))
def test_wall_clock_and_back_is_the_same_instant(instant: datetime, zone: str) -> None:
    wall = local(instant, zone)
    assert combine(wall.date(), wall.time(), zone).instant == instant


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Asia/Tokyo", "UTC+9"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/New_York", "UTC-4"),
        ("America/St_Johns", "UTC-2:30"),
        ("Asia/Kathmandu", "UTC+5:45"),
        ("UTC", "UTC"),
        (None, "UTC"),
    ],
)
def test_offsets(zone: str | None, text: str) -> None:
    assert offset_text(SUMMER, zone) == text


@pytest.mark.parametrize(("zone", "text"), [("Asia/Tokyo", "JST"), ("Europe/Berlin", "CEST"), ("Asia/Dubai", "UTC+4")])
def test_zones_without_letters_show_their_offset(zone: str, text: str) -> None:
    assert zone_abbreviation(SUMMER, zone) == text


def test_a_zone_that_only_another_machine_knows_is_shown_in_utc() -> None:
    assert local(SUMMER, "Moon/Tranquility") == SUMMER


@given(st.text(max_size=60))
def test_nothing_but_a_sentence_comes_of_nonsense(typed: str) -> None:
    assert is_sentence(refusal(lambda: parse_zone(typed)))
