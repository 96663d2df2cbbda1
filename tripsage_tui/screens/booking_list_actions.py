"""What can be done with the bookings in the list of all bookings, besides looking at them."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tripsage_tui.commands import Command
from tripsage_tui.models.booking_list import BookingKey, BookingRow, Kind
from tripsage_tui.screens.reloading import ReloadingScreen

if TYPE_CHECKING:
    from tripsage_tui.data.bookings import BookingRepository
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.planner import Planner

COMMANDS = (
    Command("bookings.open", "enter", "open", "Open trip", "Open the trip at this booking."),
    Command("bookings.edit", "e", "edit", "Edit", "Change the booking."),
    Command("bookings.state", "space", "next_state", "State", "Available, reserved, booked, and round again."),
    Command("bookings.delete", "d", "delete", "Delete", "Delete the booking; u brings it back."),
    Command("bookings.view", "tab", "view", "Deadlines", "Show what has to be done by when, or again all bookings."),
    Command("bookings.only", "f", "only", "Show only", "Choose by kind, state, trip, payment, reference and deadline."),
    Command("bookings.filter", "slash", "filter", "Filter", "Show only what contains what you type.", display="/"),
    Command("bookings.clear", "escape", "clear_filter", "Show all", "Show all bookings again."),
    Command("bookings.order", "o", "order", "Sort", "Sort by date, trip, kind, state, deadline or price."),
    Command("bookings.kinds", "F", "next_kind", "Kind", "Only flights, stays, transport or items; all.", footer=False),
    Command("bookings.states", "S", "next_states", "States", "Only available, reserved, booked …; all.", footer=False),
    Command("bookings.this-trip", "T", "narrow('trip')", "This trip", "Only the bookings of this trip.", footer=False),
    Command("bookings.unpaid", "U", "narrow('unpaid')", "Unpaid", "Only what is still to be paid.", footer=False),
    Command(
        "bookings.no-reference", "N", "narrow('no_reference')", "No reference",
        "Only what is reserved or booked without a confirmation code.", footer=False,
    ),
    Command("bookings.soon", "W", "narrow('due_soon')", "Due soon", "Only what is due in two weeks.", footer=False),
    Command("bookings.compare", "C", "compare", "Compare", "Compare options of this trip and take one.", footer=False),
    Command("bookings.files", "P", "files", "Papers", "Files of the booking: tickets, vouchers.", footer=False),
    Command("bookings.reveal", "x", "reveal", "Show code", "Show or hide the confirmation code.", footer=False),
    Command("bookings.copy-code", "y", "copy_code", "Copy code", "Copy the confirmation code.", footer=False),
    Command("bookings.details", "v", "details", "Details", "Show or hide the details of the booking.", footer=False),
    Command("bookings.refresh", "r", "refresh", "Refresh", "Fetch the bookings again.", footer=False),
    Command("bookings.details-down", "J", "scroll_details(1)", "Scroll the details down", footer=False, palette=False),
    Command("bookings.details-up", "K", "scroll_details(-1)", "Scroll the details up", footer=False, palette=False),
)  # fmt: skip
ON_A_BOOKING = {
    "open",
    "compare",
    "files",
    "edit",
    "next_state",
    "delete",
    "reveal",
    "copy_code",
    "details",
    "scroll_details",
}
"""Actions that need a booking under the cursor."""
CHANGING = {"edit", "next_state", "delete"}
KEYS_OF_CHANGES = {"e", "space", "d"}


class BookingListActions(ReloadingScreen[None]):
    """The doing half of the list; the showing half says which booking is meant."""

    def __init__(self, planner: Planner | None = None) -> None:
        super().__init__(planner)
        self._one_at_a_time = asyncio.Lock()

    @property
    @abstractmethod
    def row(self) -> BookingRow | None:
        """The booking under the cursor."""

    @abstractmethod
    def current(self, key: BookingKey) -> BookingRow | None:
        """A booking as it is known now."""

    @abstractmethod
    def put(self, booking: Booking | None, key: BookingKey) -> None:
        """Show what was just written, None where it was deleted, before the database has sent it anew."""

    def action_open(self) -> None:
        from tripsage_tui.screens.trip import TripScreen

        if (row := self.row) is not None:
            self.app.push_screen(TripScreen(self.planner, row.trip_id, at=(MODELS[row.kind], row.id)))

    def action_compare(self) -> None:
        from tripsage_tui.screens.options import OptionsScreen

        if (row := self.row) is not None:
            self.app.push_screen(OptionsScreen(self.planner, row.trip_id, at=(MODELS[row.kind], row.id)))

    def action_files(self) -> None:
        if (row := self.row) is not None:
            self.run_task(self._files(row), group="open")

    async def _files(self, row: BookingRow) -> None:
        from tripsage_tui.screens.file_shelves import TripShelf
        from tripsage_tui.screens.files import FilesScreen

        plan = await self.planner.trips.plan(row.trip_id)
        wanted = (MODELS[row.kind], row.id)
        booking = next((each for each in plan.bookings if (type(each).__name__, each.id) == wanted), None)
        self.app.push_screen(FilesScreen(self.planner, TripShelf(plan, booking)))

    def action_edit(self) -> None:
        if (row := self.row) is not None:
            self.run_task(self._edit(row), group="open")

    async def _edit(self, row: BookingRow) -> None:
        from tripsage_tui.data.errors import NotFound
        from tripsage_tui.screens.forms.opening import form_for

        plan = await self.planner.trips.plan(row.trip_id)
        wanted = MODELS[row.kind]
        booking = next((each for each in plan.bookings if each.id == row.id and type(each).__name__ == wanted), None)
        if booking is None:
            raise NotFound
        self.app.push_screen(form_for(booking)(self.planner, plan.trip, plan.stops, booking), self._edited)

    def _edited(self, booking: Booking | None) -> None:
        from tripsage_tui.models.booking_names import describe

        if booking is not None:
            self.tell(f"Changed the {describe(booking)}. Press u to take it back.")
        self.refresh_data()

    def action_next_state(self) -> None:
        self._change(self._next_state)

    def action_delete(self) -> None:
        self._change(self._delete)

    def _change(self, work: Callable[[Booking], Awaitable[Booking | None]]) -> None:
        """Change the booking under the cursor; changes follow one another, each on what the one before left."""
        if (row := self.row) is not None and self.may_write():
            self.run_task(self._change_one(row.key, work), group="write")

    async def _change_one(self, key: BookingKey, work: Callable[[Booking], Awaitable[Booking | None]]) -> None:
        from tripsage_tui.data.errors import StaleRow

        async with self._one_at_a_time:
            row = self.current(key)
            if row is None:
                return
            booking = await self.fetch(row)
            if booking.updated_at != row.updated_at:
                raise StaleRow(booking)
            self.put(await work(booking), key)

    async def fetch(self, row: BookingRow) -> Booking:
        """The whole booking. Raises NotFound."""
        planner = self.planner
        repositories: dict[Kind, BookingRepository[Any, Any]] = {
            Kind.FLIGHT: planner.flights,
            Kind.STAY: planner.accommodations,
            Kind.TRANSPORT: planner.transportation,
            Kind.ITEM: planner.items,
        }
        booking: Booking = await repositories[row.kind].get(row.id)
        return booking

    async def _next_state(self, booking: Booking) -> Booking:
        from tripsage_tui.changes.bookings import BookingChanges
        from tripsage_tui.models.booking_names import describe, next_status

        status = next_status(booking)
        label = f"marking the {describe(booking)} as {status.value}"
        return await BookingChanges(self.planner).edit(booking, {"booking_status": status}, label=label)

    async def _delete(self, booking: Booking) -> None:
        from tripsage_tui.changes.bookings import BookingChanges
        from tripsage_tui.models.booking_names import describe

        await BookingChanges(self.planner).delete(booking)
        self.tell(f"Deleted the {describe(booking)}. Press u to bring it back.")

    def action_copy_code(self) -> None:
        if (row := self.row) is None:
            return
        if not row.reference:
            self.say("There is no confirmation code to copy.")
            return
        self.app.copy_to_clipboard(row.reference)
        self.tell("The confirmation code was sent to the terminal's clipboard.")


MODELS = {
    Kind.FLIGHT: "Flight",
    Kind.STAY: "Accommodation",
    Kind.TRANSPORT: "Transportation",
    Kind.ITEM: "ItineraryItem",
}
"""The class of each kind's model, by which the trip screen knows it."""
