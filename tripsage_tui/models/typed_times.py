"""Times of day as people type them: `9:30`, `930`, `9pm`, `21h`, `noon`, `08:55+1` (a day later), `02:30 2nd`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from tripsage_tui.models.text import InputError, shown

_EXAMPLES = "Try 9:30, 930, 9pm or 08:55+1."
_DAYS = re.compile(r"\s*(?:\(?([+-])\s?([0-9]{1,2})\s*d?(?:ays?)?\)?|(next day))$")
_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?|h)?(?:\s?(?P<half>am|pm|a\.m\.|p\.m\.))?"
    r"(?:\s?(?:h|uhr|hrs|o'clock))?"
)
_COMPACT = re.compile(r"(?P<hour>[0-9]{1,2})(?P<minute>[0-9]{2})(?:\s?(?P<half>am|pm))?h?")
_NAMED = {"noon": time(12), "midday": time(12), "midnight": time(0)}


class InvalidTime(InputError):
    """Not a time of day."""


@dataclass(frozen=True)
class TypedTime:
    """A wall clock time; `plus_days` is None where nothing was said about the day.

    `clock.fold` is 1 for `02:30 2nd`, the second time the clock shows it in the night the clocks go back.
    """

    clock: time
    plus_days: int | None = None


def parse_time(text: str) -> tuple[time, int]:
    """The wall clock time and how many days later (`08:55+1`) it is. `24:00` is 00:00 a day later.

    Raises InvalidTime.
    """
    typed = read_time(text)
    return typed.clock, typed.plus_days or 0


def read_time(text: str) -> TypedTime:
    """As parse_time, but keeps apart `8:55+0` (that day) and `8:55` (nothing said). Raises InvalidTime."""
    typed = " ".join(text.casefold().replace("’", "'").replace("−", "-").split())
    if not typed:
        raise InvalidTime(f"Type a time. {_EXAMPLES}")
    if len(typed) > 30:
        raise InvalidTime(f"{shown(text)} is not a time. {_EXAMPLES}")
    plus_days: int | None = None
    if match := _DAYS.search(typed):
        typed = typed[: match.start()]
        plus_days = 1 if match[3] else int(match[1] + match[2])
    second_time = typed.endswith(" 2nd")
    typed = typed.removesuffix(" 2nd")
    if (clock := _NAMED.get(typed)) is None:
        match = _CLOCK.fullmatch(typed) or _COMPACT.fullmatch(typed)
        if not match:
            raise InvalidTime(f"{shown(text)} is not a time. {_EXAMPLES}")
        clock, next_day = _clock(match)
        if next_day:
            plus_days = (plus_days or 0) + 1
    return TypedTime(clock.replace(fold=int(second_time)), plus_days)


def write_time(clock: time, plus_days: int = 0) -> str:
    """A time as `read_time` reads it: `08:55`, `08:55+1`, seconds only where there are any."""
    text = f"{clock:%H:%M:%S}" if clock.second else f"{clock:%H:%M}"
    return text + (" 2nd" if clock.fold else "") + (f"{plus_days:+d}" if plus_days else "")


def _clock(match: re.Match[str]) -> tuple[time, bool]:
    parts = match.groupdict()
    hour, minute, second = int(parts["hour"]), int(parts["minute"] or 0), int(parts.get("second") or 0)
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            raise InvalidTime(f"There is no {hour} {half[0]}m; hours go from 1 to 12 with am and pm.")
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if minute > 59:
        raise InvalidTime(f"There is no minute {minute}.")
    if second > 59:
        raise InvalidTime(f"There is no second {second}.")
    if hour == 24 and not minute and not second:
        return time(0), True
    if hour > 23:
        raise InvalidTime(f"There is no hour {hour}.")
    return time(hour, minute, second), False
