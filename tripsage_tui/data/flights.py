"""Flights of a trip."""

from __future__ import annotations

from tripsage_tui.data.bookings import BookingRepository
from tripsage_tui.models.bookings import Flight, FlightFields


class FlightRepository(BookingRepository[Flight, FlightFields]):
    """The table `flights` and its legs."""

    table = "flights"
    order = "b.departure_date, b.position, b.id"
    parent = "flight_id"
    model = Flight
    fields = FlightFields
