"""Amounts and currencies."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import get_currency_precision, get_global, list_currencies
from hypothesis import given
from hypothesis import strategies as st

from tests.models.refusals import is_sentence, refusal
from tripsage_tui.models.money import (
    CODES,
    InvalidAmount,
    InvalidCurrency,
    Money,
    format_amount,
    format_totals,
    minor_units,
    parse_amount,
    parse_currency,
    parse_money,
    plain_amount,
    quantize,
    totals,
)

codes = st.sampled_from(sorted(CODES))
amounts = st.decimals(0, 10**9, allow_nan=False, allow_infinity=False, places=4)


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("890", "EUR", "890.00"),
        ("1.234,56", "EUR", "1234.56"),
        ("1,234.56", "EUR", "1234.56"),
        ("1'234.50", "CHF", "1234.50"),
        ("1’234.50", "CHF", "1234.50"),
        ("1 234,5", "EUR", "1234.50"),
        ("1\u202f234,5", "EUR", "1234.50"),
        ("1 234 567,89", "EUR", "1234567.89"),
        ("1.234.567", "EUR", "1234567.00"),
        ("1,00,000.50", "INR", "100000.50"),
        (".5", "EUR", "0.50"),
        ("1.", "EUR", "1.00"),
        ("890,-", "CHF", "890.00"),
        ("6k", "EUR", "6000.00"),
        ("1.5k", "EUR", "1500.00"),
        ("free", "EUR", "0.00"),
        ("12.00", "JPY", "12"),
        ("3,500.250", "KWD", "3500.250"),
    ],
)
def test_amounts(typed: str, currency: str, amount: str) -> None:
    assert str(parse_amount(typed, currency)) == amount


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("1.234", "EUR", "1234.00"),
        ("1,234", "USD", "1234.00"),
        ("1,234", "JPY", "1234"),
        ("0.500", "EUR", "0.50"),
        ("1.234", "KWD", "1.234"),
    ],
)
def test_three_digits_after_a_lone_separator_follow_the_decimals_of_the_currency(
    typed: str, currency: str, amount: str
) -> None:
    assert str(parse_amount(typed, currency)) == amount


@pytest.mark.parametrize(
    ("typed", "default", "money"),
    [
        ("€890", "USD", ("890.00", "EUR")),
        ("890 EUR", "USD", ("890.00", "EUR")),
        ("eur 890,5", "USD", ("890.50", "EUR")),
        ("¥1,200", "EUR", ("1200", "JPY")),
        ("¥1,200", "CNY", ("1200.00", "CNY")),
        ("$5", "CAD", ("5.00", "CAD")),
        ("$5", "EUR", ("5.00", "USD")),
        ("US$5", "CAD", ("5.00", "USD")),
        ("250 kr", "SEK", ("250.00", "SEK")),
        ("250 Kč", "EUR", ("250.00", "CZK")),
        ("5k krw", "EUR", ("5000", "KRW")),
    ],
)
def test_an_amount_may_name_its_currency(typed: str, default: str, money: tuple[str, str]) -> None:
    assert parse_money(typed, default) == Money(Decimal(money[0]), money[1])


@pytest.mark.parametrize(
    ("typed", "currency", "sentence"),
    [
        ("1.5", "JPY", "JPY amounts have no decimals."),
        ("12.345678", "EUR", "EUR amounts have at most 2 decimals."),
        ("1,234", "KWD", "“1,234” can be 1.234 or 1234 in KWD: use a dot for decimals."),
        ("-5", "EUR", "An amount cannot be negative."),
        ("250 kr", "EUR", "Several currencies are written “kr”: DKK, ISK, NOK, SEK."),
        ("€ 5 EUR", "EUR", "“€ 5 EUR” names two currencies."),
        ("5 bananas", "EUR", "“bananas” is not a currency; use its three letters, for example EUR, USD or JPY."),
        ("1,23,4", "EUR", "“1,23,4” is not an amount. Try 890, 1,234.50 or 890 EUR."),
        ("1 2", "EUR", "“1 2” is not an amount. Try 890, 1,234.50 or 890 EUR."),
        ("1e5", "EUR", "“1e5” is not an amount. Try 890, 1,234.50 or 890 EUR."),
        (",", "EUR", "“,” is not an amount. Try 890, 1,234.50 or 890 EUR."),
        ("٣", "EUR", "“٣” is not an amount. Try 890, 1,234.50 or 890 EUR."),
        ("1" * 13, "EUR", "“1111111111111” is more than fits; at most 12 digits before the decimals."),
        ("", "EUR", "Type an amount, for example 890 or 890,50."),
    ],
)
def test_refused_with_a_sentence(typed: str, currency: str, sentence: str) -> None:
    with pytest.raises(InvalidAmount) as refused:
        parse_money(typed, currency)
    assert str(refused.value) == sentence


def test_another_currency_is_refused_where_only_an_amount_is_wanted() -> None:
    with pytest.raises(InvalidAmount, match="This amount is in EUR, not in USD"):
        parse_amount("€5", "USD")


@pytest.mark.parametrize(
    ("amount", "currency", "text", "compact"),
    [
        ("6000", "EUR", "€6,000.00", "€6,000"),
        ("12000", "JPY", "¥12,000", "¥12,000"),
        ("3.5", "KWD", "KWD 3.500", "KWD 3.500"),
        ("1234.5", "CHF", "CHF 1,234.50", "CHF 1,234.50"),
        ("-5", "EUR", "-€5.00", "-€5"),
        ("7", "XYZ", "XYZ 7.00", "XYZ 7"),
    ],
)
def test_amounts_as_shown(amount: str, currency: str, text: str, compact: str) -> None:
    assert format_amount(Decimal(amount), currency) == text
    assert format_amount(Decimal(amount), currency, compact=True) == compact


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [("1234.5", "JPY", "1235"), ("0.125", "EUR", "0.13"), ("0.0005", "KWD", "0.001"), ("2.5", "EUR", "2.50")],
)
def test_half_is_rounded_up(amount: str, currency: str, rounded: str) -> None:
    assert str(quantize(Decimal(amount), currency)) == rounded


def test_sums_stay_in_their_currencies() -> None:
    sums = totals([(Decimal(9000), "RUB"), (Decimal(9000), "RUB"), (Decimal(100), "USD"), (Decimal("0.1"), "USD")])
    assert sums == {"RUB": Decimal("18000.00"), "USD": Decimal("100.10")}
    assert format_totals(sums, "USD") == "$100.10 + RUB 18,000.00"
    assert format_totals({}, "EUR") == "€0.00"


@given(amounts, codes)
def test_what_is_written_can_be_read(amount: Decimal, currency: str) -> None:
    rounded = quantize(amount, currency)
    assert parse_amount(plain_amount(amount, currency), currency) == rounded
    assert parse_money(format_amount(amount, currency), "USD") == Money(rounded, currency)


@given(amounts, st.sampled_from(["EUR", "USD", "CHF"]), st.sampled_from([",", ".", "'", " ", "\u00a0", "_", ""]))
def test_any_grouping_with_the_other_decimal_mark(amount: Decimal, currency: str, group: str) -> None:
    rounded = quantize(amount, currency)
    mark = "," if group == "." else "."
    text = f"{rounded:,}".replace(",", "G").replace(".", mark).replace("G", group)
    assert parse_amount(text, currency) == rounded


@given(st.lists(st.tuples(amounts, codes)))
def test_no_amount_is_lost_in_a_sum(pairs: list[tuple[Decimal, str]]) -> None:
    rounded = [(quantize(amount, currency), currency) for amount, currency in pairs]
    sums = totals(rounded)
    assert sum(sums.values()) == sum(amount for amount, _ in rounded)


@given(st.text(max_size=60) | st.from_regex(r"[0-9.,' €$k-]{1,15}", fullmatch=True), codes)
def test_nothing_but_a_sentence_comes_of_nonsense(typed: str, currency: str) -> None:
    assert is_sentence(refusal(lambda: parse_money(typed, currency)))


def test_every_code_is_one_of_iso_4217_and_has_its_decimals() -> None:
    assert set(list_currencies()) >= CODES
    # CLDR leaves out decimals that nobody uses any more; never does it have more than ISO.
    assert all(get_currency_precision(code) <= minor_units(code) for code in CODES)
    in_use = {
        code
        for territory in get_global("territory_currencies").values()
        for code, _, end, tender in territory
        if not end and tender
    }
    assert in_use <= CODES


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_accepted(code: str) -> None:
    assert parse_currency(code.lower()) == code


def test_what_is_no_currency_is_refused() -> None:
    with pytest.raises(InvalidCurrency, match="“euroes” is not a currency"):
        parse_currency("euroes")
