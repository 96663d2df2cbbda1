"""Dates as people type them, without guessing: what has two readings is refused with a sentence that says so.

English month and weekday names; `2.10.` is day.month (nobody writes month.day with dots); `2/10` is refused because
half the world means the tenth of February. A date without a year is the next such day that is not before `after` (or
`today`), or, where `near` is given, the one closest to it: a flight on the eve of a trip is not a year late.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from tripsage_tui.models.text import InputError, shown

MIN_YEAR, MAX_YEAR = 1900, 2199
# English on purpose: `calendar` and `strftime` would follow the process's locale.
MONTHS = (
    *("", "January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST = 60

_WORDS = re.compile(r"[0-9]+|[a-z]+|\S")
_EXAMPLES = "Try 2 oct, 2027-10-02, fri or +3."
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_UNITS = {"d": "day", "w": "week", "wk": "week", "m": "month", "y": "year", "yr": "year"}
_STEP = r"(?P<count>[0-9]{1,4}|an?|one|two|three|four|five|six|seven|ten)\s*(?P<unit>[a-z]*)"
_NAMED_DAYS = {"today": 0, "tonight": 0, "now": 0, "tomorrow": 1, "day after tomorrow": 2, "yesterday": -1}


class InvalidDate(InputError):
    """Not a date, a date that does not exist, or one that can be read in two ways."""


@dataclass(frozen=True)
class Base:
    """What a typed date is relative to."""

    today: date
    after: date | None = None
    near: date | None = None

    @property
    def start(self) -> date:
        return self.after or self.today


def parse_date(text: str, today: date, after: date | None = None, near: date | None = None) -> date:
    """The day that was meant. `fri` and `+3` count from `after` (or `today`), `in 10 days` always from `today`.

    `fri` is the first Friday from there on, `next fri` the Friday of the calendar week after. Raises InvalidDate.
    """
    typed = " ".join(text.replace("’", "'").replace(",", " ").casefold().split())
    if not typed:
        raise InvalidDate(f"Type a date. {_EXAMPLES}")
    if len(typed) > LONGEST:
        raise InvalidDate(f"{shown(text)} is not a date. {_EXAMPLES}")
    base = Base(today, after, near)
    for reading in (_named, _relative, _weekday, _numeric, _with_month_name):
        found = reading(typed, base)
        if found is not None:
            return _in_range(found)
    raise InvalidDate(f"{shown(text)} is not a date. {_EXAMPLES}")


def shift(day: date, count: int, unit: str) -> date:
    """`day` moved by a number of days, weeks, months or years; the 31st becomes a shorter month's last day."""
    try:
        if unit in {"day", "week"}:
            return day + timedelta(days=count * (7 if unit == "week" else 1))
        years, month = divmod(day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1), 12)
        return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))
    except (ValueError, OverflowError) as error:
        raise InvalidDate(f"That is too far away: the year must be between {MIN_YEAR} and {MAX_YEAR}.") from error


def read_step(count: str, unit: str) -> tuple[int, str] | None:
    """A typed length such as `10 days`, `2w`, `a month`: how many of which unit; None if the unit is unknown."""
    word = unit.removesuffix("s") if len(unit) > 1 else unit
    word = _UNITS.get(word, word) or "day"
    if word == "night":
        word = "day"
    if word not in {"day", "week", "month", "year"}:
        return None
    return (_COUNTS[count] if count in _COUNTS else int(count)), word


def day_of(day: int, month: int, year: int) -> date:
    """A date from numbers, or the sentence that says why there is none."""
    if not 1 <= month <= 12:
        raise InvalidDate(f"There is no month {month}.")
    _check_year(year)
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise InvalidDate(_does_not_exist(day, month, year))
    return date(year, month, day)


def _named(typed: str, base: Base) -> date | None:
    days = _NAMED_DAYS.get(typed.removeprefix("the "))
    return None if days is None else base.today + timedelta(days=days)


def _relative(typed: str, base: Base) -> date | None:
    if match := re.fullmatch(rf"(?P<sign>[+-])\s*{_STEP}", typed):
        start, sign = base.start, -1 if match["sign"] == "-" else 1
    elif match := re.fullmatch(rf"in\s+{_STEP}", typed):
        start, sign = base.today, 1
    elif match := re.fullmatch(rf"{_STEP}\s+ago", typed):
        start, sign = base.today, -1
    else:
        return None
    signed = "sign" in match.groupdict()
    if not (match["unit"] or signed) or not (step := read_step(match["count"], match["unit"])):
        return None
    return shift(start, sign * step[0], step[1])


def _weekday(typed: str, base: Base) -> date | None:
    match = re.fullmatch(r"(?:(?P<which>this|on|next|coming)\s+)?(?P<name>[a-z]{3,9})", typed)
    number = name_number(match["name"], WEEKDAYS) if match else None
    if match is None or number is None:
        return None
    if match["which"] == "next":
        monday = base.start - timedelta(days=base.start.weekday())
        return monday + timedelta(days=7 + number)
    return base.start + timedelta(days=(number - base.start.weekday()) % 7)


