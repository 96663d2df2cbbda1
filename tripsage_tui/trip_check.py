"""The checker with everything it can be told: airports, expenses, papers, holidays, the limits of the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripsage_tui.models.checker import CheckContext
    from tripsage_tui.models.expenses import Ledger
    from tripsage_tui.models.findings import Finding
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.places.airports import Airport, Airports
    from tripsage_tui.planner import Planner

MANY = 150
"""Bookings from which on the rules run in a thread: below, they need less than 20 ms."""

MOST_YEARS = 3
"""A trip that is longer is a typing error."""


async def check_trip(planner: Planner, plan: TripPlan, ledger: Ledger | None = None) -> tuple[Finding, ...]:
    """All findings of a trip, the worst first; without a ledger nothing is said of papers and other expenses."""
    from tripsage_tui.models.checker import check

    await planner.airports.load()
    context = await _context(planner, plan, ledger)
    today, now = planner.today, planner.clock()
    if len(plan.bookings) < MANY:
        return check(plan, today=today, now=now, context=context)
    return await asyncio.to_thread(check, plan, today=today, now=now, context=context)


async def _context(planner: Planner, plan: TripPlan, ledger: Ledger | None) -> CheckContext:
    from tripsage_tui.models.checker import CheckContext, Papers

    airports = planner.airports
    people = ledger.travellers if ledger else ()
    return CheckContext(
        airport=airports.get,
        city=_Cities(airports).get,
        distance_km=airports.distance_km,
        holidays=await _holidays(plan),
        papers=tuple(Papers(each.id, each.name, each.passport_expires, each.visa_expires) for each in people),
        minimum_connection=planner.minimum_connection,
        other_costs=_other_costs(plan, ledger, planner.today),
    )


def _other_costs(plan: TripPlan, ledger: Ledger | None, today: date) -> Decimal:
    """What expenses add to the bookings, in the trip's currency; one that pays for a booking only what it adds."""
    if ledger is None or not ledger.expenses:
        return Decimal(0)
    from tripsage_tui.models.budgets import budget_of

    with_expenses, without = budget_of(plan, ledger.expenses, today), budget_of(plan, (), today)
    return with_expenses.total.planned - without.total.planned


async def _holidays(plan: TripPlan) -> Mapping[str, Mapping[date, str]]:
    """Public holidays of the countries of the stops, only where something is closed on them: the tables are large."""
    if not any(item.closed_on_holidays for item in plan.items):
        return {}
    countries = {stop.country.upper() for stop in plan.stops if stop.country}
    years = range(plan.trip.start_date.year, plan.trip.end_date.year + 1)
    return await asyncio.to_thread(_read_holidays, countries, years)


def _read_holidays(countries: Iterable[str], years: Sequence[int]) -> dict[str, Mapping[date, str]]:
    from tripsage_tui.places.holidays import holidays_in

    found: dict[str, dict[date, str]] = {}
    for country in countries:
        for year in years[:MOST_YEARS]:
            found.setdefault(country, {}).update(holidays_in(country, year))
    return dict(found)


class _Cities:
    """Cities by name, where only one is meant."""

    def __init__(self, airports: Airports) -> None:
        self._airports = airports

    def get(self, name: str) -> Airport | None:
        found = self._airports.cities(name)
        # Several cities of one name differ in their zones: Birmingham, San Jose.
        return found[0] if found and self._airports.zone_of_city(name) == found[0].zone else None
