"""The budget of a trip: what is planned, booked and paid, what was spent, who owes whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.costs import Cost
from tripsage_tui.models.expenses import ExpenseCategory
from tripsage_tui.screens.budget_actions import BudgetActions
from tripsage_tui.screens.budget_rows import UNDATED, Key, View
from tripsage_tui.widgets.rows import Rows

ADD = Command("budget.add", "a", "add", "Add expense", "Add an expense: what for, how much, who paid, who shares.")
EDIT = Command("budget.edit", "e", "edit", "Edit", "Change the expense or booking under the cursor.")
DELETE = Command("budget.delete", "d", "delete", "Delete", "Delete the expense, payment or traveller; u undoes it.")
RATE = Command("budget.rate", "x", "rate", "Rate", "Type the exchange rate of this amount, or of all like it.")
PAY = Command("budget.pay", "p", "pay", "Pay", "What was paid for the booking, or who paid whom.")
TRAVELLER = Command("budget.traveller", "T", "traveller", "Traveller", "Add somebody who goes along and shares costs.")
OPEN = Command("budget.open", "enter", "open", "Open", "Go to what the row is made of, or change it.", footer=False)
VIEW = Command("budget.view", "tab", "turn(1)", "Next view", "Categories, days, spending, settling up.")
BEFORE = Command("budget.view-before", "shift+tab", "turn(-1)", "View before", footer=False, palette=False)
CHART = Command("budget.chart", "v", "chart", "Chart", "Show or hide the bar chart.", footer=False)
REFRESH = Command("budget.refresh", "r", "refresh_budget", "Refresh", "Fetch everything again.", footer=False)
BACK = Command("budget.back", "escape,backspace,b", "back", "Back", "Back to the trip.")

CHANGING = {"add", "edit", "delete", "rate", "pay", "traveller"}
_KEYS_OF_CHANGES = {"a", "e", "d", "x", "p", "T"}


class BudgetScreen(BudgetActions):
    """Four views of one trip's money, and what can be done on the row under the cursor."""

    CSS_PATH = "budget.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (ADD, EDIT, DELETE, RATE, PAY, TRAVELLER, VIEW, OPEN, BEFORE, CHART, REFRESH, BACK)
    )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in CHANGING and not self.may_edit:
            return False
        if action == "edit":
            return self.expense is not None or self.booking is not None
        if action == "delete":
            return self.expense is not None or (self.key or ("",))[0] in {"payment", "balance"}
        if action == "rate":
            return self.rated is not None
        if action == "pay":
            return self.booking is not None or (self.view is View.SETTLE and self._can_pay)
        return super().check_action(action, parameters)

    @property
    def _can_pay(self) -> bool:
        return self.ledger is not None and len(self.ledger.travellers) > 1

    def on_key(self, event: events.Key) -> None:
        """Someone who may only look is told so, rather than left to wonder about a dead key."""
        if self.plan is not None and not self.may_edit and event.key in _KEYS_OF_CHANGES:
            event.stop()
            self.say(f"{self.plan.trip.name} was shared with you to look at, not to change.", "warning")

    def action_back(self) -> None:
        self.dismiss(None)

    def action_refresh_budget(self) -> None:
        self.refresh_data()

    def action_turn(self, by: int) -> None:
        views = list(View)
        self.go_to(views[(views.index(self.view) + by) % len(views)])

    def go_to(self, view: View, key: Key | None = None) -> None:
        """Show another view, with the cursor on `key`."""
        if key is not None:
            self.prefer[view] = key
        self.view = view
        self.show_view()
        if self.list.keys:
            self.list.focus(scroll_visible=False)
        self.refresh_bindings()

    def action_chart(self) -> None:
        self.toggle_class("-chart-off")
        self.call_after_refresh(self.show_view)

    def action_open(self) -> None:
        if self.rows is None:
            return
        match self.key:
            case ("category", ExpenseCategory() as category):
                self._go_to_first(lambda cost: cost.category is category)
            case ("day", day):
                self._go_to_first(lambda cost: day in cost.days or (day == UNDATED and not cost.days))
            case ("transfer", _):
                if self.may_edit:
                    self.action_pay()
            case _:
                if self.may_edit:
                    self.action_edit()

    def _go_to_first(self, wanted: Callable[[Cost], bool]) -> None:
        """To the first cost of a category or day among all."""
        if self.rows is None:
            return
        keys = [key for section in self.rows.sections(View.SPENDING) for key in section.keys]
        found = next((key for key in keys if wanted(self.rows.costs[key])), None)
        if found is not None:
            self.go_to(View.SPENDING, found)

    def on_rows_selected(self, event: Rows.Selected) -> None:
        event.stop()
        self.action_open()
