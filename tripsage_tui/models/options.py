"""Available bookings that serve the same need, of which one is to be taken.

The same need is: nights that overlap, or the same way on the same day by the same kind of booking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from tripsage_tui.models.bookings import (
    Accommodation,
    Booking,
    BookingStatus,
    Direction,
    Flight,
    Transportation,
    price_of,
)
from tripsage_tui.models.money import quantize
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.when import format_date, format_range, local


@dataclass(frozen=True)
class Option:
    """One of several.

    `price` is the whole price in `currency` (that of all options, else the trip's), None where no rate is known;
    `more` is what it costs above the cheapest one with a price, 0 for that one itself.
    """

    booking: Booking
    price: Decimal | None
    more: Decimal | None
    currency: str

    @property
    def cheapest(self) -> bool:
        return self.more == 0

    @property
    def per_night(self) -> Decimal | None:
        """What a night costs in the booking's own currency; None for what is no stay."""
        stay = self.booking
        if not isinstance(stay, Accommodation) or stay.nights < 1:
            return None
        return quantize(stay.total_price / stay.nights, stay.currency)


@dataclass(frozen=True)
class Need:
    """What all options of a group are for, in words, and the options, the cheapest first."""

    title: str
    options: tuple[Option, ...]

    def rivals(self, chosen: Booking) -> tuple[Booking, ...]:
        """The others that are no longer needed once `chosen` is taken: in a chain of stays those of the same nights."""
        others = [option.booking for option in self.options if option.booking is not chosen]
        return tuple(other for other in others if serve_the_same(other, chosen))


def needs(plan: TripPlan) -> tuple[Need, ...]:
    """All groups of two or more available options of a trip, in order of time."""
    groups: list[list[Booking]] = []
    for booking in sorted(_available(plan), key=lambda each: (_first_day(each) or date.max, each.id)):
        serving = [group for group in groups if any(serve_the_same(booking, other) for other in group)]
        merged = [*(each for group in serving for each in group), booking]
        groups = [group for group in groups if group not in serving] + [merged]
    found = [_need(plan, group) for group in groups if len(group) > 1]
    return tuple(sorted(found, key=lambda need: _first_day(need.options[0].booking) or date.max))


def need_of(plan: TripPlan, booking: Booking) -> Need | None:
    """The group that a booking belongs to; None where there is nothing to choose."""
    key = (type(booking), booking.id)
    return next(
        (need for need in needs(plan) if any((type(o.booking), o.booking.id) == key for o in need.options)), None
    )


def rivals_in(plan: TripPlan, booking: Booking) -> int:
    """How many other available bookings would do instead of an available one."""
    if booking.booking_status != BookingStatus.AVAILABLE:
        return 0
    others = (other for other in _available(plan) if (type(other), other.id) != (type(booking), booking.id))
    return sum(serve_the_same(booking, other) for other in others)


def serve_the_same(one: Booking, other: Booking) -> bool:
    """Whether one of two bookings would do."""
    match one, other:
        case Accommodation(), Accommodation():
            return one.check_in_date < other.check_out_date and other.check_in_date < one.check_out_date
        case Flight(), Flight():
            return _way(one) == _way(other)
        case Transportation(), Transportation():
            return _way(one) == _way(other) and _first_day(one) is not None
    return False


def journey_length(booking: Booking) -> timedelta | None:
    """From the first departure to the last arrival of the way there; None where a time is missing."""
    match booking:
        case Flight():
            out = [leg for leg in booking.legs if leg.direction is Direction.OUTBOUND]
            ends = (out[0].departure_time, out[-1].arrival_time) if out else (None, None)
        case Transportation():
            ends = (booking.departure_time, booking.arrival_time)
        case _:
            return None
    return ends[1] - ends[0] if ends[0] and ends[1] else None


def changes_of(flight: Flight) -> int:
    """How often one changes on the way there."""
    return max(sum(leg.direction is Direction.OUTBOUND for leg in flight.legs) - 1, 0)


def _available(plan: TripPlan) -> Iterable[Booking]:
    kinds: tuple[Sequence[Booking], ...] = (plan.flights, plan.accommodations, plan.transportation)
    return (each for kind in kinds for each in kind if each.booking_status is BookingStatus.AVAILABLE)


def _need(plan: TripPlan, group: Sequence[Booking]) -> Need:
    currencies = {booking.currency for booking in group}
    currency = currencies.pop() if len(currencies) == 1 else plan.trip.currency
    prices = {id(booking): _in_currency(booking, currency) for booking in group}
    known = [price for price in prices.values() if price is not None]
    least = min(known, default=None)
    options = [
        Option(booking, price, None if price is None or least is None else price - least, currency)
        for booking in group
        for price in (prices[id(booking)],)
    ]
    options.sort(key=lambda option: (option.price is None, option.price or 0, option.booking.id))
    return Need(_title(group), tuple(options))


def _in_currency(booking: Booking, currency: str) -> Decimal | None:
    price = price_of(booking)
    if booking.currency == currency or not price:
        return price
    return quantize(price * booking.exchange_rate, currency) if booking.exchange_rate else None


def _title(group: Sequence[Booking]) -> str:
    first = group[0]
    if isinstance(first, Accommodation):
        stays = [stay for stay in group if isinstance(stay, Accommodation)]
        start, end = min(stay.check_in_date for stay in stays), max(stay.check_out_date for stay in stays)
        return f"a place to sleep, {format_range(start, end)}"
    day = _first_day(first)
    when = f", {format_date(day)}" if day else ""
    if isinstance(first, Flight):
        back = f" and back on {format_date(first.return_date)}" if first.return_date else ""
        return f"the flight {first.origin} → {first.destination}{when}{back}"
    return f"the way {first.origin} → {first.destination}{when}" if isinstance(first, Transportation) else ""


def _way(journey: Flight | Transportation) -> tuple[str, str, date | None, date | None]:
    back = journey.return_date if isinstance(journey, Flight) else None
    origin, destination = (" ".join(place.casefold().split()) for place in (journey.origin, journey.destination))
    return origin, destination, _first_day(journey), back


def _first_day(booking: Booking) -> date | None:
    match booking:
        case Flight():
            return booking.departure_date
        case Accommodation():
            return booking.check_in_date
        case Transportation():
            leaves: datetime | None = booking.departure_time
            return local(leaves, booking.departure_zone).date() if leaves else booking.day
    return booking.day
