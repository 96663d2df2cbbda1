"""Exchange rates: units of the trip's currency for one unit of an amount's, frozen on the row that has the amount.

Nothing here asks a network. A rate that is not known stays unknown: its amount is shown as it is and converted nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from tripsage_tui.models.money import format_amount, parse_amount, quantize
from tripsage_tui.models.text import InputError, shown

UNKNOWN = "?"
"""Typed for a rate: not known yet, whatever earlier rows say."""
DIGITS = 12
"""Significant digits of a stored rate: enough for the cents of a hundred million."""
_EXACT = Context(prec=100)
_ROUNDED = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
_LARGEST = Decimal(10) ** 9
_NUMBER = r"[0-9][0-9.,'_ ]*|[.,][0-9]+"
_EQUATION = re.compile(
    rf"(?P<left>{_NUMBER})?\s*(?P<from>[A-Za-z]{{3}})\s*=\s*(?P<right>{_NUMBER})?\s*(?P<to>[A-Za-z]{{3}})"
)


class InvalidRate(InputError):
    """Not a rate between the two currencies in question."""


@dataclass(frozen=True)
class KnownRate:
    """A rate that a row of the trip was saved with, and the day of that row."""

    currency: str
    rate: Decimal
    day: date | None


def converted(amount: Decimal, currency: str, rate: Decimal | None, target: str) -> Decimal | None:
    """The amount in `target`, rounded half up to its minor units; None where the rate is not known."""
    if currency == target:
        return quantize(amount, target)
    if rate is None or rate <= 0:
        return None
    return quantize(_EXACT.multiply(amount, rate), target)


def parse_rate(text: str, currency: str, target: str, amount: Decimal | None = None) -> Decimal:
    """The rate that a person means, as units of `target` for one `currency`.

    `0.0062`, `1/161`, `1 EUR = 161 JPY` in either direction, and with an amount what it came to: `=55.80`.
    Raises InvalidRate.
    """
    typed = " ".join(text.split())
    if typed.startswith("="):
        return _from_total(typed[1:].strip(), currency, target, amount)
    if "=" in typed:
        return _from_equation(typed, currency, target)
    over, slash, under = typed.partition("/")
    try:
        top = _number(over)
        rate = _EXACT.divide(top, _number(under)) if slash else top
    except (InvalidOperation, ZeroDivisionError):
        raise InvalidRate(
            f"{shown(text)} is not a rate. How many {target} is 1 {currency}? For example 1.08 or 1/161."
        ) from None
    return _usable(rate, text)


def rate_text(rate: Decimal, currency: str, target: str) -> str:
    """`1 JPY = 0.0062 EUR`, the other way round where that reads better: `1 EUR = 161.29 JPY`."""
    if rate <= 0:
        return f"no rate from {currency} to {target}"
    if rate < Decimal("0.1"):
        currency, target, rate = target, currency, _EXACT.divide(Decimal(1), rate)
    return f"1 {currency} = {plain_rate(_short(rate))} {target}"


def plain_rate(rate: Decimal) -> str:
    """A rate for an input field, as `parse_rate` reads it back."""
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def suggested(known: Iterable[KnownRate], currency: str, day: date | None) -> KnownRate | None:
    """The rate of an earlier row of the trip in the same currency: of the same day, else of the nearest one.

    Of two equally near the earlier day counts; a rate without a day only where no row has one.
    """

    def distance(rate: KnownRate) -> tuple[bool, int, date]:
        there = rate.day or date.min
        return rate.day is None, abs((there - (day or date.max)).days), there

    usable = [rate for rate in known if rate.currency == currency and rate.rate > 0]
    return min(usable, key=distance, default=None)


def recast(currency: str, rate: Decimal | None, before: str, after: str, new_rate: Decimal | None) -> Decimal | None:
    """The rate of a row when its trip changes from one currency to another; `new_rate` is `after` for one `before`.

    None: the row's amount needs none, being in `after` itself, or nobody knows it any more. An old rate is never kept:
    it would turn yen into dollars at the price of euros.
    """
    if currency == after or new_rate is None:
        return None
    if currency == before:
        return new_rate
    return None if rate is None else _ROUNDED.multiply(rate, new_rate)


def _from_total(typed: str, currency: str, target: str, amount: Decimal | None) -> Decimal:
    if not amount:
        raise InvalidRate(f"Type the amount in {currency} first, then what it came to in {target}.")
    try:
        total = parse_amount(typed, target)
    except InputError as error:
        raise InvalidRate(str(error)) from error
    return _usable(_EXACT.divide(total, amount), f"={typed}")


def _from_equation(typed: str, currency: str, target: str) -> Decimal:
    match = _EQUATION.fullmatch(typed)
    if match is None:
        raise InvalidRate(f"{shown(typed)} is not a rate. Try 1 {currency} = 1.08 {target}.")
    pair = match["from"].upper(), match["to"].upper()
    if pair not in {(currency, target), (target, currency)}:
        raise InvalidRate(f"This rate is between {pair[0]} and {pair[1]}; {currency} and {target} are asked for.")
    try:
        left, right = _number(match["left"] or "1"), _number(match["right"] or "1")
        rate = _EXACT.divide(right, left) if pair == (currency, target) else _EXACT.divide(left, right)
    except (InvalidOperation, ZeroDivisionError):
        raise InvalidRate(f"{shown(typed)} is not a rate. Try 1 {currency} = 1.08 {target}.") from None
    return _usable(rate, typed)


def _number(text: str) -> Decimal:
    """A number with a dot or a comma before the decimals; a comma before three digits and a dot groups thousands."""
    typed = re.sub(r"[\s'_]", "", text)
    if "," in typed and "." in typed:
        mark = max(".", ",", key=typed.rfind)
        typed = typed.replace("," if mark == "." else ".", "")
    typed = typed.replace(",", ".")
    if not re.fullmatch(r"[0-9]*\.?[0-9]*", typed) or not re.search(r"[0-9]", typed):
        raise InvalidOperation
    return Decimal(typed)


def _usable(rate: Decimal, typed: str) -> Decimal:
    rounded = _ROUNDED.plus(rate)
    if not 0 < rounded <= _LARGEST:
        raise InvalidRate(f"{shown(typed)} cannot be a rate: it must be more than 0 and at most {_LARGEST:,}.")
    return rounded.normalize(_ROUNDED)


def _short(rate: Decimal) -> Decimal:
    """Six significant digits are enough to recognise a rate."""
    return Context(prec=6).plus(rate)


def converted_text(amount: Decimal, currency: str, rate: Decimal | None, target: str) -> str:
    """`¥9,000 = €55.80 at 1 EUR = 161.29 JPY`; without a rate only the amount."""
    there = converted(amount, currency, rate, target)
    own = format_amount(amount, currency)
    if currency == target or there is None or rate is None:
        return own
    return f"{own} = {format_amount(there, target)} at {rate_text(rate, currency, target)}"
