"""How the days of a trip are read: on which clock, and with what the calendar and the sky say about them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from tripsage_tui.screens.reloading import ReloadingScreen

if TYPE_CHECKING:
    from tripsage_tui.models.agenda import Day
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.places.day_notes import DayNote
    from tripsage_tui.planner import Planner

NOTES = "agenda.notes"
"""The preference: holidays and the sun in the agenda."""


class AgendaReading(ReloadingScreen[None]):
    """The plan and its days; the clock they are read on, and the notes about them."""

    def __init__(self, planner: Planner) -> None:
        super().__init__(planner)
        self.plan: TripPlan | None = None
        self.days: tuple[Day, ...] = ()
        self.clocks = "place"
        self.notes: Mapping[date, DayNote] = {}
        self._notes_of: object = None

    @abstractmethod
    def show_header(self) -> None:
        """Bring the head up to date."""

    @abstractmethod
    def show_lines(self) -> None:
        """Bring the agenda up to date."""

    def days_read(self) -> tuple[Day, ...]:
        """The days on the clock that is asked for."""
        from tripsage_tui.models.agenda_clocks import on_clock

        zone = self.clock_zone()
        return on_clock(self.days, zone) if zone else self.days

    def clock_zone(self) -> str | None:
        """The zone whose clock is read; None for the clocks of the places."""
        from tripsage_tui.places.home import home_zone

        return {"place": None, "UTC": "UTC"}.get(self.clocks) or (
            home_zone(self.planner.clock()) if self.clocks == "home" else None
        )

    def times(self) -> str:
        """Whose clocks are read, in words; nothing for those of the places."""
        zone = self.clock_zone()
        return "" if zone is None else "times in UTC" if zone == "UTC" else f"times at home ({zone})"

    def fetch_notes(self) -> None:
        """Ask for countries, holidays and the sun, unless that is switched off or nothing it depends on has changed."""
        plan = self.plan
        if plan is None:
            return
        if not self.planner.preferences.get(NOTES, default=True):
            self.notes, self._notes_of = {}, None
            return
        depends_on = (plan.stops, plan.flights, plan.transportation, plan.accommodations, plan.trip)
        if depends_on != self._notes_of:
            self._notes_of = depends_on
            self.run_task(self._fetch_notes, group="notes", exclusive=True)

    async def _fetch_notes(self) -> None:
        from tripsage_tui.places.day_notes import day_notes

        if self.plan is not None:
            self.notes = await day_notes(self.plan, self.days, self.planner.airports)
            self.show_lines()

    def action_clocks(self) -> None:
        from tripsage_tui.models.agenda_clocks import Clocks

        self.clocks = Clocks(self.clocks).following
        if self.clocks is Clocks.HOME and self.clock_zone() is None:
            self.clocks = Clocks.UTC
        self.show_header()
        self.show_lines()

    def action_notes(self) -> None:
        preferences = self.planner.preferences
        preferences.set(NOTES, not preferences.get(NOTES, default=True))
        self.fetch_notes()
        self.show_lines()
