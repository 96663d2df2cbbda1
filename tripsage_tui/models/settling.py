"""Who paid, who owes, and who should pay whom: balances in the trip's currency that sum to exactly zero.

An expense is converted as a whole with its own frozen rate and parted exactly; rounding comes once, after everything
has been added up, by the largest remainder. So neither a rate nor a third of a cent makes money appear or vanish, and
nobody pays the odd cent of every dinner. What cannot be counted is listed apart with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal, TypeVar

from tripsage_tui.models.expenses import Expense, Settlement, ShareFields
from tripsage_tui.models.money import format_amount, minor_units, quantize
from tripsage_tui.models.rates import converted
from tripsage_tui.models.text import InputError

N = TypeVar("N", int, Fraction)

EXACT_UP_TO = 12
"""People with a balance for whom the least number of transfers is searched for among all (4,096 subsets)."""


class InvalidSplit(InputError):
    """The parts of an expense do not come to the whole."""


@dataclass(frozen=True)
class Balance:
    """One traveller, in the trip's currency: `net` above zero is to be received, below zero to be paid."""

    traveller_id: int
    paid: Decimal
    owed: Decimal
    sent: Decimal
    """Recorded payments to others."""
    received: Decimal

    @property
    def net(self) -> Decimal:
        return self.paid - self.owed + self.sent - self.received


@dataclass(frozen=True)
class Transfer:
    """A payment that would bring two people nearer to even."""

    from_traveller: int
    to_traveller: int
    amount: Decimal


@dataclass(frozen=True)
class LeftOut:
    """What is in no balance, and why."""

    kind: Literal["expense", "settlement"]
    id: int
    title: str
    amount: Decimal
    currency: str
    reason: str


@dataclass(frozen=True)
class SettleUp:
    """The state of a group. `exact`: no plan with fewer transfers exists."""

    currency: str
    balances: tuple[Balance, ...]
    transfers: tuple[Transfer, ...]
    exact: bool
    left_out: tuple[LeftOut, ...]


def settle_up(
    expenses: Iterable[Expense], settlements: Iterable[Settlement], travellers: Iterable[int], currency: str
) -> SettleUp:
    """Balances and transfers of `travellers` in the trip's `currency`; the order of the rows does not matter."""
    unit = Decimal(1).scaleb(-minor_units(currency))
    paid: dict[int, Fraction] = {}
    owed: dict[int, Fraction] = {}
    sent: dict[int, int] = {}
    received: dict[int, int] = {}
    left_out: list[LeftOut] = []
    for expense in sorted(expenses, key=lambda each: each.id):
        try:
            into_paid, into_owed = _parts(expense, currency)
        except InvalidSplit as error:
            left_out.append(LeftOut("expense", expense.id, expense.title, expense.amount, expense.currency, str(error)))
            continue
        _add(paid, into_paid)
        _add(owed, into_owed)
    for payment in sorted(settlements, key=lambda each: each.id):
        amount = converted(payment.amount, payment.currency, payment.exchange_rate, currency)
        if amount is None:
            reason = f"no rate from {payment.currency} to {currency}"
            left_out.append(LeftOut("settlement", payment.id, "payment", payment.amount, payment.currency, reason))
            continue
        _add(sent, {payment.from_traveller: _units(amount, currency)})
        _add(received, {payment.to_traveller: _units(amount, currency)})
    columns = _whole(paid), _whole(owed), sent, received
    people = sorted({*travellers, *paid, *owed, *sent, *received})
    balances = tuple(Balance(each, *(units.get(each, 0) * unit for units in columns)) for each in people)
    transfers, exact = minimal_transfers({each.traveller_id: each.net for each in balances}, currency)
    return SettleUp(currency, balances, transfers, exact, tuple(left_out))


def split(amount: Decimal, currency: str, shares: Sequence[ShareFields]) -> dict[int, Decimal]:
    """What each person owes of an amount, in its currency; the parts come to exactly the whole.

    Fixed parts (`owed`) first, the rest by `weight`; units that do not divide go to the largest remainders, of equal
    ones to whoever was added to the trip first. Raises InvalidSplit.
    """
    return {each: _amount(units, currency) for each, units in _whole(_owed(amount, currency, shares)).items()}


def minimal_transfers(net: Mapping[int, Decimal], currency: str) -> tuple[tuple[Transfer, ...], bool]:
    """Payments that bring everybody to zero, at most one less than people with a balance, and whether they are fewest.

    Fewest transfers means parting the people into as many groups as can settle among themselves: tried in full up to
    EXACT_UP_TO people, beyond that the largest debt goes to the largest claim. Balances must sum to zero.
    """
    units = {traveller: _units(amount, currency) for traveller, amount in net.items() if amount}
    if sum(units.values()):
        raise ValueError("balances that do not sum to zero cannot be settled")
    people = sorted(units)
    exact = len(people) <= EXACT_UP_TO
    groups = _groups(people, units) if exact else [people]
    found = [transfer for group in groups for transfer in _within({each: units[each] for each in group}, currency)]
    return tuple(sorted(found, key=lambda each: (-each.amount, each.from_traveller, each.to_traveller))), exact


