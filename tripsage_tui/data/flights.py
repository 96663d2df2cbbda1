"""Flights of a trip."""

from __future__ import annotations

from typing import ClassVar

from tripsage_tui.data import legs
from tripsage_tui.data.bookings import BookingRepository
from tripsage_tui.data.trip_rows import Parts
from tripsage_tui.models.bookings import Flight, FlightFields


class FlightRepository(BookingRepository[Flight, FlightFields]):
    """The table `flights` and its legs."""

    table = "flights"
    order = "b.departure_date, b.position, b.id"
    parts: ClassVar[Parts | None] = legs
    parent = "flight_id"
    model = Flight
    fields = FlightFields
