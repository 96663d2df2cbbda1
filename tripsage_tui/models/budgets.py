"""What a trip costs in its own currency: planned, booked and paid, by category and by day, against the budget.

What costs money without a known rate is in no sum; it is listed apart with its own currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tripsage_tui.models.costs import LONGEST_STAY, Cost, Sums, costs_of
from tripsage_tui.models.expenses import Expense, ExpenseCategory
from tripsage_tui.models.money import minor_units, quantize, totals
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import Trip


@dataclass(frozen=True)
class Budget:
    """A trip's money on one day, `today`, in the trip's currency."""

    currency: str
    budget: Decimal
    total: Sums
    by_category: Mapping[ExpenseCategory, Sums]
    """Only categories that have any."""
    by_day: Mapping[date, Sums]
    """In order, every day of the trip and others on which something is spent."""
    undated: Sums
    costs: tuple[Cost, ...]
    unconverted: tuple[Cost, ...]
    """What is in no sum, because its rate is not known."""
    days_left: int
    """Days of the trip from today on, today included; all of them before it begins."""
    travelers: int

    @property
    def left(self) -> Decimal:
        """What is not planned yet; below zero the plan is over the budget."""
        return self.budget - self.total.planned

    @property
    def left_per_day(self) -> Decimal | None:
        """`left` for each day that is left; None after the trip."""
        return quantize(self.left / self.days_left, self.currency) if self.days_left else None

    @property
    def per_traveller(self) -> Decimal:
        """What is planned, for each traveller."""
        return quantize(self.total.planned / max(self.travelers, 1), self.currency)

    @property
    def apart(self) -> Mapping[str, Decimal]:
        """The amounts that are in no sum, by their own currency."""
        return totals((cost.amount, cost.currency) for cost in self.unconverted)

    @property
    def apart_booked(self) -> Mapping[str, Decimal]:
        """Those of them that are booked or spent."""
        return totals((cost.amount, cost.currency) for cost in self.unconverted if cost.is_booked)


def budget_of(plan: TripPlan, expenses: Iterable[Expense], today: date) -> Budget:
    """The money of a trip with its bookings and expenses."""
    trip = plan.trip
    costs = costs_of(plan, expenses, today)
    counted = [(cost, cost.sums) for cost in costs if cost.sums is not None]
    zero = quantize(Decimal(0), trip.currency)
    nothing = Sums(zero, zero, zero)
    by_day = dict.fromkeys(_days_of(trip), nothing)
    by_category: dict[ExpenseCategory, Sums] = {}
    total = undated = nothing
    for cost, sums in counted:
        total += sums
        by_category[cost.category] = by_category.get(cost.category, nothing) + sums
        if not cost.days:
            undated += sums
        for day, part in zip(cost.days, _spread(sums, len(cost.days), trip.currency), strict=True):
            by_day[day] = by_day.get(day, nothing) + part
    return Budget(
        currency=trip.currency,
        budget=quantize(trip.budget, trip.currency),
        total=total,
        by_category={each: by_category[each] for each in ExpenseCategory if each in by_category},
        by_day=dict(sorted(by_day.items())),
        undated=undated,
        costs=costs,
        unconverted=tuple(cost for cost in costs if cost.sums is None),
        days_left=max((trip.end_date - max(today, trip.start_date)).days + 1, 0),
        travelers=trip.travelers,
    )


def _days_of(trip: Trip) -> Iterable[date]:
    return (trip.start_date + timedelta(days=number) for number in range(min(max(trip.days, 0), LONGEST_STAY)))


def _spread(sums: Sums, days: int, currency: str) -> list[Sums]:
    """The sums over a number of days in whole minor units, the odd ones on the first days."""
    if days <= 1:
        return [sums] * days
    planned, booked, paid = (_parts(amount, days, currency) for amount in (sums.planned, sums.booked, sums.paid))
    return [Sums(*parts) for parts in zip(planned, booked, paid, strict=True)]


def _parts(amount: Decimal, count: int, currency: str) -> list[Decimal]:
    digits = minor_units(currency)
    each, more = divmod(int(quantize(amount, currency).scaleb(digits)), count)
    return [quantize(Decimal(each + (place < more)).scaleb(-digits), currency) for place in range(count)]
