"""What the tools over trips are called with, described for a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from tripsage_tui.assistant.toolbox import Arguments

Kind = Literal["flight", "stay", "transport", "item"]
PARTS: Mapping[str, str] = {
    "flight": "flights",
    "stay": "accommodations",
    "transport": "transportation",
    "item": "items",
}
"""The kinds of booking, and where a plan has them."""
_DAY = "a date such as 2027-10-04"
_ZONE = "IANA name such as Asia/Tokyo; empty: the zone of the trip there and then"
_TIME = "local time such as 19:30, empty if unknown; 08:55+1 is the next day"


class Nothing(Arguments):
    """No arguments."""


class ReadTrip(Arguments):
    trip_id: int = Field(description="id from list_trips; 0 is the trip of this conversation")


class SearchPlaces(Arguments):
    text: str = Field(description="an IATA code, a city or the name of an airport", max_length=60)


class AddFlight(Arguments):
    origin: str = Field(description="IATA code")
    destination: str = Field(description="IATA code")
    departure_date: str = Field(description=_DAY)
    departure_time: str = Field(description=_TIME)
    arrival_time: str = Field(description=_TIME)
    flight_number: str
    airline: str
    return_date: str = Field(description=f"{_DAY}, empty for one way")
    return_departure_time: str = Field(description=_TIME)
    return_arrival_time: str = Field(description=_TIME)
    return_flight_number: str
    price: str = Field(description="for all travellers, empty if unknown")
    currency: str = Field(description="ISO 4217, empty for the trip's")
    notes: str


class AddStay(Arguments):
    name: str
    address: str
    check_in_date: str = Field(description=_DAY)
    check_out_date: str = Field(description=_DAY)
    check_in_time: str = Field(description=_TIME)
    check_out_time: str = Field(description=_TIME)
    price_per_night: str = Field(description="empty if unknown")
    total_price: str = Field(description="empty if unknown")
    currency: str = Field(description="ISO 4217, empty for the trip's")
    notes: str
    time_zone: str = Field(default="", description=_ZONE)


class AddTransport(Arguments):
    transport_type: Literal["train", "bus", "car_rental", "taxi", "other"]
    origin: str
    destination: str
    departure_date: str = Field(description=_DAY)
    departure_time: str = Field(description=_TIME)
    arrival_time: str = Field(description=_TIME)
    price: str = Field(description="for all travellers, empty if unknown")
    currency: str = Field(description="ISO 4217, empty for the trip's")
    notes: str


class AddItem(Arguments):
    title: str
    item_type: Literal["activity", "meal", "transport", "accommodation", "event", "other"]
    day: str = Field(description=f"{_DAY}; empty for an idea without a day")
    start_time: str = Field(description=_TIME)
    end_time: str = Field(description=_TIME)
    location: str
    description: str
    price: str = Field(description="empty if unknown")
    currency: str = Field(description="ISO 4217, empty for the trip's")
    notes: str
    time_zone: str = Field(default="", description=_ZONE)


class NewValue(Arguments):
    field: str
    value: str


class ChangeBooking(Arguments):
    kind: Kind
    id: int
    values: list[NewValue] = Field(description="fields as in the add_ tools, and booking_status, payment_status, ...")


class OneBooking(Arguments):
    kind: Kind
    id: int


class ChangeDates(Arguments):
    start_date: str = Field(description=_DAY)
    end_date: str = Field(description=_DAY)
    rule: Literal["shift", "keep", "anchor"] = Field(
        description="shift moves everything, keep nothing, anchor all but what is reserved or booked"
    )
