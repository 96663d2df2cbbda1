"""The form of an expense: what it was for, how much at which rate, who paid and who shares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tripsage_tui.models.booking_reading import FormContext, note_day
from tripsage_tui.models.expenses import (
    BookingKind,
    Expense,
    ExpenseCategory,
    ExpenseFields,
    ShareFields,
)
from tripsage_tui.models.form_reading import Draft, FormReader, changes, read_amounts
from tripsage_tui.models.money import format_amount, plain_amount
from tripsage_tui.models.people import Traveller
from tripsage_tui.models.rates import UNKNOWN, KnownRate, converted, parse_rate, plain_rate, rate_text, suggested
from tripsage_tui.models.share_reading import read_shares, share_values
from tripsage_tui.models.text import TEXT_LIMIT
from tripsage_tui.models.trips import Trip
from tripsage_tui.models.when import format_date

EXPENSE_FIELDS = ("title", "category", "amount", "currency", "rate", "spent_on", "paid_by", "split", "notes", "booking")
LINKED, UNLINKED = "yes", "no"


@dataclass(frozen=True)
class ExpenseContext:
    """What an expense is read against."""

    today: date
    trip: Trip
    travellers: tuple[Traveller, ...] = ()
    rates: tuple[KnownRate, ...] = ()
    """Those of earlier rows of the trip, the newest first."""
    booking: tuple[BookingKind, int] | None = None
    """The booking that a new expense pays for."""

    @property
    def dates(self) -> FormContext:
        return FormContext(today=self.today, trip=self.trip)


@dataclass(frozen=True)
class ExpenseDraft(Draft[ExpenseFields]):
    """An expense as typed, with who paid and who shares it."""

    shares: tuple[ShareFields, ...] = ()


@dataclass(frozen=True)
class ExpenseEdit:
    """What saving an edited form has to write; `shares` is None where they did not change."""

    draft: ExpenseDraft
    changes: dict[str, object]
    shares: tuple[ShareFields, ...] | None


def read_expense(
    values: Mapping[str, str], context: ExpenseContext, *, existing: Expense | None = None
) -> ExpenseDraft:
    """The expense that a form describes. Keys: EXPENSE_FIELDS; missing ones are blank."""
    form = FormReader(values, context.today)
    title = form.text("title", required="What was it for?")
    category = form.choice("category", ExpenseCategory, ExpenseCategory.OTHER)
    amounts, currency = read_amounts(form, ["amount"], context.trip.currency)
    money = amounts["amount"]
    if not form.raw("amount"):
        form.fail("amount", "How much was it?")
    spent_on = form.day("spent_on", near=context.dates.start)
    if spent_on:
        note_day(form, "spent_on", spent_on, context.dates)
    amount = money.amount if money else None
    rate = _read_rate(form, amount, currency, day=spent_on, context=context, existing=existing)
    shares = read_shares(form, amount, currency, context.travellers)
    notes = form.text("notes", TEXT_LIMIT)
    link = context.booking if existing is None else _link(existing)
    if form.raw("booking") == UNLINKED:
        link = None
    if form.errors or title is None or amount is None:
        return ExpenseDraft(None, form.errors, form.notes)
    fields = ExpenseFields(
        title=title,
        category=category,
        amount=amount,
        currency=currency,
        exchange_rate=rate,
        spent_on=spent_on,
        notes=notes,
        booking_kind=link[0] if link else None,
        booking_id=link[1] if link else None,
    )
    return ExpenseDraft(fields, form.errors, form.notes, shares)


def expense_values(expense: Expense, context: ExpenseContext) -> dict[str, str]:
    """The strings of the form for a stored expense; reading them gives the expense again."""
    rate = ""
    if expense.currency != context.trip.currency:
        rate = plain_rate(expense.exchange_rate) if expense.exchange_rate else UNKNOWN
    return {
        "title": expense.title,
        "category": expense.category.value,
        "amount": plain_amount(expense.amount, expense.currency),
        "currency": expense.currency,
        "rate": rate,
        "spent_on": expense.spent_on.isoformat() if expense.spent_on else "",
        **share_values(expense.shares, expense.amount, expense.currency, context.travellers),
        "notes": expense.notes or "",
        "booking": LINKED if _link(expense) else UNLINKED,
    }


def blank_expense(context: ExpenseContext, me: int | None) -> dict[str, str]:
    """What a new form begins with: today while the trip is on, in the trip's currency, paid by who types."""
    trip = context.trip
    on_trip = trip.start_date <= context.today <= trip.end_date
    payer = next((each for each in context.travellers if each.id == me), None)
    if payer is None and len(context.travellers) == 1:
        payer = context.travellers[0]
    shares = () if payer is None else (ShareFields(traveller_id=payer.id, paid=Decimal(1)),)
    return {
        "category": ExpenseCategory.FOOD.value,
        "currency": trip.currency,
        "spent_on": context.today.isoformat() if on_trip else "",
        "paid_by": share_values(shares, Decimal(1), trip.currency, context.travellers)["paid_by"],
        "split": "all" if context.travellers else "",
        "booking": LINKED if context.booking else UNLINKED,
    }


def edit_expense(expense: Expense, values: Mapping[str, str], context: ExpenseContext) -> ExpenseEdit:
    """What changed between a stored expense and its edited form; fields that `values` leaves out stay as they are.

    An untouched field never alters what is stored, also where the form cannot show all of it.
    """
    shown = expense_values(expense, context)
    before = read_expense(shown, context, existing=expense)
    after = read_expense({**shown, **values}, context, existing=expense)
    if after.fields is None:
        return ExpenseEdit(after, {}, None)
    changed = changes(before.fields or expense, after.fields)
    same = all(shown[name] == values.get(name, shown[name]) for name in ("paid_by", "split", "amount", "currency"))
    return ExpenseEdit(after, changed, None if same or before.shares == after.shares else after.shares)


def _link(expense: Expense) -> tuple[BookingKind, int] | None:
    if expense.booking_kind is None or expense.booking_id is None:
        return None
    return expense.booking_kind, expense.booking_id


def _read_rate(
    form: FormReader,
    amount: Decimal | None,
    currency: str,
    *,
    day: date | None,
    context: ExpenseContext,
    existing: Expense | None,
) -> Decimal | None:
    """The rate to freeze: the typed one, else that of an earlier row of the trip, else none. A note says which."""
    target = context.trip.currency
    typed = form.raw("rate")
    if currency == target:
        if typed and typed != UNKNOWN:
            form.note("rate", f"not needed: the trip counts in {target}")
        return None
    frozen = existing.exchange_rate if existing and existing.currency != currency else None
    if existing and frozen and typed == plain_rate(frozen):
        form.fail("rate", f"This rate was for {existing.currency}: how many {target} is 1 {currency}?")
        return None
    if typed == UNKNOWN:
        form.note("rate", f"not known yet: listed apart, in no sum of {target}")
        return None
    source = ""
    if typed:
        rate = form.read("rate", lambda text: parse_rate(text, currency, target, amount))
    else:
        known = suggested(context.rates, currency, day)
        rate = known.rate if known else None
        if known:
            when = f" on {format_date(known.day, context.today)}" if known.day else ""
            source = f", as{when or ' before'}; ? for none"
        else:
            form.note("rate", f"how many {target} is 1 {currency}? Without it the amount is listed apart")
    if rate is not None:
        there = converted(amount, currency, rate, target) if amount is not None else None
        came_to = f"{format_amount(there, target)} at " if there is not None else ""
        form.note("rate", f"{came_to}{rate_text(rate, currency, target)}{source}")
    return rate
