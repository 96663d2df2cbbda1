"""Tools that change the trip that a conversation is about.

The database decides what may be read and written, as for a key press. Values of new and changed bookings are read by
the rules of the forms, so a model is told what a person would be told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from tripsage_tui.assistant.toolbox import Arguments, Effect, FieldChange, Prepared, Tool, ToolRefused
from tripsage_tui.assistant.trip_arguments import (
    PARTS,
    AddFlight,
    AddItem,
    AddStay,
    AddTransport,
    ChangeBooking,
    ChangeDates,
    OneBooking,
)
from tripsage_tui.assistant.trip_reading import BOOKKEEPING, TripReading
from tripsage_tui.changes.bookings import BookingChanges
from tripsage_tui.changes.trips import TripChanges
from tripsage_tui.models.booking_drafts import (
    FLIGHT_FIELDS,
    ITEM_FIELDS,
    STAY_FIELDS,
    TRANSPORT_FIELDS,
    BookingDraft,
    FormContext,
    edit_booking,
    read_flight,
    read_item,
    read_stay,
    read_transport,
)
from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.bookings import Booking, BookingFields, LegFields
from tripsage_tui.models.in_words import in_words
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rescheduling import Rule, reschedule
from tripsage_tui.models.text import InputError
from tripsage_tui.models.typed_dates import parse_date

FIELDS: Mapping[str, Sequence[str]] = {
    "flight": FLIGHT_FIELDS,
    "stay": STAY_FIELDS,
    "transport": TRANSPORT_FIELDS,
    "item": ITEM_FIELDS,
}
READERS: Mapping[str, Callable[[Mapping[str, str], FormContext], BookingDraft]] = {
    "flight": read_flight,
    "stay": read_stay,
    "transport": read_transport,
    "item": read_item,
}
_IMPLIED = {
    "payment_status",
    "start_zone",
    "end_zone",
    "departure_zone",
    "arrival_zone",
    "check_in_zone",
    "check_out_zone",
}
"""Fields of a new booking that say nothing which the others do not say."""
_ORDER = ("title", "name", "origin", "destination", "day", "departure_date", "check_in_date", "start_time")


@dataclass(frozen=True)
class TripTools(TripReading):
    """All tools over trips of a conversation about `trip_id` (None: about no trip, so nothing can be written)."""

    def tools(self) -> list[Tool]:
        adding = (
            ("flight", AddFlight, "Add a flight, one way or return, as an option that is not booked."),
            ("stay", AddStay, "Add a hotel or another bed, as an option that is not booked."),
            ("transport", AddTransport, "Add a train, bus, hired car or taxi, as an option that is not booked."),
            ("item", AddItem, "Add something to do: an activity, a meal, an event; with a day or as an idea."),
        )
        return [
            *super().tools(),
            *(
                Tool(f"add_{kind}", description, arguments, Effect.WRITE, self._adder(kind))
                for kind, arguments, description in adding
            ),
            Tool(
                "change_booking",
                "Change fields of one booking or item of this trip; a new day or time moves it.",
                ChangeBooking,
                Effect.WRITE,
                self._change,
            ),
            Tool("change_trip_dates", "Give this trip other dates.", ChangeDates, Effect.WRITE, self._change_dates),
            Tool(
                "delete_booking",
                "Delete one booking or item of this trip.",
                OneBooking,
                Effect.DELETE,
                self._delete,
            ),
        ]

    async def plan(self) -> TripPlan:
        """The trip that may be written. Raises ToolRefused."""
        if self.trip_id is None:
            raise ToolRefused("This conversation is about no trip, so nothing can be written.")
        plan = await self.planner.trips.plan(self.trip_id)
        if not plan.trip.access.may_edit:
            raise ToolRefused("This trip was shared to look at, not to change.")
        return plan

    async def context(self, plan: TripPlan) -> FormContext:
        airports = self.planner.airports
        await airports.load()
        return FormContext(
            today=self.planner.today,
            trip=plan.trip,
            stops=plan.stops,
            zone_of=airports.zone_of,
            distance_km=airports.distance_km,
        )

    def _adder(self, kind: str) -> Callable[[Arguments], Awaitable[Prepared]]:
        async def prepare(arguments: Arguments) -> Prepared:
            plan = await self.plan()
            draft = READERS[kind](arguments.model_dump(), await self.context(plan))
            fields = draft.fields
            if fields is None:
                raise ToolRefused(_complaints(draft.errors))
            legs: tuple[LegFields, ...] = getattr(draft, "legs", ())
            key = uuid4()

            async def run() -> object:
                added = await BookingChanges(self.planner).add(plan.trip.id, fields, legs, key)
                return {"added": kind, "id": added.id, "notes": dict(draft.notes)}

            after = {**_content(fields), "legs": legs or None}
            changes = tuple(each for each in self._diff(plan, {}, after) if each.field not in _IMPLIED)
            return Prepared(f"Add {name_of(fields)} to {plan.trip.name}", run, changes)

        return prepare

    async def _change(self, arguments: ChangeBooking) -> Prepared:
        plan = await self.plan()
        booking = _booking(plan, arguments.kind, arguments.id)
        values = {each.field: each.value for each in arguments.values}
        if unknown := values.keys() - set(FIELDS[arguments.kind]):
            known = ", ".join(FIELDS[arguments.kind])
            raise ToolRefused(f"A {arguments.kind} has no {', '.join(sorted(unknown))}. It has: {known}.")
        edit = edit_booking(booking, values, await self.context(plan))
        if edit.draft.fields is None:
            raise ToolRefused(_complaints(edit.draft.errors))
        if not edit.changes and edit.legs is None:
            raise ToolRefused("That is what it says already: nothing would change.")

        async def run() -> object:
            edited = await BookingChanges(self.planner).edit(booking, edit.changes, edit.legs)
            return {"changed": arguments.kind, "id": edited.id, "notes": dict(edit.draft.notes)}

        before = {name: getattr(booking, name) for name in edit.changes}
        after = dict(edit.changes)
        if edit.legs is not None:
            before["legs"], after["legs"] = getattr(booking, "legs", ()), edit.legs
        return Prepared(f"Change {name_of(booking)} in {plan.trip.name}", run, self._diff(plan, before, after))

    async def _change_dates(self, arguments: ChangeDates) -> Prepared:
        plan = await self.plan()
        try:
            start = parse_date(arguments.start_date, self.planner.today)
            end = parse_date(arguments.end_date, self.planner.today)
        except InputError as error:
            raise ToolRefused(str(error)) from error
        if end < start:
            raise ToolRefused("The trip would end before it begins.")
        change = reschedule(plan, start, end, Rule(arguments.rule))

        async def run() -> object:
            await TripChanges(self.planner).reschedule(change)
            return {"start_date": start, "end_date": end, "moved": change.moving}

        today = self.planner.today
        trip = plan.trip
        changes = self._diff(
            plan,
            {"start_date": trip.start_date, "end_date": trip.end_date},
            {"start_date": start, "end_date": end},
        )
        moves = tuple(
            FieldChange(
                str(getattr(row.record, "name", "") or getattr(row.record, "title", "") or row.key[0]),
                ", ".join(span.text(today) for span in row.before),
                ", ".join(span.text(today) for span in row.after),
            )
            for row in change.rows
            if row.moves
        )
        return Prepared(f"Give {trip.name} other dates", run, changes + moves)

    async def _delete(self, arguments: OneBooking) -> Prepared:
        plan = await self.plan()
        booking = _booking(plan, arguments.kind, arguments.id)

        async def run() -> object:
            await BookingChanges(self.planner).delete(booking)
            return {"deleted": arguments.kind, "id": booking.id}

        title = f"Delete {name_of(booking)} from {plan.trip.name}"
        return Prepared(title, run, self._diff(plan, _content(booking), {}))

    def _diff(
        self, plan: TripPlan, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[FieldChange, ...]:
        def words(values: Mapping[str, object], name: str) -> str:
            own = values.get(f"{name.removesuffix('_time')}_zone")
            zone = own if isinstance(own, str) and own else plan.trip.time_zone
            return in_words(values.get(name), today=self.planner.today, zone=zone)

        names = [*after, *(name for name in before if name not in after)]
        names.sort(key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
        pairs = ((name, words(before, name), words(after, name)) for name in names if name not in BOOKKEEPING)
        return tuple(FieldChange(name, was, becomes) for name, was, becomes in pairs if was != becomes)


def _booking(plan: TripPlan, kind: str, booking_id: int) -> Booking:
    bookings: tuple[Booking, ...] = getattr(plan, PARTS[kind])
    for booking in bookings:
        if booking.id == booking_id:
            return booking
    raise ToolRefused(f"This trip has no {kind} with the id {booking_id}.")


def _content(fields: BookingFields) -> dict[str, object]:
    """The fields that say something."""
    blank = (None, "", (), 0)
    names = type(fields).model_fields
    return {name: value for name in names if name != "legs" and (value := getattr(fields, name)) not in blank}


def _complaints(errors: Mapping[str, str]) -> str:
    return " ".join(f"{field}: {sentence}" for field, sentence in errors.items())
