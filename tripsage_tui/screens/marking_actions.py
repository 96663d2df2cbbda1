"""Which bookings of a trip a command is about: the one under the cursor, or all that are marked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tripsage_tui.screens.trip_view import TripView, booking_key

if TYPE_CHECKING:
    from tripsage_tui.models.bookings import Booking


class MarkingActions(TripView):
    """Marks, and writes that follow one another, each on what the one before left."""

    @property
    def marked(self) -> list[Booking]:
        """The bookings that are marked and still there, in the order of the agenda."""
        order = dict.fromkeys(key for line in self.agenda.lines_shown if (key := booking_key(line)) in self.marks)
        return [self.bookings[key] for key in order if key in self.bookings] if self.marks else []

    @property
    def chosen(self) -> list[Booking]:
        """What is marked, else the booking under the cursor."""
        booking = self.booking
        return self.marked or ([booking] if booking is not None else [])

    def action_mark(self) -> None:
        key = booking_key(self.agenda.line)
        if key is None:
            return
        self.marks ^= {key}
        self.show_lines()
        self.show_marks()
        self.agenda.action_move(1)

    def unmark(self) -> bool:
        """Take all marks off; whether there were any."""
        had = bool(self.marks)
        if had:
            self.marks.clear()
            self.show_lines()
            self.show_marks()
        return had

    def change_chosen(self, work: Callable[[list[Booking]], Awaitable[None]], *, also_none: bool = False) -> None:
        """Change what is marked, else the booking under the cursor; `also_none` when it may be neither."""
        keys = [(type(booking).__name__, booking.id) for booking in self.chosen]

        async def in_turn() -> None:
            async with self.one_at_a_time:
                bookings = [self.bookings[key] for key in keys if key in self.bookings]
                if bookings or also_none:
                    await work(bookings)

        if self.may_write():
            self.run_task(in_turn, group="write")
