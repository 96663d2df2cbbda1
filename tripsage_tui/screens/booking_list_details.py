"""The details beside the list of all bookings, and the confirmation code that is shown when it is asked for."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.timer import Timer

from tripsage_tui.models.booking_list import BookingKey, BookingRow, next_deadline
from tripsage_tui.models.zones import local
from tripsage_tui.screens.booking_list_actions import BookingListActions
from tripsage_tui.screens.reloading import DetailsBeside
from tripsage_tui.widgets.detail_pane import Block, DetailPane, Text
from tripsage_tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.planner import Planner

REST = 0.12
"""Seconds that the cursor has to stay on a booking before its details are fetched and shown."""


class BookingListDetails(BookingListActions, DetailsBeside):
    """Follows the cursor once it rests."""

    def __init__(self, planner: Planner | None = None) -> None:
        super().__init__(planner)
        self.deadlines = False
        """Whether deadlines are listed rather than bookings."""
        self.revealed: BookingKey | None = None
        self.whole: dict[BookingKey, Booking] = {}
        self._resting: Timer | None = None
        self._could = (False, False)

    @property
    def now(self) -> datetime:
        return self.planner.clock()

    @property
    @abstractmethod
    def table(self) -> Rows[Any]:
        """The list that is shown: bookings, or deadlines."""

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        event.stop()
        row = self.row
        if self.revealed is not None and (row is None or row.key != self.revealed):
            self._hide_code()
        if (can := (row is not None, row is not None and row.access.may_edit)) != self._could:
            self._could = can
            self.refresh_bindings()
        self.show_details_soon()

    def on_rows_selected(self, event: Rows.Selected) -> None:
        event.stop()
        self.action_open()

    def show_details_soon(self) -> None:
        """While the cursor runs through the list nothing is fetched or painted beside it."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST, self._show_details)

    def _show_details(self) -> None:
        self._resting = None
        row = self.row
        if row is None or not self.query_one(DetailPane).display:
            return
        known = self.whole.get(row.key)
        if known is not None and known.updated_at == row.updated_at:
            self._fill_details(row, known)
        elif not self._down:
            self.run_task(partial(self._fetch_details, row), group="details", exclusive=True)

    async def _fetch_details(self, row: BookingRow) -> None:
        from tripsage_tui.data.errors import NotFound

        try:
            self.whole[row.key] = await self.fetch(row)
        except NotFound:
            self.refresh_data()
            return
        self._fill_details(row, self.whole[row.key])

    def _fill_details(self, row: BookingRow, booking: Booking) -> None:
        from tripsage_tui.models.booking_words import deadline_text
        from tripsage_tui.screens.booking_details import details

        now = self.row
        if not self.is_mounted or now is None or now.key != row.key:
            return
        blocks: list[Block] = list(
            details(
                booking, zone=row.trip_zone, today=local(self.now, row.zone).date(), reveal=row.key == self.revealed
            )
        )
        notes = [Text(row.trip_name, "muted")]
        if each := next_deadline(row, self.now):
            late = each.overdue(self.now)
            notes.append(Text(f"{'! ' if late else ''}{deadline_text(each, self.now)}", "bad" if late else "warn"))
        self.query_one(DetailPane).show([*blocks[:1], *notes, *blocks[1:]])

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._show_details)

    def action_reveal(self) -> None:
        row = self.row
        if row is None:
            return
        if not row.reference:
            self.say("There is no confirmation code.")
        elif self.revealed == row.key:
            self._hide_code()
        else:
            self.revealed = row.key
            self.table.redraw(self.table.key)
            if self.deadlines and not self.query_one(DetailPane).display:
                self.action_details()
        self._show_details()

    def _hide_code(self) -> None:
        before, self.revealed = self.revealed, None
        self.query_one("#bookings", Rows).redraw(before)
