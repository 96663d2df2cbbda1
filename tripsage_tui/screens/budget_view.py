"""What the budget screen shows: four lists of one trip's money, and a chart where there is room for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tripsage_tui.models.budgets import budget_of
from tripsage_tui.models.costs import Cost, kind_of
from tripsage_tui.models.settling import settle_up
from tripsage_tui.screens.budget_rows import COLUMNS, BudgetRows, Key, View
from tripsage_tui.screens.budget_summary import chart, summary
from tripsage_tui.screens.reloading import ReloadingScreen
from tripsage_tui.widgets.columns import Cell
from tripsage_tui.widgets.cost_chart import CostChart
from tripsage_tui.widgets.notice import Notice
from tripsage_tui.widgets.rows import Rows
from tripsage_tui.widgets.top_bar import TopBar
from tripsage_tui.widgets.trip_header import TripHeader

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.models.expenses import Expense, Ledger
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.planner import Planner

_EMPTY = {
    View.CATEGORIES: "Nothing costs anything yet.\n\n  a   adds an expense\n"
    "  esc goes back, where bookings get a price",
    View.DAYS: "Nothing costs anything yet.",
    View.SPENDING: "Nothing costs anything yet.\n\n  a   adds an expense",
    View.SETTLE: "Nobody travels on this trip yet.\n\n"
    "  T   adds a traveller: then expenses can say who paid and who shares",
}
_EMPTY_TO_LOOK_AT = "There is nothing here yet."


class BudgetView(ReloadingScreen[None]):
    """The showing half: loaded in two queries side by side, and again whenever the trip changes."""

    def __init__(self, planner: Planner, trip_id: int) -> None:
        super().__init__(planner)
        self.trip_id = trip_id
        self.plan: TripPlan | None = None
        self.ledger: Ledger | None = None
        self.rows: BudgetRows | None = None
        self.view = View.CATEGORIES
        self.prefer: dict[View, Key] = {}

    def compose_body(self) -> ComposeResult:
        yield TripHeader()
        yield Static("", id="budget-views", markup=False)
        with Horizontal(id="budget-body"):
            with Vertical(id="budget-lists"):
                yield Notice("Adding up …")
                for view in View:
                    yield Rows(COLUMNS[view], partial(self._draw, view), id=_list_id(view))
            yield CostChart()

    def _draw(self, view: View, key: Key) -> Sequence[Cell]:
        return self.rows.draw(view, key) if self.rows else ()

    @property
    def list(self) -> Rows[Key]:
        """The rows of the view that is shown."""
        return self.query_one(f"#{_list_id(self.view)}", Rows)

    @property
    def key(self) -> Key | None:
        """The row under the cursor."""
        return self.list.key if self.is_mounted else None

    @property
    def cost(self) -> Cost | None:
        """The cost under the cursor."""
        return self.rows.costs.get(self.key) if self.rows and self.key else None

    @property
    def expense(self) -> Expense | None:
        """The expense under the cursor, also where settling up leaves it out."""
        match self.key:
            case ("cost", ("expense", int() as number)) | ("left-out", ("expense", int() as number)):
                return next((each for each in self.ledger.expenses if each.id == number), None) if self.ledger else None
        return None

    @property
    def booking(self) -> Booking | None:
        """The booking under the cursor."""
        cost = self.cost
        if cost is None or cost.kind is None or self.plan is None:
            return None
        return next((each for each in self.plan.bookings if (kind_of(each), each.id) == (cost.kind, cost.id)), None)

    @property
    def may_edit(self) -> bool:
        return self.plan is not None and self.plan.trip.access.may_edit

    async def load(self) -> None:
        from tripsage_tui.data.errors import DataError, NotFound

        try:
            plan, ledger = await asyncio.gather(
                self.planner.trips.plan(self.trip_id), self.planner.expenses.ledger(self.trip_id)
            )
        except NotFound:
            self.plan = self.ledger = self.rows = None
            self.remove_class("-filled")
            self.query_one(TripHeader).show(())
            self.query_one(Notice).show("This trip is no longer there.\n\n  esc   goes back")
            self.refresh_bindings()
            return
        except DataError as error:
            if self.plan is None:
                self.query_one(Notice).show(f"The budget could not be opened.\n\n  {error}\n\n  r     tries again")
            raise
        self.show_money(plan, ledger)

    def show_money(self, plan: TripPlan, ledger: Ledger) -> None:
        """Bring the screen to a trip's money."""
        first = self.plan is None
        self.plan, self.ledger = plan, ledger
        today, currency = self.planner.today, plan.trip.currency
        budget = budget_of(plan, ledger.expenses, today)
        settling = settle_up(ledger.expenses, ledger.settlements, (each.id for each in ledger.travellers), currency)
        self.rows = BudgetRows(budget, ledger, settling, today, plan.trip.start_date)
        self.query_one(TripHeader).show(summary(budget))
        note = "" if self.may_edit else "shared to look at"
        self.query_one(TopBar).show(trail=f"{plan.trip.name} › budget", note=note)
        self.show_view()
        if first:
            self.list.focus(scroll_visible=False)
        self.refresh_bindings()

    def show_view(self) -> None:
        """The list of the current view, its chart, and which of the views it is."""
        if self.rows is None:
            return
        sections = self.rows.sections(self.view)
        self.list.show(sections, prefer=self.prefer.pop(self.view, None))
        filled = bool(self.list.keys)
        for view in View:
            self.query_one(f"#{_list_id(view)}").set_class(view is self.view and filled, "-shown")
        self.set_class(filled, "-filled")
        if not filled:
            self.query_one(Notice).show(_EMPTY[self.view] if self.may_edit else _EMPTY_TO_LOOK_AT)
        words = "   ".join(f"[{view.value}]" if view is self.view else f" {view.value} " for view in View)
        self.query_one("#budget-views", Static).update(Content(words))
        drawn = chart(self.rows.budget, self.view) if filled else None
        self.set_class(drawn is not None, "-charted")
        if drawn is not None and self.query_one(CostChart).display:
            self.query_one(CostChart).show(drawn)

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_view)

    def on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.trip_id == self.trip_id or change.table in {"*", "trips"} for change in changes):
            self.refresh_data()

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        event.stop()
        self.refresh_bindings()


def _list_id(view: View) -> str:
    return f"budget-{view.name.lower()}"
