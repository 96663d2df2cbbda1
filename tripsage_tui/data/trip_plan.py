"""A whole trip, with stops and bookings, in one round trip."""

from __future__ import annotations

import json
from typing import Any

from tripsage_tui.data import legs, stops
from tripsage_tui.data.rows import Shape
from tripsage_tui.models.bookings import Accommodation, Flight, ItineraryItem, Leg, Transportation
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import Access, Trip

TRIP = Shape(Trip, computed=("access",))
_FLIGHT = Shape(Flight, computed=("legs",))
_STAY = Shape(Accommodation)
_RIDE = Shape(Transportation, computed=("legs",))
_ITEM = Shape(ItineraryItem)

# `t` is a row of trips. The inner policy check makes sure that there is a level whenever the trip can be seen.
TRIP_COLUMNS = f"""{TRIP.json_columns("t")},
  case when t.user_id = (select private.current_user_id()) then 'owner' else (
    select c.permission_level from public.trip_collaborators c
    where c.trip_id = t.id and c.user_id = (select private.current_user_id())
  ) end as access"""


def _rows(shape: Shape[Any], table: str, order: str) -> str:
    return (
        f"(select json_agg(x) from (select {shape.json_columns('b')} from public.{table} b "
        f"where b.trip_id = $1 order by {order}) x)::text as {table}"
    )


PLAN = f"""
select (select row_to_json(x)::text from (select {TRIP_COLUMNS}) x) as trip,
       {_rows(stops.STOP, "trip_stops", "b.position")},
       {_rows(_FLIGHT, "flights", "b.departure_date, b.position, b.id")},
       {_rows(_STAY, "accommodations", "b.check_in_date, b.position, b.id")},
       {_rows(_RIDE, "transportation", "b.departure_time, b.day, b.position, b.id")},
       {_rows(_ITEM, "itinerary_items", "b.day, b.position, b.start_time, b.id")},
       {_rows(legs.LEG, "legs", "b.direction, b.position, b.id")}
from public.trips t
where t.id = $1
"""


def read_trip(text: str) -> Trip:
    """The model of `TRIP_COLUMNS` as a JSON row."""
    row = json.loads(text)
    return TRIP.from_json(row, access=Access(row["access"] or Access.VIEW))


def read_plan(row: Any) -> TripPlan:
    """The model of the one row that `PLAN` returns."""
    of_flight: dict[int | None, list[Leg]] = {}
    of_ride: dict[int | None, list[Leg]] = {}
    for leg in legs.read(_decoded(row["legs"])):
        of_flight.setdefault(leg.flight_id, []).append(leg)
        of_ride.setdefault(leg.transportation_id, []).append(leg)
    return TripPlan.model_construct(
        trip=read_trip(row["trip"]),
        stops=stops.read(_decoded(row["trip_stops"])),
        flights=tuple(
            _FLIGHT.from_json(flight, legs=tuple(of_flight.get(flight["id"], ())))
            for flight in _decoded(row["flights"])
        ),
        accommodations=tuple(_STAY.from_json(stay) for stay in _decoded(row["accommodations"])),
        transportation=tuple(
            _RIDE.from_json(ride, legs=tuple(of_ride.get(ride["id"], ()))) for ride in _decoded(row["transportation"])
        ),
        items=tuple(_ITEM.from_json(item) for item in _decoded(row["itinerary_items"])),
    )


def _decoded(text: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(text) if text else []
    return rows
