"""Bookings mode: the bookings of all trips in one table, or what has to be done by when, and the details of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tripsage_tui.commands import bindings
from tripsage_tui.models.booking_filter import BookingFilter, BookingSearch
from tripsage_tui.models.booking_list import (
    BookingKey,
    BookingOrder,
    BookingRow,
    Due,
    Group,
    all_due,
    grouped,
)
from tripsage_tui.models.booking_list import Kind as BookingKind
from tripsage_tui.screens.booking_filter import KINDS, STATES, BookingFilterDialog, in_words, next_of, toggled
from tripsage_tui.screens.booking_list_actions import (
    CHANGING,
    COMMANDS,
    KEYS_OF_CHANGES,
    ON_A_BOOKING,
)
from tripsage_tui.screens.booking_list_details import BookingListDetails
from tripsage_tui.screens.booking_row import COLUMNS, DUE_COLUMNS, cells, due_cells
from tripsage_tui.widgets.columns import Cell
from tripsage_tui.widgets.detail_pane import DetailPane
from tripsage_tui.widgets.filter_bar import FilterBar
from tripsage_tui.widgets.notice import Notice
from tripsage_tui.widgets.rows import Rows, Section
from tripsage_tui.widgets.safe_text import one_line
from tripsage_tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.models.deadlines import DeadlineKind
    from tripsage_tui.planner import Planner

DueKey = tuple[BookingKind, int, "DeadlineKind"]

TICK = 60.0
"""Seconds between two looks at the clock."""

NO_BOOKINGS = """No bookings yet.

  1   goes to your trips; a trip is where flights, stays, trains and things to do are added"""


class BookingsScreen(BookingListDetails):
    """One query for everything; filters and orders work on what it brought."""

    MODE = "bookings"
    CSS_PATH = "bookings.tcss"
    AUTO_FOCUS = "#bookings"
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS)

    def __init__(self, planner: Planner | None = None) -> None:
        super().__init__(planner)
        self.rows: dict[BookingKey, BookingRow] = {}
        self.only = BookingFilter()
        self._groups: dict[Group, list[BookingRow]] = {}
        self._dues: dict[DueKey, Due] = {}
        self._order = BookingOrder.WHEN
        self._search = BookingSearch()
        self._typed = ""
        self._prefer: BookingKey | None = None
        self._stale = False
        self._loaded_once = False

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="bookings-body"):
            with Vertical(id="bookings-list"):
                yield FilterBar("what, trip, kind, state, provider, code, year")
                yield Static(id="bookings-only", markup=False)
                yield Notice("Opening your bookings …")
                yield Rows[BookingKey](COLUMNS, self._cells, id="bookings")
                yield Rows[DueKey](DUE_COLUMNS, self._due_cells, id="deadlines")
            yield DetailPane()

    # ---- what is shown

    @property
    def table(self) -> Rows[Any]:
        """The list that is shown: bookings, or deadlines."""
        return self.query_one("#deadlines" if self.deadlines else "#bookings", Rows)

    @property
    def row(self) -> BookingRow | None:
        key = self.table.key if self.is_mounted else None
        if key is None:
            return None
        return self._dues[key].row if self.deadlines else self.rows.get(key)

    def current(self, key: BookingKey) -> BookingRow | None:
        return self.rows.get(key)

    def _cells(self, key: BookingKey) -> Sequence[Cell]:
        return cells(self.rows[key], self.now, reveal=key == self.revealed)

    def _due_cells(self, key: DueKey) -> Sequence[Cell]:
        return due_cells(self._dues[key], self.now)

    async def load(self) -> None:
        rows = await self.planner.bookings_everywhere.list()
        self._take(rows)
        if not self._loaded_once:
            self._loaded_once = True
            self.set_interval(TICK, self._tick)
            self.refresh_bindings()

    def _take(self, rows: Iterable[BookingRow]) -> None:
        before = self.row
        self.rows = {row.key: row for row in rows}
        if before is not None and before.key not in self.rows:
            self._prefer = before.key  # undone, it is where the cursor goes
        self._group()

    def _group(self) -> None:
        self._groups = grouped(self.rows.values(), self.now, self._order)
        self.show_rows()

    def _tick(self) -> None:
        """Countdowns count; what is over becomes past."""
        if self.is_current:
            self._group()
            self.table.refresh()

    def _matching(self, rows: Iterable[BookingRow]) -> list[BookingRow]:
        words, now, only = self._typed.casefold().split(), self.now, self.only
        found = [row for row in rows if only.lets_through(row, now)] if only.active else list(rows)
        return [row for row in found if self._search.matches(row, words)] if words else found

    def show_rows(self) -> None:
        """Bring the list to what was loaded, filtered and sorted."""
        groups = {group: self._matching(rows) for group, rows in self._groups.items()}
        found = sum(map(len, groups.values()))
        had = self.row
        if self.deadlines:
            count, noun = self._show_deadlines(row for rows in groups.values() for row in rows), "deadline"
        else:
            count, noun = self._show_bookings(groups), "booking"
        self.set_class(count > 0, "-filled")
        self.set_class(self.only.active, "-filtered")
        self._say_what(found)
        if count and (self.focused is None or self.focused not in {self.table, *self.query_one(FilterBar).query("*")}):
            self.table.focus(scroll_visible=False)
        if not count:
            self.query_one(Notice).show(self._nothing(found))
        total = f"{count:,} {noun}{'' if count == 1 else 's'}"
        if noun == "booking" and count != len(self.rows):
            total = f"{count:,} of {len(self.rows):,} bookings"
        self.query_one(TopBar).show(
            trail="Deadlines" if self.deadlines else "",
            note=(total if self.deadlines else f"{total} · by {self._order.value}") if self.rows else "",
        )
        if (had is None) != (self.row is None) or not self.rows:
            self.refresh_bindings()
        self.show_details_soon()

    def _show_bookings(self, groups: dict[Group, list[BookingRow]]) -> int:
        sections: list[Section[BookingKey]] = []
        for group, rows in groups.items():
            whole = len(self._groups[group])
            count = f"{len(rows):,}" if len(rows) == whole else f"{len(rows):,} of {whole:,}"
            sections.append(Section(f"{group.value.capitalize()} ({count})", [row.key for row in rows]))
        self.table.show(sections, prefer=self._prefer)
        if self._prefer in self.rows:
            self._prefer = None
        return sum(map(len, groups.values()))

    def _show_deadlines(self, rows: Iterable[BookingRow]) -> int:
        now = self.now
        found = all_due(rows, now)
        self._dues = {each.key: each for each in found}
        today = now.date()
        titles: dict[str, list[DueKey]] = {
            "Overdue": [],
            "Open now": [],
            "Today": [],
            "Within two weeks": [],
            "Later": [],
        }
        for each in found:
            if each.passed(now):
                title = "Overdue" if each.overdue(now) else "Open now"
            elif each.day <= today:
                title = "Today"
            else:
                title = "Within two weeks" if (each.day - today).days <= 14 else "Later"
            titles[title].append(each.key)
        self.table.show([Section(f"{title} ({len(keys)})", keys) for title, keys in titles.items()])
        return len(found)

    def _say_what(self, found: int) -> None:
        words = in_words(self.only, self._trip_name())
        self.query_one("#bookings-only", Static).update(Content(f"Only {words} · esc shows all" if words else ""))

    def _trip_name(self) -> str:
        return next((row.trip_name for row in self.rows.values() if row.trip_id == self.only.trip_id), "one trip")

    def _nothing(self, found: int) -> str:
        if not self.rows:
            return NO_BOOKINGS
        if self.deadlines and found:
            return (
                "No deadlines.\n\n  Deadlines are typed into a booking: pay by, free cancellation until."
                "\n\n  tab   shows the bookings"
            )
        if self._typed:
            return f"No booking contains “{one_line(self._typed)}”.\n\n  esc   shows all again"
        return "No booking is left by this choice.\n\n  esc   shows all again\n  f     chooses"

    def report_progress(self, text: str) -> None:
        if not self.ready:
            self.query_one(Notice).show(f"Opening your bookings …\n\n  {text}")

    def put(self, booking: Booking | None, key: BookingKey) -> None:
        if booking is None:
            self.rows.pop(key, None)
            self._prefer = key
        elif (row := self.rows.get(key)) is not None:
            state = {"booking_status": booking.booking_status.value, "updated_at": booking.updated_at}
            self.rows[key] = row.model_copy(update=state)
            self.whole[key] = booking
        self._group()
        self.refresh_data()

    def on_changes(self, changes: Sequence[Change]) -> None:
        """Bookings changed, here or in another program. Nobody looks: it is enough to know that they did."""
        if self.is_current:
            self.refresh_data()
        else:
            self._stale = True

    def on_screen_resume(self) -> None:
        if self._stale:
            self._stale = False
            self.refresh_data()

    # ---- filters, order, view

    def action_filter(self) -> None:
        self.query_one(FilterBar).open()

    def action_clear_filter(self) -> None:
        self.only = BookingFilter()
        self.query_one(FilterBar).close()
        self._filtered()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        self._typed = event.text.strip()
        if self.ready:
            self._filtered()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.table.focus(scroll_visible=False)

    def _filtered(self) -> None:
        self.show_rows()
        self.refresh_bindings()

    def action_only(self) -> None:
        row = self.row
        trip = (self.only.trip_id, self._trip_name()) if self.only.trip_id is not None else None
        if trip is None and row is not None:
            trip = (row.trip_id, row.trip_name)

        def answered(chosen: BookingFilter | None) -> None:
            if chosen is not None:
                self.only = chosen
                self._filtered()

        self.app.push_screen(BookingFilterDialog(self.only, self.rows.values(), self.now, trip), answered)

    def action_narrow(self, what: str) -> None:
        row = self.row
        self.only = toggled(self.only, what, row.trip_id if row else None)
        self._filtered()

    def action_next_kind(self) -> None:
        kinds = next_of([frozenset({kind}) for kind in KINDS], self.only.kinds)
        self.only = replace(self.only, kinds=kinds)
        self._filtered()

    def action_next_states(self) -> None:
        states = next_of(list(STATES.values()), self.only.states)
        self.only = replace(self.only, states=states)
        self._filtered()

    def action_order(self) -> None:
        self._order = self._order.next
        self._group()

    def action_view(self) -> None:
        row = self.row
        self.deadlines = not self.deadlines
        self.set_class(self.deadlines, "-deadlines")
        self._prefer = row.key if row and not self.deadlines else None
        self.show_rows()
        if row and self.deadlines:
            self.table.move_to(next((key for key in self._dues if key[:2] == row.key), None))
        self.table.focus(scroll_visible=False)
        self.refresh_bindings()

    def action_refresh(self) -> None:
        self.refresh_data()

    # ---- what can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        row = self.row
        if action in CHANGING:
            return row is not None and row.access.may_edit
        if action in ON_A_BOOKING:
            return row is not None
        match action:
            case "clear_filter":
                return self.only.active or bool(self._typed)
            case "filter" | "only" | "view" | "narrow" | "next_kind" | "next_states":
                return bool(self.rows) and not self.query_one(FilterBar).has_focus_within
            case "order":
                return bool(self.rows) and not self.deadlines and not self.query_one(FilterBar).has_focus_within
        return super().check_action(action, parameters)

    def on_key(self, event: events.Key) -> None:
        """Someone who may only look is told so, rather than left to wonder about a dead key."""
        row = self.row
        if row is not None and not row.access.may_edit and event.key in KEYS_OF_CHANGES and self.table.has_focus:
            event.stop()
            self.say(f"{row.trip_name} was shared with you to look at, not to change.", "warning")
