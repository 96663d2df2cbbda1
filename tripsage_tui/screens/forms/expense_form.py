"""The form of an expense: what for, how much at which rate, who paid, who shares it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from textual.widget import Widget

from tripsage_tui.changes.budget import BudgetChanges, plain_shares
from tripsage_tui.data.errors import NotFound
from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.bookings import price_of
from tripsage_tui.models.costs import category_of, kind_of, known_rates, link_of
from tripsage_tui.models.expense_drafts import (
    LINKED,
    UNLINKED,
    ExpenseContext,
    blank_expense,
    edit_expense,
    expense_values,
    read_expense,
)
from tripsage_tui.models.expenses import Expense, ExpenseCategory, ExpenseFields, Ledger, ShareFields
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.models.in_words import in_words
from tripsage_tui.models.money import plain_amount
from tripsage_tui.models.trips import Record
from tripsage_tui.screens.forms.booking_form import options, section
from tripsage_tui.screens.forms.record_form import RecordForm
from tripsage_tui.widgets.form_choice import ChoiceField
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_notes import NotesField
from tripsage_tui.widgets.form_text import TextField

if TYPE_CHECKING:
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.planner import Planner


class ExpenseForm(RecordForm[Expense]):
    """Returns the saved expense, None when left. `booking` is what a new one pays for."""

    def __init__(
        self,
        planner: Planner,
        plan: TripPlan,
        ledger: Ledger,
        expense: Expense | None = None,
        *,
        booking: Booking | None = None,
        day: date | None = None,
        resume: bool = False,
    ) -> None:
        trip = plan.trip
        if expense is None:
            suffix = f"new-{kind_of(booking).value}-{booking.id}" if booking else "new"
            key, title = f"expense.trip-{trip.id}.{suffix}", f"adding an expense to {trip.name}"
        else:
            key, title = f"expense.trip-{trip.id}.{expense.id}", f"editing the expense {expense.title} of {trip.name}"
        super().__init__(planner, expense, draft_key=key, title=title, resume=resume)
        self.trip = trip
        linked = {(kind_of(each), each.id): each for each in plan.bookings}
        link = link_of(expense) if expense else None
        self.booking = booking or (linked.get(link) if link else None)
        self.names = {each.id: each.name for each in ledger.travellers}
        others = [each for each in ledger.expenses if expense is None or each.id != expense.id]
        self.context = ExpenseContext(
            today=planner.today,
            trip=trip,
            travellers=ledger.travellers,
            rates=known_rates(plan, others),
            booking=(kind_of(booking), booking.id) if booking else link,
        )
        self.shown = self._begin(ledger, booking, day)

    def _begin(self, ledger: Ledger, booking: Booking | None, day: date | None) -> dict[str, str]:
        """What stands in the fields at first."""
        if self.record is not None:
            return expense_values(self.record, self.context)
        me = next((each.id for each in ledger.travellers if each.user_id == self.planner.profile.id), None)
        blank = blank_expense(self.context, me)
        if day is not None:
            blank["spent_on"] = day.isoformat()
        if booking is None:
            return blank
        price = price_of(booking)
        return blank | {
            "title": name_of(booking),
            "category": category_of(booking).value,
            "amount": plain_amount(price, booking.currency) if price else "",
            "currency": booking.currency,
            "spent_on": self.context.today.isoformat(),
        }

    @property
    def trail(self) -> tuple[str, ...]:
        return self.trip.name, "new expense" if self.record is None else self.record.title

    @property
    def table(self) -> str:
        return "expenses"

    @property
    def record_id(self) -> int | None:
        return self.record.id if self.record else None

    @property
    def what(self) -> str:
        return f"the expense {self.record.title}" if self.record else "the expense"

    def compose_columns(self) -> Iterable[Iterable[Widget]]:
        given = self.shown.get
        who = ", ".join(self.names.values()) or "nobody travels yet"
        target = self.trip.currency
        return (
            (
                TextField("title", "What", given("title", ""), hint="e.g. Ramen", required=True, width="full"),
                TextField("amount", "Amount", given("amount", ""), hint="e.g. 12.50 or ¥900", required=True),
                TextField("currency", "Currency", given("currency", ""), hint=f"e.g. {target}", width="short"),
                TextField("rate", f"Rate to {target}", given("rate", ""), hint="1/161, 0.0062 or =55.80"),
                DateField(
                    "spent_on",
                    "Date",
                    given("spent_on", ""),
                    today=lambda: self.planner.today,
                    start=lambda: self.trip.start_date,
                ),
                ChoiceField("category", "Category", options(ExpenseCategory), given("category", "")),
                *self._link_field(),
            ),
            (
                section("Between you"),
                TextField("paid_by", "Paid by", given("paid_by", ""), hint=who, width="full"),
                TextField("split", "Shared by", given("split", ""), hint="all, or Ann x2, Ben, Cem 10", width="full"),
                NotesField("notes", "Notes", given("notes", "")),
            ),
        )

    def _link_field(self) -> Iterable[Widget]:
        if self.booking is not None:
            title = name_of(self.booking)
            choices = [(LINKED, f"part of {title}"), (UNLINKED, "of no booking")]
            yield ChoiceField("booking", "Counts as", choices, self.shown.get("booking", LINKED))

    def review(self, values: Mapping[str, str]) -> Draft[ExpenseFields]:
        if self.record is not None:
            return edit_expense(self.record, values, self.context).draft
        return read_expense(values, self.context)

    async def insert(self) -> Expense:
        draft = read_expense(self.values, self.context)
        if draft.fields is None:
            raise RuntimeError("a form with errors was saved")
        return await BudgetChanges(self.planner).add(self.trip.id, draft.fields, draft.shares, self.key)

    def changes(self) -> dict[str, object]:
        if self.record is None:
            return {}
        edit = edit_expense(self.record, self.values, self.context)
        return edit.changes if edit.shares is None else {**edit.changes, "shares": edit.shares}

    async def update(self, record: Expense, changes: Mapping[str, object]) -> Expense:
        shares = changes.get("shares")
        fields = {name: value for name, value in changes.items() if name != "shares"}
        return await BudgetChanges(self.planner).edit(record, fields, shares if isinstance(shares, tuple) else None)

    def content(self, record: Record) -> dict[str, object]:
        fields: dict[str, object] = {name: getattr(record, name) for name in ExpenseFields.model_fields}
        return {**fields, "shares": plain_shares(record) if isinstance(record, Expense) else ()}

    def show_value(self, field: str, value: object) -> str:
        if isinstance(value, tuple) and all(isinstance(each, ShareFields) for each in value):
            return ", ".join(self._share_in_words(each) for each in value)
        return in_words(value, today=self.planner.today)

    def _share_in_words(self, share: ShareFields) -> str:
        name = self.names.get(share.traveller_id, f"#{share.traveller_id}")
        paid = f" paid {share.paid:f}" if share.paid else ""
        part = f" owes {share.owed:f}" if share.owed is not None else f" x{share.weight:f}" if share.weight else ""
        return f"{name}{paid}{part}"


_KEY = re.compile(
    r"expense\.trip-(?P<trip>[0-9]+)\.(?:new(?:-(?P<kind>[a-z]+)-(?P<booking>[0-9]+))?|(?P<expense>[0-9]+))"
)


async def resumed_expense(planner: Planner, key: str) -> ExpenseForm:
    """The form of a draft with what was typed in it. Raises NotFound where its trip or expense is gone."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise NotFound("This draft belongs to a form that this version does not have.")
    trip_id = int(match["trip"])
    plan, ledger = await planner.trips.plan(trip_id), await planner.expenses.ledger(trip_id)
    if match["expense"]:
        expense = next((each for each in ledger.expenses if each.id == int(match["expense"])), None)
        if expense is None:
            raise NotFound("What this draft changed is no longer there.")
        return ExpenseForm(planner, plan, ledger, expense, resume=True)
    wanted = match["kind"], int(match["booking"] or 0)
    booking = next((each for each in plan.bookings if (kind_of(each).value, each.id) == wanted), None)
    return ExpenseForm(planner, plan, ledger, booking=booking, resume=True)
