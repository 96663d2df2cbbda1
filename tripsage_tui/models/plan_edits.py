"""A plan with one booking put in, replaced or taken out."""

from __future__ import annotations

from collections.abc import Iterable

from tripsage_tui.models.bookings import Accommodation, Booking, Flight, ItineraryItem, Transportation
from tripsage_tui.models.plans import TripPlan

_PLACES: tuple[tuple[type[Booking], str], ...] = (
    (Flight, "flights"),
    (Accommodation, "accommodations"),
    (Transportation, "transportation"),
    (ItineraryItem, "items"),
)


def with_booking(plan: TripPlan, booking: Booking) -> TripPlan:
    """The plan with `booking` in the place of the one of its kind and id, or at the end."""
    place = _place_of(booking)
    there: tuple[Booking, ...] = getattr(plan, place)
    if any(each.id == booking.id for each in there):
        return plan.model_copy(update={place: tuple(booking if each.id == booking.id else each for each in there)})
    return plan.model_copy(update={place: (*there, booking)})


def with_bookings(plan: TripPlan, bookings: Iterable[Booking]) -> TripPlan:
    """The plan with each of `bookings`, which are in it, replaced by what it has become."""
    new = {(type(booking), booking.id): booking for booking in bookings}
    return plan.model_copy(
        update={
            place: tuple(new.get((kind, each.id), each) for each in getattr(plan, place))
            for kind, place in _PLACES
            if any(key[0] is kind for key in new)
        }
    )


def with_known(plan: TripPlan, known: TripPlan | None) -> TripPlan:
    """The plan with the objects of `known` for all rows whose version is the same: what was derived of them holds."""
    if known is None:
        return plan
    update: dict[str, object] = {}
    for _, place in _PLACES:
        old = {booking.id: booking for booking in getattr(known, place)}
        new = tuple(
            was if (was := old.get(each.id)) is not None and was.updated_at == each.updated_at else each
            for each in getattr(plan, place)
        )
        update[place] = new
    return plan.model_copy(update=update)


def without_booking(plan: TripPlan, booking: Booking) -> TripPlan:
    """The plan without the booking of that kind and id."""
    place = _place_of(booking)
    there: tuple[Booking, ...] = getattr(plan, place)
    return plan.model_copy(update={place: tuple(each for each in there if each.id != booking.id)})


def without_bookings(plan: TripPlan, bookings: Iterable[Booking]) -> TripPlan:
    """The plan without several bookings."""
    for booking in bookings:
        plan = without_booking(plan, booking)
    return plan


def _place_of(booking: Booking) -> str:
    return next(place for kind, place in _PLACES if isinstance(booking, kind))
