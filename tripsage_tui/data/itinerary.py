"""Things to do of a trip."""

from __future__ import annotations

from tripsage_tui.data.bookings import BookingRepository
from tripsage_tui.models.bookings import ItineraryItem, ItineraryItemFields


class ItineraryRepository(BookingRepository[ItineraryItem, ItineraryItemFields]):
    """The table `itinerary_items`."""

    table = "itinerary_items"
    order = "coalesce(b.day, b.start_time::date), b.position, b.start_time, b.id"
    model = ItineraryItem
    fields = ItineraryItemFields
