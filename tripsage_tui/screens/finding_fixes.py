"""Remedies of the checker: forms opened with what is to be changed in them, writes after a question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.findings import AddBooking, DeleteBooking, EditBooking, EditTrip, Finding, ItemRef, SetFields
from tripsage_tui.screens.forms.dialog import FormDialog

if TYPE_CHECKING:
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.models.trips import Trip
    from tripsage_tui.screens.finding_actions import FindingActions
    from tripsage_tui.screens.forms.form import FormScreen


class FixDialog(FormDialog[bool]):
    """Asks before something is written that has no form."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("fix.do", "enter,ctrl+s", "do", "Do it"),
            Command("fix.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(self, finding: Finding, label: str) -> None:
        super().__init__(label, f"{finding.message} {finding.why}", "enter does it, u takes it back · esc cancel")

    def action_do(self) -> None:
        self.dismiss(True)

    def action_cancel(self) -> None:
        self.dismiss(False)


class Fixes:
    """Applies the remedy of a finding on the trip screen, after showing what it will do."""

    def __init__(self, screen: FindingActions, plan: TripPlan) -> None:
        self._screen = screen
        self._plan = plan

    def apply(self, finding: Finding) -> None:
        """Open the form, or ask; nothing is written before the user says so."""
        if finding.fix is None:
            return
        said = f"{finding.message} Nothing is saved yet."
        match finding.fix.remedy:
            case AddBooking(word, values):
                self._add(word, values, said)
            case EditBooking(item, at, values):
                if booking := self._booking(item):
                    self._edit(booking, at, values, said)
            case EditTrip(values):
                self._edit_trip(values, said)
            case DeleteBooking(item):
                if booking := self._booking(item):
                    self._ask(finding, partial(self._delete, booking))
            case SetFields(item, changes):
                if booking := self._booking(item):
                    self._ask(finding, partial(self._set, booking, changes))

    def _booking(self, item: ItemRef) -> Booking | None:
        from tripsage_tui.screens.finding_actions import row_of

        return self._screen.bookings.get(row_of(item))

    def _add(self, word: str, values: Mapping[str, str], said: str) -> None:
        from tripsage_tui.screens.forms.opening import BOOKING_FORMS

        form = next(form for form in BOOKING_FORMS if word == form.WORD)
        screen, plan = self._screen, self._plan
        screen.open_form(form(screen.planner, plan.trip, plan.stops, given=values, said=said))

    def _edit(self, booking: Booking, at: str, values: Mapping[str, str], said: str) -> None:
        from tripsage_tui.screens.forms.opening import form_for

        form = form_for(booking)(self._screen.planner, self._plan.trip, self._plan.stops, booking)
        form.begin_at = at
        self._screen.open_form(form)
        _begin(form, values, said)

    def _edit_trip(self, values: Mapping[str, str], said: str) -> None:
        from tripsage_tui.screens.forms.trip_form import TripForm

        def saved(_: Trip | None) -> None:
            self._screen.refresh_data()

        form = TripForm(self._screen.planner, self._plan.trip, self._plan.stops)
        form.begin_at = next(iter(values), "")
        self._screen.app.push_screen(form, saved)
        _begin(form, values, said)

    def _ask(self, finding: Finding, work: Callable[[], Awaitable[None]]) -> None:
        screen = self._screen

        async def in_turn() -> None:
            async with screen.one_at_a_time:
                await work()

        def answered(yes: bool | None) -> None:
            if yes and screen.may_write():
                screen.run_task(in_turn, group="write")

        screen.app.push_screen(FixDialog(finding, finding.fix.label if finding.fix else ""), answered)

    async def _delete(self, booking: Booking) -> None:
        from tripsage_tui.changes.bookings import BookingChanges
        from tripsage_tui.models.booking_names import describe

        await BookingChanges(self._screen.planner).delete(booking)
        self._screen.put(booking, gone=True)
        self._screen.tell(f"Deleted the {describe(booking)}. Press u to bring it back.")

    async def _set(self, booking: Booking, changes: Mapping[str, object]) -> None:
        from tripsage_tui.changes.bookings import BookingChanges
        from tripsage_tui.models.booking_names import describe

        self._screen.put(await BookingChanges(self._screen.planner).edit(booking, changes))
        self._screen.tell(f"Changed the {describe(booking)}. Press u to take it back.")


def _begin(form: FormScreen[Any], values: Mapping[str, str], said: str) -> None:
    """Put values into a form that was just opened."""
    form.call_after_refresh(lambda: form.fill(values, said))
