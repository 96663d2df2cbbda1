"""The trip screen: days and what happens on them, or the bookings by kind, with the details of one beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.screens.company import InCompany
from tripsage_tui.screens.finding_actions import FindingActions
from tripsage_tui.screens.trip_view import booking_key
from tripsage_tui.widgets.detail_pane import DetailPane

if TYPE_CHECKING:
    from tripsage_tui.models.trips import Trip

ADD = Command("trip.add", "a", "add", "Add", "Add a flight, a stay, a transport or something to do.")
QUICK = Command("trip.quick-add", "A", "quick_add", "Quick add", "Type it in one line: dinner sat 19:30", footer=False)
EDIT = Command("trip.edit-entry", "e", "edit", "Edit", "Change the booking under the cursor.")
STATE = Command("trip.state", "space", "next_state", "State", "Available, reserved, booked, and round again.")
DELETE = Command("trip.delete", "d", "delete", "Delete", "Delete the booking under the cursor; u brings it back.")
VIEW = Command("trip.view", "tab", "view", "By kind", "Show the bookings by kind, or again by day.")
EDIT_TRIP = Command("trip.edit", "E", "edit_trip", "Trip", "Change the trip: its dates, stops, budget and so on.")
DATES = Command("trip.dates", "D", "change_dates", "Dates", "Give the trip other dates; see what moves.", footer=False)
BUDGET = Command("trip.budget", "b", "budget", "Budget", "What the trip costs, what was spent, who owes whom.")
PEOPLE = Command(
    "trip.people", "S", "people", "People", "Who shares this trip, who is invited, who travels.", footer=False
)
COPY = Command("trip.copy-code", "y", "copy_code", "Copy code", "Copy the confirmation code.", footer=False)
REVEAL = Command("trip.reveal", "x", "reveal", "Show code", "Show or hide the confirmation code.", footer=False)
AGAIN = Command("trip.duplicate", "p", "duplicate", "Duplicate", "Add another one like this.", footer=False)
MOVE = Command("trip.move", "m", "move", "Move", "Give items another day, or make them ideas.", footer=False)
MOVE_DAY = Command("trip.move-day", "M", "move_day", "Move the day", "Move or exchange whole days.", footer=False)
LATER = Command(
    "trip.down", "J", "reorder(1)", "Move down", "Put items further down, over the day's end.", footer=False
)
EARLIER = Command("trip.up", "K", "reorder(-1)", "Move up", "Put items further up, over the day's start.", footer=False)
MARK = Command("trip.mark", "V", "mark", "Mark", "Mark several rows for space, d, m, J and K.", footer=False)
NEXT = Command("trip.next", "n", "next", "What is next", "Go to what happens next.", footer=False)
STOPS = Command("trip.stops", "O", "stops", "Stops", "The places of the trip, in order.", footer=False)
CLOCKS = Command("trip.clocks", "z", "clocks", "Clocks", "Times of the place, at home, in UTC.", footer=False)
NOTES = Command("trip.notes", "H", "notes", "Holidays, sun", "Show or hide holidays and the sun.", footer=False)
CHECK = Command("trip.check", "c", "findings", "Check", "Show or hide what the checker has found.")
DETAILS = Command("trip.details", "v", "details", "Details", "Show or hide the details at the side.", footer=False)
REFRESH = Command("trip.refresh", "r", "refresh_trip", "Refresh", "Fetch the trip again.", footer=False)
CHAT = Command("trip.chat", "i", "chat", "Assistant", "Talk with the assistant about this trip.", footer=False)
COMPARE = Command("trip.compare", "C", "compare", "Compare", "Compare options and take one.", footer=False)
FILES = Command(
    "trip.files", "P", "files", "Papers", "Files of the trip and its bookings: tickets, vouchers.", footer=False
)
BACK = Command("trip.back", "escape,backspace", "back", "Back", "Back to the list of trips.")

ON_A_BOOKING = {"copy_code", "reveal", "edit", "duplicate", "mark"}
ON_SEVERAL = {"delete", "next_state"}
ON_ITEMS = {"move", "reorder"}
CHANGING = {
    "add",
    "fix",
    "quick_add",
    "edit",
    "edit_trip",
    "change_dates",
    "duplicate",
    "mark",
    "move_day",
    *ON_SEVERAL,
    *ON_ITEMS,
}
ABOUT_THE_PLAN = {"view", "budget", "people", "next", "stops", "clocks", "notes", "details", "chat", "compare", "files"}
_KEYS_OF_CHANGES = {"a", "f", "A", "e", "space", "d", "E", "D", "p", "m", "M", "J", "K", "V"}


class TripScreen(InCompany, FindingActions):
    """One trip, loaded with one call and again whenever it changes; the cursor stays on its entry."""

    CSS_PATH = "trip.tcss"
    AUTO_FOCUS = "AgendaList"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            *(ADD, EDIT, STATE, DELETE, VIEW, EDIT_TRIP, BUDGET, CHECK, BACK),
            *(DATES, PEOPLE, QUICK, COPY, REVEAL, AGAIN, MOVE, MOVE_DAY, LATER, EARLIER, MARK, NEXT),
            *(CHAT, COMPARE, FILES, STOPS, CLOCKS, NOTES, DETAILS, REFRESH),
        )
    )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if (action in CHANGING and not self.may_edit) or (action in ABOUT_THE_PLAN and self.plan is None):
            return False
        if action == "fix":
            return self.finding is not None and self.finding.fix is not None
        if action in ON_A_BOOKING:
            return self.booking is not None
        if action in ON_SEVERAL:
            return bool(self.marks) or self.booking is not None
        if action in ON_ITEMS:
            from tripsage_tui.models.bookings import ItineraryItem

            return any(isinstance(booking, ItineraryItem) for booking in self.chosen)
        if action == "move_day":
            return self.day is not None
        return super().check_action(action, parameters)

    def on_key(self, event: events.Key) -> None:
        """Someone who may only look is told so, rather than left to wonder about a dead key."""
        if self.plan is not None and not self.may_edit and event.key in _KEYS_OF_CHANGES:
            event.stop()
            self.say(f"{self.plan.trip.name} was shared with you to look at, not to change.", "warning")

    def action_refresh_trip(self) -> None:
        self.refresh_data()

    def action_back(self) -> None:
        if not self.unmark():
            self.dismiss(None)

    def action_view(self) -> None:
        self.by_kind = not self.by_kind
        self.show_lines()

    def action_details(self) -> None:
        shown = self.query_one(DetailPane).display
        self.set_class(shown, "-details-off")
        self.set_class(not shown, "-details-on")
        self.call_after_refresh(self.show_details)

    def action_next(self) -> None:
        from tripsage_tui.models.agenda import next_entry

        entry = next_entry(self.days, self.planner.clock())
        if entry is None:
            self.say("Nothing is still to come.")
            return
        wanted = (type(entry.booking).__name__, entry.booking.id)
        for line in self.agenda.lines_shown:
            here = self.by_kind or line.section == entry.day
            if here and line.key is not None and booking_key(line) == wanted:
                self.agenda.go_to(line.key)
                return

    def action_people(self) -> None:
        from tripsage_tui.screens.people import PeopleScreen

        def left(how: str | None) -> None:
            if how == "left":
                self.dismiss(None)

        if self.plan is not None:
            self.app.push_screen(PeopleScreen(self.planner, self.plan.trip), left)

    def action_change_dates(self) -> None:
        from tripsage_tui.screens.change_dates import change_dates

        change_dates(self)

    def action_chat(self) -> None:
        from tripsage_tui.screens.chat import ChatScreen

        self.app.push_screen(ChatScreen(self.planner, self.trip_id))

    def action_compare(self) -> None:
        from tripsage_tui.screens.options import OptionsScreen

        at = (type(self.booking).__name__, self.booking.id) if self.booking else None
        self.app.push_screen(OptionsScreen(self.planner, self.trip_id, at=at))

    def action_files(self) -> None:
        from tripsage_tui.screens.file_shelves import TripShelf
        from tripsage_tui.screens.files import FilesScreen

        if self.plan is not None:
            self.app.push_screen(FilesScreen(self.planner, TripShelf(self.plan, self.booking)))

    def action_budget(self) -> None:
        from tripsage_tui.screens.budget import BudgetScreen

        if self.plan is not None:
            self.app.push_screen(BudgetScreen(self.planner, self.trip_id))

    def action_stops(self) -> None:
        from tripsage_tui.screens.stops import StopsScreen

        if self.plan is not None:
            self.app.push_screen(StopsScreen(self.planner, self.plan), lambda _: self.refresh_data())

    def action_edit_trip(self) -> None:
        from tripsage_tui.screens.forms.trip_form import TripForm

        def saved(_: Trip | None) -> None:
            self.refresh_data()

        if self.plan is not None:
            self.app.push_screen(TripForm(self.planner, self.plan.trip, self.plan.stops), saved)
