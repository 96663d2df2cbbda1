"""The stops of a trip, in order: where it goes, when, on whose clocks and with what money."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.stop_drafts import moved, next_dates
from tripsage_tui.models.trips import StopFields
from tripsage_tui.models.when import count_of, format_date, format_range
from tripsage_tui.screens.reloading import ReloadingScreen
from tripsage_tui.widgets.agenda_list import AgendaLine, AgendaList
from tripsage_tui.widgets.notice import Notice
from tripsage_tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.planner import Planner

COMMANDS = (
    Command("stops.add", "a", "add", "Add", "Add a stop behind the one under the cursor."),
    Command("stops.edit", "e", "edit", "Edit", "Change the stop under the cursor."),
    Command("stops.delete", "d", "delete", "Remove", "Remove the stop; u brings it back."),
    Command("stops.down", "J", "reorder(1)", "Later", "Go to this stop later; its dates stay."),
    Command("stops.up", "K", "reorder(-1)", "Earlier", "Go to this stop earlier; its dates stay."),
    Command("stops.back", "escape,backspace", "back", "Back", "Back to the trip."),
)
Stops = tuple[StopFields, ...]
_CHANGING = {"add", "edit", "delete", "reorder"}
_EMPTY = "No stops yet.\n\n  a     adds the first place the trip goes to\n  esc   goes back to the trip"


class StopsScreen(ReloadingScreen[None]):
    """Every change is written at once and can be taken back."""

    AUTO_FOCUS = "AgendaList"
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS)
    DEFAULT_CSS = """
    StopsScreen AgendaList { display: none; margin: 1 0 0 0; }
    StopsScreen.-filled AgendaList { display: block; }
    StopsScreen.-filled Notice { display: none; }
    StopDialog FormField { margin: 0; }
    StopDialog .form-dialog--text { margin: 0 0 1 0; }
    """

    def __init__(self, planner: Planner, plan: TripPlan) -> None:
        super().__init__(planner)
        self._plan = plan
        self._one_at_a_time = asyncio.Lock()
        self._prefer: int | None = None

    def compose_body(self) -> ComposeResult:
        yield Notice(_EMPTY)
        yield AgendaList()

    @property
    def stops(self) -> Stops:
        from tripsage_tui.models.rescheduling import plain

        return tuple(plain(stop) for stop in self._plan.stops)

    @property
    def at(self) -> int:
        """The number of the stop under the cursor; -1 where there is none."""
        line = self.query_one(AgendaList).line
        return line.key if line and isinstance(line.key, int) else -1

    async def load(self) -> None:
        self._plan = await self.planner.trips.plan(self._plan.trip.id)
        self._show()

    def _show(self) -> None:
        trip = self._plan.trip
        note = "" if trip.access.may_edit else "shared to look at"
        self.query_one(TopBar).show(trail=f"{trip.name} ▸ stops", note=note)
        self.set_class(bool(self._plan.stops), "-filled")
        lines = [self._line(number, stop) for number, stop in enumerate(self._plan.stops)]
        self.query_one(AgendaList).set_lines(lines, prefer=self._prefer)
        self._prefer = None
        if lines:
            self.query_one(AgendaList).focus(scroll_visible=False)
        self.refresh_bindings()

    def _line(self, number: int, stop: StopFields) -> AgendaLine:
        trip = self._plan.trip
        day = trip.start_date
        if stop.arrive_date and stop.depart_date:
            when = format_range(stop.arrive_date, stop.depart_date, stop.depart_date)
            nights = count_of((stop.depart_date - stop.arrive_date).days, "night")
        else:
            when = f"from {format_date(stop.arrive_date, day, weekday=False)}" if stop.arrive_date else "no dates"
            nights = ""
        return AgendaLine(
            "entry",
            stop.place,
            key=number,
            section=number,
            time=when,
            sign=str(number + 1),
            kind=stop.country or "",
            detail=" · ".join(part for part in (nights, stop.time_zone or "") if part),
            price=stop.currency or "",
        )

    def on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.trip_id == self._plan.trip.id or change.table in {"*", "trips"} for change in changes):
            self.refresh_data()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in _CHANGING and not self._plan.trip.access.may_edit:
            return False
        if action in _CHANGING - {"add"}:
            return bool(self._plan.stops)
        return super().check_action(action, parameters)

    def on_agenda_list_selected(self, event: AgendaList.Selected) -> None:
        event.stop()
        if self._plan.trip.access.may_edit:
            self.action_edit()

    def action_back(self) -> None:
        self.dismiss(None)

    def action_add(self) -> None:
        from tripsage_tui.screens.stop_dialog import StopDialog

        behind = self.at + 1 if self.at >= 0 else len(self.stops)

        def answered(stop: StopFields | None) -> None:
            if stop is not None:
                self._write(lambda stops: (*stops[:behind], stop, *stops[behind:]), go_to=behind)

        dates = next_dates(self.stops[:behind], self._plan.trip)
        self.app.push_screen(StopDialog(self.planner, self._plan.trip, dates=dates), answered)

    def action_edit(self) -> None:
        from tripsage_tui.screens.stop_dialog import StopDialog

        at, before = self.at, self.stops
        if at < 0:
            return

        def answered(stop: StopFields | None) -> None:
            if stop is not None:
                self._write(lambda stops: (*stops[:at], stop, *stops[at + 1 :]), based_on=before)

        self.app.push_screen(StopDialog(self.planner, self._plan.trip, before[at]), answered)

    def action_delete(self) -> None:
        at, before = self.at, self.stops
        if at >= 0:
            self._write(lambda stops: (*stops[:at], *stops[at + 1 :]), based_on=before)

    def action_reorder(self, by: int) -> None:
        def change(stops: Stops) -> Stops:
            # Keys that are pressed fast follow the stop, which has moved since.
            self._prefer = min(max(self.at + by, 0), len(stops) - 1)
            return moved(stops, self.at, by)

        self._write(change)

    def _write(
        self,
        change: Callable[[Stops], Stops],
        *,
        go_to: int | None = None,
        based_on: Stops | None = None,
    ) -> None:
        """Write the stops as `change` makes them; what was not based on the present ones is refused."""

        async def work() -> None:
            from tripsage_tui.changes.trips import TripChanges
            from tripsage_tui.data.errors import StaleRow

            async with self._one_at_a_time:
                before = self.stops
                if based_on is not None and based_on != before:
                    raise StaleRow(None, "Someone else changed the stops in the meantime. Look, then do it again.")
                after = change(before)
                if after == before:
                    return
                stored = await TripChanges(self.planner).set_stops(self._plan.trip, before, after)
                self._plan = self._plan.model_copy(update={"stops": stored})
                if go_to is not None:
                    self._prefer = go_to
                self._show()

        if self.may_write():
            self.run_task(work, group="write")

    def task_failed(self, error: BaseException) -> None:
        super().task_failed(error)
        self.refresh_data()
