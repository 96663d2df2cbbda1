"""The things of a trip that cost money, one by one, each in the trip's own currency.

Every amount is converted with the rate frozen on its row; one without a known rate has no sums. An expense that
belongs to a booking is counted once, as what was paid for that booking. Of several options for the same need one is
counted: the cheapest, or none where something is booked already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tripsage_tui.models.booking_names import name_of
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
    price_of,
)
from tripsage_tui.models.expenses import BookingKind, Expense, ExpenseCategory
from tripsage_tui.models.options import serve_the_same
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rates import KnownRate, converted
from tripsage_tui.models.zones import local

_BOOKED = frozenset({"reserved", "booked", "completed"})
_CANCELLED = frozenset({BookingStatus.CANCELLED.value, ItemStatus.CANCELLED.value})
_OF_ITEM = {
    ItemType.ACTIVITY: ExpenseCategory.ACTIVITY,
    ItemType.EVENT: ExpenseCategory.ACTIVITY,
    ItemType.MEAL: ExpenseCategory.FOOD,
    ItemType.TRANSPORT: ExpenseCategory.TRANSPORT,
    ItemType.ACCOMMODATION: ExpenseCategory.LODGING,
    ItemType.OTHER: ExpenseCategory.OTHER,
}
LONGEST_STAY = 1000
"""Nights over which a price is spread; a longer stay is a slip of the keyboard and counts on its first day."""


@dataclass(frozen=True)
class Sums:
    """Amounts in the trip's currency; paid is part of booked where a booking is paid for, booked part of planned."""

    planned: Decimal = Decimal(0)
    booked: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.planned + other.planned, self.booked + other.booked, self.paid + other.paid)


