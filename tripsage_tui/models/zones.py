"""Time zones: names as people type them, wall clock to instant and back, offsets as text.

Names are IANA's. Everything in `zoneinfo.available_timezones()` is accepted, aliases too: another program may have
stored `Asia/Calcutta`, and it means what it always meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from tripsage_tui.models.text import InputError, shown

_OFFSET = re.compile(r"(?:utc|gmt)?\s*[+-]\s*[0-9]{1,2}(?::?[0-9]{2})?", re.ASCII)
_NUMERIC_NAME = re.compile(r"[+-][0-9]+")


class InvalidZone(InputError):
    """No such time zone, or several."""


@dataclass(frozen=True)
class Combined:
    """A wall clock time as an instant, and a sentence where the clock change of that day needed a decision."""

    instant: datetime
    note: str | None = None


def parse_zone(text: str) -> str:
    """The IANA name for a zone typed in any case, by full name (`asia/tokyo`) or last part (`tokyo`, `new york`).

    Raises InvalidZone.
    """
    typed = "_".join(text.split()).casefold()
    if not typed:
        raise InvalidZone("Type a time zone, for example Asia/Tokyo.")
    by_name, by_city = _names()
    if name := by_name.get(typed):
        return name
    cities = by_city.get(typed, ())
    if len(cities) == 1:
        return cities[0]
    if cities:
        raise InvalidZone(f"Several time zones end in {shown(text)}: {', '.join(cities)}.")
    if _OFFSET.fullmatch(text.strip().casefold()):
        raise InvalidZone(f"{shown(text)} is an offset; name a place instead, for example Asia/Tokyo.")
    raise InvalidZone(f"{shown(text)} is not a time zone; try Asia/Tokyo, Europe/Berlin or America/New_York.")


def zone_info(name: str | None) -> tzinfo:
    """The zone of a stored name; UTC where there is none or this machine does not know it (a newer tzdata wrote it)."""
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def local(instant: datetime, zone: str | None) -> datetime:
    """The wall clock in `zone` at an instant."""
    return instant.astimezone(zone_info(zone))


def combine(day: date, clock: time, zone: str) -> Combined:
    """The instant at which a wall clock in `zone` shows `day` and `clock`.

    A time that the clocks skip in spring is moved forward by what they skip; of a time that happens twice in autumn the
    first is meant unless `clock.fold` is 1. Both are said in the note. Arithmetic: PEP 495.
    """
    wall = datetime.combine(day, clock.replace(tzinfo=None), tzinfo=zone_info(zone))
    instant = wall.astimezone(UTC)
    back = instant.astimezone(wall.tzinfo)
    if back.replace(tzinfo=None) != wall.replace(tzinfo=None):
        later = "" if back.date() == day else " the next day"
        return Combined(
            instant, f"{clock:%H:%M} does not exist that day: the clocks go forward. Taken as {back:%H:%M}{later}."
        )
    first, second = wall.replace(fold=0), wall.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return Combined(instant)
    taken, other = ("second", "") if clock.fold else ("first", f" Write “{clock:%H:%M} 2nd” for the second.")
    note = f"{clock:%H:%M} happens twice that day: the clocks go back. The {taken} one is meant.{other}"
    return Combined(instant, note)


def offset_text(instant: datetime, zone: str | None) -> str:
    """The offset of a zone at an instant: `UTC+9`, `UTC+5:30`, `UTC-3`, `UTC`. Seconds of old local mean times drop."""
    offset = local(instant, zone).utcoffset() or timedelta()
    minutes = round(abs(offset).total_seconds() / 60)
    if not minutes:
        return "UTC"
    sign = "-" if offset < timedelta() else "+"
    hours, rest = divmod(minutes, 60)
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"


def zone_abbreviation(instant: datetime, zone: str | None) -> str:
    """What people call the zone then (`JST`, `CEST`); its offset where it has no name of its own (`UTC+4`)."""
    name = local(instant, zone).tzname() or ""
    return offset_text(instant, zone) if not name or _NUMERIC_NAME.fullmatch(name) else name


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """All zones by casefolded name, and by casefolded last part; about 40 ms, once, on first use."""
    by_name = {name.casefold(): name for name in sorted(available_timezones())}
    by_city: dict[str, tuple[str, ...]] = {}
    for name in by_name.values():
        city = name.rpartition("/")[2].casefold()
        by_city[city] = (*by_city.get(city, ()), name)
    return by_name, by_city
