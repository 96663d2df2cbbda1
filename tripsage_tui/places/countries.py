"""Countries whose clocks all agree, by English name: a trip to Japan needs no city to have a time zone.

Source: `iso3166.tab` and `zone.tab` of the package `tzdata` (public domain).
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from tripsage_tui.places.folding import fold

# What the table writes differently from what people write.
_ALSO = {
    "uk": "GB",
    "great britain": "GB",
    "united kingdom": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "south korea": "KR",
    "north korea": "KP",
    "czechia": "CZ",
    "turkiye": "TR",
    "holland": "NL",
    "emirates": "AE",
    "uae": "AE",
}
_SEASONS = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC))


def zone_of_country(name: str) -> str | None:
    """The first zone of a country; None where its clocks differ in winter or summer, or where it is no country."""
    codes, zones = _tables()
    found = zones.get(codes.get(fold(name.strip()), ""), ())
    offsets = {tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in _SEASONS) for zone in found}
    return found[0] if len(offsets) == 1 else None


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Codes by folded name, and zones by code in the order of the table."""
    codes = {fold(name.partition(" (")[0]): code for code, name in _rows("iso3166.tab") if "Korea" not in name} | _ALSO
    zones: dict[str, tuple[str, ...]] = {}
    for code, _place, zone, *_ in _rows("zone.tab"):
        zones[code] = (*zones.get(code, ()), zone)
    return codes, zones


def _rows(table: str) -> list[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", table).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
