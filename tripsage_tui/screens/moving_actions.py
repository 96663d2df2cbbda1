"""Where the items of a trip stand: their order, their day, whole days; one under the cursor or all that are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripsage_tui.screens.booking_actions import BookingActions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tripsage_tui.models.arranging import Edit
    from tripsage_tui.models.bookings import Booking, ItineraryItem
    from tripsage_tui.models.moving import Target
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.screens.move_dialog import DayMove


class MovingActions(BookingActions):
    """Items are put earlier and later, onto another day or among the ideas."""

    def action_reorder(self, by: int) -> None:
        from tripsage_tui.models.arranging import one_step

        items = _items(self.chosen)
        timed = [item for item in items if item.start_time or item.end_time]
        if timed and len(timed) == len(items):
            self.say("What has a time stands by its time. e changes it, m gives it another day.")
            return
        word = "down" if by > 0 else "up"
        self._arrange(f"moving {_named(items)} {word}", lambda plan, chosen: one_step(plan, self.days, chosen, by))

    def action_move(self) -> None:
        from tripsage_tui.screens.move_dialog import MoveDialog

        items, plan = _items(self.chosen), self.plan
        if not items or plan is None or not self.may_write():
            return
        left = len(self.chosen) - len(items)

        def answered(target: Target | None) -> None:
            from tripsage_tui.models.arranging import onto

            if target is None:
                return
            self._arrange(
                f"moving {_named(items)}",
                lambda plan, chosen: onto(plan, self.days, chosen, target.day),
                said=f"{left} marked stayed: a booking has dates of its own, e changes them." if left else "",
                done=True,
            )

        self.app.push_screen(MoveDialog(items, plan.trip, self.planner.today), answered)

    def action_move_day(self) -> None:
        from tripsage_tui.models.arranging import day_of
        from tripsage_tui.screens.move_dialog import DayDialog

        plan, day = self.plan, self.day
        if plan is None or day is None or not self.may_write():
            return
        zone = plan.trip.time_zone

        def answered(wish: DayMove | None) -> None:
            from tripsage_tui.models.arranging import whole_day

            if wish is not None:
                self._arrange(
                    "moving a whole day",
                    lambda plan, _: whole_day(plan, self.days, day, wish.day, wish.how),
                    everything=True,
                    done=True,
                )

        if not any((there := day_of(item, zone)) and there >= day for item in plan.items):
            self.say("There is nothing to move on this day or a later one; bookings have dates of their own.")
            return
        self.app.push_screen(DayDialog(day, plan.trip, self.planner.today), answered)

    def _arrange(
        self,
        label: str,
        arranged: Callable[[TripPlan, Sequence[ItineraryItem]], Sequence[Edit]],
        *,
        said: str = "",
        everything: bool = False,
        done: bool = False,
    ) -> None:
        """Write what `arranged` makes of the chosen items, at once; `done` takes the marks off."""

        async def work(bookings: list[Booking]) -> None:
            from tripsage_tui.changes.bookings import BookingChanges

            if self.plan is None:
                return
            edits = [edit for edit in arranged(self.plan, _items(bookings)) if edit.changes]
            if not edits:
                return
            changed = await BookingChanges(self.planner).edit_all(edits, label)
            if done:
                self.marks.clear()
            self.put_all(changed, go_to=changed[0] if done else None)
            if said:
                self.say(said)

        self.change_chosen(work, also_none=everything)


def _items(bookings: Sequence[Booking]) -> list[ItineraryItem]:
    from tripsage_tui.models.bookings import ItineraryItem

    return [booking for booking in bookings if isinstance(booking, ItineraryItem)]


def _named(items: Sequence[ItineraryItem]) -> str:
    from tripsage_tui.models.booking_names import describe

    return f"the {describe(items[0])}" if len(items) == 1 else f"{len(items)} items"
