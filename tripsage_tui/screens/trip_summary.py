"""What the head of the trip screen says: where, when, who, how much, what is next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from tripsage_tui.models.agenda import Day, Moment, next_entry
from tripsage_tui.models.booking_names import kind_of
from tripsage_tui.models.budgets import budget_of
from tripsage_tui.models.expenses import Expense
from tripsage_tui.models.money import format_amount, format_totals
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.when import count_of, countdown, distance_in_days, format_date, format_range, local
from tripsage_tui.screens.trip_row import STATUS
from tripsage_tui.widgets.trip_header import HeaderLine

_NEAR = 3
"""Days."""


def summary(
    plan: TripPlan,
    days: Sequence[Day],
    now: datetime,
    times: str = "",
    *,
    expenses: Sequence[Expense] = (),
    check: str = "",
    counted: bool = True,
) -> tuple[HeaderLine, ...]:
    """Up to four lines, the important ones first. `times` says whose clocks are shown, where not those of the place.

    `check` is what the checker says in a word. Without `counted` the line for the money is there, but empty.
    """
    trip, today = plan.trip, now.date()
    stops = " → ".join(stop.place for stop in plan.stops)
    where = trip.destination if not stops else f"{trip.destination} · {stops}"
    sign, _ = STATUS[trip.status]
    facts = (
        *([times] if times else []),
        f"{format_range(trip.start_date, trip.end_date, today)} · {count_of(trip.days, 'day')}",
        countdown(trip, today),
        count_of(trip.travelers, "traveller"),
        f"{sign} {trip.status.value}",
    )
    lines = [HeaderLine(trip.name, where), HeaderLine(check, " · ".join(facts))]
    if upcoming := _next(days, now):
        lines.append(upcoming)
    lines.append(HeaderLine("", _money(plan, expenses, today) if counted else ""))
    return tuple(lines)


def _next(days: Sequence[Day], now: datetime) -> HeaderLine | None:
    entry = next_entry(days, now)
    if entry is None:
        return None
    zone = entry.zone or next((day.zone for day in days if day.date == entry.day), None)
    # Far away it is counted as the trip is, by the calendar here; at the departure its own calendar counts.
    there = local(now, zone).date()
    today = there if (entry.day - there).days < _NEAR else now.date()
    word = kind_of(entry.booking) if entry.moment in {Moment.DEPARTURE, Moment.ITEM} else entry.moment.value
    when = f"{format_date(entry.day, today)}{' ' + entry.time if entry.time else ''}"
    return HeaderLine("Next", f"{word} {entry.title} · {when} · {distance_in_days(entry.day, today)}")


def _money(plan: TripPlan, expenses: Sequence[Expense], today: date) -> str:
    """`budget €6,000, €2,600 left · €1,240 booked of €3,400 planned`; amounts without a rate stand beside these."""
    found = budget_of(plan, expenses, today)
    currency = found.currency
    budget = f"budget {format_amount(found.budget, currency, compact=True)}"
    rest = format_amount(abs(found.left), currency, compact=True)
    budget += f", {rest} left" if found.left >= 0 else f", ! {rest} over"
    if not found.costs:
        return budget
    booked = format_totals({currency: found.total.booked, **found.apart_booked}, currency, compact=True)
    planned = format_totals({currency: found.total.planned, **found.apart}, currency, compact=True)
    return f"{budget} · {booked} booked of {planned} planned"
