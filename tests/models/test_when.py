"""Dates, countdowns and durations as they are shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.models.stored import JAPAN
from tripsage_tui.models.trips import TripFields, TripStatus
from tripsage_tui.models.when import (
    Phase,
    countdown,
    day_mark,
    duration_text,
    format_date,
    format_range,
    group_by_phase,
    phase,
)

TODAY = date(2027, 9, 20)


def trip(start: str, end: str, status: TripStatus = TripStatus.PLANNING) -> TripFields:
    dates = {"start_date": date.fromisoformat(start), "end_date": date.fromisoformat(end)}
    return JAPAN.model_copy(update={**dates, "status": status})


def test_the_year_is_shown_only_when_it_is_another_one() -> None:
    assert format_date(date(2027, 10, 2), TODAY) == "Sat 2 Oct"
    assert format_date(date(2028, 10, 2), TODAY) == "Mon 2 Oct 2028"
    assert format_date(date(2027, 10, 2)) == "Sat 2 Oct 2027"


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2027-10-02", "2027-10-15", "2–15 Oct"),
        ("2027-09-28", "2027-10-03", "28 Sep – 3 Oct"),
        ("2027-12-28", "2028-01-03", "28 Dec 2027 – 3 Jan 2028"),
        ("2028-10-02", "2028-10-15", "2–15 Oct 2028"),
        ("2027-10-02", "2027-10-02", "2 Oct"),
    ],
)
def test_ranges(start: str, end: str, text: str) -> None:
    assert format_range(date.fromisoformat(start), date.fromisoformat(end), TODAY) == text


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2027-10-02", "2027-10-15", "in 12 days"),
        ("2027-09-21", "2027-09-22", "tomorrow"),
        ("2027-09-20", "2027-09-22", "today"),
        ("2027-09-18", "2027-10-01", "day 3 of 14"),
        ("2027-09-10", "2027-09-20", "day 11 of 11"),
        ("2027-09-10", "2027-09-19", "ended yesterday"),
        ("2027-09-10", "2027-09-15", "ended 5 days ago"),
        ("2027-01-10", "2027-01-20", "ended 8 months ago"),
        ("2024-01-10", "2024-01-20", "ended 4 years ago"),
    ],
)
def test_countdown(start: str, end: str, text: str) -> None:
    assert countdown(trip(start, end), TODAY) == text


def test_a_cancelled_trip_does_not_count_down() -> None:
    cancelled = trip("2027-10-02", "2027-10-15", TripStatus.CANCELLED)
    assert countdown(cancelled, TODAY) == "cancelled"
    assert phase(cancelled, TODAY) is Phase.PAST


def test_groups_are_now_upcoming_past_each_with_the_nearest_first() -> None:
    names = {
        "soon": trip("2027-10-02", "2027-10-15"),
        "later": trip("2027-11-02", "2027-11-15"),
        "now": trip("2027-09-20", "2027-09-25"),
        "long": trip("2027-09-01", "2027-10-25"),
        "old": trip("2026-09-01", "2026-10-25"),
        "recent": trip("2027-09-01", "2027-09-19"),
    }
    trips = [fields.model_copy(update={"name": name}) for name, fields in names.items()]
    groups = group_by_phase(trips, TODAY)
    assert list(groups) == [Phase.NOW, Phase.UPCOMING, Phase.PAST]
    assert [[each.name for each in group] for group in groups.values()] == [
        ["now", "long"],
        ["soon", "later"],
        ["recent", "old"],
    ]


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0 min"),
        (45, "45 min"),
        (120, "2 h"),
        (675, "11 h 15 min"),
        (1500, "25 h"),
        (3060, "2 d 3 h"),
        (-90, "-1 h 30 min"),
    ],
)
def test_durations(minutes: int, text: str) -> None:
    assert duration_text(timedelta(minutes=minutes)) == text


def test_day_marks_follow_the_local_calendars() -> None:
    leaves = datetime(2027, 10, 2, 10, 15, tzinfo=UTC)
    assert day_mark(leaves, "Europe/Berlin", leaves + timedelta(hours=13), "Asia/Tokyo") == "+1"
    leaves = datetime(2027, 10, 2, 15, 5, tzinfo=UTC)
    assert day_mark(leaves, "Asia/Tokyo", leaves + timedelta(hours=7), "Pacific/Honolulu") == "-1"
    leaves = datetime(2027, 10, 3, 1, 40, tzinfo=UTC)
    assert day_mark(leaves, "Asia/Singapore", leaves + timedelta(hours=13), "America/Los_Angeles") == ""
