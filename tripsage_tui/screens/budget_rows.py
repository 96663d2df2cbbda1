"""What the four views of the budget list, and how each row is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tripsage_tui.models.budgets import Budget
from tripsage_tui.models.costs import Cost, Sums
from tripsage_tui.models.expenses import Expense, ExpenseCategory, Ledger
from tripsage_tui.models.money import format_amount
from tripsage_tui.models.settling import Balance, SettleUp
from tripsage_tui.models.when import count_of, format_date
from tripsage_tui.widgets.columns import Cell, Column
from tripsage_tui.widgets.cost_chart import BOOKED, PAID, PLANNED
from tripsage_tui.widgets.rows import Section

Key = tuple[str, object]
"""What a row stands for: a kind of row and which one."""
UNDATED = "no date"
_LONG, _SHORT = 24, 12
"""Cells of a bar."""


class View(StrEnum):
    """The four ways of looking at a trip's money, in their order."""

    CATEGORIES = "Categories"
    DAYS = "Days"
    SPENDING = "Spending"
    SETTLE = "Settle up"


_MONEY = (
    Column("planned", 10, 15, rank=9, right=True),
    Column("booked", 10, 15, rank=7, right=True),
    Column("paid", 10, 15, rank=8, right=True),
)
COLUMNS: dict[View, tuple[Column, ...]] = {
    View.CATEGORIES: (
        Column("category", 10, 14, rank=10),
        *_MONEY,
        Column("", _SHORT, _LONG, rank=6),
    ),
    View.DAYS: (Column("day", 10, 15, rank=10), *_MONEY, Column("what for", 10, 60, rank=6, good=20)),
    View.SPENDING: (
        Column("date", 6, 11, rank=8),
        Column("what for", 14, 40, rank=10, good=24),
        Column("category", 9, 9, rank=5),
        Column("amount", 12, 16, rank=9, right=True),
        Column("counts as", 11, 15, rank=7, right=True),
        Column("state", 9, 9, rank=6),
        Column("paid by", 8, 20, rank=4, good=12),
    ),
    View.SETTLE: (
        Column("who", 16, 40, rank=10, good=28),
        Column("paid", 10, 15, rank=7, right=True),
        Column("share", 10, 15, rank=6, right=True),
        Column("balance", 20, 48, rank=9, good=26),
    ),
}


