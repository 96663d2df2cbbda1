"""Rates as people type them, frozen on rows, never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile import HOSTILE
from tests.models.refusals import is_sentence, refusal
from tripsage_tui.models.rates import (
    KnownRate,
    converted,
    converted_text,
    parse_rate,
    plain_rate,
    rate_text,
    recast,
    suggested,
)

D = Decimal


@pytest.mark.parametrize(
    ("typed", "rate"),
    [
        ("0.0062", "0.0062"),
        ("0,0062", "0.0062"),
        ("1/161", "0.00621118012422"),
        ("1 EUR = 161 JPY", "0.00621118012422"),
        ("eur=161jpy", "0.00621118012422"),
        ("100 JPY = 0.62 EUR", "0.0062"),
        ("=55.80", "0.0062"),
        ("= 55.80 EUR", "0.0062"),
        ("1,234.5", "1234.5"),
    ],
)
def test_rates_are_read_in_either_direction(typed: str, rate: str) -> None:
    assert parse_rate(typed, "JPY", "EUR", D(9000)) == D(rate)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0", "more than 0"),
        ("-3", "not a rate"),
        ("abc", "not a rate"),
        ("1/0", "not a rate"),
        ("1 USD = 150 JPY", "between USD and JPY"),
        ("=5 USD", "in USD, not in EUR"),
        ("1e5", "not a rate"),
        ("9" * 20, "at most"),
    ],
)
def test_what_is_no_rate_is_refused_in_a_sentence(typed: str, said: str) -> None:
    sentence = refusal(lambda: parse_rate(typed, "JPY", "EUR", D(9000)))
    assert sentence is not None
    assert said in sentence
    assert is_sentence(sentence)


def test_hostile_text_is_no_rate() -> None:
    for text in HOSTILE.values():
        assert is_sentence(refusal(lambda text=text: parse_rate(text, "JPY", "EUR", D(1))))


def test_what_it_came_to_needs_the_amount_first() -> None:
    assert "amount in JPY first" in str(refusal(lambda: parse_rate("=5", "JPY", "EUR", None)))


@pytest.mark.parametrize(
    ("amount", "currency", "rate", "target", "there"),
    [
        ("4500", "JPY", "0.0062", "EUR", "27.90"),
        ("27.90", "EUR", "161.29", "JPY", "4500"),
        ("3.500", "KWD", "3.0012345", "CHF", "10.50"),
        ("10.50", "CHF", "0.333196", "KWD", "3.499"),
        ("0.05", "CHF", "0.333196", "KWD", "0.017"),
        ("12.345", "EUR", None, "EUR", "12.35"),
    ],
)
def test_minor_units_of_the_target(amount: str, currency: str, rate: str | None, target: str, there: str) -> None:
    """Regression case f."""
    assert str(converted(D(amount), currency, None if rate is None else D(rate), target)) == there


def test_an_unknown_rate_converts_nothing() -> None:
    assert converted(D(5), "USD", None, "EUR") is None
    assert converted(D(5), "USD", D(0), "EUR") is None
    assert converted_text(D(5), "USD", None, "EUR") == "$5.00"


def test_rates_are_shown_in_the_direction_that_reads_well() -> None:
    assert rate_text(D("1.08"), "EUR", "USD") == "1 EUR = 1.08 USD"
    assert rate_text(D("0.0062"), "JPY", "EUR") == "1 EUR = 161.29 JPY"
    assert converted_text(D(9000), "JPY", D("0.0062"), "EUR") == "¥9,000 = €55.80 at 1 EUR = 161.29 JPY"


def test_the_rate_of_the_nearest_day_is_suggested_of_two_the_earlier() -> None:
    known = [
        KnownRate("JPY", D("0.0062"), date(2027, 10, 3)),
        KnownRate("JPY", D("0.0064"), date(2027, 10, 7)),
        KnownRate("USD", D("0.9"), date(2027, 10, 5)),
        KnownRate("CHF", D("1.05"), None),
    ]
    assert suggested(known, "JPY", date(2027, 10, 5)) == known[0]
    assert suggested(known, "JPY", date(2027, 10, 7)) == known[1]
    assert suggested(known, "JPY", None) == known[1]
    assert suggested(known, "CHF", date(2027, 10, 7)) == known[3]
    assert suggested(known, "KWD", date(2027, 10, 7)) is None


def test_another_currency_of_the_trip_never_keeps_an_old_rate() -> None:
    assert recast("JPY", D("0.0062"), "EUR", "USD", D("1.1")) == D("0.00682")
    assert recast("EUR", None, "EUR", "USD", D("1.1")) == D("1.1")
    assert recast("USD", D("0.9"), "EUR", "USD", D("1.1")) is None
    assert recast("JPY", D("0.0062"), "EUR", "USD", None) is None
    assert recast("JPY", None, "EUR", "USD", D("1.1")) is None


@given(st.decimals("0.0000001", 1000000, places=7))
def test_a_rate_reads_back_as_it_was_shown(rate: Decimal) -> None:
    read = parse_rate(plain_rate(rate), "JPY", "EUR")
    assert abs(read / rate - 1) < D("1e-11")
    assert parse_rate(plain_rate(read), "JPY", "EUR") == read
