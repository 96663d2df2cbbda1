"""The trip screen: days and what happens on them, or the bookings by kind, with the details of one beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from tripsage_tui.commands import Command, bindings
from tripsage_tui.screens.base import PlannerScreen
from tripsage_tui.widgets.agenda_list import AgendaLine, AgendaList
from tripsage_tui.widgets.detail_pane import DetailPane
from tripsage_tui.widgets.notice import Notice
from tripsage_tui.widgets.top_bar import TopBar
from tripsage_tui.widgets.trip_header import TripHeader

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change
    from tripsage_tui.models.agenda import Day
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.models.trips import Trip
    from tripsage_tui.planner import Planner
    from tripsage_tui.screens.forms.booking_form import BookingForm

ADD = Command("trip.add", "a", "add", "Add", "Add a flight, a stay, a transport or something to do.")
EDIT = Command("trip.edit-entry", "e", "edit", "Edit", "Change the booking under the cursor.")
STATE = Command("trip.state", "space", "next_state", "State", "Available, reserved, booked, and round again.")
DELETE = Command("trip.delete", "d", "delete", "Delete", "Delete the booking under the cursor; u brings it back.")
VIEW = Command("trip.view", "tab", "view", "By kind", "Show the bookings by kind, or again by day.")
EDIT_TRIP = Command("trip.edit", "E", "edit_trip", "Trip", "Change the trip: its dates, stops, budget and so on.")
COPY = Command("trip.copy-code", "y", "copy_code", "Copy code", "Copy the confirmation code.", footer=False)
REVEAL = Command("trip.reveal", "x", "reveal", "Show code", "Show or hide the confirmation code.", footer=False)
AGAIN = Command("trip.duplicate", "p", "duplicate", "Duplicate", "Add another one like this.", footer=False)
MOVE = Command("trip.move", "m", "move", "Move", "Give an item another day, or make it an idea.", footer=False)
LATER = Command("trip.down", "J", "reorder(1)", "Move down", "Put an item without a time further down.", footer=False)
EARLIER = Command("trip.up", "K", "reorder(-1)", "Move up", "Put an item without a time further up.", footer=False)
NEXT = Command("trip.next", "n", "next", "What is next", "Go to what happens next.", footer=False)
DETAILS = Command("trip.details", "v", "details", "Details", "Show or hide the details at the side.", footer=False)
REFRESH = Command("trip.refresh", "r", "refresh_trip", "Refresh", "Fetch the trip again.", footer=False)
BACK = Command("trip.back", "escape,backspace", "back", "Back", "Back to the list of trips.")

ON_A_BOOKING = {"copy_code", "reveal", "edit", "delete", "next_state", "duplicate"}
ON_AN_ITEM = {"move", "reorder"}
CHANGING = {"add", "edit", "next_state", "delete", "edit_trip", "duplicate", "move", "reorder"}
_KEYS_OF_CHANGES = {"a", "e", "space", "d", "E", "p", "m", "J", "K"}


class TripScreen(PlannerScreen[None]):
    """One trip, loaded with one call and again whenever it changes; the cursor stays on its entry."""

    CSS_PATH = "trip.tcss"
    AUTO_FOCUS = "AgendaList"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            *(ADD, EDIT, STATE, DELETE, VIEW, EDIT_TRIP, BACK),
            *(COPY, REVEAL, AGAIN, MOVE, LATER, EARLIER, NEXT, DETAILS, REFRESH),
        )
    )

    def __init__(self, planner: Planner, trip_id: int) -> None:
        super().__init__(planner)
        self.trip_id = trip_id
        self.plan: TripPlan | None = None
        self._days: tuple[Day, ...] = ()
        self._bookings: dict[tuple[str, int], Booking] = {}
        self._by_kind = False
        self._revealed: object = None
        self._prefer: tuple[str, int] | None = None
        self._one_at_a_time = asyncio.Lock()
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
    def booking(self) -> Booking | None:
        """The booking under the cursor."""
        key = _booking_key(self.agenda.line) if self.is_mounted else None
        return self._bookings.get(key) if key else None

    @property
    def day(self) -> date | None:
        """The day under the cursor; None among the ideas and where bookings stand by kind."""
        line = self.agenda.line
        return line.section if line and isinstance(line.section, date) else None

    @property
    def may_edit(self) -> bool:
        return self.plan is not None and self.plan.trip.access.may_edit

    # ---- loading and showing

    def on_mount(self) -> None:
        super().on_mount()
        self._day_shown = self.planner.today
        self.set_interval(60, self._look_at_the_calendar)

    def _look_at_the_calendar(self) -> None:
        """Today is marked, and the countdown counts, also in a program that is left open overnight."""
        if self._day_shown != self.planner.today:
            self._day_shown = self.planner.today
            self._show_header()
            self._show_lines()

    async def load(self) -> None:
        from tripsage_tui.data.errors import DataError, NotFound

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
        self.show_plan(plan)

    def _gone(self) -> None:
        """The trip was deleted, here or elsewhere, or is no longer shared."""
        self.plan = None
        self.remove_class("-filled")
        self.query_one(TripHeader).show(())
        self.query_one(Notice).show("This trip is no longer there.\n\n  esc   goes back to the list")
        self.refresh_bindings()

    def show_plan(self, plan: TripPlan) -> None:
        """Bring the screen to a plan."""
        from tripsage_tui.models.agenda import agenda

        first = self.plan is None
        self.plan = plan
        self._days = agenda(plan)
        self._bookings = {(type(booking).__name__, booking.id): booking for booking in plan.bookings}
        self.add_class("-filled")
        self._show_header()
        self._show_lines()
        if first:
            self._start_at()
            self.agenda.focus(scroll_visible=False)
        self.refresh_bindings()

    def _show_header(self) -> None:
        from tripsage_tui.screens.trip_summary import summary

        if self.plan is not None:
            self.query_one(TripHeader).show(summary(self.plan, self._days, self.planner.clock()))
            self.query_one(TopBar).show(trail=self.plan.trip.name, note="" if self.may_edit else "shared to look at")

    def _show_lines(self) -> None:
        from tripsage_tui.models.agenda import ideas
        from tripsage_tui.screens.trip_lines import agenda_lines, booking_lines

        plan = self.plan
        if plan is None:
            return
        today = self.planner.today
        lines = booking_lines(plan) if self._by_kind else agenda_lines(self._days, ideas(plan), today)
        wanted = self._prefer or _booking_key(self.agenda.line)
        stays = any(line.key == self.agenda.line.key for line in lines) if self.agenda.line else False
        prefer = None
        if self._prefer or not stays:
            prefer = next((line.key for line in lines if wanted and _booking_key(line) == wanted), None)
        if self._prefer in self._bookings:
            self._prefer = None
        self.agenda.set_lines(lines, prefer=prefer)
        self._show_details()

    def _start_at(self) -> None:
        """A trip that is under way opens on today, another one on its first day."""
        from tripsage_tui.screens.trip_lines import day_key

        today = self.planner.today
        for line in self.agenda.lines_shown:
            if line.key is not None and line.section == today:
                self.agenda.go_to(line.key)
                return
        self.agenda.go_to(day_key(today))

    def on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.trip_id == self.trip_id or change.table in {"*", "trips"} for change in changes):
            self.refresh_data()

    def on_agenda_list_highlighted(self, event: AgendaList.Highlighted) -> None:
        event.stop()
        if self._revealed is not None and (event.line is None or _booking_key(event.line) != self._revealed):
            self._revealed = None
        self._show_details()
        self.refresh_bindings()

    def _show_details(self) -> None:
        from tripsage_tui.screens.booking_details import details
        from tripsage_tui.screens.day_details import day_details

        pane = self.query_one(DetailPane)
        if not pane.display or self.plan is None:
            return
        booking, trip = self.booking, self.plan.trip
        if booking is not None:
            revealed = self._revealed == _booking_key(self.agenda.line)
            pane.show(details(booking, zone=trip.time_zone, today=self.planner.today, reveal=revealed))
            return
        day = next((day for day in self._days if day.date == self.day), None)
        pane.show(day_details(day, trip, self.planner.today) if day else [])

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._show_details)

    # ---- what can be done now

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in CHANGING and not self.may_edit:
            return False
        if action in ON_A_BOOKING:
            return self.booking is not None
        if action in ON_AN_ITEM:
            from tripsage_tui.models.bookings import ItineraryItem

            return isinstance(self.booking, ItineraryItem)
        return super().check_action(action, parameters)

    def on_key(self, event: events.Key) -> None:
        """Someone who may only look is told so, rather than left to wonder about a dead key."""
        if self.plan is not None and not self.may_edit and event.key in _KEYS_OF_CHANGES:
            event.stop()
            self.say(f"{self.plan.trip.name} was shared with you to look at, not to change.", "warning")

    def action_refresh_trip(self) -> None:
        self.refresh_data()

    def action_back(self) -> None:
        self.dismiss(None)

    def action_view(self) -> None:
        self._by_kind = not self._by_kind
        self._show_lines()

    def action_details(self) -> None:
        shown = self.query_one(DetailPane).display
        self.set_class(shown, "-details-off")
        self.set_class(not shown, "-details-on")
        self.call_after_refresh(self._show_details)

    def action_next(self) -> None:
        from tripsage_tui.models.agenda import next_entry

        entry = next_entry(self._days, self.planner.clock())
        if entry is None:
            self.say("Nothing is still to come.")
            return
        wanted = (type(entry.booking).__name__, entry.booking.id)
        for line in self.agenda.lines_shown:
            here = self._by_kind or line.section == entry.day
            if here and line.key is not None and _booking_key(line) == wanted:
                self.agenda.go_to(line.key)
                return

    def action_reveal(self) -> None:
        key = _booking_key(self.agenda.line)
        self._revealed = None if self._revealed == key else key
        booking = self.booking
        if booking is None:
            return
        if not booking.confirmation_code:
            self.say("There is no confirmation code.")
        elif self.query_one(DetailPane).display:
            self._show_details()
        else:
            self.open_details(reveal=True)

    def action_copy_code(self) -> None:
        self.copy_code(self.booking)

    def copy_code(self, booking: Booking | None) -> None:
        """Send a confirmation code to the terminal's clipboard."""
        if booking is None:
            return
        if not booking.confirmation_code:
            self.say("There is no confirmation code to copy.")
            return
        self.app.copy_to_clipboard(booking.confirmation_code)
        self.tell("The confirmation code was sent to the terminal's clipboard.")

    # ---- details

    def on_agenda_list_selected(self, event: AgendaList.Selected) -> None:
        event.stop()
        if self.booking is not None:
            self.open_details()
        elif self.may_edit:
            self.action_add()

    def open_details(self, *, reveal: bool = False) -> None:
        """All fields of the booking under the cursor, over the agenda."""
        from tripsage_tui.screens.booking_dialog import BookingDialog

        booking, plan = self.booking, self.plan
        if booking is None or plan is None:
            return
        dialog = BookingDialog(
            booking,
            zone=plan.trip.time_zone,
            today=self.planner.today,
            may_edit=self.may_edit,
            reveal=reveal,
            copy=self.copy_code,
        )
        self.app.push_screen(dialog, self._after_details)

    def _after_details(self, wish: str | None) -> None:
        if wish is not None:
            self.call_later(self.run_action, wish)

    # ---- adding and editing

    def action_add(self) -> None:
        from tripsage_tui.screens.add_dialog import AddDialog

        # Also while the database is away: what is typed is kept as a draft.
        self.app.push_screen(AddDialog(self.day), self._add)

    def _add(self, word: str | None) -> None:
        from tripsage_tui.screens.forms.opening import BOOKING_FORMS

        if word is not None and self.plan is not None:
            form = next(form for form in BOOKING_FORMS if word == form.WORD)
            self._open_form(form(self.planner, self.plan.trip, self.plan.stops, day=self.day))

    def action_edit(self) -> None:
        from tripsage_tui.screens.forms.opening import form_for

        booking = self.booking
        if booking is not None and self.plan is not None:
            self._open_form(form_for(booking)(self.planner, self.plan.trip, self.plan.stops, booking))

    def action_duplicate(self) -> None:
        from tripsage_tui.screens.forms.opening import form_for

        booking = self.booking
        if booking is not None and self.plan is not None:
            self._open_form(form_for(booking)(self.planner, self.plan.trip, self.plan.stops, like=booking))

    def _open_form(self, form: BookingForm) -> None:
        from tripsage_tui.screens.booking_changes import describe

        def saved(booking: Booking | None) -> None:
            if booking is not None:
                self.put(booking, go_there=True)
                done = "Added" if form.record is None else "Changed"
                self.tell(f"{done} the {describe(booking)}. Press u to take it back.")
            self.refresh_data()

        self.app.push_screen(form, saved)

    def action_edit_trip(self) -> None:
        from tripsage_tui.screens.forms.trip_form import TripForm

        def saved(_: Trip | None) -> None:
            self.refresh_data()

        if self.plan is not None:
            self.app.push_screen(TripForm(self.planner, self.plan.trip, self.plan.stops), saved)

    # ---- changing in place

    def action_delete(self) -> None:
        self._change(self._delete)

    def action_next_state(self) -> None:
        self._change(self._next_state)

    def action_reorder(self, by: int) -> None:
        self._change(lambda booking: self._reorder(booking, by))

    def action_move(self) -> None:
        from tripsage_tui.models.bookings import ItineraryItem
        from tripsage_tui.screens.move_dialog import MoveDialog

        item, plan = self.booking, self.plan
        if not isinstance(item, ItineraryItem) or plan is None or not self.may_write():
            return

        def answered(moved: dict[str, object] | None) -> None:
            if moved:
                self._change(lambda booking: self._move(booking, moved))

        self.app.push_screen(MoveDialog(item, plan.trip, self.planner.today), answered)

    def _change(self, work: Callable[[Booking], Awaitable[None]]) -> None:
        """Change the booking under the cursor; changes follow one another, each on what the one before left."""
        key = _booking_key(self.agenda.line)
        if self.may_write():
            self.run_task(self._change_one(key, work), group="write")

    async def _change_one(self, key: tuple[str, int] | None, work: Callable[[Booking], Awaitable[None]]) -> None:
        async with self._one_at_a_time:
            booking = self._bookings.get(key) if key else None
            if booking is not None:
                await work(booking)

    async def _delete(self, booking: Booking) -> None:
        from tripsage_tui.screens.booking_changes import BookingChanges, describe

        await BookingChanges(self.planner).delete(booking)
        self.put(booking, gone=True)
        # Undone, it is where the cursor goes.
        self._prefer = (type(booking).__name__, booking.id)
        self.tell(f"Deleted the {describe(booking)}. Press u to bring it back.")

    async def _next_state(self, booking: Booking) -> None:
        from tripsage_tui.screens.booking_changes import BookingChanges, describe, next_status

        status = next_status(booking)
        label = f"marking the {describe(booking)} as {status.value}"
        self.put(await BookingChanges(self.planner).edit(booking, {"booking_status": status}, label=label))

    async def _move(self, booking: Booking, changes: dict[str, object]) -> None:
        from tripsage_tui.screens.booking_changes import BookingChanges, describe

        label = f"moving the {describe(booking)}"
        self.put(await BookingChanges(self.planner).edit(booking, changes, label=label), go_there=True)

    async def _reorder(self, booking: Booking, by: int) -> None:
        from tripsage_tui.models.bookings import ItineraryItem
        from tripsage_tui.screens.booking_changes import BookingChanges

        if not isinstance(booking, ItineraryItem):
            return
        if booking.start_time is not None:
            self.say("What has a time stands by its time. e changes it.")
            return
        order = self._beside(booking)
        place = order.index(booking)
        if not 0 <= place + by < len(order):
            return
        order.insert(place + by, order.pop(place))
        for moved in await BookingChanges(self.planner).reorder(order):
            self.put(moved)

    def _beside(self, item: Booking) -> list[Booking]:
        """The items without a time of the same day, or all ideas, in their order."""
        from tripsage_tui.models.agenda import ideas
        from tripsage_tui.models.bookings import ItineraryItem

        if self.plan is None:
            return [item]
        if item.day is None:
            return list(ideas(self.plan))
        day = next(day for day in self._days if day.date == item.day)
        return [
            entry.booking
            for entry in day.entries
            if isinstance(entry.booking, ItineraryItem) and entry.booking.start_time is None
        ]

    def tell(self, text: str) -> None:
        """Say what was just done, instead of what was said before: little room is left beside it."""
        self.app.clear_notifications()
        self.say(text, timeout=4)

    def put(self, booking: Booking, *, gone: bool = False, go_there: bool = False) -> None:
        """Show a booking as it was just written, without waiting for the next load."""
        from tripsage_tui.screens.plan_edits import with_booking, without_booking

        if self.plan is None:
            return
        if go_there:
            self._prefer = (type(booking).__name__, booking.id)
        self.show_plan(without_booking(self.plan, booking) if gone else with_booking(self.plan, booking))

    async def _undo(self) -> None:
        self.app.clear_notifications()
        try:
            await super()._undo()
        finally:
            self.refresh_data()

    def task_failed(self, error: BaseException) -> None:
        from tripsage_tui.data.errors import Forbidden, NotFound, StaleRow

        super().task_failed(error)
        if isinstance(error, StaleRow | NotFound | Forbidden):
            self.refresh_data()


def _booking_key(line: AgendaLine | None) -> tuple[str, int] | None:
    """Which booking a line stands for."""
    match line.key if line else None:
        case ("entry", str() as kind, int() as number, _, _):
            return kind, number
    return None
