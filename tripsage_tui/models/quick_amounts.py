"""Amounts of money and numbers of nights in a line: `890 EUR`, `€1.234,50`, `4x180`, `180/night`, `4 nights`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tripsage_tui.models.currencies import CODES, InvalidCurrency, parse_currency
from tripsage_tui.models.money import parse_money, plain_amount
from tripsage_tui.models.quick_line import GLUE, Line
from tripsage_tui.models.quick_words import NOT_LOWER, PER_NIGHT, PER_PERSON
from tripsage_tui.models.text import InputError

_TIMES = frozenset({"x", "×", "*"})
_AMOUNT = re.compile(
    r"(?P<before>[^\d\s.,:+'-]{1,4})?\s?(?P<number>[0-9](?:[0-9.,'’]*[0-9])?(?:\s[0-9]{3}(?:[.,][0-9]+)?)*k?)\s?"
    r"(?P<after>[^\d\s.,:+'-]{1,8}\.?)?"
)
BARE = re.compile(r"[0-9](?:[0-9.,'’]*[0-9])?")
WIDEST = 4
"""Words of an amount, as in `1 234 567 EUR`."""


@dataclass(frozen=True)
class AmountSpan:
    """An amount as typed; `each` of `count` (nights, tickets), or of a night where `nightly`."""

    first: int
    count: int
    text: str
    times: int = 1
    nightly: bool = False


@dataclass(frozen=True)
class NightSpan:
    """How many nights; `first` is the word of the number."""

    first: int
    count: int
    nights: int


def find_nights(line: Line) -> NightSpan | None:
    """`4 nights`, `4 n.`, `for 4 nights`: the first of a line, held."""
    for place in range(len(line.words) - 1):
        number, unit = line.folded(place, 2)
        if line.free(place, 2) and re.fullmatch(r"[1-9][0-9]{0,2}", number) and unit in {"night", "nights", "nts"}:
            if line.free(place - 1) and line.folded(place - 1) == ("for",):
                line.take(GLUE, place - 1)
            line.hold(place, 2)
            return NightSpan(place, 2, int(number))
    return None


def find_amounts(line: Line, currency: str, people: int = 1) -> list[AmountSpan]:
    """Every amount that names its currency, is multiplied, or is said to be for a night; held.

    `people` travel: that many times an amount counts that is for `each`.
    """
    found: list[AmountSpan] = []
    for place in range(len(line.words)):
        for count in range(WIDEST, 0, -1):
            if line.free(place, count) and (span := _amount_at(line, place, count, currency, people)):
                found.append(span)
                break
    return found


def total_of(span: AmountSpan, currency: str) -> str:
    """What a field for the whole price takes: as typed, or multiplied."""
    if span.times == 1:
        return span.text
    money = parse_money(span.text, currency)
    return f"{plain_amount(money.amount * span.times, money.currency)} {money.currency}"


def _amount_at(line: Line, place: int, count: int, currency: str, people: int) -> AmountSpan | None:
    text = line.slice(place, count)
    named = _names_a_currency(text, currency)
    bare = count == 1 and bool(BARE.fullmatch(text))
    if not (named or bare) or not _reads(text, currency):
        return None
    before = _multiplier(line, place)
    after = _words_at(line, place + count, PER_NIGHT)
    nights = _after_nights(line, place)
    each = 0 if after else _words_at(line, place + count, PER_PERSON)
    if not (named or before or after or nights or each):
        return None
    line.hold(place, count)
    if nights:
        line.take(GLUE, place - 1)
    if before:
        line.hold(place - 2)
        line.take(GLUE, place - 1)
    elif named and line.free(place - 1) and line.folded(place - 1)[0] in {"for", "@", "à"}:
        line.take(GLUE, place - 1)
    if after:
        line.take(GLUE, place + count, after)
    if each:
        line.take(GLUE, place + count, each)
        money = parse_money(text, currency)
        text = f"{plain_amount(money.amount * people, money.currency)} {money.currency}"
    return AmountSpan(place, count, text, before or 1, bool(after) or nights)


def _names_a_currency(text: str, currency: str) -> bool:
    match = _AMOUNT.fullmatch(text.replace("\u00a0", " "))
    name = match and (match["before"] or match["after"])
    if not match or not name or (match["before"] and match["after"]):
        return False
    if name.upper() in CODES and not name.isupper() and name.casefold() in NOT_LOWER:
        return False
    try:
        parse_currency(name, currency)
    except InvalidCurrency:
        return False
    return True


def _reads(text: str, currency: str) -> bool:
    try:
        parse_money(text, currency)
    except InputError:
        return False
    return True


def _multiplier(line: Line, place: int) -> int:
    """The number before an `x` before the amount; 0 for none."""
    if not line.free(place - 2, 2) or line.words[place - 1].folded not in _TIMES:
        return 0
    number = line.words[place - 2].text
    return int(number) if re.fullmatch(r"[1-9][0-9]{0,2}", number) else 0


def _after_nights(line: Line, place: int) -> bool:
    """Whether `4 nights x` or `4 nights at` stands before the amount."""
    if not line.free(place - 1) or line.folded(place - 1)[0] not in _TIMES | {"at", "@", "à"}:
        return False
    return place > 1 and line.words[place - 2].taken and line.folded(place - 2)[0] in {"nights", "night", "nts"}


def _words_at(line: Line, place: int, ways: Sequence[tuple[str, ...]]) -> int:
    """How many words from `place` on are one of these ways to say something; 0 for none."""
    for words in ways:
        if line.free(place, len(words)) and line.folded(place, len(words)) == words:
            return len(words)
    return 0
