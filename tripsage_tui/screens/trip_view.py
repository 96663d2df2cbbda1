"""What the trip screen shows: loading the plan, the days or the bookings by kind, the details of one beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from tripsage_tui.models.trips import Access
from tripsage_tui.screens.agenda_reading import AgendaReading
from tripsage_tui.widgets.agenda_list import AgendaLine, AgendaList
from tripsage_tui.widgets.detail_pane import DetailPane
from tripsage_tui.widgets.notice import Notice
from tripsage_tui.widgets.top_bar import TopBar
from tripsage_tui.widgets.trip_header import TripHeader

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change
    from tripsage_tui.models.agenda import EntryCache
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.models.expenses import Expense, Ledger
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.planner import Planner


class TripView(AgendaReading):
    """The showing half of the trip screen: the cursor stays on its entry whatever changes."""

    def __init__(self, planner: Planner, trip_id: int, *, at: tuple[str, int] | None = None) -> None:
        """`at` is the booking to begin at: the name of its class and its id."""
        super().__init__(planner)
        self.trip_id = trip_id
        self.expenses: tuple[Expense, ...] = ()
        self.bookings: dict[tuple[str, int], Booking] = {}
        self.by_kind = False
        self.entry_cache: EntryCache | None = None
        self.marks: set[tuple[str, int]] = set()
        self.ledger: Ledger | None = None
        self.revealed: object = None
        self.prefer = at
        self.begin_on: date | None = None
        """The day to begin at, instead of today."""
        self.one_at_a_time = asyncio.Lock()
        self._day_shown: date | None = None

    def compose_body(self) -> ComposeResult:
        yield TripHeader()
        with Horizontal(id="trip-body"):
            yield Notice("Opening the trip …")
            yield AgendaList()
            yield DetailPane()

    @property
    def agenda(self) -> AgendaList:
        return self.query_one(AgendaList)

    @property
    def check_text(self) -> str:
        """What the checker says in a word; nothing while it has not looked."""
        return ""

    @property
    def company_text(self) -> str:
        """Who else looks at the trip."""
        return ""

    def with_findings(self, lines: list[AgendaLine]) -> list[AgendaLine]:
        """The lines with the signs of the checker."""
        return lines

    @property
    def booking(self) -> Booking | None:
        """The booking under the cursor."""
        key = booking_key(self.agenda.line) if self.is_mounted else None
        return self.bookings.get(key) if key else None

    @property
    def day(self) -> date | None:
        """The day under the cursor; None among the ideas and where bookings stand by kind."""
        line = self.agenda.line
        return line.section if line and isinstance(line.section, date) else None

    @property
    def may_edit(self) -> bool:
        return self.plan is not None and self.plan.trip.access.may_edit

    def on_mount(self) -> None:
        super().on_mount()
        self._day_shown = self.planner.today
        self.set_interval(60, self._look_at_the_calendar)

    def _look_at_the_calendar(self) -> None:
        """Now and today are marked, and the countdown counts, also in a program that is left open overnight."""
        if self._day_shown != self.planner.today:
            self._day_shown = self.planner.today
            self.show_header()
            self.show_lines()
        elif any(line.look == "now" for line in self.agenda.lines_shown):
            self.show_lines()

    async def load(self) -> None:
        from tripsage_tui.data.errors import DataError, NotFound
        from tripsage_tui.models.plan_edits import with_known

        try:
            plan = await self.planner.trips.plan(self.trip_id)
        except NotFound:
            self._gone()
            return
        except DataError as error:
            if self.plan is None:
                self.query_one(Notice).show(
                    f"The trip could not be opened.\n\n  {error}\n\n  r     tries again\n  esc   goes back to the list"
                )
            raise
        if plan.trip.deleted_at is not None:
            self._gone()
            return
        self.show_plan(with_known(plan, self.plan))
        # The days are there after one round trip; what was spent only completes a number of the head.
        self.ledger = await self.planner.expenses.ledger(self.trip_id)
        if self.ledger.expenses != self.expenses:
            self.expenses = self.ledger.expenses
            self.show_header()

    def _gone(self) -> None:
        """The trip was deleted, here or elsewhere, or is no longer shared."""
        why = "This trip is no longer there."
        if self.plan is None and self.loaded_at is not None:
            return  # it was said when it went
        if self.plan is not None and self.plan.trip.access is not Access.OWNER:
            why = f"{self.plan.trip.name} is no longer shared with you, or was deleted."
        self.plan = None
        self.remove_class("-filled")
        self.query_one(TripHeader).show(())
        self.query_one(Notice).show(f"{why}\n\n  esc   goes back to the list")
        self.refresh_bindings()

    def show_plan(self, plan: TripPlan) -> None:
        """Bring the screen to a plan."""
        from tripsage_tui.models.agenda import EntryCache, agenda

        first, wanted = self.plan is None, self.prefer
        self.plan = plan
        self.entry_cache = self.entry_cache or EntryCache()
        self.days = agenda(plan, self.entry_cache)
        self.bookings = {(type(booking).__name__, booking.id): booking for booking in plan.bookings}
        self.marks &= self.bookings.keys()
        self.add_class("-filled")
        # Of a long trip, adding up the money takes a tenth of the time until its days can be seen.
        self.show_header(counted=not first)
        self.show_lines()
        if first:
            self.call_after_refresh(self.show_header)
            if wanted not in self.bookings:
                self.go_to_day(self.begin_on or self.planner.today)
            self.agenda.focus(scroll_visible=False)
        self.refresh_bindings()
        # Painted first: a thread that reads calendars slows the screen down.
        self.call_after_refresh(self.fetch_notes)

    def show_header(self, *, counted: bool = True) -> None:
        from tripsage_tui.screens.trip_summary import summary

        if self.plan is not None:
            times, check = self.times(), self.check_text
            now, spent = self.planner.clock(), self.expenses
            head = summary(self.plan, self.days, now, times, expenses=spent, check=check, counted=counted)
            self.query_one(TripHeader).show(head)
            self.show_marks()

    def show_marks(self) -> None:
        """Say how many are marked and who else looks, beside the trip's name."""
        if self.plan is not None:
            note = f"{len(self.marks)} marked" if self.marks else "" if self.may_edit else "shared to look at"
            notes = " · ".join(part for part in (note, self.company_text) if part)
            self.query_one(TopBar).show(trail=self.plan.trip.name, note=notes)

    def show_lines(self) -> None:
        from tripsage_tui.models.agenda import ideas
        from tripsage_tui.screens.agenda_extras import extras
        from tripsage_tui.screens.trip_lines import agenda_lines, booking_lines

        plan = self.plan
        if plan is None:
            return
        if self.by_kind:
            lines = booking_lines(plan)
        else:
            between = extras(self.days, self.notes, self.planner.clock())
            lines = agenda_lines(self.days_read(), ideas(plan), self.planner.today, between)
        if self.marks:
            lines = [replace(line, marked=True) if booking_key(line) in self.marks else line for line in lines]
        lines = self.with_findings(lines)
        wanted = self.prefer or booking_key(self.agenda.line)
        stays = any(line.key == self.agenda.line.key for line in lines) if self.agenda.line else False
        prefer = None
        if self.prefer or not stays:
            prefer = next((line.key for line in lines if wanted and booking_key(line) == wanted), None)
        if self.prefer in self.bookings:
            self.prefer = None
        self.agenda.set_lines(lines, prefer=prefer)
        self.show_details()

    def go_to_day(self, day: date) -> None:
        """To the first entry of a day, or the day itself; nowhere where the trip does not have it."""
        from tripsage_tui.screens.trip_lines import day_key

        for line in self.agenda.lines_shown:
            if line.key is not None and line.section == day:
                self.agenda.go_to(line.key)
                return
        self.agenda.go_to(day_key(day))

    def on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.trip_id == self.trip_id or change.table in {"*", "trips"} for change in changes):
            self.refresh_data()

    def on_agenda_list_highlighted(self, event: AgendaList.Highlighted) -> None:
        event.stop()
        if self.revealed is not None and (event.line is None or booking_key(event.line) != self.revealed):
            self.revealed = None
        self.show_details()
        self.refresh_bindings()

    def show_details(self) -> None:
        from tripsage_tui.models.options import rivals_in
        from tripsage_tui.screens.agenda_extras import Extras
        from tripsage_tui.screens.booking_details import details
        from tripsage_tui.screens.day_details import day_details

        pane = self.query_one(DetailPane)
        if not pane.display or self.plan is None:
            return
        booking, trip = self.booking, self.plan.trip
        if booking is not None:
            revealed = self.revealed == booking_key(self.agenda.line)
            rivals = rivals_in(self.plan, booking)
            today = self.planner.today
            pane.show(details(booking, zone=trip.time_zone, today=today, reveal=revealed, rivals=rivals))
            return
        day = next((day for day in self.days if day.date == self.day), None)
        more = Extras(notes=self.notes).facts(day) if day else ()
        pane.show(day_details(day, trip, self.planner.today, more) if day else [])

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.show_details)

    def put(self, booking: Booking, *, gone: bool = False, go_there: bool = False) -> None:
        """Show a booking as it was just written, without waiting for the next load."""
        from tripsage_tui.models.plan_edits import with_booking, without_booking

        if self.plan is None:
            return
        if go_there:
            self.prefer = (type(booking).__name__, booking.id)
        self.show_plan(without_booking(self.plan, booking) if gone else with_booking(self.plan, booking))

    def put_all(self, bookings: Sequence[Booking], *, gone: bool = False, go_to: Booking | None = None) -> None:
        """Show several bookings as they were just written."""
        from tripsage_tui.models.plan_edits import with_bookings, without_bookings

        if self.plan is None:
            return
        if go_to is not None:
            self.prefer = (type(go_to).__name__, go_to.id)
        self.show_plan(without_bookings(self.plan, bookings) if gone else with_bookings(self.plan, bookings))


def booking_key(line: AgendaLine | None) -> tuple[str, int] | None:
    """Which booking a line stands for."""
    match line.key if line else None:
        case ("entry", str() as kind, int() as number, _, _):
            return kind, number
    return None
