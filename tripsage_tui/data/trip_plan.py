"""A whole trip, with stops and bookings, in one round trip."""

from __future__ import annotations

from typing import Any

from tripsage_tui.data import legs, stops
from tripsage_tui.data.rows import Shape, decode
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


PLAN = "select * from private.trip_parts($1) where whole is not null"


def read_trip(text: str) -> Trip:
    """The model of `TRIP_COLUMNS` as a JSON row."""
    row = decode(text)
    return TRIP.from_json(row, access=Access(row["access"] or Access.VIEW))


def read_plan(row: Any) -> TripPlan:
    """The model of the one row that `PLAN` returns."""
    of_flight: dict[int | None, list[Leg]] = {}
    of_ride: dict[int | None, list[Leg]] = {}
    for leg in legs.read(_decoded(row["legs"])):
        of_flight.setdefault(leg.flight_id, []).append(leg)
        of_ride.setdefault(leg.transportation_id, []).append(leg)
    return TripPlan.model_construct(
        trip=TRIP.from_json(decode(row["whole"]), access=Access(row["access"])),
        stops=stops.read(_decoded(row["stops"])),
        flights=tuple(
            _FLIGHT.from_json(flight, legs=tuple(of_flight.get(flight["id"], ())))
            for flight in _decoded(row["flights"])
        ),
        accommodations=tuple(_STAY.from_json(stay) for stay in _decoded(row["accommodations"])),
        transportation=tuple(
            _RIDE.from_json(ride, legs=tuple(of_ride.get(ride["id"], ()))) for ride in _decoded(row["transportation"])
        ),
        items=tuple(_ITEM.from_json(item) for item in _decoded(row["items"])),
    )


def _decoded(text: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = decode(text) if text else []
    return rows
