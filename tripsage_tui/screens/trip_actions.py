"""What can be done with the trips in the list, besides looking at them."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING
from uuid import uuid4

from textual import events

from tripsage_tui.commands import Command
from tripsage_tui.models.trips import Access, Trip, TripSummary
from tripsage_tui.screens.reloading import ReloadingScreen

if TYPE_CHECKING:
    from tripsage_tui.drafts import Draft
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.models.copying import Duplicate
    from tripsage_tui.models.people import ReceivedInvitation
    from tripsage_tui.screens.forms.booking_form import BookingForm

COMMANDS = (
    Command("trips.open", "enter", "open", "Open", "Open the trip: its bookings and plans day by day."),
    Command("trips.new", "n", "new", "New", "Create a trip."),
    Command("trips.sample", "s", "sample", "Sample trip", "Create a trip with sample bookings to look around."),
    Command("trips.quick-add", "A", "quick_add", "Quick add", "Add to the trip in one line of text.", footer=False),
    Command("trips.edit", "e", "edit", "Edit", "Change the trip: dates, budget, notes and so on."),
    Command("trips.delete", "d", "delete", "Delete", "Delete the trip; u brings it back."),
    Command("trips.duplicate", "y", "duplicate", "Duplicate", "Plan the trip again: a copy on other dates."),
    Command(
        "trips.archive",
        "Z",
        "archive",
        "Archive",
        "Put the trip away, or bring it back from the archive.",
        footer=False,
    ),
    Command(
        "trips.archived",
        "full_stop",
        "archived",
        "Archived",
        "Show archived trips, or hide them.",
        footer=False,
        display=".",
    ),
    Command(
        "trips.trash", "T", "trash", "Trash", "Deleted trips: restore them, or delete them for good.", footer=False
    ),
    Command(
        "trips.filter", "slash", "filter", "Filter", "Show only the trips that contain what you type.", display="/"
    ),
    Command("trips.order", "o", "order", "Sort", "Sort by date, name, destination, cost or last change."),
    Command("trips.details", "v", "details", "Details", "Show or hide the details of the trip."),
    Command("trips.refresh", "r", "refresh", "Refresh", "Fetch the trips again.", footer=False),
    Command("trips.invitations", "i", "invitations", "Invitations", "Accept or decline what you are invited to."),
    Command("trips.clear-filter", "escape", "clear_filter", "All trips", "Show all trips again."),
    Command("trips.details-down", "J", "scroll_details(1)", "Scroll the details down", footer=False, palette=False),
    Command("trips.details-up", "K", "scroll_details(-1)", "Scroll the details up", footer=False, palette=False),
)
ON_A_TRIP = {"archive", "open", "quick_add", "edit", "delete", "duplicate", "details", "scroll_details"}
"""Actions that need a trip under the cursor."""
ABOUT_INVITATIONS = {"trip_invitations", "trip_collaborators", "*"}
"""Tables whose changes may have brought or ended an invitation."""


class TripActions(ReloadingScreen[None]):
    """The doing half of the list; the showing half says which trip is meant."""

    @property
    @abstractmethod
    def trip(self) -> TripSummary | None:
        """The trip under the cursor."""

    @abstractmethod
    def go_to(self, trip_id: int) -> None:
        """Load again and put the cursor on a trip, also when a filter would hide it."""

    @abstractmethod
    def take_out(self, trip: TripSummary) -> None:
        """Show the list without a trip, before the database has sent it anew."""

    def action_open(self) -> None:
        if (trip := self.trip) is not None:
            self.open_trip(trip.id)

    def open_trip(self, trip_id: int) -> None:
        from tripsage_tui.screens.trip import TripScreen

        self.app.push_screen(TripScreen(self.planner, trip_id))

    def action_new(self) -> None:
        from tripsage_tui.screens.forms.trip_form import TripForm

        self.app.push_screen(TripForm(self.planner), self._created)

    def _created(self, trip: Trip | None) -> None:
        """Whoever has planned a trip wants to fill it: on to its days."""
        if trip is not None:
            self.go_to(trip.id)
            self.open_trip(trip.id)
            self.say(f"Created {trip.name}. a adds to it, esc goes back to your trips.")

    def why_not(self, action: str) -> str:
        """Why the trip under the cursor is not for this user to change or delete; empty when it is."""
        trip = self.trip
        if trip is None:
            return ""
        if action == "edit" and not trip.access.may_edit:
            return f"{trip.name} was shared with you to look at, not to change."
        if action == "delete" and trip.access is not Access.OWNER:
            return f"Only the owner of {trip.name} can delete it."
        return ""

    def on_key(self, event: events.Key) -> None:
        """Someone who may only look is told so, rather than left to wonder about a dead key."""
        if sentence := self.why_not({"e": "edit", "d": "delete"}.get(event.key, "")):
            event.stop()
            self.say(sentence, "warning")

    def action_edit(self) -> None:
        if (trip := self.trip) is None:
            return
        self.run_task(self._edit(trip), group="open")

    async def _edit(self, trip: TripSummary) -> None:
        from tripsage_tui.screens.forms.trip_form import TripForm

        plan = await self.planner.trips.plan(trip.id)
        self.app.push_screen(TripForm(self.planner, plan.trip, plan.stops), self._edited)

    def _edited(self, trip: Trip | None) -> None:
        if trip is not None:
            self.go_to(trip.id)

    def action_quick_add(self) -> None:
        if (trip := self.trip) is None:
            return
        if not trip.access.may_edit:
            self.say(f"{trip.name} was shared with you to look at, not to change.", "warning")
            return
        self.run_task(self._quick_add(trip), group="open")

    async def _quick_add(self, trip: TripSummary) -> None:
        from tripsage_tui.screens.quick_add import ask

        plan = await self.planner.trips.plan(trip.id)
        ask(self, plan.trip, plan.stops, None, self._show_filled)

    def _show_filled(self, form: BookingForm) -> None:
        from tripsage_tui.models.booking_names import describe

        def saved(booking: Booking | None) -> None:
            if booking is not None:
                self.go_to(booking.trip_id)
                self.say(f"Added the {describe(booking)} to {form.trip.name}. Press u to take it back.")

        self.app.push_screen(form, saved)

    def action_delete(self) -> None:
        if (trip := self.trip) is None or not self.may_write():
            return
        self.run_task(self._delete(trip), group="write")

    async def _delete(self, trip: TripSummary) -> None:
        from tripsage_tui.changes.trips import TripChanges

        await TripChanges(self.planner).delete(trip)
        self.take_out(trip)
        self.say(f"Deleted {trip.name}. Press u to bring it back.")
        self.refresh_data()

    def action_archive(self) -> None:
        if (trip := self.trip) is None or not self.may_write():
            return
        if not trip.access.may_edit:
            self.say(f"{trip.name} was shared with you to look at, not to change.", "warning")
            return
        self.run_task(self._archive(trip), group="write")

    async def _archive(self, trip: TripSummary) -> None:
        from tripsage_tui.changes.trips import TripChanges

        away = trip.archived_at is None
        await TripChanges(self.planner).archive(trip, away=away)
        done = "Archived {}. Press u to bring it back." if away else "{} is among your trips again."
        self.say(done.format(trip.name))
        self.refresh_data()

    def action_trash(self) -> None:
        from tripsage_tui.screens.trash import TrashScreen

        self.app.push_screen(TrashScreen(self.planner), lambda _: self.refresh_data())

    def action_duplicate(self) -> None:
        from tripsage_tui.screens.duplicate import DuplicateDialog

        if (trip := self.trip) is None or not self.may_write():
            return

        def answered(wish: Duplicate | None) -> None:
            if wish is not None:
                self.run_task(self._duplicate(trip, wish), group="write")

        plans = self.planner.trips
        self.app.push_screen(DuplicateDialog(trip, self.planner.today, lambda: plans.plan(trip.id)), answered)

    async def _duplicate(self, trip: TripSummary, wish: Duplicate) -> None:
        from tripsage_tui.changes.trips import TripChanges

        copy = await TripChanges(self.planner).duplicate(trip, wish, uuid4())
        self.go_to(copy.id)
        self.say(f"Created {copy.name}. Its bookings have to be booked anew.")

    def action_sample(self) -> None:
        if self.may_write():
            self.run_task(self._sample, group="write", exclusive=True)

    async def _sample(self) -> None:
        from tripsage_tui.changes.trips import TripChanges
        from tripsage_tui.sample_trips import create_sample

        trip = await create_sample(self.planner)
        TripChanges(self.planner).sampled(trip)
        self.go_to(trip.id)
        self.say(f"Created {trip.name}. Enter opens it, d deletes it.")

    def action_invitations(self) -> None:
        from tripsage_tui.screens.invitations import Answer, InvitationsDialog, answer
        from tripsage_tui.widgets.invitation_line import InvitationLine

        async def send(asked: ReceivedInvitation, accept: bool) -> None:
            try:
                self.say(await answer(self.planner, asked, accept))
            finally:
                self.look_for_invitations()
            if accept:
                self.go_to(asked.trip_id)

        def answered(reply: Answer | None) -> None:
            if reply is not None:
                self.run_task(send(*reply), group="write")

        if self.may_write():
            self.app.push_screen(InvitationsDialog(self.query_one(InvitationLine).invitations), answered)

    def look_for_invitations(self) -> None:
        """Fetch the invitations beside whatever else is going on."""
        self.run_task(self._look_for_invitations, group="invitations", exclusive=True)

    async def _look_for_invitations(self) -> None:
        from tripsage_tui.widgets.invitation_line import InvitationLine

        self.query_one(InvitationLine).show(await self.planner.people.invitations())
        self.refresh_bindings()

    def offer_drafts(self) -> None:
        """What was being typed when the program was killed is not lost: offer the newest of it."""
        from tripsage_tui.screens.forms.resume import ResumeDialog

        pending = self.planner.drafts.pending()
        if not pending:
            return
        draft = pending[0]

        def answered(resume: bool | None) -> None:
            if resume:
                self.run_task(self._resume(draft), group="open")
            elif resume is False:
                self.planner.drafts.discard(draft.key)

        self.app.push_screen(ResumeDialog(draft, self.planner.clock()), answered)

    async def _resume(self, draft: Draft) -> None:
        from tripsage_tui.models.bookings import Stored
        from tripsage_tui.screens.forms.opening import form_of

        def left(saved: object) -> None:
            """Go to where the form would have led, had it not been opened from a draft."""
            if isinstance(saved, Trip) and draft.key == "trip.new":
                self._created(saved)
            elif isinstance(saved, Trip):
                self.go_to(saved.id)
            elif isinstance(saved, Stored):
                self.go_to(saved.trip_id)
                self.open_trip(saved.trip_id)
            else:
                self.refresh_data()

        self.app.push_screen(await form_of(self.planner, draft), left)
