"""Planning a trip again: a copy on other dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from textual.widget import Widget
from textual.widgets import Static

from tripsage_tui.models.duplicate_drafts import duplicate_values, read_duplicate
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.models.trips import Trip
from tripsage_tui.screens.forms.booking_form import section
from tripsage_tui.screens.forms.form import FormScreen
from tripsage_tui.screens.trip_changes import TripChanges
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_text import TextField

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner

_COPIED = """\
Copied: destination, stops, budget, travellers, notes, tags; every booking and plan, moved by as many days as the trip,
at the same time of day in its own zone.

Not copied: what is true only once. Bookings start as available and plans as planned, without confirmation codes,
seats, payments and deadlines."""


class DuplicateForm(FormScreen[Trip | None]):
    """Returns the copy, None when left."""

    def __init__(self, planner: Planner, trip: Trip, *, resume: bool = False) -> None:
        super().__init__(
            planner, draft_key=f"copy.trip-{trip.id}", title=f"making a copy of {trip.name}", resume=resume
        )
        self.trip = trip

    @property
    def trail(self) -> tuple[str, ...]:
        return self.trip.name, "copy"

    def compose_columns(self) -> Iterable[Iterable[Widget]]:
        begin = duplicate_values(self.trip, self.planner.today)
        return (
            (
                TextField("name", "Name", begin["name"], required=True, wide=True),
                DateField(
                    "start_date",
                    "First day",
                    begin["start_date"],
                    today=lambda: self.planner.today,
                    start=lambda: self.trip.start_date,
                    required=True,
                ),
                section("What the copy has"),
                Static(_COPIED, markup=False, classes="form-text"),
            ),
        )

    def review(self, values: Mapping[str, str]) -> Draft[Any]:
        return read_duplicate(values, self.trip, self.planner.today)

    async def write(self) -> Trip | None:
        copy = read_duplicate(self.values, self.trip, self.planner.today).fields
        if copy is None:
            raise RuntimeError("a form with errors was saved")
        return await TripChanges(self.planner).duplicate(self.trip, copy.start_date, copy.name, self.key)
