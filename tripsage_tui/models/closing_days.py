"""When a place is closed: `mon, holidays`, `mon-wed`, `weekends`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tripsage_tui.models.text import InputError, shown
from tripsage_tui.models.typed_dates import WEEKDAYS, name_number


@dataclass(frozen=True)
class Closed:
    """ISO days of the week (1 Monday to 7 Sunday), and whether public holidays too."""

    weekdays: tuple[int, ...] = ()
    holidays: bool = False


def read_closed(typed: str) -> Closed:
    """What was typed, in any order and case. Raises InputError."""
    days: set[int] = set()
    holidays = False
    folded = re.sub(r"\s*[-–]\s*", "-", typed.casefold().replace("public holidays", "holidays"))
    for word in re.split(r"[\s,;/]+|\band\b", folded):
        if not word or word == "on":
            continue
        if word.rstrip("s") in {"holiday", "hol"}:
            holidays = True
        elif word.rstrip("s") == "weekend":
            days |= {6, 7}
        else:
            days |= set(_days(word))
    return Closed(tuple(sorted(days)), holidays)


def write_closed(closed: Closed) -> str:
    """As `read_closed` reads it."""
    names = [WEEKDAYS[day - 1][:3].lower() for day in closed.weekdays if 1 <= day <= 7]
    return ", ".join([*names, *(["holidays"] if closed.holidays else [])])


def _days(word: str) -> list[int]:
    ends = [name_number(part.rstrip("s") if len(part) > 3 else part, WEEKDAYS) for part in word.split("-")]
    if len(ends) > 2 or any(end is None for end in ends):
        raise InputError(f"{shown(word)} is no day of the week. Try mon, wed-fri or holidays.")
    first, last = ends[0] or 0, ends[-1] or 0
    return [(first + step) % 7 + 1 for step in range((last - first) % 7 + 1)]
