"""One valid booking of each kind with every field set, for tests of the repositories."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from tripsage_tui.data.accommodations import AccommodationRepository
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.itinerary import ItineraryRepository
from tripsage_tui.data.transportation import TransportationRepository
from tripsage_tui.models.bookings import (
    AccommodationFields,
    BookingFields,
    BookingStatus,
    Direction,
    FlightClass,
    FlightFields,
    ItemStatus,
    ItemType,
    ItineraryItemFields,
    LegFields,
    PaymentStatus,
    TransportationFields,
    TransportType,
)
from tripsage_tui.models.trips import StopFields, TripFields, TripStatus, TripType


def at(month: int, day: int, hour: int, minute: int = 0, year: int = 2027) -> datetime:
    """An instant, in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


TRIP = TripFields(
    name="Japan in autumn",
    destination="Tokyo, Kyoto, Osaka",
    start_date=date(2027, 10, 2),
    end_date=date(2027, 10, 16),
    budget=Decimal("6000.10"),
    currency="EUR",
    travelers=2,
    status=TripStatus.BOOKED,
    trip_type=TripType.FAMILY,
    time_zone="Asia/Tokyo",
    notes=("passport until 2031", "adapter type A"),
    tags=("food", "temples"),
)
STOPS = (
    StopFields(
        place="Tokyo",
        country="JP",
        arrive_date=date(2027, 10, 3),
        depart_date=date(2027, 10, 8),
        time_zone="Asia/Tokyo",
        currency="JPY",
    ),
    StopFields(place="Kyoto"),
    StopFields(place="Osaka"),
)

_PAPERS: dict[str, Any] = {
    "currency": "EUR",
    "exchange_rate": Decimal("1.0825"),
    "confirmation_code": "X7KQ2P",
    "provider": "Lufthansa",
    "payment_status": PaymentStatus.DEPOSIT,
    "pay_by": date(2027, 8, 1),
    "cancel_free_until": at(9, 30, 22),
    "notes": "aisle, please",
    "day": date(2027, 10, 2),
    "position": 3,
}
OUTBOUND = LegFields(
    origin="FRA",
    destination="HND",
    departure_time=at(10, 2, 11, 10),
    departure_zone="Europe/Berlin",
    arrival_time=at(10, 3, 0, 35),
    arrival_zone="Asia/Tokyo",
    carrier="LH",
    number="716",
    seat="24C",
)
RETURN = LegFields(
    direction=Direction.RETURN,
    origin="HND",
    destination="FRA",
    departure_time=at(10, 16, 3, 20),
    departure_zone="Asia/Tokyo",
    arrival_time=at(10, 16, 18, 5),
    arrival_zone="Europe/Berlin",
    carrier="LH",
    number="717",
)
FLIGHT = FlightFields(
    origin="FRA",
    destination="HND",
    departure_date=date(2027, 10, 2),
    return_date=date(2027, 10, 16),
    flight_class=FlightClass.PREMIUM_ECONOMY,
    price=Decimal("1834.50"),
    airline="Lufthansa",
    flight_number="LH716",
    seat="24C",
    check_in_opens_at=at(10, 1, 11, 10),
    booking_status=BookingStatus.BOOKED,
    **_PAPERS,
)
STAY = AccommodationFields(
    name="Ryokan Sawanoya",
    address="2-3-11 Yanaka, Taitō",
    check_in_date=date(2027, 10, 3),
    check_out_date=date(2027, 10, 8),
    check_in_at=at(10, 3, 6),
    check_in_zone="Asia/Tokyo",
    check_in_until=time(22, 30),
    check_out_at=at(10, 8, 1),
    check_out_zone="Asia/Tokyo",
    room_type="tatami",
    price_per_night=Decimal("120.25"),
    total_price=Decimal("601.25"),
    rating=Decimal("4.7"),
    amenities=("bath", "wifi"),
    booking_status=BookingStatus.RESERVED,
    **_PAPERS,
)
RIDE = TransportationFields(
    transport_type=TransportType.TRAIN,
    origin="Tokyo",
    destination="Kyoto",
    departure_time=at(10, 8, 1, 30),
    departure_zone="Asia/Tokyo",
    arrival_time=at(10, 8, 3, 45),
    arrival_zone="Asia/Tokyo",
    price=Decimal(28000),
    seat="7D",
    booking_status=BookingStatus.AVAILABLE,
    **{**_PAPERS, "currency": "JPY"},
)
ITEM = ItineraryItemFields(
    title="Fushimi Inari",
    description="before the crowds",
    item_type=ItemType.ACTIVITY,
    start_time=at(10, 9, 21),
    start_zone="Asia/Tokyo",
    end_time=at(10, 10, 0),
    end_zone="Asia/Tokyo",
    location="Kyoto",
    closed_weekdays=(1, 7),
    closed_on_holidays=True,
    price=Decimal("0.005"),
    booking_status=ItemStatus.PLANNED,
    **{**_PAPERS, "currency": "KWD", "day": None},
)

Repository = FlightRepository | AccommodationRepository | TransportationRepository | ItineraryRepository

KINDS: dict[str, tuple[type[Any], BookingFields, tuple[LegFields, ...], dict[str, Any]]] = {
    "flights": (FlightRepository, FLIGHT, (OUTBOUND, RETURN), {"price": Decimal("99.99"), "seat": None}),
    "accommodations": (AccommodationRepository, STAY, (), {"name": "Hotel", "amenities": ("pool",)}),
    "transportation": (
        TransportationRepository,
        RIDE,
        (OUTBOUND,),
        {"transport_type": TransportType.BUS, "departure_time": at(10, 9, 1)},
    ),
    "itinerary_items": (
        ItineraryRepository,
        ITEM,
        (),
        {"title": "Kiyomizu-dera", "booking_status": ItemStatus.COMPLETED, "day": date(2027, 10, 9)},
    ),
}
"""Of each table: the repository, a booking, its legs, and changes to it."""
