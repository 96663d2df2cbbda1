"""How many minutes a change of vehicles needs at least.

The figures for airports are planning values, rounded up, for changing between two flights: enough to say that a plan is
too tight, not what an airline has filed. Who knows better sets `minimum_connection` in the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping

DEFAULT_DOMESTIC = 45
DEFAULT_INTERNATIONAL = 75
"""Minutes at an airport that is not in the table: within one border area, and across one."""

SELF_TRANSFER = 60
"""Minutes more where two flights are two tickets: bags are collected and checked in again, and nobody waits."""
OTHER_AIRPORT = 180
"""Minutes to change to another airport of the same city."""
BEFORE_DOMESTIC, BEFORE_INTERNATIONAL = 45, 60
"""Minutes before a flight at which its counters close."""
AFTER_DOMESTIC, AFTER_INTERNATIONAL = 20, 40
"""Minutes from landing to a train or bus at the airport."""
BETWEEN_TRAINS = 4

_AIRPORTS: Mapping[str, tuple[int, int]] = {
    "AMS": (45, 60),
    "ATL": (50, 90),
    "AUH": (45, 75),
    "BCN": (45, 60),
    "BKK": (60, 90),
    "CDG": (60, 90),
    "CLT": (40, 90),
    "CPH": (45, 60),
    "DEN": (50, 90),
    "DFW": (50, 90),
    "DOH": (45, 60),
    "DXB": (60, 75),
    "EWR": (60, 105),
    "FCO": (45, 75),
    "FRA": (45, 60),
    "GRU": (60, 90),
    "HEL": (35, 45),
    "HKG": (50, 60),
    "HND": (45, 90),
    "IAH": (60, 90),
    "ICN": (60, 75),
    "IST": (60, 75),
    "JFK": (60, 120),
    "KEF": (35, 45),
    "KIX": (45, 90),
    "KUL": (60, 75),
    "LAX": (70, 120),
    "LHR": (75, 90),
    "LIS": (60, 75),
    "LGW": (60, 75),
    "MAD": (45, 75),
    "MEX": (60, 90),
    "MIA": (60, 105),
    "MUC": (35, 45),
    "NRT": (60, 75),
    "ORD": (60, 105),
    "OSL": (40, 60),
    "PEK": (90, 120),
    "PVG": (90, 120),
    "SEA": (60, 90),
    "SFO": (60, 105),
    "SIN": (60, 60),
    "SYD": (60, 90),
    "TPE": (60, 60),
    "VIE": (25, 30),
    "YVR": (60, 90),
    "YYZ": (60, 90),
    "ZRH": (40, 45),
}

_SCHENGEN = frozenset(
    "AT BE BG CH CZ DE DK EE ES FI FR GR HR HU IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)


def border_area(country: str) -> str:
    """Within one area nobody looks at passports: a country, or the Schengen area. `country` is ISO 3166-1 alpha-2."""
    return "Schengen" if country in _SCHENGEN else country


def minimum_minutes(airport: str, *, international: bool, own: Mapping[str, int]) -> int:
    """Minutes between two flights at an airport; `own` (by IATA code, and `default`) goes before the table."""
    code = airport.strip().upper()
    if (minutes := own.get(code)) is not None:
        return minutes
    if code in _AIRPORTS:
        return _AIRPORTS[code][international]
    default = DEFAULT_INTERNATIONAL if international else DEFAULT_DOMESTIC
    return own.get("default", default)
