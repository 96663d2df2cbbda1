"""Where the items of a trip stand: their order within a day, and the day itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripsage_tui.screens.booking_actions import BookingActions

if TYPE_CHECKING:
    from tripsage_tui.models.bookings import Booking


class MovingActions(BookingActions):
    """Items are put earlier and later, onto another day or among the ideas."""

    def action_reorder(self, by: int) -> None:
        self.change(lambda booking: self._reorder(booking, by))

    def action_move(self) -> None:
        from tripsage_tui.models.bookings import ItineraryItem
        from tripsage_tui.screens.move_dialog import MoveDialog

        item, plan = self.booking, self.plan
        if not isinstance(item, ItineraryItem) or plan is None or not self.may_write():
            return

        def answered(moved: dict[str, object] | None) -> None:
            if moved:
                self.change(lambda booking: self._move(booking, moved))

        self.app.push_screen(MoveDialog(item, plan.trip, self.planner.today), answered)

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
        day = next(day for day in self.days if day.date == item.day)
        return [
            entry.booking
            for entry in day.entries
            if isinstance(entry.booking, ItineraryItem) and entry.booking.start_time is None
        ]
