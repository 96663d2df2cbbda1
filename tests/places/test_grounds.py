"""Holidays, the sun, and what is known of a place by its name."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import get_territory_currencies

from tripsage_tui.places import home
from tripsage_tui.places.airports import Airports
from tripsage_tui.places.countries import _names, country_code, country_of_zone, currency_of
from tripsage_tui.places.grounds import Grounds
from tripsage_tui.places.holidays import holiday_on
from tripsage_tui.places.home import home_zone
from tripsage_tui.places.sun import sun_on
from tripsage_tui.preferences import Preferences

GROUNDS = Grounds(Airports())


@pytest.mark.parametrize(
    ("name", "zone", "country", "expected"),
    [
        ("HND", "Asia/Tokyo", None, ("JP", "JPY", True)),
        ("Tokyo", "Asia/Tokyo", None, ("JP", "JPY", True)),
        ("Nara", "Asia/Tokyo", None, ("JP", "JPY", False)),
        ("Nara", None, "Mali", ("ML", "XOF", True)),
        ("San José", None, "CR", ("CR", "CRC", True)),
        ("San Jose", "America/Los_Angeles", None, ("US", "USD", True)),
        ("Portugal", None, None, ("PT", "EUR", False)),
        ("Atlantis", None, None, (None, None, False)),
    ],
)
def test_a_place_by_name(
    name: str, zone: str | None, country: str | None, expected: tuple[str | None, str | None, bool]
) -> None:
    ground = GROUNDS.look_up(name, zone, country)
    assert (ground.country, ground.currency, ground.latitude is not None) == expected


def test_what_is_paid_with_agrees_with_cldr() -> None:
    newer = {"BG"}  # the euro since 2026
    for code in _names().keys() - newer:
        known = currency_of(code)
        theirs = get_territory_currencies(code, start_date=date(2026, 11, 1))
        assert known is None or known in theirs, code
    assert [currency_of(code) for code in ("JP", "DE", "US", "BG", "CH", "AQ", None)] == [
        *("JPY", "EUR", "USD", "EUR", "CHF", None, None)
    ]


def test_countries_by_name_code_and_zone() -> None:
    assert [country_code(name) for name in ("japan", "JP", "UK", "Türkiye", "nowhere")] == [
        *("JP", "JP", "GB", "TR", None)
    ]
    assert (country_of_zone("Asia/Tokyo"), country_of_zone("UTC"), country_of_zone(None)) == ("JP", None, None)


def test_holidays() -> None:
    assert holiday_on("JP", date(2027, 11, 3)) == "Culture Day"
    assert holiday_on("JP", date(2027, 11, 4)) == ""
    assert holiday_on("XX", date(2027, 11, 3)) == holiday_on(None, date(2027, 11, 3)) == ""
    assert holiday_on("DE", date(2027, 10, 3)) != ""


def test_the_sun_on_the_clock_of_the_place_and_in_the_polar_night() -> None:
    sun = sun_on(35.02, 135.75, date(2027, 11, 3), "Asia/Tokyo")
    assert sun is not None
    assert [f"{at:%H:%M}" for at in sun] in (["06:19", "17:01"], ["06:20", "17:01"])
    assert sun_on(78.2, 15.6, date(2027, 12, 21), "Arctic/Longyearbyen") is None


def test_home_is_where_the_clock_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert home_zone(datetime(2027, 1, 1, tzinfo=ZoneInfo("Asia/Kolkata"))) == "Asia/Kolkata"
    now = datetime(2027, 1, 1).astimezone()
    monkeypatch.setenv("TZ", "Europe/Lisbon")
    assert home_zone(now) == "Europe/Lisbon"
    link = tmp_path / "zoneinfo" / "America" / "Lima"
    link.parent.mkdir(parents=True)
    link.touch()
    monkeypatch.setenv("TZ", "UTC0")
    monkeypatch.setattr(home, "LOCALTIME", link)
    assert home_zone(now) == "America/Lima"
    monkeypatch.setattr(home, "LOCALTIME", tmp_path / "localtime")
    assert home_zone(now) is None


def test_a_preference_lasts_and_a_broken_file_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state" / "preferences.json"
    assert Preferences(path).get("agenda.notes", default=True)
    Preferences(path).set("agenda.notes", False)
    assert not Preferences(path).get("agenda.notes", default=True)
    path.write_text("{", encoding="utf-8")
    assert Preferences(path).get("agenda.notes", default=True)
    Preferences().set("agenda.notes", False)
