"""Amounts: read as people type them, rounded half up to the currency's decimals, shown, added per currency.

A lone separator before exactly three digits (`1.234`, `1,234`) groups thousands, because a currency with two decimals
or none has no such decimals. In a currency with three (KWD) the dot is the decimal point and the comma is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from tripsage_tui.models.currencies import (
    CODES,
    SYMBOLS,
    InvalidCurrency,
    minor_units,
    parse_currency,
)
from tripsage_tui.models.text import InputError, shown

__all__ = [
    "CODES",
    "InvalidAmount",
    "InvalidCurrency",
    "Money",
    "format_amount",
    "format_totals",
    "minor_units",
    "parse_amount",
    "parse_currency",
    "parse_money",
    "plain_amount",
    "quantize",
    "totals",
]

MAX_DIGITS = 12
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
_PARTS = re.compile(
    r"(?P<before>[^0-9.,+-]*?)\s*(?P<sign>[+-]?)\s*(?P<number>[0-9.,](?:[0-9.,'_ ]*[0-9.,])?)(?P<dash>-?)\s*"
    r"(?P<thousand>k(?![a-zčr]))?\s*(?P<after>[^0-9+-]*)"
)


class InvalidAmount(InputError):
    """Not an amount, or one that its currency does not have."""


@dataclass(frozen=True)
class Money:
    """An amount and its ISO 4217 code."""

    amount: Decimal
    currency: str


def quantize(amount: Decimal, currency: str) -> Decimal:
    """The amount rounded half up to the decimals of the currency."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)), context=_EXACT)


def parse_amount(text: str, currency: str) -> Decimal:
    """An amount in `currency`, quantised. Raises InvalidAmount, also where the text names another currency."""
    money = parse_money(text, currency)
    if money.currency != currency:
        raise InvalidAmount(f"This amount is in {money.currency}, not in {currency}.")
    return money.amount


def parse_money(text: str, currency: str) -> Money:
    """An amount in the currency that the text names (`€890`, `890 EUR`), else in `currency`; quantised, never negative.

    Raises InvalidAmount.
    """
    typed = re.sub(r"[\s\u00a0\u202f\u2009]+", " ", text.replace("’", "'").replace("−", "-")).strip()
    if not typed:
        raise InvalidAmount("Type an amount, for example 890 or 890,50.")
    if typed.casefold() == "free":
        return Money(quantize(Decimal(0), currency), currency)
    match = _PARTS.fullmatch(typed.casefold()) if len(typed) <= 60 else None
    if not match or not re.search("[0-9]", match["number"]):
        raise InvalidAmount(f"{shown(text)} is not an amount. Try 890, 1,234.50 or 890 EUR.")
    if match["sign"] == "-":
        raise InvalidAmount("An amount cannot be negative.")
    if named := (match["before"] or match["after"]).strip():
        if match["before"] and match["after"]:
            raise InvalidAmount(f"{shown(text)} names two currencies.")
        try:
            currency = parse_currency(named, currency)
        except InvalidCurrency as error:
            raise InvalidAmount(str(error)) from error
    number = match["number"]
    if match["dash"]:
        number = number.rstrip(".,")
    amount = _number(number, currency, text, thousands=bool(match["thousand"]))
    return Money(amount, currency)


def plain_amount(amount: Decimal, currency: str) -> str:
    """The amount for an input field, as `parse_amount` reads it back: `6000.00`, `12000`, `3.500`."""
    return f"{quantize(amount, currency):f}"


def format_amount(amount: Decimal, currency: str, *, compact: bool = False) -> str:
    """`€6,000.00`, `¥12,000`, `KWD 3.500`; compact leaves out decimals that are all zero: `€6,000`."""
    rounded = quantize(amount, currency)
    if compact and rounded == rounded.to_integral_value():
        rounded = rounded.quantize(Decimal(1), context=_EXACT)
    sign = "-" if rounded < 0 else ""
    return f"{sign}{SYMBOLS.get(currency) or currency + ' '}{abs(rounded):,f}"


def totals(amounts: Iterable[tuple[Decimal, str]]) -> dict[str, Decimal]:
    """Sums per ISO 4217 code, each quantised once at the end; nothing is converted."""
    sums: dict[str, Decimal] = {}
    for amount, currency in amounts:
        sums[currency] = _EXACT.add(sums.get(currency, Decimal(0)), amount)
    return {currency: quantize(amount, currency) for currency, amount in sums.items()}


def format_totals(sums: Mapping[str, Decimal], first: str | None = None, *, compact: bool = False) -> str:
    """`€4,200.00 + $300.00`: the currency `first` leads, the others follow by code; zero sums are left out."""
    order = sorted((code for code, amount in sums.items() if amount), key=lambda code: (code != first, code))
    if not order:
        return format_amount(Decimal(0), first or next(iter(sums), "USD"), compact=compact)
    return " + ".join(format_amount(sums[code], code, compact=compact) for code in order)


def _number(number: str, currency: str, text: str, *, thousands: bool) -> Decimal:
    whole, decimals = _split(number, currency, text)
    amount = _EXACT.multiply(Decimal(f"{whole or '0'}.{decimals or '0'}"), Decimal(1000 if thousands else 1))
    units = minor_units(currency)
    rounded = quantize(amount, currency)
    if rounded != amount:
        allowed = f"at most {units} decimals" if units else "no decimals"
        raise InvalidAmount(f"{currency} amounts have {allowed}.")
    if rounded >= 10**MAX_DIGITS:
        raise InvalidAmount(f"{shown(text)} is more than fits; at most {MAX_DIGITS} digits before the decimals.")
    return rounded


def _split(number: str, currency: str, text: str) -> tuple[str, str]:
    """Digits before and after the decimal separator."""
    not_an_amount = InvalidAmount(f"{shown(text)} is not an amount. Try 890, 1,234.50 or 890 EUR.")
    separators = [char for char in number if char in ".,"]
    decimal_mark = _decimal_mark(number, separators, currency, text)
    whole, _, decimals = number.rpartition(decimal_mark) if decimal_mark else (number, "", "")
    if decimals and not re.fullmatch(r"[0-9]+", decimals):
        raise not_an_amount
    groups = re.split(r"[.,'_ ]", whole)
    if len(groups) == 1:
        return groups[0], decimals
    marks = set(re.sub(r"[0-9]", "", whole))
    well_grouped = (
        len(marks) == 1
        and 1 <= len(groups[0]) <= 3
        and len(groups[-1]) == 3
        # Two digits in the middle: 1,00,000 is how a lakh is written.
        and len({len(group) for group in groups[1:-1]} | {3}) <= 2
        and all(len(group) in {2, 3} for group in groups[1:-1])
    )
    if not well_grouped:
        raise not_an_amount
    return "".join(groups), decimals


def _decimal_mark(number: str, separators: list[str], currency: str, text: str) -> str | None:
    """Which separator, if any, stands before the decimals."""
    if not separators:
        return None
    last = separators[-1]
    if separators.count(last) > 1:
        return None
    if len(set(separators)) == 2:
        return last
    whole, _, after = number.partition(last)
    groups_already = bool(re.search(r"['_ ]", whole))
    if len(after) != 3 or groups_already or whole in {"", "0"} or len(whole) > 3:
        return last
    if minor_units(currency) < 3:
        return None
    if last == ".":
        return last
    example = number.replace(",", "")
    raise InvalidAmount(f"{shown(text)} can be {whole}.{after} or {example} in {currency}: use a dot for decimals.")
