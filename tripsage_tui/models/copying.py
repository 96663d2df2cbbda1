"""Planning a trip again: what of it is copied, and what the first and the last day of the copy will be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from tripsage_tui.models.agenda import agenda
from tripsage_tui.models.plans import TripPlan


class CopyPart(StrEnum):
    """What a copy may leave out; the value is the word for it."""

    STOPS = "stops"
    BOOKINGS = "bookings"
    ITEMS = "things to do"
    NOTES = "notes"


EVERYTHING = frozenset(CopyPart)


@dataclass(frozen=True)
class Duplicate:
    """What is wished for; `budget` is in the trip's currency, None for the same again."""

    name: str
    start_date: date
    budget: Decimal | None = None
    parts: frozenset[CopyPart] = EVERYTHING


@dataclass(frozen=True)
class DayPreview:
    """A day of the copy, and the names of what happens on it, in order."""

    day: date
    entries: tuple[str, ...]


def pruned(plan: TripPlan, parts: frozenset[CopyPart], budget: Decimal | None = None) -> TripPlan:
    """The plan with nothing but `parts`, and with another budget where one is given."""
    gone: dict[str, object] = {}
    if CopyPart.STOPS not in parts:
        gone["stops"] = ()
    if CopyPart.BOOKINGS not in parts:
        gone |= {"flights": (), "accommodations": (), "transportation": ()}
    if CopyPart.ITEMS not in parts:
        gone["items"] = ()
    trip: dict[str, object] = {} if CopyPart.NOTES in parts else {"notes": ()}
    if budget is not None:
        trip["budget"] = budget
    return plan.model_copy(update={**gone, "trip": plan.trip.model_copy(update=trip)})


def preview(plan: TripPlan, wish: Duplicate) -> tuple[DayPreview, DayPreview]:
    """The first and the last day of the copy. Raises OverflowError after the year 9999."""
    kept = pruned(plan, wish.parts)
    by_day = {day.date: day for day in agenda(kept)}
    days = (wish.start_date - plan.trip.start_date).days

    def shifted(day: date) -> DayPreview:
        entries = by_day[day].entries if day in by_day else ()
        return DayPreview(day + timedelta(days=days), tuple(f"{entry.time} {entry.title}".strip() for entry in entries))

    return shifted(plan.trip.start_date), shifted(plan.trip.end_date)
