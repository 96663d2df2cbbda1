"""One stop: place and dates; country, clocks and currency follow from the place where it is known."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.models.stop_drafts import read_stop, stop_values
from tripsage_tui.models.trips import StopFields, Trip
from tripsage_tui.places.countries import country_code
from tripsage_tui.places.grounds import Grounds
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField
from tripsage_tui.widgets.safe_text import one_line

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


class StopDialog(FormDialog[StopFields | None]):
    """Returns the stop, None when left or unchanged."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("stop.save", "ctrl+s", "save", "Save", priority=True),
            Command("stop.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(
        self,
        planner: Planner,
        trip: Trip,
        stop: StopFields | None = None,
        dates: tuple[date | None, date | None] = (None, None),
    ) -> None:
        super().__init__(
            f"Stop {one_line(stop.place)}" if stop else "Add a stop",
            "Country, time zone and currency follow from the place where it is known.",
            "enter next, at the end save · ctrl+s save · esc cancel",
        )
        self._planner = planner
        self._trip = trip
        self._stop = stop
        self._dates = dates
        self._grounds = Grounds(planner.airports)

    def compose_content(self) -> ComposeResult:
        shown = stop_values(self._stop) if self._stop else {}
        first, last = (day.isoformat() if day else "" for day in self._dates)

        def today() -> date:
            return self._planner.today

        def start() -> date:
            return self._dates[0] or self._trip.start_date

        yield TextField("place", "Place", shown.get("place", ""), hint="e.g. Kyoto", required=True)
        yield DateField("arrive_date", "Arrive", shown.get("arrive_date", first), today=today, start=start)
        yield DateField("depart_date", "Leave", shown.get("depart_date", last), today=today, start=start)
        yield TextField("country", "Country", shown.get("country", ""), hint="from the place")
        yield TextField("time_zone", "Time zone", shown.get("time_zone", ""), hint="from the place")
        yield TextField("currency", "Currency", shown.get("currency", ""), hint="from the country", width="short")

    def on_mount(self) -> None:
        self._fields()[0].target.focus()
        self.run_worker(self._prepare(), exit_on_error=False)

    async def _prepare(self) -> None:
        """Know the places before they are asked for on every key; countries are read with the first of them."""
        await self._planner.airports.load()
        await asyncio.to_thread(self._grounds.look_up, "Tokyo", None, None)
        self._review()

    def _fields(self) -> list[FormField]:
        return list(self.query(FormField))

    def _read(self) -> Draft[StopFields]:
        values = {field.key: field.value for field in self._fields()}
        place, typed_zone = values["place"].strip(), values["time_zone"].strip() or None
        ground = zone = None
        airports = self._planner.airports
        if place and airports.loaded:
            zone = airports.zone_of_city(place)
            # A town without an airport lies in the trip's country, by its clocks.
            if zone is None and not values["country"].strip():
                zone = self._trip.time_zone
            ground = self._grounds.look_up(place, typed_zone or zone, values["country"].strip() or None)
        return read_stop(values, self._trip, self._planner.today, ground=ground, zone=zone, country_code=country_code)

    def _review(self) -> None:
        draft = self._read()
        for field in self._fields():
            field.note = draft.notes.get(field.key, "")

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""
        self._review()

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        fields = self._fields()
        place = fields.index(event.field) + event.by
        if place >= len(fields):
            self.action_save()
        elif place >= 0:
            fields[place].target.focus()

    def action_save(self) -> None:
        draft = self._read()
        for field in self._fields():
            field.error = draft.errors.get(field.key, "")
        if draft.fields is not None:
            self.dismiss(None if draft.fields == self._stop else draft.fields)
