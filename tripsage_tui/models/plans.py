"""Everything about one trip, as one query returns it."""

from __future__ import annotations

from tripsage_tui.models.bookings import Accommodation, Booking, Flight, ItineraryItem, Transportation
from tripsage_tui.models.trips import Record, Trip, TripStop


class TripPlan(Record):
    """A trip with its stops and bookings."""

    trip: Trip
    stops: tuple[TripStop, ...] = ()
    flights: tuple[Flight, ...] = ()
    accommodations: tuple[Accommodation, ...] = ()
    transportation: tuple[Transportation, ...] = ()
    items: tuple[ItineraryItem, ...] = ()

    @property
    def bookings(self) -> tuple[Booking, ...]:
        """All bookings of all four kinds."""
        return (*self.flights, *self.accommodations, *self.transportation, *self.items)