class BudgetRows:
    """A trip's money as rows."""

    def __init__(self, budget: Budget, ledger: Ledger, settling: SettleUp, today: date, first_day: date) -> None:
        """`first_day` of the trip: dates are shown with their year only where it is another one."""
        self.budget = budget
        self.settling = settling
        self.costs: dict[Key, Cost] = {("cost", cost.key): cost for cost in budget.costs}
        self._today = today
        self._first_day = first_day
        self._names = {each.id: each.name for each in ledger.travellers}
        self._expenses = {each.id: each for each in ledger.expenses}
        self._payments = {each.id: each for each in ledger.settlements}
        self._balances = {each.traveller_id: each for each in settling.balances}
        self._transfers = {(each.from_traveller, each.to_traveller): each for each in settling.transfers}
        self._left_out = {(each.kind, each.id): each for each in settling.left_out}
        self._most = max((sums.planned for sums in budget.by_category.values()), default=Decimal(0))
        self._of_day: dict[date, list[str]] = {}
        for cost in budget.costs:
            for day in cost.days:
                self._of_day.setdefault(day, []).append(cost.title)

    def sections(self, view: View) -> list[Section[Key]]:
        """The rows of a view in their groups."""
        match view:
            case View.CATEGORIES:
                categories: list[Key] = [("category", each) for each in self.budget.by_category]
                whole: list[Key] = [("total", "")] if categories else []
                legend = f"{PAID} paid  {BOOKED} booked  {PLANNED} planned"
                return [Section(f"By category   {legend}", categories), Section("In all", whole)]
            case View.DAYS:
                undated = [("day", UNDATED)] if self.budget.undated != _NOTHING else []
                days: list[Key] = [("day", each) for each in self.budget.by_day]
                return [Section("By day", days), Section("Without a date", undated)]
            case View.SPENDING:
                return self._spending()
            case View.SETTLE:
                return self._settle()

    def draw(self, view: View, key: Key) -> Sequence[Cell]:
        """The cells of a row."""
        match key:
            case ("category", ExpenseCategory() as category):
                sums = self.budget.by_category[category]
                long, short = self._bar(sums, _LONG), self._bar(sums, _SHORT)
                return (Cell(category.value), *self._money(sums), Cell(long, short=short))
            case ("total", _):
                return (Cell("all", "strong"), *self._money(self.budget.total), Cell(""))
            case ("day", date() as day):
                sums = self.budget.by_day[day]
                shown = format_date(day, self._first_day)
                what = ", ".join(self._of_day.get(day, ()))
                return (Cell(shown, "strong" if day == self._today else ""), *self._money(sums), Cell(what, "muted"))
            case ("day", _):
                return (Cell("no date"), *self._money(self.budget.undated), Cell(""))
            case ("cost", _):
                return self._cost(self.costs[key])
        return self._draw_settling(key)

    def _spending(self) -> list[Section[Key]]:
        apart = {cost.key for cost in self.budget.unconverted}
        ordered = sorted(
            self.budget.costs,
            key=lambda cost: (not cost.days, cost.days[0] if cost.days else date.max, cost.title.casefold(), cost.key),
        )
        groups: list[tuple[str, list[Cost]]] = [
            (f"No rate to {self.budget.currency} yet: in no sum", [cost for cost in ordered if cost.key in apart]),
            ("Expenses", [cost for cost in ordered if cost.kind is None and cost.key not in apart]),
            ("Bookings", [cost for cost in ordered if cost.kind is not None and cost.key not in apart]),
        ]
        return [Section(title, [("cost", cost.key) for cost in costs]) for title, costs in groups]

    def _settle(self) -> list[Section[Key]]:
        fewest = "fewest possible" if self.settling.exact else "few, perhaps not the fewest"
        transfers: list[Key] = [("transfer", each) for each in self._transfers]
        return [
            Section("Who stands how", [("balance", each) for each in self._balances]),
            Section(f"To settle up: {count_of(len(transfers), 'payment')}, {fewest}", transfers),
            Section("Payments made", [("payment", each) for each in self._payments]),
            Section("Left out of settling up", [("left-out", each) for each in self._left_out]),
        ]

    def _cost(self, cost: Cost) -> Sequence[Cell]:
        sums, currency = cost.sums, self.budget.currency
        if sums is None:
            counts, state = Cell("? no rate", "warn"), Cell("")
        else:
            own = cost.currency == currency and sums.planned == cost.amount
            counts = Cell("" if own else self._amount(sums.planned), "muted")
            state = _state(sums)
        shown = format_date(cost.days[0], self._first_day) if cost.days else ""
        short = format_date(cost.days[0], self._first_day, weekday=False) if cost.days else ""
        return (
            Cell(shown, short=short),
            Cell(cost.title),
            Cell(cost.category.value, "muted"),
            Cell(format_amount(cost.amount, cost.currency)),
            counts,
            state,
            Cell(self._payers(cost), "muted"),
        )

    def _payers(self, cost: Cost) -> str:
        expense = self._expenses.get(cost.id) if cost.kind is None else None
        if expense is None:
            return ""
        return self.payers(expense)

    def payers(self, expense: Expense) -> str:
        """Who paid an expense."""
        return ", ".join(self.name(share.traveller_id) for share in expense.shares if share.paid > 0)

    def _draw_settling(self, key: Key) -> Sequence[Cell]:
        match key:
            case ("balance", int() as traveller):
                balance = self._balances[traveller]
                name, paid, share = self.name(traveller), self._amount(balance.paid), self._amount(balance.owed)
                return (Cell(name), Cell(paid), Cell(share), self._net(balance))
            case ("transfer", (int() as payer, int() as payee)):
                amount = self._amount(self._transfers[payer, payee].amount)
                return (Cell(f"{self.name(payer)} → {self.name(payee)}"), Cell(""), Cell(""), Cell(amount, "strong"))
            case ("payment", int() as number):
                payment = self._payments[number]
                who = f"{self.name(payment.from_traveller)} → {self.name(payment.to_traveller)}"
                paid = format_amount(payment.amount, payment.currency)
                return (
                    Cell(who),
                    Cell(paid),
                    Cell(""),
                    Cell(f"on {format_date(payment.paid_on, self._first_day)}", "muted"),
                )
            case ("left-out", (str() as kind, int() as number)):
                left = next(each for place, each in self._left_out.items() if place == (kind, number))
                amount = format_amount(left.amount, left.currency)
                return (Cell(left.title), Cell(amount), Cell(""), Cell(left.reason, "warn"))
        return ()

    def name(self, traveller: int) -> str:
        return self._names.get(traveller, f"#{traveller}")

    def _net(self, balance: Balance) -> Cell:
        if balance.net > 0:
            return Cell(f"gets {self._amount(balance.net)}", "good")
        if balance.net < 0:
            return Cell(f"owes {self._amount(-balance.net)}", "warn")
        return Cell("even", "muted")

    def _money(self, sums: Sums) -> tuple[Cell, Cell, Cell]:
        planned, booked, paid = (self._amount(each) if each else "–" for each in (sums.planned, sums.booked, sums.paid))
        return Cell(planned), Cell(booked), Cell(paid)

    def _amount(self, amount: Decimal) -> str:
        return format_amount(amount, self.budget.currency)

    def _bar(self, sums: Sums, width: int) -> str:
        """Paid, booked and planned as one bar of at most `width` cells."""
        if not self._most:
            return ""
        ends = [round(width * min(each, sums.planned) / self._most) for each in (sums.paid, sums.booked, sums.planned)]
        bar, end = "", 0
        for pattern, to in zip((PAID, BOOKED, PLANNED), ends, strict=True):
            bar += pattern * max(to - end, 0)
            end = max(end, to)
        return bar or (PLANNED if sums.planned else "")


_NOTHING = Sums()


def _state(sums: Sums) -> Cell:
    if sums.paid >= sums.planned:
        return Cell("● paid", "good")
    if sums.paid:
        return Cell("◐ part")
    return Cell("◐ booked") if sums.booked else Cell("○ planned", "muted")
