"""Trains, buses, hired cars and taxis of a trip."""

from __future__ import annotations

from tripsage_tui.data.bookings import BookingRepository
from tripsage_tui.models.bookings import Transportation, TransportationFields


class TransportationRepository(BookingRepository[Transportation, TransportationFields]):
    """The table `transportation` and its legs."""

    table = "transportation"
    order = "coalesce(b.departure_time::date, b.day), b.departure_time, b.position, b.id"
    parent = "transportation_id"
    model = Transportation
    fields = TransportationFields
