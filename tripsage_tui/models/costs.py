"""What a trip costs: planned, booked and paid, per category, each in its own currencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tripsage_tui.models.bookings import (
    Accommodation,
    Booking,
    BookingStatus,
    Flight,
    ItemStatus,
    ItemType,
    ItineraryItem,
    PaymentStatus,
    Transportation,
)
from tripsage_tui.models.money import totals
from tripsage_tui.models.plans import TripPlan

_CANCELLED = frozenset({BookingStatus.CANCELLED.value, ItemStatus.CANCELLED.value})
_BOOKED = frozenset({"reserved", "booked", "completed"})


class Category(StrEnum):
    """What money is spent on, in the order in which it is shown."""

    FLIGHTS = "flights"
    STAYS = "stays"
    TRANSPORT = "transport"
    ACTIVITIES = "activities"
    MEALS = "meals"
    EVENTS = "events"
    OTHER = "other"


_OF_ITEM = {
    ItemType.ACTIVITY: Category.ACTIVITIES,
    ItemType.MEAL: Category.MEALS,
    ItemType.TRANSPORT: Category.TRANSPORT,
    ItemType.ACCOMMODATION: Category.STAYS,
    ItemType.EVENT: Category.EVENTS,
    ItemType.OTHER: Category.OTHER,
}


@dataclass(frozen=True)
class Sums:
    """Amounts per ISO 4217 code. Booked (reserved, booked, completed) is part of planned; cancelled is in none.

    Paid is what is marked as paid in full: of a deposit only the fact is known, not the amount.
    """

    planned: Mapping[str, Decimal] = field(default_factory=dict)
    booked: Mapping[str, Decimal] = field(default_factory=dict)
    paid: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Costs(Sums):
    """The sums of the whole trip, and of each category that has any."""

    by_category: Mapping[Category, Sums] = field(default_factory=dict)


def costs(plan: TripPlan) -> Costs:
    """What the bookings of a trip come to. Nothing is converted: other currencies stand beside the trip's own."""
    bookings = [booking for booking in plan.bookings if booking.booking_status not in _CANCELLED]
    whole = _sums(bookings)
    groups: dict[Category, list[Booking]] = {}
    for booking in bookings:
        if price_of(booking):
            groups.setdefault(category_of(booking), []).append(booking)
    by_category = {category: _sums(groups[category]) for category in Category if category in groups}
    return Costs(whole.planned, whole.booked, whole.paid, by_category)


def remaining(plan: TripPlan) -> Decimal:
    """What is left of the budget after everything that is planned in the trip's currency; negative is over it."""
    trip = plan.trip
    return trip.budget - costs(plan).planned.get(trip.currency, Decimal(0))


def price_of(booking: Booking) -> Decimal:
    """The price of the whole booking."""
    return booking.total_price if isinstance(booking, Accommodation) else booking.price


def category_of(booking: Booking) -> Category:
    match booking:
        case Flight():
            return Category.FLIGHTS
        case Accommodation():
            return Category.STAYS
        case Transportation():
            return Category.TRANSPORT
        case ItineraryItem():
            return _OF_ITEM[booking.item_type]


def _sums(bookings: Iterable[Booking]) -> Sums:
    listed = list(bookings)
    return Sums(
        planned=_total(listed),
        booked=_total(booking for booking in listed if booking.booking_status in _BOOKED),
        paid=_total(booking for booking in listed if booking.payment_status is PaymentStatus.PAID),
    )


def _total(bookings: Iterable[Booking]) -> dict[str, Decimal]:
    return totals((price, booking.currency) for booking in bookings if (price := price_of(booking)))
