"""Days and times of day in a line, found with the readers of the forms: whatever they read, this finds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tripsage_tui.models.booking_reading import FormContext
from tripsage_tui.models.quick_line import TIME, Line
from tripsage_tui.models.text import InputError
from tripsage_tui.models.typed_dates import MONTHS, WEEKDAYS, name_number, parse_date, shift
from tripsage_tui.models.typed_ranges import parse_range
from tripsage_tui.models.typed_times import TypedTime, read_time

WIDEST = 8
"""Words of a date, as in `14 oct 2027 - 18 oct 2027`."""
_LEAD = frozenset({"next", "this", "coming", "the"})
_BETWEEN = frozenset({"of", "the", ",", "-", "–", "to", "until", "till", ".."})
_JOINS = re.compile(r"\s(?:-|–|to|until|till)\s|\.\.|[^\W_]\.?(?:-|–)[^\W_]")
_NAMED = frozenset({"today", "tomorrow", "tonight"})
_NUMBER = re.compile(r"[0-9]{1,2}(?:st|nd|rd|th|\.)?|(?:19|20|21)[0-9]{2}|'[0-9]{2}")
_WHOLE = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:\.\.|/)[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})?"
    r"|[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{2,4})?|[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?"
    r"|(?:[0-9]{1,2}\.){1,2}[-–][0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4})?"
)
_SPAN = re.compile(r"[0-9]{1,2}[-–][0-9]{1,2}\.?")
_PIECES = re.compile(r"[0-9]+|[^\W\d_]+")


@dataclass(frozen=True)
class DaySpan:
    """Words that say a day, or a first and a last one; `text` is what a form's field takes for it.

    `weak` is a weekday alone, which may as well be part of a name.
    """

    first: int
    count: int
    day: date
    text: str
    last: date | None = None
    weak: bool = False


@dataclass(frozen=True)
class TimeSpan:
    """Words that say a time of day."""

    first: int
    count: int
    text: str
    read: TypedTime


def find_times(line: Line) -> list[TimeSpan]:
    """The times of a line, held so that nothing else takes them."""
    found: list[TimeSpan] = []
    place = 0
    while place < len(line.words):
        count = _time_at(line, place)
        if count:
            text = line.slice(place, count)
            found.append(TimeSpan(place, count, text, read_time(text)))
            line.hold(place, count)
        place += count or 1
    return found


def find_days(line: Line, context: FormContext) -> list[DaySpan]:
    """The days of a line in their order, held; a weekday alone only where nothing else says the day."""
    found: list[DaySpan] = []
    place = 0
    while place < len(line.words):
        span = _numbered_day(line, place, context) or _day_at(line, place, context)
        if span is not None:
            found.append(span)
            line.hold(span.first, span.count)
        place += span.count if span else 1
    strong = [span for span in found if not span.weak]
    kept = strong or _likely(found, line)
    for span in found:
        if span not in kept:
            line.release(span.first, span.count)
    return kept


def read_range(text: str, context: FormContext) -> tuple[date, date]:
    """First and last day, of all years and months that fit the closest to the trip. Raises InputError."""
    after = context.after
    first = parse_range(text, context.today, after)
    if after is None or context.trip is None or first[0] <= context.trip.end_date:
        return first
    # A night on the eve of the trip is not a year late.
    earlier = parse_range(text, context.today, after=shift(after, -90, "day"))
    start = context.trip.start_date
    return min(first, earlier, key=lambda days: abs(days[0] - start))


def _time_at(line: Line, place: int) -> int:
    """How many words from `place` on are one time; 0 for none."""
    if not line.free(place):
        return 0
    word = line.words[place].folded
    if not TIME.fullmatch(word):
        following = line.folded(place + 1)
        if not (word.isdigit() and len(word) < 3 and following and following[0] in {"am", "pm"}):
            return 0
    for count in (3, 2, 1):
        more = line.folded(place + 1, count - 1)
        if line.free(place, count) and all(_goes_on(each) for each in more) and _reads(line.slice(place, count)):
            return count
    return 0


def _goes_on(word: str) -> bool:
    return word in {"am", "pm"} or bool(re.fullmatch(r"\(?[+-][0-9]{1,2}d?\)?", word))


def _reads(text: str) -> bool:
    try:
        read_time(text)
    except InputError:
        return False
    return True


def _numbered_day(line: Line, place: int, context: FormContext) -> DaySpan | None:
    """`day 3`, `day 3-5` of the trip."""
    if context.trip is None or not line.free(place, 2) or line.folded(place) != ("day",):
        return None
    match = re.fullmatch(r"([0-9]{1,3})(?:[-–]([0-9]{1,3}))?", line.words[place + 1].text)
    if match is None or not int(match[1]):
        return None
    start = context.trip.start_date
    first = start + timedelta(days=int(match[1]) - 1)
    last = start + timedelta(days=int(match[2]) - 1) if match[2] else None
    if last and last <= first:
        return None
    return DaySpan(place, 2, first, first.isoformat(), last)


def _day_at(line: Line, place: int, context: FormContext) -> DaySpan | None:
    """The longest date that begins with the word at `place`. A date that does not exist is refused with the reason."""
    widest = 0
    while widest < WIDEST and line.free(place + widest) and _fits(line.words[place + widest].folded):
        widest += 1
    reason: tuple[int, str] | None = None
    for count in range(widest, 0, -1):
        words = line.folded(place, count)
        if words[-1] in _BETWEEN | _LEAD or words[0] in _BETWEEN - _LEAD or not _says_a_day(words) or _crowded(words):
            continue
        try:
            return _read(line, place, count, words, context)
        except InputError as error:
            if "is not a date" not in str(error) and any(char.isdigit() for word in words for char in word):
                reason = reason or (count, str(error))
    if reason:
        line.refuse(place, *reason)
    return None


def _read(line: Line, place: int, count: int, words: Sequence[str], context: FormContext) -> DaySpan:
    text = line.slice(place, count)
    weak = count <= 2 and all(word in _LEAD or name_number(word, WEEKDAYS) is not None for word in words)
    if _JOINS.search(text) and not re.fullmatch(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", text):
        first, last = read_range(text.replace("/", "..") if text.count("-") == 4 else text, context)
        return DaySpan(place, count, first, first.isoformat(), last if last > first else None)
    day = parse_date(text, context.today, context.after, context.start)
    return DaySpan(place, count, day, text, weak=weak)


def _fits(word: str) -> bool:
    """Whether a word can be part of a date."""
    return word in _LEAD | _BETWEEN or _is_number(word) or _says_a_day((word,))


def _is_number(word: str) -> bool:
    return bool(_NUMBER.fullmatch(word) or _SPAN.fullmatch(word))


def _says_a_day(words: Sequence[str]) -> bool:
    """Whether there is more than numbers: a month, a weekday, a date in digits, `today`, `the 14th`."""
    if any(word in _NAMED or _WHOLE.fullmatch(word) for word in words):
        return True
    if words[0] == "the" and any(re.fullmatch(r"[0-9]{1,2}(?:st|nd|rd|th)", word) for word in words):
        return True
    return any(_has_name(word) for word in words)


def _crowded(words: Sequence[str]) -> bool:
    """Whether there are more short numbers than days: the last of `7 oct 12` is the begin of a price, not a year."""
    numbers = sum(2 if _SPAN.fullmatch(word) else bool(re.fullmatch(r"[0-9]{1,2}", word)) for word in words)
    joined = any(word in _BETWEEN - {"of", "the", ","} or _SPAN.fullmatch(word) for word in words)
    return numbers > 1 + joined


def _has_name(word: str) -> bool:
    """`oct`, `2oct`, `14-18oct`, `fri`, `fri-sun`: nothing but numbers and names of months or weekdays."""
    names = [piece for piece in _PIECES.findall(word) if not piece.isdigit()]
    if not names or re.sub(r"[0-9]+|[^\W\d_]+|[-–.]", "", word):
        return False
    return all(name_number(name, MONTHS) or name_number(name, WEEKDAYS) is not None for name in names)


def _likely(weak: list[DaySpan], line: Line) -> list[DaySpan]:
    """Of weekdays alone: the one beside a time, else the last; the others may be part of a name."""
    beside = [span for span in weak if line.is_held(span.first + span.count) or line.is_held(span.first - 1)]
    return (beside or weak)[-1:]
