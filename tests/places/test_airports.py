"""Airports: the real data, searched as people type."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from zoneinfo import available_timezones

import airportsdata
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tripsage_tui.places.airports import Airports

AIRPORTS = Airports()


async def codes(text: str, limit: int = 8) -> list[str]:
    return [airport.iata for airport in await AIRPORTS.search(text, limit)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("fra", ["FRA"]),
        ("FRA", ["FRA"]),
        ("hnd", ["HND"]),
        ("tokyo", ["TYO", "HND", "NRT"]),
        ("TYO", ["TYO"]),
        ("haneda", ["HND"]),
        ("tokyo haneda", ["HND"]),
        ("to", ["TYO", "YTO"]),
        ("frankfurt", ["FRA"]),
        ("paris", ["PAR", "CDG", "ORY"]),
        ("london", ["LON", "LCY", "LGW", "LHR", "LTN", "STN"]),
        ("heathrow", ["LHR"]),
        ("new york jfk", ["JFK"]),
        ("são paulo", ["SAO"]),
        ("sao paulo", ["SAO"]),
        ("ZÜRICH", ["ZRH"]),
        ("kansai", ["KIX"]),
    ],
)
async def test_what_people_type_comes_first(typed: str, first: list[str]) -> None:
    assert (await codes(typed))[: len(first)] == first


async def test_code_before_city_before_word_before_middle() -> None:
    found = await codes("mil", 500)
    assert found[0] == "MIL"
    milan, milas_bodrum, camilo_daza = (found.index(code) for code in ("MXP", "BJV", "CUC"))
    assert milan < milas_bodrum < camilo_daza


async def test_no_text_and_no_match_are_no_airports() -> None:
    assert await codes("   ") == []
    assert await codes("qqqqqq") == []


async def test_the_limit_holds() -> None:
    assert len(await codes("a", 3)) == 3


async def test_every_airport_is_found_by_its_code() -> None:
    data = airportsdata.load("IATA")
    await AIRPORTS.load()
    for code, row in data.items():
        airport = AIRPORTS.get(code.lower())
        assert airport is not None
        assert (airport.iata, airport.zone, airport.country) == (code, row["tz"], row["country"])
    for code in airportsdata.load_iata_macs():
        assert AIRPORTS.get(code) is not None


def test_every_zone_is_a_zone() -> None:
    data = airportsdata.load("IATA")
    zones = {AIRPORTS.zone_of(code) for code in data}
    assert None not in zones
    assert zones <= available_timezones()


@pytest.mark.parametrize(
    ("code", "zone"),
    [("FRA", "Europe/Berlin"), ("hnd", "Asia/Tokyo"), ("TYO", "Asia/Tokyo"), ("???", None), ("", None)],
)
def test_zones_of_codes(code: str, zone: str | None) -> None:
    assert AIRPORTS.zone_of(code) == zone


@pytest.mark.parametrize(
    ("city", "zone"),
    [
        ("Tokyo", "Asia/Tokyo"),
        ("london", "Europe/London"),
        ("Paris, France", "Europe/Paris"),
        ("Zürich", "Europe/Zurich"),
        ("San Jose", None),
        ("Japan", "Asia/Tokyo"),
        ("germany", "Europe/Berlin"),
        ("South Korea", "Asia/Seoul"),
        ("Scotland", "Europe/London"),
        ("Côte d'Ivoire", "Africa/Abidjan"),
        ("Spain", None),
        ("United States", None),
        ("", None),
        ("Atlantis", None),
    ],
)
def test_zones_of_cities(city: str, zone: str | None) -> None:
    assert AIRPORTS.zone_of_city(city) == zone


@pytest.mark.parametrize(
    ("start", "end", "km"), [("CDG", "JFK", 5834), ("ZRH", "LHR", 788), ("FRA", "HND", 9363), ("SIN", "SFO", 13582)]
)
def test_distances(start: str, end: str, km: int) -> None:
    distance = AIRPORTS.distance_km(start, end)
    assert distance == pytest.approx(km, abs=2)
    assert AIRPORTS.distance_km(end, start) == pytest.approx(distance)
    assert AIRPORTS.distance_km(start, "???") is None


def test_a_label_says_everything_once() -> None:
    haneda = AIRPORTS.get("HND")
    assert haneda is not None
    assert haneda.label == "HND  Tokyo  Tokyo International Airport (Haneda)  JP"


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_only_a_search(text: str) -> None:
    assert len(asyncio.run(AIRPORTS.search(text))) <= 8


async def test_loading_twice_at_once_reads_once() -> None:
    fresh = Airports()
    assert not fresh.loaded
    await asyncio.gather(*(fresh.load() for _ in range(5)))
    assert fresh.loaded
    assert fresh.get("FRA") is fresh.get("fra")


def test_importing_reads_nothing() -> None:
    code = (
        "import sys, tripsage_tui.places.airports as a; a.Airports();"
        "print(sorted({'airportsdata', 'babel', 'textual'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
