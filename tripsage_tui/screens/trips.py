"""Trips mode: all trips of the user, what is now, upcoming and past, and the details of one beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer

from tripsage_tui.commands import bindings
from tripsage_tui.models.trip_list import Groups, Order, TripSearch, grouped
from tripsage_tui.models.trips import Access, TripSummary
from tripsage_tui.screens.reloading import DetailsBeside
from tripsage_tui.screens.trip_actions import ABOUT_INVITATIONS, COMMANDS, ON_A_TRIP, TripActions
from tripsage_tui.screens.trip_row import COLUMNS, cells
from tripsage_tui.widgets.columns import Cell
from tripsage_tui.widgets.detail_pane import DetailPane
from tripsage_tui.widgets.filter_bar import FilterBar
from tripsage_tui.widgets.invitation_line import InvitationLine
from tripsage_tui.widgets.next_line import NextLine
from tripsage_tui.widgets.notice import Notice
from tripsage_tui.widgets.rows import Rows, Section
from tripsage_tui.widgets.safe_text import one_line
from tripsage_tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.planner import Planner

REST = 0.12
"""Seconds that the cursor has to stay on a trip before its details are fetched and shown."""
PATIENCE = 0.15
"""Seconds that the details wait for the trip's bookings before they are shown without."""

NO_TRIPS = """No trips yet.

  s   creates a sample trip to look around
  n   plans a new one"""


ALL_ARCHIVED = """All your trips are archived.

  .   shows them
  n   plans a new one"""


