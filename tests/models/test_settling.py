"""Settling up: nothing appears, nothing vanishes, everybody ends even."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.stored import stored_expense
from tripsage_tui.models.expenses import Expense, ExpenseFields, Settlement, ShareFields
from tripsage_tui.models.money import minor_units, quantize
from tripsage_tui.models.settling import (
    EXACT_UP_TO,
    InvalidSplit,
    SettleUp,
    minimal_transfers,
    settle_up,
    split,
)

ANN, BEN, CEM, DEE = 1, 2, 3, 4
NOW = datetime(2027, 9, 20, tzinfo=UTC)
_numbers = count(1)
ROW = {"trip_id": 1, "created_at": NOW, "updated_at": NOW}


def share(who: int, paid: str | int = 0, weight: str | int | None = 1, owed: str | None = None) -> ShareFields:
    return ShareFields(
        traveller_id=who,
        paid=Decimal(paid),
        weight=None if weight is None or owed is not None else Decimal(weight),
        owed=None if owed is None else Decimal(owed),
    )


def expense(amount: str, currency: str, *shares: ShareFields, rate: str | None = None) -> Expense:
    exchange_rate = None if rate is None else Decimal(rate)
    fields = ExpenseFields(title="Dinner", amount=Decimal(amount), currency=currency, exchange_rate=exchange_rate)
    return stored_expense(fields, shares, next(_numbers))


def payment(who: int, to: int, amount: str, currency: str = "EUR", rate: str | None = None) -> Settlement:
    return Settlement(
        id=next(_numbers),
        from_traveller=who,
        to_traveller=to,
        amount=Decimal(amount),
        currency=currency,
        exchange_rate=None if rate is None else Decimal(rate),
        paid_on=date(2027, 10, 3),
        **ROW,
    )


def nets(state: SettleUp) -> dict[int, str]:
    return {each.traveller_id: str(each.net) for each in state.balances}


def moves(state: SettleUp) -> list[tuple[int, int, str]]:
    return [(each.from_traveller, each.to_traveller, str(each.amount)) for each in state.transfers]


def test_who_pays_stays_in_the_split() -> None:
    """Regression case h."""
    state = settle_up([expense("90", "EUR", share(ANN, 90), share(BEN), share(CEM))], [], (ANN, BEN, CEM), "EUR")
    assert nets(state) == {ANN: "60.00", BEN: "-30.00", CEM: "-30.00"}
    assert moves(state) == [(BEN, ANN, "30.00"), (CEM, ANN, "30.00")]


@pytest.mark.parametrize(("currency", "rates"), [("RUB", (None, "90")), ("USD", ("0.0111111111111", None))])
def test_roubles_and_dollars(currency: str, rates: tuple[str | None, str | None]) -> None:
    """Regression case g: three people who each paid the same, in two currencies, are even."""
    roubles, dollars = rates
    people = (ANN, BEN, CEM)

    def all_share(amount: str, code: str, payer: int, rate: str | None) -> Expense:
        return expense(amount, code, *(share(each, amount if each == payer else 0) for each in people), rate=rate)

    spent = [
        all_share("9000", "RUB", ANN, roubles),
        all_share("9000", "RUB", BEN, roubles),
        all_share("100", "USD", CEM, dollars),
    ]
    state = settle_up(spent, [], people, currency)
    assert {each.net for each in state.balances} == {Decimal(0)}
    assert state.transfers == ()
    assert {str(each.paid) for each in state.balances} == {"9000.00" if currency == "RUB" else "100.00"}


def test_an_amount_without_a_rate_is_listed_apart_and_not_counted_as_if_it_were_ours() -> None:
    dollars = expense("100", "USD", share(ANN, 100), share(BEN))
    state = settle_up([expense("9000", "RUB", share(ANN), share(BEN, 9000)), dollars], [], (ANN, BEN), "RUB")
    assert nets(state) == {ANN: "-4500.00", BEN: "4500.00"}
    assert [(each.id, each.reason) for each in state.left_out] == [(dollars.id, "no rate from USD to RUB")]


def test_weights_fixed_parts_and_several_payers() -> None:
    dinner = expense("100", "EUR", share(ANN, 60, 2), share(BEN, 40, 1), share(CEM, 0, owed="10"), share(DEE, 0, 0))
    state = settle_up([dinner], [], (ANN, BEN, CEM, DEE), "EUR")
    assert nets(state) == {ANN: "0.00", BEN: "10.00", CEM: "-10.00", DEE: "0.00"}


@pytest.mark.parametrize(
    ("amount", "currency", "parts"),
    [
        ("10", "EUR", ["3.34", "3.33", "3.33"]),
        ("1000", "JPY", ["334", "333", "333"]),
        ("1", "KWD", ["0.334", "0.333", "0.333"]),
        ("20.05", "CHF", ["6.69", "6.68", "6.68"]),
        ("0.02", "EUR", ["0.01", "0.01", "0.00"]),
    ],
)
def test_what_does_not_divide_goes_to_the_first(amount: str, currency: str, parts: list[str]) -> None:
    shares = (share(ANN), share(BEN), share(CEM))
    assert [str(part) for part in split(Decimal(amount), currency, shares).values()] == parts


def test_parts_that_do_not_come_to_the_whole_are_refused() -> None:
    with pytest.raises(InvalidSplit, match=re.escape("€5.00 more")):
        split(Decimal(10), "EUR", (share(ANN, owed="15"),))
    with pytest.raises(InvalidSplit, match=re.escape("€4.00 of it is nobody")):
        split(Decimal(10), "EUR", (share(ANN, owed="6"),))
    with pytest.raises(InvalidSplit, match="nobody"):
        split(Decimal(10), "EUR", (share(ANN, 10, 0),))


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ((), "nobody is named who paid or shares it"),
        ((share(ANN), share(BEN)), "nobody is named who paid"),
        ((share(ANN, 4), share(BEN)), "€4.00 of it is said to be paid by somebody"),
    ],
)
def test_an_expense_that_cannot_be_settled_says_why(shares: tuple[ShareFields, ...], reason: str) -> None:
    state = settle_up([expense("10", "EUR", *shares)], [], (ANN, BEN), "EUR")
    assert [each.reason for each in state.left_out] == [reason]
    assert nets(state) == {ANN: "0.00", BEN: "0.00"}


def test_recorded_payments_count_in_their_own_currency() -> None:
    spent = [expense("90", "EUR", share(ANN, 90), share(BEN), share(CEM))]
    state = settle_up(
        spent, [payment(BEN, ANN, "30"), payment(CEM, ANN, "1610", "JPY", "0.0062112")], (ANN, BEN, CEM), "EUR"
    )
    assert nets(state) == {ANN: "20.00", BEN: "0.00", CEM: "-20.00"}
    assert moves(state) == [(CEM, ANN, "20.00")]
    unknown = settle_up(spent, [payment(CEM, ANN, "1610", "JPY")], (ANN, BEN, CEM), "EUR")
    assert [each.kind for each in unknown.left_out] == ["settlement"]


def test_fewest_transfers_are_found_where_the_largest_first_would_miss_them() -> None:
    found, exact = minimal_transfers(
        {1: Decimal(-6), 2: Decimal(-4), 3: Decimal(5), 4: Decimal(3), 5: Decimal(2)}, "JPY"
    )
    assert exact
    assert len(found) == 4
    found, exact = minimal_transfers(
        {1: Decimal(-7), 2: Decimal(-5), 3: Decimal(-3), 4: Decimal(10), 5: Decimal(5)}, "JPY"
    )
    assert len(found) == 3
    assert (2, 5, Decimal(5)) in {(each.from_traveller, each.to_traveller, each.amount) for each in found}


def test_a_debt_is_never_settled_with_money_from_nowhere() -> None:
    with pytest.raises(ValueError, match="zero"):
        minimal_transfers({ANN: Decimal(1)}, "EUR")


CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CHF"])
RATES = st.decimals("0.000001", 10000, places=6)


@st.composite
def expenses(draw: st.DrawFn, people: int) -> Expense:
    currency = draw(CURRENCIES)
    unit = Decimal(1).scaleb(-minor_units(currency))
    who = draw(st.lists(st.integers(1, people), min_size=1, unique=True))
    paid = [draw(st.integers(0, 2_000_000)) * unit for _ in who]
    total = sum(paid, Decimal(0))
    weights = [Decimal(draw(st.integers(0, 5))) for _ in who]
    weights[0] += 1
    fixed = [draw(st.none() | st.integers(0, 100_000)) if place else None for place in range(len(who))]
    owed = [None if part is None else part * unit for part in fixed]
    if sum((part for part in owed if part is not None), Decimal(0)) > total:
        owed = [None] * len(who)
    shares = [
        ShareFields(traveller_id=each, paid=pay, weight=None if part is not None else weight, owed=part)
        for each, pay, weight, part in zip(who, paid, weights, owed, strict=True)
    ]
    fields = ExpenseFields(title="x", amount=total, currency=currency, exchange_rate=draw(RATES))
    return stored_expense(fields, shares, next(_numbers))


@st.composite
def groups(draw: st.DrawFn) -> tuple[list[Expense], list[Settlement], int, str]:
    people = draw(st.integers(1, 6))
    spent = draw(st.lists(expenses(people), max_size=6))
    paid = [
        payment(
            draw(st.integers(1, people)), draw(st.integers(1, people)), str(draw(st.integers(0, 5000))), "EUR", "1.5"
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    return spent, paid, people, draw(CURRENCIES)


@settings(max_examples=60)
@given(groups(), st.randoms())
def test_balances_sum_to_zero_and_transfers_settle_everybody(
    group: tuple[list[Expense], list[Settlement], int, str], random: Any
) -> None:
    spent, paid, people, currency = group
    state = settle_up(spent, paid, range(1, people + 1), currency)
    assert sum((each.net for each in state.balances), Decimal(0)) == 0
    assert not state.left_out
    after = {each.traveller_id: each.net for each in state.balances}
    unit = Decimal(1).scaleb(-minor_units(currency))
    for move in state.transfers:
        assert move.amount > 0
        assert move.amount == quantize(move.amount, currency)
        assert move.from_traveller != move.to_traveller
        after[move.from_traveller] += move.amount
        after[move.to_traveller] -= move.amount
    assert set(after.values()) <= {Decimal(0)}
    assert len(state.transfers) <= max(sum(each.net != 0 for each in state.balances) - 1, 0)
    for each in state.balances:
        assert each.net % unit == 0
        leaving = sum((move.amount for move in state.transfers if move.from_traveller == each.traveller_id), Decimal(0))
        assert leaving == max(-each.net, Decimal(0))
    shuffled, shuffled_payments = list(spent), list(paid)
    random.shuffle(shuffled)
    random.shuffle(shuffled_payments)
    assert settle_up(shuffled, shuffled_payments, range(people, 0, -1), currency) == state
    doubled = settle_up(
        spent,
        [*paid, *(payment(m.from_traveller, m.to_traveller, str(m.amount), currency) for m in state.transfers)],
        range(1, people + 1),
        currency,
    )
    assert doubled.transfers == ()


@settings(max_examples=60)
@given(expenses(5))
def test_the_parts_of_an_expense_come_to_the_whole(spent: Expense) -> None:
    parts = split(spent.amount, spent.currency, spent.shares)
    assert sum(parts.values(), Decimal(0)) == spent.amount
    assert all(part >= 0 for part in parts.values())


@settings(max_examples=20)
@given(st.lists(st.integers(-500, 500), min_size=EXACT_UP_TO + 1, max_size=EXACT_UP_TO + 20))
def test_a_large_group_is_settled_too_and_says_that_it_may_not_be_the_least(amounts: list[int]) -> None:
    net = {number: Decimal(amount) for number, amount in enumerate([*amounts, -sum(amounts)], start=1)}
    found, exact = minimal_transfers(net, "JPY")
    for move in found:
        net[move.from_traveller] += move.amount
        net[move.to_traveller] -= move.amount
    assert set(net.values()) <= {Decimal(0)}
    assert exact is (sum(amount != 0 for amount in [*amounts, -sum(amounts)]) <= EXACT_UP_TO)
    assert len(found) < len(net)
