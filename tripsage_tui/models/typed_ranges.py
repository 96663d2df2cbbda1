"""From-to dates as people type them: `14-18 oct`, `2 oct - 16 oct 2027`, `2027-10-02..2027-10-16`, `2 oct for 14 days`.

Each half lends the other what it leaves out, and nothing else is assumed.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from tripsage_tui.models.text import shown
from tripsage_tui.models.typed_dates import InvalidDate, parse_date, read_step, shift

_LENGTH = re.compile(
    r"(?:for\s+)?(?P<count>[0-9]{1,4}|an?|one|two|three|four|five|six|seven|ten)\s*(?P<unit>[a-z]+)", re.ASCII
)
_SEPARATORS = (r"\s*\.\.+\s*", r"\s*[–—→]\s*", r"\s*->\s*", r"\s+(?:to|until|till)\s+", r"\s+-\s+")
_TIGHT = (
    re.compile(r"(?P<start>[0-9]{1,2})-(?P<end>[0-9]{1,2}\.?\s+[a-z].*)"),
    re.compile(r"(?P<start>[a-z]{3,9}\s+[0-9]{1,2})-(?P<end>[0-9]{1,2}(?:\s+[0-9]{4})?)"),
    re.compile(r"(?P<start>(?:next\s+)?[a-z]{3,9})-(?P<end>[a-z]{3,9})"),
    re.compile(r"(?P<start>[0-9]{1,2}\s*[a-z]{3,9})-(?P<end>[0-9]{1,2}\s*[a-z]{3,9}.*)"),
    re.compile(r"(?P<start>[0-9]{1,2}\.(?:[0-9]{1,2}\.)?)-(?P<end>[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4})?)"),
)
_YEAR = re.compile(r"\b[0-9]{4}\b")


def parse_range(text: str, today: date, after: date | None = None) -> tuple[date, date]:
    """First and last day, both included; a single date is a range of one day.

    Raises InvalidDate, also where the end is before the start.
    """
    typed = " ".join(text.replace("’", "'").replace(",", " ").casefold().split())
    if days := parse_length(typed):
        start = after or today
        return start, start + timedelta(days=days - 1)
    if match := re.fullmatch(rf"(?P<start>.+?)\s+(?P<length>{_LENGTH.pattern})", typed):
        days = parse_length(match["length"])
        if days:
            start = parse_date(match["start"], today, after)
            return start, shift(start, days - 1, "day")
    halves = _halves(typed)
    if halves is None:
        day = parse_date(text, today, after)
        return day, day
    return _between(*halves, today=today, after=after)


def parse_end(text: str, today: date, start: date) -> date:
    """The last day of something that begins on `start`: a date, or a length such as `14 days` or `4 nights`.

    A length in days counts the first one, a length in nights does not. Raises InvalidDate.
    """
    days = parse_length(" ".join(text.casefold().split()))
    return shift(start, days - 1, "day") if days else parse_date(text, today, after=start)


def parse_length(text: str) -> int | None:
    """Calendar days, both ends counted, of `14 days`, `2 weeks`, `13 nights`; None if it is not a length.

    Raises InvalidDate for a length of nothing.
    """
    match = _LENGTH.fullmatch(text.strip())
    if not match or not match["unit"]:
        return None
    step = read_step(match["count"], match["unit"])
    if step is None or step[1] in {"month", "year"}:
        return None
    count = step[0] * (7 if step[1] == "week" else 1)
    if not count:
        raise InvalidDate("That is no time at all; one day is the least.")
    return count + 1 if match["unit"].startswith("night") else count


def _halves(typed: str) -> tuple[str, str] | None:
    for separator in _SEPARATORS:
        parts = re.split(separator, typed)
        if len(parts) == 2 and all(parts):
            return parts[0], parts[1]
    for pattern in _TIGHT:
        if match := pattern.fullmatch(typed):
            return match["start"], match["end"]
    return None


def _between(first: str, last: str, *, today: date, after: date | None) -> tuple[date, date]:
    """Both ends, each lending the other what it leaves out (month or year)."""
    if re.fullmatch(r"[0-9]{1,2}\.?", first):
        end = parse_date(last, today, after)
        start = _same_month(first, end, last)
    elif _YEAR.search(last) and not _YEAR.search(first):
        end = _end_with_year(first, last, today)
        start = parse_date(first, today, near=end)
        if start > end:
            start = parse_date(first, today, after=shift(end, -1, "year"))
    else:
        start = parse_date(first, today, after)
        end = parse_date(last, today, after=start)
    if end < start:
        raise InvalidDate(f"{shown(last)} is before {shown(first)}.")
    return start, end


def _same_month(first: str, end: date, last: str) -> date:
    day = int(first.rstrip("."))
    if not 1 <= day <= end.day:
        raise InvalidDate(f"{shown(last)} is before {shown(first)}." if day else "There is no day 0.")
    return end.replace(day=day)


def _end_with_year(first: str, last: str, today: date) -> date:
    """`18 2027` takes its month from the first half."""
    if match := re.fullmatch(r"(?P<day>[0-9]{1,2})\s+(?P<year>[0-9]{4})", last):
        month = " ".join(re.findall(r"[a-z]{3,9}", first))
        return parse_date(f"{match['day']} {month} {match['year']}", today)
    return parse_date(last, today)
