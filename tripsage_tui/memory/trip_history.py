"""What is kept of a trip when it is over: one plain sentence, made without a model."""

from __future__ import annotations

from collections.abc import Iterable

from tripsage_tui.models.bookings import BookingStatus, ItemStatus
from tripsage_tui.models.memories import LONGEST_FACT
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.when import count_of, format_range

_DONE = {BookingStatus.BOOKED.value, ItemStatus.COMPLETED.value, ItemStatus.RESERVED.value}
_MOST = 4


def summary(plan: TripPlan) -> str:
    """A sentence such as "Travelled to Japan, 2–15 Oct 2027 (14 days, 2 people): Tokyo, Kyoto; stayed at …"."""
    trip = plan.trip
    people = "1 person" if trip.travelers == 1 else f"{trip.travelers} people"
    when = format_range(trip.start_date, trip.end_date, None)
    parts = [f"Travelled to {trip.destination}, {when} ({count_of(trip.days, 'day')}, {people})"]
    places = [stop.place for stop in plan.stops if stop.place not in trip.destination]
    if places:
        parts.append("stops: " + ", ".join(places[: _MOST * 2]))
    if stays := _named(stay.name for stay in plan.accommodations if _done(stay.booking_status)):
        parts.append(f"stayed at {stays}")
    if carriers := _named(leg.carrier for flight in plan.flights for leg in flight.legs if leg.carrier):
        parts.append(f"flew with {carriers}")
    if done := _named(item.title for item in plan.items if _done(item.booking_status)):
        parts.append(f"did {done}")
    return ("; ".join(parts) + ".")[:LONGEST_FACT]


def _done(status: str) -> bool:
    return status in _DONE


def _named(names: Iterable[str]) -> str:
    """The first few different ones, as a list in words."""
    different = list(dict.fromkeys(name for name in names if name))
    more = len(different) - _MOST
    return ", ".join(different[:_MOST]) + (f" and {more} more" if more > 0 else "")
