"""What the trip screen does with the booking under the cursor, and how new ones are added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripsage_tui.screens.marking_actions import MarkingActions
from tripsage_tui.screens.trip_view import booking_key
from tripsage_tui.widgets.agenda_list import AgendaList
from tripsage_tui.widgets.detail_pane import DetailPane

if TYPE_CHECKING:
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.screens.forms.booking_form import BookingForm


class BookingActions(MarkingActions):
    """Details, adding, editing, state, deleting; every write follows the one before it."""

    def action_reveal(self) -> None:
        key = booking_key(self.agenda.line)
        self.revealed = None if self.revealed == key else key
        booking = self.booking
        if booking is None:
            return
        if not booking.confirmation_code:
            self.say("There is no confirmation code.")
        elif self.query_one(DetailPane).display:
            self.show_details()
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

    def action_add(self) -> None:
        from tripsage_tui.screens.add_dialog import AddDialog

        # Also while the database is away: what is typed is kept as a draft.
        self.app.push_screen(AddDialog(self.day), self._add)

    def _add(self, word: str | None) -> None:
        from tripsage_tui.screens.forms.opening import BOOKING_FORMS

        if word is not None and self.plan is not None:
            form = next(form for form in BOOKING_FORMS if word == form.WORD)
            self.open_form(form(self.planner, self.plan.trip, self.plan.stops, day=self.day))

    def action_quick_add(self) -> None:
        from tripsage_tui.screens.quick_add import ask

        if self.plan is not None:
            ask(self, self.plan.trip, self.plan.stops, self.day, self.open_form)

    def action_edit(self) -> None:
        from tripsage_tui.screens.forms.opening import form_for

        booking = self.booking
        if booking is not None and self.plan is not None:
            self.open_form(form_for(booking)(self.planner, self.plan.trip, self.plan.stops, booking))

    def action_duplicate(self) -> None:
        from tripsage_tui.screens.forms.opening import form_for

        booking = self.booking
        if booking is not None and self.plan is not None:
            self.open_form(form_for(booking)(self.planner, self.plan.trip, self.plan.stops, like=booking))

    def open_form(self, form: BookingForm) -> None:
        from tripsage_tui.models.booking_names import describe

        def saved(booking: Booking | None) -> None:
            if booking is not None:
                self.put(booking, go_there=True)
                done = "Added" if form.record is None else "Changed"
                self.tell(f"{done} the {describe(booking)}. Press u to take it back.")
            self.refresh_data()

        self.app.push_screen(form, saved)

    def action_delete(self) -> None:
        if len(self.chosen) > 1:
            self.change_chosen(self._delete_all)
        else:
            self.change_chosen(lambda bookings: self._delete(bookings[0]))

    def action_next_state(self) -> None:
        if len(self.chosen) > 1:
            self.change_chosen(self._all_to_next_state)
        else:
            self.change_chosen(lambda bookings: self._next_state(bookings[0]))

    async def _delete(self, booking: Booking) -> None:
        from tripsage_tui.changes.bookings import BookingChanges
        from tripsage_tui.models.booking_names import describe

        await BookingChanges(self.planner).delete(booking)
        self.put(booking, gone=True)
        # Undone, it is where the cursor goes.
        self.prefer = (type(booking).__name__, booking.id)
        self.tell(f"Deleted the {describe(booking)}. Press u to bring it back.")

    async def _delete_all(self, bookings: list[Booking]) -> None:
        from tripsage_tui.changes.bookings import BookingChanges

        await BookingChanges(self.planner).delete_all(bookings, f"deleting {len(bookings)} bookings")
        self.marks.clear()
        self.put_all(bookings, gone=True)
        self.prefer = (type(bookings[0]).__name__, bookings[0].id)
        self.tell(f"Deleted {len(bookings)} bookings. Press u to bring them back.")

    async def _next_state(self, booking: Booking) -> None:
        from tripsage_tui.changes.bookings import BookingChanges
        from tripsage_tui.models.booking_names import describe, next_status

        status = next_status(booking)
        label = f"marking the {describe(booking)} as {status.value}"
        self.put(await BookingChanges(self.planner).edit(booking, {"booking_status": status}, label=label))

    async def _all_to_next_state(self, bookings: list[Booking]) -> None:
        """All go where the first one goes, whatever their own state."""
        from tripsage_tui.changes.bookings import BookingChanges
        from tripsage_tui.models.arranging import Edit
        from tripsage_tui.models.booking_names import next_status, same_status

        status = next_status(bookings[0])
        edits = [
            Edit(booking, {"booking_status": own})
            for booking in bookings
            if (own := same_status(booking, status)) != booking.booking_status
        ]
        self.put_all(await BookingChanges(self.planner).edit_all(edits, f"marking {len(edits)} as {status.value}"))
