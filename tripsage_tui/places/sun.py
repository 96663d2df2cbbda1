"""Sunrise and sunset. The first question imports astral, 20 ms.

Source: the package `astral` (Apache-2.0), after NOAA's solar calculations; the minute is right for a flat horizon.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from tripsage_tui.models.zones import zone_info


@lru_cache(maxsize=2048)
def sun_on(latitude: float, longitude: float, day: date, zone: str | None) -> tuple[datetime, datetime] | None:
    """Rise and set on a day of a zone's calendar; None where the sun does not rise or does not set that day."""
    from astral import Observer
    from astral.sun import sunrise, sunset

    observer, place = Observer(latitude, longitude), zone_info(zone)
    try:
        return sunrise(observer, day, tzinfo=place), sunset(observer, day, tzinfo=place)
    except ValueError:
        return None