@dataclass(frozen=True)
class Cost:
    """One thing that costs money. `sums` is None where the rate from its currency is not known."""

    kind: BookingKind | None
    """None: an expense that belongs to no booking."""
    id: int
    title: str
    category: ExpenseCategory
    days: tuple[date, ...]
    """The days over which it is spread; none: it has no date."""
    amount: Decimal
    currency: str
    rate: Decimal | None
    sums: Sums | None
    is_booked: bool
    """Reserved, booked or completed; of an expense: spent."""

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all others of the trip."""
        return "expense" if self.kind is None else self.kind.value, self.id


def costs_of(plan: TripPlan, expenses: Iterable[Expense], today: date) -> tuple[Cost, ...]:
    """Everything that costs money, each once: bookings with what was paid for them, then the other expenses."""
    bookings = {(kind_of(booking), booking.id): booking for booking in plan.bookings}
    of_booking: dict[tuple[BookingKind, int], list[Expense]] = {}
    others: list[Expense] = []
    for expense in expenses:
        booking = bookings.get(link) if (link := link_of(expense)) else None
        if link is None or booking is None or booking.booking_status in _CANCELLED:
            # What was paid for a booking that fell through is gone all the same.
            others.append(expense)
        else:
            of_booking.setdefault(link, []).append(expense)
    currency = plan.trip.currency
    found: list[Cost] = []
    spared = _not_taken(plan)
    for key, booking in bookings.items():
        linked = of_booking.get(key, [])
        if booking.booking_status in _CANCELLED or (key in spared and not linked):
            continue
        if price_of(booking) or linked:
            found += _booking_costs(booking, linked, currency, today)
    found += [_expense_cost(expense, currency, today) for expense in others if expense.amount]
    return tuple(found)


def kind_of(booking: Booking) -> BookingKind:
    """How an expense names the kind of the booking that it belongs to."""
    match booking:
        case Flight():
            return BookingKind.FLIGHT
        case Accommodation():
            return BookingKind.STAY
        case Transportation():
            return BookingKind.TRANSPORT
        case ItineraryItem():
            return BookingKind.ITEM


def link_of(expense: Expense) -> tuple[BookingKind, int] | None:
    """The booking that an expense belongs to."""
    if expense.booking_kind is None or expense.booking_id is None:
        return None
    return expense.booking_kind, expense.booking_id


def category_of(booking: Booking) -> ExpenseCategory:
    """What a booking is spent on."""
    match booking:
        case Flight() | Transportation():
            return ExpenseCategory.TRANSPORT
        case Accommodation():
            return ExpenseCategory.LODGING
        case ItineraryItem():
            return _OF_ITEM[booking.item_type]


def days_of(booking: Booking) -> tuple[date, ...]:
    """The days on which a booking costs: each night of a stay, the day of departure, the day of an item."""
    match booking:
        case Accommodation():
            nights = booking.nights if 0 < booking.nights <= LONGEST_STAY else 1
            return tuple(booking.check_in_date + timedelta(days=night) for night in range(nights))
        case Flight():
            return (booking.departure_date,)
        case Transportation():
            starts, zone = booking.departure_time, booking.departure_zone
        case ItineraryItem():
            starts, zone = booking.start_time, booking.start_zone
    day = local(starts, zone).date() if starts else booking.day
    return () if day is None else (day,)


def is_spent(expense: Expense, today: date) -> bool:
    """Whether the money is gone: somebody paid, or its day is not still to come."""
    return any(share.paid > 0 for share in expense.shares) or expense.spent_on is None or expense.spent_on <= today


def known_rates(plan: TripPlan, expenses: Iterable[Expense]) -> tuple[KnownRate, ...]:
    """The rates that rows of the trip were saved with, the newest row first."""
    rows = [(each.updated_at, each.currency, each.exchange_rate, each.spent_on) for each in expenses]
    for booking in plan.bookings:
        days = days_of(booking)
        rows.append((booking.updated_at, booking.currency, booking.exchange_rate, days[0] if days else None))
    rows.sort(key=lambda row: row[0], reverse=True)
    return tuple(KnownRate(currency, rate, day) for _, currency, rate, day in rows if rate and currency)


def _not_taken(plan: TripPlan) -> set[tuple[BookingKind, int]]:
    """Available bookings that another one makes unnecessary: a booked one, or a cheaper option for the same need."""
    taken: dict[tuple[str, ...], list[Booking]] = {}
    available: list[tuple[bool, Decimal, int, Booking]] = []
    rivals: list[Booking] = [*plan.flights, *plan.accommodations, *plan.transportation]
    for booking in rivals:
        if booking.booking_status in _BOOKED:
            taken.setdefault(_place(booking), []).append(booking)
        elif booking.booking_status is BookingStatus.AVAILABLE:
            price = converted(price_of(booking), booking.currency, booking.exchange_rate, plan.trip.currency)
            available.append((price is None, price or Decimal(0), booking.id, booking))
    spared: set[tuple[BookingKind, int]] = set()
    for *_, booking in sorted(available, key=lambda option: option[:3]):
        beside = taken.setdefault(_place(booking), [])
        if any(serve_the_same(booking, other) for other in beside):
            spared.add((kind_of(booking), booking.id))
        else:
            beside.append(booking)
    return spared


def _place(booking: Booking) -> tuple[str, ...]:
    """Equal for all that can serve the same need, so that not everything has to be compared with everything."""
    kind = kind_of(booking).value
    if isinstance(booking, Flight | Transportation):
        return kind, *(" ".join(end.casefold().split()) for end in (booking.origin, booking.destination))
    return (kind,)


def _booking_costs(booking: Booking, linked: list[Expense], currency: str, today: date) -> list[Cost]:
    """The cost of a booking, and of expenses of it whose rate is not known."""
    amounts = [(each, _in_trip(each, currency)) for each in linked if is_spent(each, today)]
    spent = sum((amount for _, amount in amounts if amount is not None), Decimal(0))
    price = converted(price_of(booking), booking.currency, booking.exchange_rate, currency)
    settled = booking.payment_status is PaymentStatus.PAID
    unknown = [each for each, amount in amounts if amount is None]
    sums: Sums | None = None
    if price is not None or (settled and spent):
        whole = spent if settled and spent and not unknown else max(price or spent, spent)
        booked = whole if booking.booking_status in _BOOKED else spent
        sums = Sums(whole, booked, whole if settled else spent)
    cost = Cost(
        kind=kind_of(booking),
        id=booking.id,
        title=name_of(booking),
        category=category_of(booking),
        days=days_of(booking),
        amount=price_of(booking),
        currency=booking.currency,
        rate=booking.exchange_rate,
        sums=sums,
        is_booked=booking.booking_status in _BOOKED,
    )
    # Without a rate of its own a booking that is not settled is in no sum; what was paid for it is.
    apart = linked if sums is None else unknown
    return [cost, *(_expense_cost(each, currency, today) for each in apart)]


def _expense_cost(expense: Expense, currency: str, today: date) -> Cost:
    amount = _in_trip(expense, currency)
    sums = None
    if amount is not None:
        sums = Sums(amount, amount, amount) if is_spent(expense, today) else Sums(amount)
    return Cost(
        kind=None,
        id=expense.id,
        title=expense.title,
        category=expense.category,
        days=() if expense.spent_on is None else (expense.spent_on,),
        amount=expense.amount,
        currency=expense.currency,
        rate=expense.exchange_rate,
        sums=sums,
        is_booked=is_spent(expense, today),
    )


def _in_trip(expense: Expense, currency: str) -> Decimal | None:
    return converted(expense.amount, expense.currency, expense.exchange_rate, currency)
