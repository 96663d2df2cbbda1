"""What can be asked of a search provider, and what it answers: destinations, flights, hotels, activities."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from tripsage_tui.models.bookings import FlightClass
from tripsage_tui.models.trips import Record


class SearchKind(StrEnum):
    """What a provider searches for."""

    DESTINATION = "destination"
    FLIGHT = "flight"
    HOTEL = "hotel"
    ACTIVITY = "activity"


class DestinationQuery(Record):
    """Places whose name begins as typed."""

    kind: ClassVar[SearchKind] = SearchKind.DESTINATION
    query: str


class FlightQuery(Record):
    """Flights between two IATA codes, there and perhaps back."""

    kind: ClassVar[SearchKind] = SearchKind.FLIGHT
    origin: str
    destination: str
    departure_date: date
    return_date: date | None = None
    passengers: int = Field(default=1, gt=0)
    cabin_class: FlightClass = FlightClass.ECONOMY


class HotelQuery(Record):
    """Rooms in a place for some nights."""

    kind: ClassVar[SearchKind] = SearchKind.HOTEL
    destination: str
    check_in_date: date
    check_out_date: date
    guests: int = Field(default=1, gt=0)
    rooms: int = Field(default=1, gt=0)


class ActivityQuery(Record):
    """Things to do in a place."""

    kind: ClassVar[SearchKind] = SearchKind.ACTIVITY
    destination: str
    activity_type: str | None = None


class Destination(Record):
    """A place: `what` is city, airport or country; the zone is IANA, the currency ISO 4217."""

    name: str
    what: str = "city"
    code: str | None = None
    country: str | None = None
    time_zone: str | None = None
    currency: str | None = None


class FlightOffer(Record):
    """A flight that can be booked; times are instants."""

    origin: str
    destination: str
    departure_time: datetime
    arrival_time: datetime
    price: Decimal
    currency: str
    airline: str | None = None
    flight_number: str | None = None


class HotelOffer(Record):
    """A room that can be booked; the price is for the whole stay."""

    name: str
    price: Decimal
    currency: str
    address: str | None = None
    rating: float | None = None


class ActivityOffer(Record):
    """Something to do; without a price it is free or not known."""

    title: str
    location: str | None = None
    price: Decimal | None = None
    currency: str | None = None


Query = DestinationQuery | FlightQuery | HotelQuery | ActivityQuery
Result = Destination | FlightOffer | HotelOffer | ActivityOffer
RESULTS: dict[SearchKind, type[Result]] = {
    SearchKind.DESTINATION: Destination,
    SearchKind.FLIGHT: FlightOffer,
    SearchKind.HOTEL: HotelOffer,
    SearchKind.ACTIVITY: ActivityOffer,
}
