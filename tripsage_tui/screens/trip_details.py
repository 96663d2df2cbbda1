"""What the detail pane says about a trip: from its row in the list, and more once its plan has been loaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from tripsage_tui.models.bookings import Booking, BookingStatus, ItemStatus
from tripsage_tui.models.money import format_amount, format_totals
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import Access, TripSummary
from tripsage_tui.models.when import count_of, countdown, format_range
from tripsage_tui.screens.trip_row import STATUS
from tripsage_tui.widgets.detail_pane import Bar, Block, Fact, Text

_SETTLED = {BookingStatus.RESERVED, BookingStatus.BOOKED, ItemStatus.RESERVED, ItemStatus.BOOKED, ItemStatus.COMPLETED}
_CANCELLED = {BookingStatus.CANCELLED, ItemStatus.CANCELLED}


def details(trip: TripSummary, plan: TripPlan | None, today: date) -> list[Block]:
    """The blocks of the pane; without a plan everything that the list itself knows."""
    sign, look = STATUS[trip.status]
    people = count_of(trip.travelers, "traveller")
    blocks: list[Block] = [
        Text(trip.name, "title"),
        Text(trip.destination),
        Text(f"{format_range(trip.start_date, trip.end_date, today)} · {count_of(trip.days, 'day')}"),
        Text(f"{countdown(trip, today)} · {people} · {trip.trip_type}", "muted"),
        Text(f"{sign} {trip.status}", look),
    ]
    if trip.access is not Access.OWNER:
        blocks.append(Text(f"shared with you ({trip.access})", "warn"))
    blocks += [Text(""), Text("Cost", "heading"), *_cost(trip)]
    blocks += [Text(""), Text("Bookings", "heading"), *(_bookings(plan) if plan else _counts(trip))]
    if plan and plan.stops:
        blocks += [Text(""), Text("Stops", "heading"), Text(" → ".join(stop.place for stop in plan.stops))]
    if trip.tags:
        blocks += [Text(""), Fact("Tags", ", ".join(trip.tags))]
    if trip.notes:
        blocks += [Text(""), Text("Notes", "heading"), *(Text(f"• {note}") for note in trip.notes)]
    return blocks


def _cost(trip: TripSummary) -> list[Block]:
    """Booked and planned against the budget, in the trip's currency; other currencies in words."""
    currency = trip.currency
    booked, planned = (sums.get(currency, Decimal(0)) for sums in (trip.booked, trip.planned))
    budget = trip.budget
    left = budget - planned
    blocks: list[Block] = [
        Bar("Booked", _share(booked, budget), format_amount(booked, currency, compact=True), "good"),
        Bar("Planned", _share(planned, budget), format_amount(planned, currency, compact=True), "warn"),
        Fact("Budget", format_amount(budget, currency, compact=True)),
        Fact("Left", format_amount(left, currency, compact=True), "")
        if left >= 0
        else Fact("Over", f"! {format_amount(-left, currency, compact=True)} over the budget", "bad"),
    ]
    if others := {code: amount for code, amount in trip.planned.items() if code != currency and amount}:
        blocks.append(Fact("Also", format_totals(others, compact=True), "muted"))
    return blocks


def _share(part: Decimal, whole: Decimal) -> float:
    if whole <= 0:
        return 1.0 if part > 0 else 0.0
    return float(min(part / whole, Decimal(1)))


def _counts(trip: TripSummary) -> list[Block]:
    return [Fact("Bookings", str(trip.bookings)), Fact("Activities", str(trip.items))]


def _bookings(plan: TripPlan) -> list[Block]:
    kinds: tuple[tuple[str, Sequence[Booking]], ...] = (
        ("Flights", plan.flights),
        ("Stays", plan.accommodations),
        ("Transport", plan.transportation),
        ("Activities", plan.items),
    )
    blocks: list[Block] = [_kind(label, bookings) for label, bookings in kinds if bookings]
    return blocks or [Text("Nothing yet. Enter opens the trip.", "muted")]


def _kind(label: str, bookings: Sequence[Booking]) -> Fact:
    live = [booking for booking in bookings if booking.booking_status not in _CANCELLED]
    settled = sum(booking.booking_status in _SETTLED for booking in live)
    if not live:
        return Fact(label, "✕ all cancelled", "muted")
    all_settled = settled == len(live)
    sign = "●" if all_settled else "◐" if settled else "○"
    cancelled = len(bookings) - len(live)
    note = f", {cancelled} cancelled" if cancelled else ""
    return Fact(label, f"{sign} {settled} of {len(live)} booked{note}", "good" if all_settled else "warn")
