"""Trains, buses, hired cars and taxis of a trip."""

from __future__ import annotations

from typing import ClassVar

from tripsage_tui.data import legs
from tripsage_tui.data.bookings import BookingRepository
from tripsage_tui.data.trip_rows import Parts
from tripsage_tui.models.bookings import Transportation, TransportationFields


class TransportationRepository(BookingRepository[Transportation, TransportationFields]):
    """The table `transportation` and its legs."""

    table = "transportation"
    order = "coalesce(b.departure_time::date, b.day), b.departure_time, b.position, b.id"
    parts: ClassVar[Parts | None] = legs
    parent = "transportation_id"
    model = Transportation
    fields = TransportationFields
