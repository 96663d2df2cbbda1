"""The trip form: a new trip, or an existing one with its stops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from tripsage_tui.changes.trips import TripChanges
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.models.in_words import in_words
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rescheduling import Rescheduling, is_dated, plain
from tripsage_tui.models.trip_drafts import edit_trip, read_trip, trip_values
from tripsage_tui.models.trips import Record, StopFields, Trip, TripFields, TripStatus, TripType
from tripsage_tui.screens.forms.booking_form import options, section
from tripsage_tui.screens.forms.form import NotNow
from tripsage_tui.screens.forms.record_form import RecordForm
from tripsage_tui.undo import UndoStack
from tripsage_tui.widgets.form_choice import ChoiceField
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_notes import NotesField
from tripsage_tui.widgets.form_text import TextField

if TYPE_CHECKING:
    from tripsage_tui.data.errors import StaleRow
    from tripsage_tui.planner import Planner


_DATES = {"start_date", "end_date"}


class TripForm(RecordForm[Trip]):
    """Returns the saved trip, None when left."""

    def __init__(
        self,
        planner: Planner,
        trip: Trip | None = None,
        stops: Sequence[StopFields] = (),
        *,
        resume: bool = False,
    ) -> None:
        key = "trip.new" if trip is None else f"trip.{trip.id}"
        title = "adding a trip" if trip is None else f"editing the trip {trip.name}"
        super().__init__(planner, trip, draft_key=key, title=title, resume=resume)
        self.stops = tuple(plain(stop) for stop in stops)
        self._their_stops = self.stops

    @property
    def trail(self) -> tuple[str, ...]:
        return ("new trip",) if self.record is None else (self.record.name, "edit")

    @property
    def table(self) -> str:
        return "trips"

    @property
    def record_id(self) -> int | None:
        return self.record.id if self.record else None

    @property
    def what(self) -> str:
        return f"the trip {self.record.name}" if self.record else "the trip"

    def compose_columns(self) -> Iterable[Iterable[Widget]]:
        shown = trip_values(self.record, self.stops) if self.record else {}
        given = shown.get

        def today() -> Any:
            return self.planner.today

        def first_day() -> Any:
            field = self.fields.get("start_date")
            return field.day() if isinstance(field, DateField) else None

        return (
            (
                TextField("name", "Name", given("name", ""), hint="e.g. Japan in autumn", required=True),
                TextField("destination", "Destination", given("destination", ""), hint="e.g. Japan", required=True),
                TextField("stops", "Stops", given("stops", ""), hint="e.g. Tokyo, Kyoto, Osaka", width="full"),
                section("When"),
                DateField("start_date", "First day", given("start_date", ""), today=today, required=True),
                DateField(
                    "end_date",
                    "Last day",
                    given("end_date", ""),
                    today=today,
                    start=first_day,
                    required=True,
                    hint="e.g. 16 oct, 14 days",
                ),
                TextField("time_zone", "Time zone", given("time_zone", ""), hint="that of the first stop"),
            ),
            (
                section("Who and what for"),
                TextField("travelers", "Travellers", given("travelers", ""), hint="e.g. 2", width="short"),
                TextField("budget", "Budget", given("budget", ""), hint="e.g. 6000 EUR", required=True, width="short"),
                TextField("currency", "Currency", given("currency", ""), hint="e.g. EUR", width="short"),
                ChoiceField("trip_type", "Kind", options(TripType), given("trip_type", "")),
                ChoiceField("status", "Status", options(TripStatus), given("status", "")),
                TextField("tags", "Tags", given("tags", ""), hint="e.g. food, hiking"),
                NotesField("notes", "Notes", given("notes", ""), hint="one note per line"),
            ),
        )

    async def prepare(self) -> None:
        await self.planner.airports.load()

    def _zone_of_place(self, place: str) -> str | None:
        airports = self.planner.airports
        return airports.zone_of_city(place) if airports.loaded else None

    def review(self, values: Mapping[str, str]) -> Draft[TripFields]:
        if self.record is not None:
            edit = edit_trip(self.record, self.stops, values, self.planner.today)
            return edit.draft
        return read_trip(values, self.planner.today, stops=self.stops, zone_of_place=self._zone_of_place)

    async def insert(self) -> Trip:
        draft = read_trip(self.values, self.planner.today, zone_of_place=self._zone_of_place)
        if draft.fields is None:
            raise RuntimeError("a form with errors was saved")
        return await TripChanges(self.planner).add(draft.fields, draft.stops, self.key)

    def changes(self) -> dict[str, object]:
        if self.record is None:
            return {}
        edit = edit_trip(self.record, self.stops, self.values, self.planner.today)
        return edit.changes if edit.stops is None else {**edit.changes, "stops": edit.stops}

    async def update(self, record: Trip, changes: Mapping[str, object]) -> Trip:
        fields = {name: value for name, value in changes.items() if name != "stops"}
        if fields.keys() & _DATES:
            plan = await self.planner.trips.plan(record.id)
            if is_dated(plan):
                return await self._reschedule(plan, record, changes)
        own = UndoStack()
        writes = TripChanges(replace(self.planner, undo=own))
        try:
            if fields:
                # Should the stops fail, the next try starts from what is stored by then.
                record = self.record = await writes.edit(record, fields)
            stops = changes.get("stops")
            if isinstance(stops, tuple):
                await writes.set_stops(record, self.stops, stops)
        finally:
            self.planner.undo.absorb(own, f"editing the trip {record.name}")
        return record

    async def _reschedule(self, plan: TripPlan, record: Trip, changes: Mapping[str, object]) -> Trip:
        """Other dates of a trip with something in it: ask what moves, then write it with all else at once."""
        from tripsage_tui.data.errors import StaleRow
        from tripsage_tui.screens.change_dates import Answers, DatesDialog, again

        wanted = record.model_copy(update={name: value for name, value in changes.items() if name != "stops"})
        begin = Answers(wanted.start_date, wanted.end_date)
        while True:
            if plan.trip.updated_at != record.updated_at:
                raise StaleRow(plan.trip)
            dialog = DatesDialog(plan, self.planner.today, begin)
            change = await self.app.push_screen_wait(dialog)
            if change is None:
                raise NotNow
            trip = wanted.model_copy(update={name: getattr(change.after.trip, name) for name in _DATES})
            stops = changes.get("stops")
            try:
                stored = await TripChanges(self.planner).reschedule(
                    change,
                    trip=trip,
                    stops=moved_stops(change, stops) if isinstance(stops, tuple) else None,
                )
            except StaleRow:
                plan = await self.planner.trips.plan(record.id)
                begin = again(dialog.answers)
            else:
                return stored.trip

    async def resolve(self, error: StaleRow) -> None:
        if error.current is not None and self.record is not None:
            plan = await self.planner.trips.plan(self.record.id)
            self._their_stops = tuple(plain(stop) for stop in plan.stops)
        await super().resolve(error)

    def content(self, record: Record) -> dict[str, object]:
        fields: dict[str, object] = {name: getattr(record, name) for name in TripFields.model_fields}
        return {**fields, "stops": self.stops if record is self.record else self._their_stops}

    def show_value(self, field: str, value: object) -> str:
        return in_words(value, today=self.planner.today)


def moved_stops(change: Rescheduling, stops: Sequence[StopFields]) -> tuple[StopFields, ...]:
    """The stops as typed, those that stay in the trip with the dates that the rescheduling gives them."""
    moved = {plain(was): plain(will) for was, will in zip(change.before.stops, change.after.stops, strict=True)}
    return tuple(moved.get(stop, stop) for stop in stops)
