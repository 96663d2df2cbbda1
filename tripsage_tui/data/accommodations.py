"""Stays of a trip."""

from __future__ import annotations

from tripsage_tui.data.bookings import BookingRepository
from tripsage_tui.models.bookings import Accommodation, AccommodationFields


class AccommodationRepository(BookingRepository[Accommodation, AccommodationFields]):
    """The table `accommodations`."""

    table = "accommodations"
    order = "b.check_in_date, b.position, b.id"
    model = Accommodation
    fields = AccommodationFields