def _numeric(typed: str, base: Base) -> date | None:
    if match := re.fullmatch(r"([0-9]{4})([-/. ]?)([0-9]{1,2})\2([0-9]{1,2})", typed):
        year, separator, month, day = match.groups()
        if separator or len(month + day) == 4:
            return day_of(int(day), int(month), int(year))
    if match := re.fullmatch(r"([0-9]{1,2})\.\s?([0-9]{1,2})(?:\.\s?([0-9]{2}|[0-9]{4})?)?", typed):
        return _placed(int(match[1]), int(match[2]), match[3], base)
    if match := re.fullmatch(r"([0-9]{1,2})[-/ ]([0-9]{1,2})(?:[-/ ]([0-9]{2}|[0-9]{4}))?", typed):
        first, second = int(match[1]), int(match[2])
        if first != second and min(first, second) >= 1 and max(first, second) <= 12:
            raise InvalidDate(
                f"{shown(typed)} can be {first} {month_abbreviation(second)} or {second} {month_abbreviation(first)}: "
                "write the month as a word."
            )
        day, month = (first, second) if second <= 12 else (second, first)
        return _placed(day, month, match[3], base)
    if match := re.fullmatch(r"(?:the )?([0-9]{1,2})(?:st|nd|rd|th|\.)?", typed):
        return _day_of_month(int(match[1]), base)
    return None


def _with_month_name(typed: str, base: Base) -> date | None:
    """`2 oct`, `oct 2nd 2027`, `sat 2nd of october '27`: one month name, one or two numbers, perhaps a weekday."""
    words = [word for word in _WORDS.findall(typed.replace("'", " ")) if word not in {"of", "the", "on", "."}]
    months = [number for word in words if (number := name_number(word, MONTHS))]
    weekdays = [number for word in words if (number := name_number(word, WEEKDAYS)) is not None]
    numbers = [word for word in words if word.isdigit()]
    suffixes = [word for word in words if word in {"st", "nd", "rd", "th"}]
    known = len(months) + len(weekdays) + len(numbers) + len(suffixes)
    if len(months) != 1 or len(weekdays) > 1 or len(suffixes) > 1 or known != len([w for w in words if w not in "-/"]):
        return None
    if not numbers or (len(numbers) == 1 and len(numbers[0]) == 4):
        raise InvalidDate(f"Which day of {MONTHS[months[0]]}?")
    if len(numbers) > 2:
        return None
    day, year = (numbers[0], numbers[1] if len(numbers) == 2 else None)
    if year and len(day) == 4:
        day, year = year, day
    if len(day) > 2 or (year and len(year) not in {2, 4}):
        return None
    found = _placed(int(day), months[0], year, base)
    if weekdays and found.weekday() != weekdays[0]:
        raise InvalidDate(
            f"{found.day} {month_abbreviation(found.month)} {found.year} is a {WEEKDAYS[found.weekday()]}, "
            f"not a {WEEKDAYS[weekdays[0]]}."
        )
    return found


def _placed(day: int, month: int, year: str | None, base: Base) -> date:
    """The date, with the year that `base` suggests where none was typed."""
    if year is not None:
        return day_of(day, month, int(year) + (2000 if len(year) == 2 else 0))
    if not 1 <= month <= 12:
        raise InvalidDate(f"There is no month {month}. Write the day first, or the month as a word.")
    if not 1 <= day <= calendar.monthrange(2000, month)[1]:
        raise InvalidDate(_does_not_exist(day, month))
    anchor = base.near or base.start
    # 29 February can be eight years away on either side (1900 and 2100 had and have none).
    existing = [y for y in range(anchor.year - 8, anchor.year + 9) if day <= calendar.monthrange(y, month)[1]]
    candidates = [date(y, month, day) for y in existing]
    if base.near:
        return min(candidates, key=lambda found: abs(found - anchor))
    return min(found for found in candidates if found >= anchor)


def _day_of_month(day: int, base: Base) -> date:
    """`14` or `14th`: the next such day, or the closest to `near`."""
    if not 1 <= day <= 31:
        raise InvalidDate(f"{day} is not a day of a month. {_EXAMPLES}")
    anchor = base.near or base.start
    found: list[date] = []
    for offset in range(-2, 4):
        month = shift(anchor.replace(day=1), offset, "month")
        if day <= calendar.monthrange(month.year, month.month)[1]:
            found.append(month.replace(day=day))
    if base.near:
        return min(found, key=lambda each: abs(each - anchor))
    return min(each for each in found if each >= anchor)


def name_number(word: str, names: tuple[str, ...]) -> int | None:
    """Index of the month or weekday that `word` begins (at least three letters)."""
    if len(word) < 3:
        return None
    return next((number for number, name in enumerate(names) if name.casefold().startswith(word)), None)


def month_abbreviation(month: int) -> str:
    return MONTHS[month][:3]


def _does_not_exist(day: int, month: int, year: int | None = None) -> str:
    in_year = f" {year}" if year is not None and month == 2 and day == 29 else ""
    return f"{day} {month_abbreviation(month)}{in_year} does not exist."


def _check_year(year: int) -> None:
    if not MIN_YEAR <= year <= MAX_YEAR:
        raise InvalidDate(f"The year must be between {MIN_YEAR} and {MAX_YEAR}.")


def _in_range(day: date) -> date:
    _check_year(day.year)
    return day
