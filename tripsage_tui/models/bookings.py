"""The four kinds of booking and the legs of the moving ones.

Times: an instant (`datetime` with a zone, stored as `timestamptz`) beside the IANA zone name of that end; where only
the day is known the instant is None and the date column says the day. Prices are totals for the whole booking unless
the name says otherwise; currencies are ISO 4217 codes.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from tripsage_tui.models.trips import Record


class BookingStatus(StrEnum):
    """State of a flight, stay or transport; the values are the database's."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    BOOKED = "booked"
    CANCELLED = "cancelled"


class ItemStatus(StrEnum):
    """State of an itinerary item; the values are the database's."""

    PLANNED = "planned"
    RESERVED = "reserved"
    BOOKED = "booked"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class FlightClass(StrEnum):
    ECONOMY = "economy"
    PREMIUM_ECONOMY = "premium_economy"
    BUSINESS = "business"
    FIRST = "first"


class TransportType(StrEnum):
    FLIGHT = "flight"
    TRAIN = "train"
    BUS = "bus"
    CAR_RENTAL = "car_rental"
    TAXI = "taxi"
    OTHER = "other"


class ItemType(StrEnum):
    ACTIVITY = "activity"
    MEAL = "meal"
    TRANSPORT = "transport"
    ACCOMMODATION = "accommodation"
    EVENT = "event"
    OTHER = "other"


class PaymentStatus(StrEnum):
    UNPAID = "unpaid"
    DEPOSIT = "deposit"
    PAID = "paid"


class Direction(StrEnum):
    OUTBOUND = "outbound"
    RETURN = "return"


class BookingFields(Record):
    """What all four kinds of booking have.

    `exchange_rate` is units of the trip's currency per unit of `currency`, as it was when saved; None where both are
    the same or where no rate is known yet.
    """

    currency: str = "USD"
    exchange_rate: Decimal | None = None
    confirmation_code: str | None = None
    provider: str | None = None
    payment_status: PaymentStatus = PaymentStatus.UNPAID
    pay_by: date | None = None
    cancel_free_until: datetime | None = None
    notes: str | None = None
    day: date | None = None
    position: int = 0


class Stored(Record):
    """What the database adds to a booking."""

    id: int
    trip_id: int
    created_at: datetime
    updated_at: datetime


class LegFields(Record):
    """One vehicle from one place to another: a flight number, a train."""

    direction: Direction = Direction.OUTBOUND
    origin: str
    destination: str
    departure_time: datetime | None = None
    departure_zone: str | None = None
    arrival_time: datetime | None = None
    arrival_zone: str | None = None
    carrier: str | None = None
    number: str | None = None
    seat: str | None = None


class Leg(LegFields):
    """A row of `legs`; belongs to one flight or one transportation."""

    id: int
    trip_id: int
    flight_id: int | None = None
    transportation_id: int | None = None
    position: int = 0


class FlightFields(BookingFields):
    """A flight ticket; `origin` and `destination` are IATA codes where known, `price` is for the whole ticket."""

    origin: str
    destination: str
    departure_date: date
    return_date: date | None = None
    flight_class: FlightClass = FlightClass.ECONOMY
    price: Decimal
    airline: str | None = None
    flight_number: str | None = None
    seat: str | None = None
    check_in_opens_at: datetime | None = None
    booking_status: BookingStatus = BookingStatus.AVAILABLE


class Flight(FlightFields, Stored):
    """A row of `flights` with its legs in order of direction and position."""

    legs: tuple[Leg, ...] = ()


class AccommodationFields(BookingFields):
    """A stay; both ends are in the zone of the place, kept per end (`check_in_zone`, `check_out_zone`).

    `check_in_until` is when the reception closes, by the clock of the place.
    """

    name: str
    address: str | None = None
    check_in_date: date
    check_out_date: date
    check_in_at: datetime | None = None
    check_in_zone: str | None = None
    check_in_until: time | None = None
    check_out_at: datetime | None = None
    check_out_zone: str | None = None
    room_type: str | None = None
    price_per_night: Decimal
    total_price: Decimal
    rating: Decimal | None = None
    amenities: tuple[str, ...] = ()
    booking_status: BookingStatus = BookingStatus.AVAILABLE

    @property
    def nights(self) -> int:
        return (self.check_out_date - self.check_in_date).days


class Accommodation(AccommodationFields, Stored):
    """A row of `accommodations`."""


class TransportationFields(BookingFields):
    """A train, bus, hired car or taxi; `price` is for all travellers together."""

    transport_type: TransportType
    origin: str
    destination: str
    departure_time: datetime | None = None
    departure_zone: str | None = None
    arrival_time: datetime | None = None
    arrival_zone: str | None = None
    price: Decimal = Decimal(0)
    seat: str | None = None
    booking_status: BookingStatus = BookingStatus.AVAILABLE


class Transportation(TransportationFields, Stored):
    """A row of `transportation` with its legs, when it has several."""

    legs: tuple[Leg, ...] = ()


class ItineraryItemFields(BookingFields):
    """Something to do. `day` without `start_time` is an untimed entry of that day; neither: an idea without a date.

    `closed_weekdays` are ISO days of the week (1 Monday to 7 Sunday) on which the place is closed.
    """

    title: str
    description: str | None = None
    item_type: ItemType = ItemType.ACTIVITY
    start_time: datetime | None = None
    start_zone: str | None = None
    end_time: datetime | None = None
    end_zone: str | None = None
    location: str | None = None
    closed_weekdays: tuple[int, ...] = ()
    closed_on_holidays: bool = False
    price: Decimal = Decimal(0)
    booking_status: ItemStatus = ItemStatus.PLANNED
    stands_after: int | None = None
    """Minute of its day: without a time it follows what begins until then; None puts it after all that has a time."""


class ItineraryItem(ItineraryItemFields, Stored):
    """A row of `itinerary_items`."""


Booking = Flight | Accommodation | Transportation | ItineraryItem


def price_of(booking: Booking) -> Decimal:
    """The price of the whole booking."""
    return booking.total_price if isinstance(booking, Accommodation) else booking.price
