"""Changing a trip's money: expenses, rates, payments between travellers, travellers; each with its way back."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tripsage_tui.models.costs import is_spent, kind_of, known_rates
from tripsage_tui.models.expenses import Expense, SettlementFields
from tripsage_tui.models.people import TravellerFields
from tripsage_tui.models.rates import suggested
from tripsage_tui.models.settling import Transfer
from tripsage_tui.screens.budget_rows import Key, View
from tripsage_tui.screens.budget_view import BudgetView

if TYPE_CHECKING:
    from tripsage_tui.changes.rates import RatedRow
    from tripsage_tui.screens.rate_dialog import RateWish


class BudgetActions(BudgetView):
    """The doing half of the budget screen."""

    _deleted: tuple[View, Key] | None = None

    def _write(self, work: Coroutine[Any, Any, object], said: str) -> None:
        """Run a change, say that it is done, show what it made of the trip."""

        async def run() -> None:
            try:
                await work
                self.tell(said)
            finally:
                self.refresh_data()

        self.run_task(run(), group="write")

    async def _undo(self) -> None:
        await super()._undo()
        if self._deleted is not None:
            # What was brought back is where the cursor goes.
            view, key = self._deleted
            self.prefer[view] = key

    # ---- expenses

    def action_add(self) -> None:
        from tripsage_tui.screens.forms.expense_form import ExpenseForm

        if self.plan is None or self.ledger is None:
            return
        match self.key:
            case ("day", date() as day):
                form = ExpenseForm(self.planner, self.plan, self.ledger, day=day)
            case _:
                form = ExpenseForm(self.planner, self.plan, self.ledger)
        self.app.push_screen(form, self._saved)

    def action_edit(self) -> None:
        from tripsage_tui.screens.forms.expense_form import ExpenseForm
        from tripsage_tui.screens.forms.opening import form_for

        if self.plan is None or self.ledger is None:
            return
        if (expense := self.expense) is not None:
            self.app.push_screen(ExpenseForm(self.planner, self.plan, self.ledger, expense), self._saved)
        elif (booking := self.booking) is not None:
            form = form_for(booking)(self.planner, self.plan.trip, self.plan.stops, booking)
            self.app.push_screen(form, lambda _: self.refresh_data())

    def _saved(self, expense: Expense | None) -> None:
        if expense is not None:
            self.prefer[View.SPENDING] = ("cost", ("expense", expense.id))
            later = "" if is_spent(expense, self.planner.today) else ", planned for later"
            self.tell(f"Saved {expense.title}{later}. Press u to take it back.")
        self.refresh_data()

    def action_delete(self) -> None:
        from tripsage_tui.changes.budget import BudgetChanges
        from tripsage_tui.changes.people import PeopleChanges

        if self.plan is None or self.ledger is None or not self.may_write():
            return
        changes = BudgetChanges(self.planner)
        self._deleted = (self.view, self.key) if self.key else None
        payments = {each.id: each for each in self.ledger.settlements}
        travellers = {each.id: each for each in self.ledger.travellers}
        if (expense := self.expense) is not None:
            self._write(changes.delete(expense), f"Deleted {expense.title}. Press u to bring it back.")
            return
        match self.key:
            case ("payment", int() as number) if number in payments:
                self._write(changes.delete_payment(payments[number]), "Deleted the payment. Press u to bring it back.")
            case ("balance", int() as number) if number in travellers:
                name = travellers[number].name
                delete = PeopleChanges(self.planner, self.plan.trip).delete_traveller(travellers[number])
                self._write(delete, f"Removed {name}. Press u to bring them back.")

    # ---- rates

    @property
    def rated(self) -> RatedRow | None:
        """The row under the cursor whose amount is in another currency than the trip's."""
        row: RatedRow | None = self.expense or self.booking
        if row is None and self.ledger is not None:
            numbers = {each.id: each for each in self.ledger.settlements}
            match self.key:
                case ("payment", int() as number) | ("left-out", ("settlement", int() as number)):
                    row = numbers.get(number)
        if row is None and self.view is not View.SETTLE:
            row = self._first_without_rate()
        return row if row is not None and self.plan and row.currency != self.plan.trip.currency else None

    def _first_without_rate(self) -> RatedRow | None:
        """Anywhere else than on an amount, the key means the amounts that are not counted."""
        if self.cost is not None:
            return None
        return next(iter(self._without_rate()), None)

    def _without_rate(self) -> list[RatedRow]:
        if self.rows is None or self.plan is None or self.ledger is None:
            return []
        keys = {cost.key for cost in self.rows.budget.unconverted}
        found: list[RatedRow] = [each for each in self.plan.bookings if (kind_of(each).value, each.id) in keys]
        found += [each for each in self.ledger.expenses if ("expense", each.id) in keys]
        return found

    def action_rate(self) -> None:
        from tripsage_tui.changes.rates import describe_row
        from tripsage_tui.models.bookings import price_of
        from tripsage_tui.screens.rate_dialog import RateDialog

        row, plan, ledger = self.rated, self.plan, self.ledger
        if row is None or plan is None or ledger is None or not self.may_write():
            return
        amount = row.amount if hasattr(row, "amount") else price_of(row)
        others = [each for each in self._without_rate() if each.currency == row.currency and each != row]
        day = self.cost.days[0] if self.cost and self.cost.days else None
        known = suggested(known_rates(plan, ledger.expenses), row.currency, day)
        title = describe_row(row)

        def answered(wish: RateWish | None) -> None:
            if wish is not None:
                rows = [row, *others] if wish.everywhere else [row]
                self._set_rates(rows, wish)

        self.app.push_screen(
            RateDialog(
                title,
                amount,
                row.currency,
                plan.trip.currency,
                rate=row.exchange_rate,
                known=known,
                others=len(others),
            ),
            answered,
        )

    def _set_rates(self, rows: list[RatedRow], wish: RateWish) -> None:
        from tripsage_tui.changes.rates import RateChanges
        from tripsage_tui.models.when import count_of

        label = f"the rate of {count_of(len(rows), 'amount')}"
        self._write(RateChanges(self.planner).freeze(rows, wish.rate, label), f"Saved {label}. u takes it back.")

    # ---- people

    def action_pay(self) -> None:
        from tripsage_tui.screens.forms.expense_form import ExpenseForm
        from tripsage_tui.screens.payment_dialog import PaymentDialog

        if self.plan is None or self.ledger is None or self.rows is None:
            return
        if (booking := self.booking) is not None:
            self.app.push_screen(ExpenseForm(self.planner, self.plan, self.ledger, booking=booking), self._saved)
            return
        if not self.may_write():
            return
        suggested_payment = self._transfer_at(self.key)
        travellers = self.ledger.travellers
        dialog = PaymentDialog(travellers, self.plan.trip.currency, self.planner.today, suggested_payment)
        self.app.push_screen(dialog, self._pay)

    def _transfer_at(self, key: Key | None) -> Transfer | None:
        """The payment that the row suggests: itself, or the first one of this traveller."""
        transfers = self.rows.settling.transfers if self.rows else ()
        match key:
            case ("transfer", (int() as payer, int() as payee)):
                found = (each for each in transfers if (each.from_traveller, each.to_traveller) == (payer, payee))
            case ("balance", int() as one):
                found = (each for each in transfers if one in {each.from_traveller, each.to_traveller})
            case _:
                return None
        return next(found, None)

    def _pay(self, fields: object) -> None:
        from tripsage_tui.changes.budget import BudgetChanges

        if isinstance(fields, SettlementFields):
            pay = BudgetChanges(self.planner).pay(self.trip_id, fields, uuid4())
            self._write(pay, "Recorded the payment. Press u to take it back.")

    def action_traveller(self) -> None:
        from tripsage_tui.screens.payment_dialog import TravellerDialog

        if self.ledger is not None and self.may_write():
            me = self.planner.profile
            known = any(each.user_id == me.id for each in self.ledger.travellers)
            self.app.push_screen(TravellerDialog(None if known else me), self._add_traveller)

    def _add_traveller(self, fields: object) -> None:
        from tripsage_tui.changes.people import PeopleChanges

        if isinstance(fields, TravellerFields) and self.plan is not None:
            add = PeopleChanges(self.planner, self.plan.trip).add_traveller(fields, uuid4())
            self._write(add, f"{fields.name} travels along. Press u to take it back.")