def _parts(expense: Expense, currency: str) -> tuple[dict[int, Fraction], dict[int, Fraction]]:
    """What each one paid and owes of an expense, in minor units of `currency`; both come to the same whole number."""
    total = converted(expense.amount, expense.currency, expense.exchange_rate, currency)
    if total is None:
        raise InvalidSplit(f"no rate from {expense.currency} to {currency}")
    if not expense.shares:
        raise InvalidSplit("nobody is named who paid or shares it")
    amount = quantize(expense.amount, expense.currency)
    paid = quantize(sum((each.paid for each in expense.shares), Decimal(0)), expense.currency)
    if amount > 0 and not paid:
        raise InvalidSplit("nobody is named who paid")
    if paid != amount:
        raise InvalidSplit(f"{format_amount(paid, expense.currency)} of it is said to be paid by somebody")
    owed = _owed(amount, expense.currency, expense.shares)
    units = _units(total, currency)
    payers = {each.traveller_id: Fraction(each.paid) for each in expense.shares}
    return _scaled(payers, units), _scaled(owed, units)


def _owed(amount: Decimal, currency: str, shares: Sequence[ShareFields]) -> dict[int, Fraction]:
    """What each one owes of an amount, in its minor units and exactly. Raises InvalidSplit."""
    fixed = {each.traveller_id: _units(each.owed, currency) for each in shares if each.owed is not None}
    weights = {
        each.traveller_id: Fraction(each.weight)
        for each in shares
        if each.owed is None and each.weight is not None and each.weight > 0
    }
    rest = _units(amount, currency) - sum(fixed.values())
    if rest < 0:
        over = format_amount(_amount(-rest, currency), currency)
        raise InvalidSplit(f"The fixed parts come to {over} more than the amount.")
    if rest > 0 and not weights:
        missing = format_amount(_amount(rest, currency), currency)
        raise InvalidSplit(f"{missing} of it is nobody's part." if fixed else "It is shared by nobody.")
    parts = {each.traveller_id: Fraction(fixed.get(each.traveller_id, 0)) for each in shares}
    return parts | _scaled(weights, rest)


def _scaled(weights: Mapping[int, Fraction], total: int) -> dict[int, Fraction]:
    """The total in proportion to the weights."""
    whole = sum(weights.values())
    return {each: total * weight / whole if whole else Fraction(0) for each, weight in weights.items()}


def _whole(parts: Mapping[int, Fraction]) -> dict[int, int]:
    """Parts that come to a whole number, rounded so that they still do; equal remainders go to the smaller id."""
    rounded = {each: floor(part) for each, part in parts.items()}
    left = int(sum(parts.values())) - sum(rounded.values())
    for each in sorted(parts, key=lambda each: (rounded[each] - parts[each], each))[:left]:
        rounded[each] += 1
    return rounded


def _groups(people: Sequence[int], units: Mapping[int, int]) -> list[list[int]]:
    """The people in as many groups of balance zero as there can be.

    Taking people out one by one passes through sets of balance zero; the best order passes through the most of them.
    """
    sums = [0] * (1 << len(people))
    most = [0] * len(sums)
    last = [0] * len(sums)
    for members in range(1, len(sums)):
        lowest = members & -members
        sums[members] = sums[members ^ lowest] + units[people[lowest.bit_length() - 1]]
        most[members] = -1
        for place in range(len(people)):
            if members >> place & 1 and most[members ^ (1 << place)] > most[members]:
                most[members], last[members] = most[members ^ (1 << place)], place
        most[members] += sums[members] == 0
    groups: list[list[int]] = []
    members = len(sums) - 1
    while members:
        if sums[members] == 0:
            groups.append([])
        groups[-1].append(people[last[members]])
        members ^= 1 << last[members]
    return groups


def _within(units: dict[int, int], currency: str) -> list[Transfer]:
    """Payments within a group of balance zero: the largest debt to the largest claim until nothing is left."""
    found: list[Transfer] = []
    while units:
        debtor = min(units, key=lambda each: (units[each], each))
        creditor = min(units, key=lambda each: (-units[each], each))
        amount = min(-units[debtor], units[creditor])
        found.append(Transfer(debtor, creditor, _amount(amount, currency)))
        units[debtor] += amount
        units[creditor] -= amount
        units = {each: left for each, left in units.items() if left}
    return found


def _add(sums: dict[int, N], parts: Mapping[int, N]) -> None:
    for each, part in parts.items():
        sums[each] = sums[each] + part if each in sums else part


def _units(amount: Decimal, currency: str) -> int:
    """The amount in minor units of its currency."""
    return int(quantize(amount, currency).scaleb(minor_units(currency)))


def _amount(units: int, currency: str) -> Decimal:
    return quantize(Decimal(units).scaleb(-minor_units(currency)), currency)
