"""Writing a copy of a whole trip in two statements of one transaction.

Two, because the policies of bookings look for their trip and a statement does not see what it inserts itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid5

from tripsage_tui.data import legs as leg_rows
from tripsage_tui.data import stops
from tripsage_tui.data.rows import dump
from tripsage_tui.models import shifting
from tripsage_tui.models.bookings import (
    AccommodationFields,
    FlightFields,
    ItineraryItemFields,
    Leg,
    TransportationFields,
)
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import TripFields, TripStatus


def _insert(table: str, fields: type, recordset: str) -> str:
    names = ", ".join(fields.model_fields)  # type: ignore[attr-defined]  # a pydantic model
    values = ", ".join(f"r.{name}" for name in fields.model_fields)  # type: ignore[attr-defined]
    return f"""
  insert into public.{table} (trip_id, idempotency_key, {names})
  select $1, r.idempotency_key, {values} from jsonb_populate_recordset(null::public.{table}, {recordset}::jsonb) r
  returning id, idempotency_key"""


# $1 the new trip; $2 stops; $3 to $6 bookings; $7 legs, which name their booking by its key.
COPY = f"""
with stop as ({stops.INSERT} returning id),
flight as ({_insert("flights", FlightFields, "$3")}
), stay as ({_insert("accommodations", AccommodationFields, "$4")}
), ride as ({_insert("transportation", TransportationFields, "$5")}
), item as ({_insert("itinerary_items", ItineraryItemFields, "$6")}
), leg as (
  insert into public.legs (trip_id, flight_id, transportation_id, {leg_rows.NAMES})
  select $1, flight.id, ride.id, {", ".join(f"r.{name}" for name in leg_rows.NAMES.split(", "))}
  from jsonb_to_recordset($7::jsonb) as r (booking uuid, {leg_rows.RECORDSET})
  left join flight on flight.idempotency_key = r.booking
  left join ride on ride.idempotency_key = r.booking
  returning id
)
select (select count(*) from stop) + (select count(*) from flight) + (select count(*) from stay)
     + (select count(*) from ride) + (select count(*) from item) + (select count(*) from leg)
"""


def copied_fields(plan: TripPlan, start: date, name: str) -> TripFields:
    """The fields of the copy: same length, from `start`, planning. Raises OverflowError after the year 9999."""
    days = (start - plan.trip.start_date).days
    fields = TripFields.model_construct(**{field: getattr(plan.trip, field) for field in TripFields.model_fields})
    return fields.model_copy(
        update={
            "name": name,
            "start_date": start,
            "end_date": shifting.shift_day(plan.trip.end_date, days),
            "status": TripStatus.PLANNING,
        }
    )


def copied_rows(plan: TripPlan, days: int, key: UUID) -> tuple[str, ...]:
    """The arguments $2 to $7 of `COPY`: everything `days` later and not booked. `key` makes the keys of the rows."""
    zone = plan.trip.time_zone
    legs: list[dict[str, object]] = []

    def booking_key(kind: str, booking_id: int) -> str:
        return str(uuid5(key, f"{kind} {booking_id}"))

    def add_legs(booking: str, of_booking: Sequence[Leg]) -> None:
        shifted = [shifting.shift_leg(leg, days, zone) for leg in of_booking]
        legs.extend({"booking": booking, **row} for row in leg_rows.rows(shifted))

    flights, rides = [], []
    for flight in plan.flights:
        booking = booking_key("flight", flight.id)
        flights.append({**dump(shifting.shift_flight(flight, days), FlightFields), "idempotency_key": booking})
        add_legs(booking, flight.legs)
    for ride in plan.transportation:
        booking = booking_key("transportation", ride.id)
        shifted = shifting.shift_transportation(ride, days, zone)
        rides.append({**dump(shifted, TransportationFields), "idempotency_key": booking})
        add_legs(booking, ride.legs)
    stays = [
        {
            **dump(shifting.shift_stay(stay, days, zone), AccommodationFields),
            "idempotency_key": booking_key("stay", stay.id),
        }
        for stay in plan.accommodations
    ]
    items = [
        {
            **dump(shifting.shift_item(item, days, zone), ItineraryItemFields),
            "idempotency_key": booking_key("item", item.id),
        }
        for item in plan.items
    ]
    shifted_stops = stops.write([shifting.shift_stop(stop, days) for stop in plan.stops])
    return (shifted_stops, *(json.dumps(rows) for rows in (flights, stays, rides, items, legs)))
