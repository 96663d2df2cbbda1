"""How the list shows one trip: its columns, and what stands in them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tripsage_tui.models.money import format_amount
from tripsage_tui.models.trips import TripStatus, TripSummary
from tripsage_tui.models.typed_dates import month_abbreviation
from tripsage_tui.models.when import Phase, countdown, format_range, phase
from tripsage_tui.widgets.columns import Cell, Column, Look

COLUMNS = (
    Column("Name", 16, 48, rank=9, good=26),
    Column("Destination", 11, 36, rank=4, good=18),
    Column("Dates", 16, 24, rank=8),
    Column("Countdown", 10, 18, rank=6),
    Column("People", 6, 6, rank=1, right=True),
    Column("Status", 1, 11, rank=7),
    Column("Booked", 13, 22, rank=3, right=True),
)

STATUS: dict[TripStatus, tuple[str, Look]] = {
    TripStatus.PLANNING: ("○", "warn"),
    TripStatus.BOOKED: ("●", "good"),
    TripStatus.COMPLETED: ("✓", "muted"),
    TripStatus.CANCELLED: ("✕", "bad"),
}
"""A sign for each status, so that the colour is never alone."""


def cells(trip: TripSummary, today: date) -> tuple[Cell, ...]:
    """What the list shows of a trip, in the order of `COLUMNS`."""
    when = phase(trip, today)
    past: Look = "muted" if when is Phase.PAST else ""
    sign, look = STATUS[trip.status]
    return (
        Cell(trip.name, past or "strong"),
        Cell(trip.destination, past),
        Cell(format_range(trip.start_date, trip.end_date, today), past, _short_range(trip, today)),
        Cell(countdown(trip, today), "good" if when is Phase.NOW else past, _short_countdown(trip, today)),
        Cell(str(trip.travelers), past),
        Cell(f"{sign} {trip.status}", past or look, sign),
        Cell(cost_text(trip), past, cost_text(trip, short=True)),
    )


def cost_text(trip: TripSummary, *, short: bool = False) -> str:
    """`€1,240 of €3,400`, in the trip's currency; `+` says that there are amounts in others. Short: `1.2k of 3.4k`."""
    booked, planned = (sums.get(trip.currency, Decimal(0)) for sums in (trip.booked, trip.planned))
    others = any(amount for code, amount in trip.planned.items() if code != trip.currency)
    if not planned and not others:
        return "-"
    if short:
        return f"{_thousands(booked)} of {_thousands(planned)}{'+' if others else ''}"
    whole = format_amount(planned, trip.currency, compact=True)
    return f"{_number(booked)} of {whole}{' +' if others else ''}"


def _number(amount: Decimal) -> str:
    return f"{amount:,.0f}"


def _thousands(amount: Decimal) -> str:
    """At most five characters: `850`, `1.2k`, `34k`, `1.2M`."""
    for unit, sign in ((Decimal(1_000_000), "M"), (Decimal(1_000), "k")):
        if amount >= unit:
            number = amount / unit
            return f"{number:.1f}{sign}".replace(".0", "") if number < 10 else f"{number:.0f}{sign}"
    return f"{amount:.0f}"


def _short_countdown(trip: TripSummary, today: date) -> str:
    """`in 321 d`, `day 3/14`, `5 mo ago`: what fits ten cells."""
    if (days := (trip.start_date - today).days) > 1:
        return f"in {days} d"
    text = countdown(trip, today).removeprefix("ended ").replace(" of ", "/")
    for unit, short in (("day", "d"), ("month", "mo"), ("year", "y")):
        text = text.replace(f" {unit}s ", f" {short} ").replace(f" {unit} ", f" {short} ")
    return text


def _short_range(trip: TripSummary, today: date) -> str:
    """`2–16 Oct`, `28 Dec–3 Jan 28`: at most sixteen cells, the year in two digits unless it is `today`'s."""
    start, end = trip.start_date, trip.end_date
    first = str(start.day)
    if (start.year, start.month) != (end.year, end.month):
        first += f" {month_abbreviation(start.month)}"
    year = "" if end.year == today.year else f" {end:%y}"
    last = f"{end.day} {month_abbreviation(end.month)}{year}"
    return last if start == end else f"{first}–{last}"
