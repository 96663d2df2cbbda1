"""Copies keep the clock time of their place, whatever daylight saving time does in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.models.shifting import shift_day, shift_instant

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia", "UTC")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  (bounds are naive)
    st.integers(-2000, 2000),
    st.sampled_from(ZONES),
)
def test_the_clock_time_stays_unless_that_hour_does_not_exist(instant: datetime, days: int, zone: str) -> None:
    place = ZoneInfo(zone)
    shifted = shift_instant(instant, days, zone)
    assert shifted is not None
    assert shifted.tzinfo is UTC
    wanted = instant.astimezone(place).replace(tzinfo=None) + timedelta(days)
    shown = shifted.astimezone(place).replace(tzinfo=None)
    if shown != wanted:
        # The hour was skipped: the clock shows a time later by the gap (a day for Apia in 2011, not in these years).
        assert timedelta(0) < shown - wanted <= timedelta(hours=1)


def test_summer_and_winter() -> None:
    summer = datetime(2027, 7, 1, 7, 15, tzinfo=UTC)  # 09:15 in Berlin
    assert shift_instant(summer, 184, "Europe/Berlin") == datetime(2028, 1, 1, 8, 15, tzinfo=UTC)
    assert shift_instant(summer, 184, None) == datetime(2028, 1, 1, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Mars/Olympus Mons", "", "../../etc/passwd", "Europe/Berlin\0", "\ud83d"])
def test_zones_that_nobody_knows_are_utc(zone: str) -> None:
    instant = datetime(2027, 7, 1, 7, 15, tzinfo=UTC)
    assert shift_instant(instant, 1, zone) == instant + timedelta(1)


def test_nothing_stays_nothing() -> None:
    assert shift_day(None, 5) is None
    assert shift_instant(None, 5, "UTC") is None
