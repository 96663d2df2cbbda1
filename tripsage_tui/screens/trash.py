"""The trash: trips that were deleted, to be restored, or deleted for good after a typed question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.trips import TripSummary
from tripsage_tui.models.when import count_of, distance_in_days, format_range
from tripsage_tui.screens.reloading import ReloadingScreen
from tripsage_tui.widgets.columns import Cell, Column
from tripsage_tui.widgets.notice import Notice
from tripsage_tui.widgets.rows import Rows, Section
from tripsage_tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change
    from tripsage_tui.planner import Planner

COLUMNS = (
    Column("Name", 16, 48, rank=9, good=30),
    Column("Destination", 11, 36, rank=4, good=18),
    Column("Dates", 16, 24, rank=7),
    Column("Deleted", 12, 14, rank=8),
    Column("Contents", 12, 26, rank=5),
)
EMPTY = """The trash is empty.

  esc   goes back to your trips"""


class TrashScreen(ReloadingScreen[None]):
    """Newest deletion first."""

    CSS_PATH = "trash.tcss"
    AUTO_FOCUS = "Rows"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("trash.restore", "enter,R", "restore", "Restore", "Put the trip back among your trips."),
            Command(
                "trash.purge", "D", "purge", "Delete for good", "Delete the trip and all its bookings; asks first."
            ),
            Command("trash.refresh", "r", "refresh", "Refresh", "Look again.", footer=False),
            Command("trash.back", "escape,backspace,T", "back", "Back", "Back to your trips."),
        )
    )

    def __init__(self, planner: Planner) -> None:
        super().__init__(planner)
        self._trips: dict[int, TripSummary] = {}

    def compose_body(self) -> ComposeResult:
        yield Notice("Looking into the trash …")
        yield Rows[int](COLUMNS, self._cells)

    @property
    def trip(self) -> TripSummary | None:
        """The trip under the cursor."""
        key = self.query_one(Rows).key if self.is_mounted else None
        return self._trips.get(key) if key is not None else None

    def _cells(self, trip_id: int) -> Sequence[Cell]:
        trip, today = self._trips[trip_id], self.planner.today
        gone = trip.deleted_at.astimezone(self.planner.clock().tzinfo).date() if trip.deleted_at else today
        contents = f"{count_of(trip.bookings, 'booking')}, {count_of(trip.items, 'item')}"
        return (
            Cell(trip.name, "strong"),
            Cell(trip.destination),
            Cell(format_range(trip.start_date, trip.end_date, today)),
            Cell(distance_in_days(gone, today)),
            Cell(contents, "muted", count_of(trip.bookings + trip.items, "entry").replace("entrys", "entries")),
        )

    async def load(self) -> None:
        trips = await self.planner.trips.trash()
        trips.sort(key=lambda trip: trip.deleted_at or trip.updated_at, reverse=True)
        self._trips = {trip.id: trip for trip in trips}
        self._show()

    def _show(self) -> None:
        rows = self.query_one(Rows)
        rows.show([Section(f"Deleted trips ({len(self._trips)})", list(self._trips))])
        self.set_class(bool(self._trips), "-filled")
        self.query_one(TopBar).show(trail="Trash", note=count_of(len(self._trips), "trip"))
        if self._trips:
            if self.focused is None:
                rows.focus(scroll_visible=False)
        else:
            self.query_one(Notice).show(EMPTY)
        self.refresh_bindings()

    def on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.table in {"*", "trips"} for change in changes):
            self.refresh_data()

    def on_rows_selected(self, event: Rows.Selected) -> None:
        event.stop()
        self.action_restore()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"restore", "purge"}:
            return self.trip is not None
        return super().check_action(action, parameters)

    def action_restore(self) -> None:
        if (trip := self.trip) is not None and self.may_write():
            self.run_task(self._restore(trip), group="write")

    async def _restore(self, trip: TripSummary) -> None:
        from tripsage_tui.changes.trips import TripChanges

        await TripChanges(self.planner).restore(trip)
        self._without(trip)
        self.say(f"Restored {trip.name}. Press u to put it back into the trash.")

    def action_purge(self) -> None:
        from tripsage_tui.screens.purge_dialog import PurgeDialog

        if (trip := self.trip) is None or not self.may_write():
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.run_task(self._purge(trip), group="write")

        self.app.push_screen(PurgeDialog(trip), answered)

    async def _purge(self, trip: TripSummary) -> None:
        await self.planner.trips.purge(trip.id)
        self._without(trip)
        self.say(f"Deleted {trip.name} for good.")

    def _without(self, trip: TripSummary) -> None:
        self._trips.pop(trip.id, None)
        self._show()
        self.refresh_data()

    def action_refresh(self) -> None:
        self.refresh_data()

    def action_back(self) -> None:
        self.dismiss(None)