class TripsScreen(TripActions, DetailsBeside):
    """Painted before the database has answered; the rows follow when the planner is attached."""

    CSS_PATH = "trips.tcss"
    AUTO_FOCUS = "Rows"
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS)

    class TryAgain(Message):
        """The user does not want to wait for the next attempt to open the workspace."""

    def __init__(self, planner: Planner | None = None) -> None:
        super().__init__(planner)
        self._trips: dict[int, TripSummary] = {}
        self._groups: Groups = {}
        self._order = Order.DATE
        self._search = TripSearch()
        self._filter = ""
        self._plans: dict[int, TripPlan] = {}
        self._prefer: int | None = None
        self._resting: Timer | None = None
        self._midnight: Timer | None = None
        self._loaded_once = False
        self._access: Access | None = None
        self._archived = False

    def compose_body(self) -> ComposeResult:
        yield NextLine()
        with Horizontal(id="trips-body"):
            with Vertical(id="trips-list"):
                yield InvitationLine()
                yield FilterBar("name, destination, tag, status, year")
                yield Notice("Opening your trips …")
                yield Rows[int](COLUMNS, self._cells)
            yield DetailPane()

    # ---- what is shown

    @property
    def today(self) -> date:
        return self.planner.today

    @property
    def rows(self) -> Rows[int]:
        return self.query_one(Rows)

    @property
    def trip(self) -> TripSummary | None:
        """The trip under the cursor."""
        key = self.rows.key if self.is_mounted else None
        return self._trips.get(key) if key is not None else None

    def _cells(self, trip_id: int) -> Sequence[Cell]:
        return cells(self._trips[trip_id], self.today)

    async def load(self) -> None:
        trips = await self.planner.trips.list()
        self._trips = {trip.id: trip for trip in trips}
        self._plans.clear()
        self._group()
        self.run_task(self._say_what_is_next, group="next", exclusive=True)
        if not self._loaded_once:
            self._loaded_once = True
            self.refresh_bindings()
            self._wait_for_midnight()
            self.look_for_invitations()
            self.offer_drafts()

    async def _say_what_is_next(self) -> None:
        from tripsage_tui.data.coming_up import ComingUpRepository

        found = await ComingUpRepository(self.planner.database).next(self.planner.clock())
        self.query_one(NextLine).show(found, self.planner.clock)

    def _group(self) -> None:
        live = [trip for trip in self._trips.values() if trip.archived_at is None]
        self._groups = grouped(live, self.today, self._order)
        self.show_trips()

    def show_trips(self) -> None:
        """Bring the list to what was loaded, filtered and sorted."""
        sections: list[Section[int]] = []
        found = 0
        for phase, trips in self._groups.items():
            matching = self._search.matching(trips, self._filter)
            found += len(matching)
            count = f"{len(matching)} of {len(trips)}" if len(matching) != len(trips) else f"{len(trips)}"
            sections.append(Section(f"{phase.value.capitalize()} ({count})", [trip.id for trip in matching]))
        if self._archived:
            put_away = self._search.matching(self._put_away, self._filter)
            found += len(put_away)
            sections.append(Section(f"Archived ({len(put_away)})", [trip.id for trip in put_away]))
        had = self.trip
        self.rows.show(sections, prefer=self._prefer)
        if self._prefer in self._trips:
            self._prefer = None
        self.set_class(found > 0, "-filled")
        if found and self.focused is None:
            self.rows.focus(scroll_visible=False)
        if not found:
            self.query_one(Notice).show(
                f"No trip contains “{one_line(self._filter)}”.\n\n  esc   shows all trips again"
                if self._filter
                else ALL_ARCHIVED
                if self._trips
                else NO_TRIPS
            )
        away = len(self._put_away)
        here = len(self._trips) - (0 if self._archived else away)
        total = f"{here:,} trip{'' if here == 1 else 's'}"
        hidden = f" · {away:,} archived (.)" if away and not self._archived else ""
        note = f"{f'{found:,} of ' if self._filter else ''}{total}{hidden} · by {self._order.value}"
        self.query_one(TopBar).show(note=note if self._trips else "")
        if (had is None) != (self.trip is None) or not self._trips:
            self.refresh_bindings()
        self._show_details_soon()

    @property
    def _put_away(self) -> list[TripSummary]:
        """The archived trips, the latest first."""
        away = [trip for trip in self._trips.values() if trip.archived_at is not None]
        return sorted(away, key=lambda trip: (trip.start_date, trip.id), reverse=True)

    def action_archived(self) -> None:
        self._archived = not self._archived
        self.show_trips()

    def starting_failed(self, sentence: str, wait: float) -> None:
        """The workspace could not be opened; it will be tried again in `wait` seconds."""
        self.query_one(Notice).show(
            f"Your trips could not be opened.\n\n  {sentence}\n\n  Trying again in {wait:.0f} seconds; r tries at once."
        )

    def report_progress(self, text: str) -> None:
        if not self.ready:
            self.query_one(Notice).show(f"Opening your trips …\n\n  {text}" if text else "")

    def on_changes(self, changes: Sequence[Change]) -> None:
        """Trips or bookings changed, here or in another program: the cursor stays on its trip."""
        if any(change.table in ABOUT_INVITATIONS for change in changes):
            self.look_for_invitations()
        self.refresh_data()

    def _wait_for_midnight(self) -> None:
        """Countdowns and groups change with the day."""
        now = self.planner.clock()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=1, microsecond=0)

        def new_day() -> None:
            self._group()
            self.rows.refresh()
            self._wait_for_midnight()

        self._midnight = self.set_timer((midnight - now).total_seconds(), new_day)

    # ---- details

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        event.stop()
        access = self.trip.access if self.trip else None
        if access is not self._access:
            self._access = access
            self.refresh_bindings()
        self._show_details_soon()

    def _show_details_soon(self) -> None:
        """While the cursor runs through the list nothing is fetched or painted beside it."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST, self._show_details)

    def _show_details(self) -> None:
        self._resting = None
        trip = self.trip
        if trip is None or not self.query_one(DetailPane).display:
            return
        if trip.id in self._plans or self._down:
            self._fill_details(trip, self._plans.get(trip.id))
        else:
            self.run_task(partial(self._fetch_details, trip), group="details", exclusive=True)

    async def _fetch_details(self, trip: TripSummary) -> None:
        fetch = asyncio.ensure_future(self.planner.trips.plan(trip.id))
        try:
            done, _ = await asyncio.wait({fetch}, timeout=PATIENCE)
            if not done:
                self._fill_details(trip, None)
            self._plans[trip.id] = await fetch
        finally:
            fetch.cancel()
            self._fill_details(trip, self._plans.get(trip.id))

    def _fill_details(self, trip: TripSummary, plan: TripPlan | None) -> None:
        from tripsage_tui.screens.trip_details import details

        if self.is_mounted and self.trip is not None and self.trip.id == trip.id:
            self.query_one(DetailPane).show(details(trip, plan, self.today))

    # ---- filter and order

    def action_filter(self) -> None:
        self.query_one(FilterBar).open()

    def action_clear_filter(self) -> None:
        self.query_one(FilterBar).close()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        self._filter = event.text.strip()
        if self.ready:
            self.show_trips()
            self.refresh_bindings()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.rows.focus(scroll_visible=False)

    def action_order(self) -> None:
        self._order = self._order.next
        self._group()

    # ---- what can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ON_A_TRIP:
            return self.trip is not None and not self.why_not(action)
        match action:
            case "invitations":
                return bool(self.query_one(InvitationLine).invitations)
            case "new":
                return self.ready
            case "sample":
                return self._loaded_once and not self._trips
            case "clear_filter":
                return bool(self._filter)
            case "archived":
                return any(trip.archived_at for trip in self._trips.values())
            case "filter" | "order":
                return bool(self._trips) and not self.query_one(FilterBar).has_focus_within
        return super().check_action(action, parameters)

    def action_refresh(self) -> None:
        if self.ready:
            self.refresh_data()
            self.look_for_invitations()
        else:
            self.post_message(self.TryAgain())

    def on_rows_selected(self, event: Rows.Selected) -> None:
        event.stop()
        self.action_open()

    def go_to(self, trip_id: int) -> None:
        """Load again and put the cursor on a trip, also when a filter would hide it."""
        self._prefer = trip_id
        self.query_one(FilterBar).close()
        self.refresh_data()

    def take_out(self, trip: TripSummary) -> None:
        if self._trips.pop(trip.id, None):
            self._group()
