"""Tools over one person's trips: reading them, and changing the one that the conversation is about.

The database decides what may be read and written, as for a key press. Values of new and changed bookings are read by
the rules of the forms, so a model is told what a person would be told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from pydantic import Field

from tripsage_tui.assistant.toolbox import Arguments, Effect, FieldChange, Prepared, Tool, ToolRefused
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
from tripsage_tui.models.budgets import budget_of
from tripsage_tui.models.in_words import in_words
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rescheduling import Rule, reschedule
from tripsage_tui.models.settling import settle_up
from tripsage_tui.models.text import InputError
from tripsage_tui.models.typed_dates import parse_date
from tripsage_tui.planner import Planner
from tripsage_tui.trip_check import check_trip

Kind = Literal["flight", "stay", "transport", "item"]
PARTS: Mapping[str, str] = {
    "flight": "flights",
    "stay": "accommodations",
    "transport": "transportation",
    "item": "items",
}
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
_NOT_SHOWN = {"position", "created_at", "updated_at", "trip_id"}
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
_DAY = "a date such as 2027-10-04"
_ZONE = "IANA name such as Asia/Tokyo; empty: the zone of the trip there and then"
_TIME = "local time such as 19:30, empty if unknown; 08:55+1 is the next day"


class Nothing(Arguments):
    """No arguments."""


class ReadTrip(Arguments):
    trip_id: int = Field(description="id from list_trips; 0 is the trip of this conversation")


class SearchPlaces(Arguments):
    text: str = Field(description="an IATA code, a city or the name of an airport", max_length=60)


class AddFlight(Arguments):
    origin: str = Field(description="IATA code")
    destination: str = Field(description="IATA code")
    departure_date: str = Field(description=_DAY)
    departure_time: str = Field(description=_TIME)
    arrival_time: str = Field(description=_TIME)
    flight_number: str
    airline: str
    return_date: str = Field(description=f"{_DAY}, empty for one way")
    return_departure_time: str = Field(description=_TIME)
    return_arrival_time: str = Field(description=_TIME)
    return_flight_number: str
    price: str = Field(description="for all travellers, empty if unknown")
    currency: str = Field(description="ISO 4217, empty for the trip's")
    notes: str


class AddStay(Arguments):
    name: str
    address: str
    check_in_date: str = Field(description=_DAY)
    check_out_date: str = Field(description=_DAY)
    check_in_time: str = Field(description=_TIME)
    check_out_time: str = Field(description=_TIME)
    price_per_night: str = Field(description="empty if unknown")
    total_price: str = Field(description="empty if unknown")
    currency: str = Field(description="ISO 4217, empty for the trip's")
    notes: str
    time_zone: str = Field(default="", description=_ZONE)


class AddTransport(Arguments):
    transport_type: Literal["train", "bus", "car_rental", "taxi", "other"]
    origin: str
    destination: str
    departure_date: str = Field(description=_DAY)
    departure_time: str = Field(description=_TIME)
    arrival_time: str = Field(description=_TIME)
    price: str = Field(description="for all travellers, empty if unknown")
    currency: str = Field(description="ISO 4217, empty for the trip's")
    notes: str


class AddItem(Arguments):
    title: str
    item_type: Literal["activity", "meal", "transport", "accommodation", "event", "other"]
    day: str = Field(description=f"{_DAY}; empty for an idea without a day")
    start_time: str = Field(description=_TIME)
    end_time: str = Field(description=_TIME)
    location: str
    description: str
    price: str = Field(description="empty if unknown")
    currency: str = Field(description="ISO 4217, empty for the trip's")
    notes: str
    time_zone: str = Field(default="", description=_ZONE)


class NewValue(Arguments):
    field: str
    value: str


class ChangeBooking(Arguments):
    kind: Kind
    id: int
    values: list[NewValue] = Field(description="fields as in the add_ tools, and booking_status, payment_status, ...")


class OneBooking(Arguments):
    kind: Kind
    id: int


class ChangeDates(Arguments):
    start_date: str = Field(description=_DAY)
    end_date: str = Field(description=_DAY)
    rule: Literal["shift", "keep", "anchor"] = Field(
        description="shift moves everything, keep nothing, anchor all but what is reserved or booked"
    )


@dataclass(frozen=True)
class TripTools:
    """The tools of a conversation about `trip_id` (None: about no trip, so nothing can be written)."""

    planner: Planner
    trip_id: int | None

    def tools(self) -> list[Tool]:
        adding = (
            ("flight", AddFlight, "Add a flight, one way or return, as an option that is not booked."),
            ("stay", AddStay, "Add a hotel or another bed, as an option that is not booked."),
            ("transport", AddTransport, "Add a train, bus, hired car or taxi, as an option that is not booked."),
            ("item", AddItem, "Add something to do: an activity, a meal, an event; with a day or as an idea."),
        )
        return [
            _reading("list_trips", "All trips of the user with ids, dates and states.", Nothing, self._list_trips),
            _reading("read_trip", "A trip with its stops and all bookings and items with ids.", ReadTrip, self._read),
            _reading(
                "find_problems",
                "What the checker finds in a trip: gaps, overlaps, impossible connections, deadlines.",
                ReadTrip,
                self._find_problems,
            ),
            _reading(
                "read_budget",
                "Planned, booked and paid of a trip by category, what is left, who owes whom.",
                ReadTrip,
                self._read_budget,
            ),
            _reading(
                "search_places",
                "Airports and city codes by code, city or name, with time zones.",
                SearchPlaces,
                self._search_places,
                untrusted=False,
            ),
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

    # ---- reading

    async def _list_trips(self, _: Nothing) -> object:
        return [
            {
                "id": trip.id,
                "name": trip.name,
                "destination": trip.destination,
                "start_date": trip.start_date,
                "end_date": trip.end_date,
                "status": trip.status.value,
                "access": trip.access.value,
                "is_this_conversations": trip.id == self.trip_id,
            }
            for trip in await self.planner.trips.list()
        ]

    async def _read(self, arguments: ReadTrip) -> object:
        return brief(await self._wanted(arguments))

    async def _wanted(self, arguments: ReadTrip) -> TripPlan:
        trip_id = arguments.trip_id or self.trip_id
        if trip_id is None:
            raise ToolRefused("This conversation is about no trip: give an id from list_trips.")
        return await self.planner.trips.plan(trip_id)

    async def _find_problems(self, arguments: ReadTrip) -> object:
        plan = await self._wanted(arguments)
        findings = await check_trip(self.planner, plan, await self.planner.expenses.ledger(plan.trip.id))
        return [
            {
                "code": finding.code,
                "severity": finding.severity.value,
                "message": finding.message,
                "why": finding.why,
                "day": finding.day,
                "items": [{"kind": ref.kind, "id": ref.id} for ref in finding.items],
            }
            for finding in findings
        ]

    async def _read_budget(self, arguments: ReadTrip) -> object:
        plan = await self._wanted(arguments)
        ledger = await self.planner.expenses.ledger(plan.trip.id)
        budget = budget_of(plan, ledger.expenses, self.planner.today)
        names = {each.id: each.name for each in ledger.travellers}
        settling = settle_up(ledger.expenses, ledger.settlements, list(names), budget.currency)
        return {
            "currency": budget.currency,
            "budget": budget.budget,
            "left": budget.left,
            "by_category": {
                category.value: {"planned": sums.planned, "booked": sums.booked, "paid": sums.paid}
                for category, sums in budget.by_category.items()
            },
            "not_converted": dict(budget.apart),
            "owes": [
                {"from": names[each.from_traveller], "to": names[each.to_traveller], "amount": each.amount}
                for each in settling.transfers
            ],
        }

    async def _search_places(self, arguments: SearchPlaces) -> object:
        found = await self.planner.airports.search(arguments.text)
        return [
            {
                "iata": airport.iata,
                "name": airport.name,
                "city": airport.city,
                "country": airport.country,
                "time_zone": airport.zone,
            }
            for airport in found
        ]

    # ---- writing

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
        pairs = ((name, words(before, name), words(after, name)) for name in names if name not in _NOT_SHOWN)
        return tuple(FieldChange(name, was, becomes) for name, was, becomes in pairs if was != becomes)


def brief(plan: TripPlan) -> dict[str, object]:
    """A trip for a model: what is set, and neither confirmation codes nor bookkeeping."""
    hidden = _NOT_SHOWN | {"confirmation_code", "user_id", "deleted_at", "flight_id", "transportation_id"}

    def told(record: Any) -> dict[str, object]:
        values = record.model_dump(mode="json", exclude=hidden | {"legs"}, exclude_none=True)
        said = {name: value for name, value in values.items() if value not in ("", [], 0, "0")}
        if legs := getattr(record, "legs", ()):
            said["legs"] = [leg.model_dump(mode="json", exclude=hidden | {"id"}, exclude_none=True) for leg in legs]
        return said

    return {
        "trip": told(plan.trip),
        "stops": [told(stop) for stop in plan.stops],
        **{kind: [told(each) for each in getattr(plan, part)] for kind, part in PARTS.items() if getattr(plan, part)},
    }


def _reading(
    name: str,
    description: str,
    arguments: type[Arguments],
    read: Callable[[Any], Awaitable[object]],
    *,
    untrusted: bool = True,
) -> Tool:
    async def prepare(given: Any) -> Prepared:
        return Prepared(name, lambda: read(given))

    return Tool(name, description, arguments, Effect.READ, prepare, untrusted)


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
