"""Tools that read one person's trips: the database decides what may be read, as for a key press."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tripsage_tui.assistant.toolbox import Arguments, Effect, Prepared, Tool, ToolRefused
from tripsage_tui.assistant.trip_arguments import PARTS, Nothing, ReadTrip, SearchPlaces
from tripsage_tui.models.budgets import budget_of
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.settling import settle_up
from tripsage_tui.planner import Planner
from tripsage_tui.trip_check import check_trip

BOOKKEEPING = {"position", "created_at", "updated_at", "trip_id"}
"""Fields that say nothing to people."""


@dataclass(frozen=True)
class TripReading:
    """The tools of a conversation about `trip_id` that read; None: about no trip."""

    planner: Planner
    trip_id: int | None

    def tools(self) -> list[Tool]:
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
        ]

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


def brief(plan: TripPlan) -> dict[str, object]:
    """A trip for a model: what is set, and neither confirmation codes nor bookkeeping."""
    hidden = BOOKKEEPING | {"confirmation_code", "user_id", "deleted_at", "flight_id", "transportation_id"}

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
