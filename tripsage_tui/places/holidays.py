"""Public holidays of a country, by day. Offline; the first question imports the package, 0.3 s: ask in a thread.

Source: the package `holidays` (MIT), nationwide public holidays, English names where it has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache


@lru_cache(maxsize=128)
def holidays_in(country: str, year: int) -> Mapping[date, str]:
    """The public holidays of a country (ISO 3166-1 alpha-2) in a year; none for a country that is not known."""
    import holidays

    # A language that a country has not got is answered in its own.
    try:
        found = holidays.country_holidays(country, years=year, language="en_US")
    except NotImplementedError:
        return {}
    return {day: name for day, name in found.items() if day.year == year}


def holiday_on(country: str | None, day: date) -> str:
    """The name of the public holiday, several joined by a comma; empty on other days."""
    if country is None:
        return ""
    return holidays_in(country, day.year).get(day, "").replace("; ", ", ")
