"""`tripsage-tui budget TRIP` and `tripsage-tui expenses TRIP list|add|csv`."""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from uuid import uuid4

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.command_line.trips import print_json, print_table, trip_id_of
from tripsage_tui.models.budgets import Budget, budget_of
from tripsage_tui.models.costs import Sums, known_rates
from tripsage_tui.models.expense_drafts import ExpenseContext, blank_expense, read_expense
from tripsage_tui.models.expenses import Expense, Ledger
from tripsage_tui.models.money import format_amount, format_totals, plain_amount
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rates import converted, plain_rate
from tripsage_tui.models.settling import SettleUp, settle_up
from tripsage_tui.models.share_reading import share_values
from tripsage_tui.models.showing import clean, one_line
from tripsage_tui.models.when import count_of
from tripsage_tui.planner import Planner

_TYPED_AS = {"title": "TITLE", "amount": "AMOUNT", "spent_on": "--date", "paid_by": "--paid-by"}
"""What people typed for a field; the other options are called as their fields are."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
BOM = "\ufeff"


def show_budget(arguments: argparse.Namespace) -> int:
    """The money of one trip, by category, with what is left and who owes whom."""
    plan, ledger, today = asyncio.run(_money(arguments))
    budget = budget_of(plan, ledger.expenses, today)
    travellers = [each.id for each in ledger.travellers]
    settling = settle_up(ledger.expenses, ledger.settlements, travellers, budget.currency)
    names = {each.id: each.name for each in ledger.travellers}
    if arguments.json:
        print_json(_as_json(plan, budget, settling, names))
        return Exit.OK
    currency = budget.currency

    def amount(value: object) -> str:
        return format_amount(value, currency)  # type: ignore[arg-type]  # always a Decimal

    left = f"{amount(budget.left)} left" if budget.left >= 0 else f"{amount(-budget.left)} over"
    print(clean(f"{one_line(plan.trip.name)}: {left} of {amount(budget.budget)}"))
    if budget.left_per_day is not None and budget.left > 0:
        print(f"{amount(budget.left_per_day)} a day for {count_of(budget.days_left, 'day')}")
    rows = [(each.value, *_cells(sums, currency)) for each, sums in budget.by_category.items()]
    print_table([("category", "planned", "booked", "paid"), *rows, ("in all", *_cells(budget.total, currency))])
    if budget.unconverted:
        print(f"Not counted, no rate to {currency}: {format_totals(budget.apart)}")
    for each in settling.transfers:
        who, to = one_line(names[each.from_traveller]), one_line(names[each.to_traveller])
        print(f"{who} owes {to} {amount(each.amount)}")
    return Exit.OK


def list_expenses(arguments: argparse.Namespace) -> int:
    """The expenses of one trip as a table or as JSON."""
    plan, ledger, _ = asyncio.run(_money(arguments))
    if arguments.json:
        print_json([each.model_dump(mode="json") for each in ledger.expenses])
    elif not ledger.expenses:
        print("No expenses yet.")
    else:
        rows = [_row(each, plan, ledger) for each in ledger.expenses]
        head = ("id", "date", "title", "category", "amount", f"in {plan.trip.currency}", "paid by")
        print_table([head, *((str(each.id), *row) for each, row in zip(ledger.expenses, rows, strict=True))])
    return Exit.OK


def write_csv(arguments: argparse.Namespace) -> int:
    """The expenses of one trip for a spreadsheet, on standard output."""
    plan, ledger, _ = asyncio.run(_money(arguments))
    target = plan.trip.currency
    text = io.StringIO(newline="")
    if arguments.bom:
        text.write(BOM)
    table = csv.writer(text, delimiter="\t" if arguments.separator == "tab" else arguments.separator)
    table.writerow(
        ["date", "title", "category", "amount", "currency", "rate", f"in {target}", "paid by", "shared by", "notes"]
    )
    for each in ledger.expenses:
        there = converted(each.amount, each.currency, each.exchange_rate, target)
        shares = share_values(each.shares, each.amount, each.currency, ledger.travellers)
        table.writerow(
            [
                each.spent_on.isoformat() if each.spent_on else "",
                _inert(each.title),
                each.category.value,
                plain_amount(each.amount, each.currency),
                each.currency,
                plain_rate(each.exchange_rate) if each.exchange_rate else "",
                "" if there is None else plain_amount(there, target),
                _inert(shares["paid_by"]),
                _inert(shares["split"]),
                _inert(each.notes or ""),
            ]
        )
    sys.stdout.write(text.getvalue())
    return Exit.OK


def add_expense(arguments: argparse.Namespace) -> int:
    """Add an expense; prints its id alone, so that scripts can go on with it."""

    async def run() -> Expense:
        async with signed_in(arguments) as planner:
            plan, ledger = await _read(planner, arguments.trip)
            context = ExpenseContext(planner.today, plan.trip, ledger.travellers, known_rates(plan, ledger.expenses))
            me = next((each.id for each in ledger.travellers if each.user_id == planner.profile.id), None)
            typed = {
                "title": arguments.title,
                "amount": arguments.amount,
                "category": arguments.category,
                "currency": arguments.currency,
                "rate": arguments.rate,
                "spent_on": arguments.date,
                "paid_by": arguments.paid_by,
                "split": arguments.split,
                "notes": arguments.notes,
            }
            values = blank_expense(context, me) | {name: text for name, text in typed.items() if text is not None}
            draft = read_expense(values, context)
            if draft.fields is None:
                errors = (f"{_TYPED_AS.get(field, f'--{field}')}: {said}" for field, said in draft.errors.items())
                raise CommandError(" ".join(errors), Exit.USAGE)
            return await planner.expenses.add(plan.trip.id, draft.fields, shares=draft.shares, key=uuid4())

    expense = asyncio.run(run())
    print(expense.model_dump_json(indent=2) if arguments.json else expense.id)
    return Exit.OK


async def _money(arguments: argparse.Namespace) -> tuple[TripPlan, Ledger, date]:
    async with signed_in(arguments) as planner:
        return *await _read(planner, arguments.trip), planner.today


async def _read(planner: Planner, word: str) -> tuple[TripPlan, Ledger]:
    trip_id = await trip_id_of(planner, word)
    return await planner.trips.plan(trip_id), await planner.expenses.ledger(trip_id)


def _row(expense: Expense, plan: TripPlan, ledger: Ledger) -> Sequence[str]:
    target = plan.trip.currency
    there = converted(expense.amount, expense.currency, expense.exchange_rate, target)
    return (
        expense.spent_on.isoformat() if expense.spent_on else "-",
        expense.title,
        expense.category.value,
        format_amount(expense.amount, expense.currency),
        "no rate" if there is None else format_amount(there, target),
        share_values(expense.shares, expense.amount, expense.currency, ledger.travellers)["paid_by"] or "-",
    )


def _cells(sums: Sums, currency: str) -> tuple[str, str, str]:
    planned, booked, paid = (format_amount(each, currency) for each in (sums.planned, sums.booked, sums.paid))
    return planned, booked, paid


def _as_json(plan: TripPlan, budget: Budget, settling: SettleUp, names: dict[int, str]) -> dict[str, object]:
    """Amounts are strings of the trip's currency unless they name another."""
    return {
        "trip_id": plan.trip.id,
        "currency": budget.currency,
        "budget": budget.budget,
        **asdict(budget.total),
        "left": budget.left,
        "days_left": budget.days_left,
        "left_per_day": budget.left_per_day,
        "per_traveller": budget.per_traveller,
        "by_category": {each.value: asdict(sums) for each, sums in budget.by_category.items()},
        "by_day": {each.isoformat(): asdict(sums) for each, sums in budget.by_day.items() if sums != Sums()},
        "undated": asdict(budget.undated),
        "unconverted": [
            {"kind": cost.key[0], "id": cost.id, "title": cost.title, "amount": cost.amount, "currency": cost.currency}
            for cost in budget.unconverted
        ],
        "balances": [{"traveller": names[each.traveller_id], "net": each.net} for each in settling.balances],
        "transfers": [
            {"from": names[each.from_traveller], "to": names[each.to_traveller], "amount": each.amount}
            for each in settling.transfers
        ],
    }


def _inert(text: str) -> str:
    """Text of others for a spreadsheet: no escape sequences, and nothing that it would calculate."""
    shown = clean(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
