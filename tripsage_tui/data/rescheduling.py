"""Writing other dates over a whole trip: trip, stops, bookings and legs in one transaction, or nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tripsage_tui.data import stops as stop_rows
from tripsage_tui.data.database import Transaction
from tripsage_tui.data.errors import Forbidden, InvalidValue, NotFound, StaleRow
from tripsage_tui.data.rows import encode
from tripsage_tui.data.trip_plan import PLAN, TRIP_COLUMNS, read_plan, read_trip
from tripsage_tui.models.bookings import (
    AccommodationFields,
    FlightFields,
    ItineraryItemFields,
    LegFields,
    TransportationFields,
)
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import Record, StopFields, Trip, TripFields

CHANGED = "Someone else changed something in this trip in the meantime. Nothing was written."

# The lock keeps others from adding to the trip until this is done: what they add refers to it.
_LOCK = f"""
select row_to_json(x)::text
from (select {TRIP_COLUMNS} from public.trips t where t.id = $1 and t.deleted_at is null for update of t) x
"""

_VERSIONS = """
select 'stops' as part, id, updated_at from public.trip_stops where trip_id = $1
union all select 'flights', id, coalesce(updated_at, 'epoch') from public.flights where trip_id = $1
union all select 'accommodations', id, coalesce(updated_at, 'epoch') from public.accommodations where trip_id = $1
union all select 'transportation', id, updated_at from public.transportation where trip_id = $1
union all select 'items', id, updated_at from public.itinerary_items where trip_id = $1
"""

_TRIP = """
update public.trips o set {changes} from jsonb_populate_record(null::public.trips, $2::jsonb) r where o.id = $1
"""

# Of each part of a plan: its table, its model's fields, the columns in which dates live.
_PARTS: dict[str, tuple[str, type[Record], tuple[str, ...]]] = {
    "stops": ("trip_stops", StopFields, ("arrive_date", "depart_date")),
    "flights": ("flights", FlightFields, ("departure_date", "return_date", "day", "check_in_opens_at")),
    "accommodations": (
        "accommodations",
        AccommodationFields,
        ("check_in_date", "check_out_date", "check_in_at", "check_out_at", "day"),
    ),
    "transportation": ("transportation", TransportationFields, ("departure_time", "arrival_time", "day")),
    "items": ("itinerary_items", ItineraryItemFields, ("start_time", "end_time", "day")),
}
_OF_LEGS = ("departure_time", "arrival_time")


def _update(table: str, columns: tuple[str, ...], guard: str) -> str:
    return f"""
update public.{table} t set {", ".join(f"{name} = r.{name}" for name in columns)}
from jsonb_populate_recordset(null::public.{table}, $2::jsonb) r
where t.id = r.id and t.trip_id = $1{guard}
returning t.id
"""


_UNCHANGED = " and coalesce(t.updated_at, 'epoch') = r.updated_at"
_STATEMENTS = {
    part: _update(table, columns, "" if part == "stops" else _UNCHANGED) for part, (table, _, columns) in _PARTS.items()
}
_LEGS = _update("legs", _OF_LEGS, "")


async def write(
    transaction: Transaction, now: TripPlan, wanted: TripPlan, stops: Sequence[StopFields] | None = None
) -> TripPlan:
    """Write the dates, and the fields of the trip, in which `wanted` differs from `now`; return the plan as it is then.

    `stops`, where given, replace those of the trip. Raises StaleRow where anything of the trip is no longer as in `now`
    or was added to it, Forbidden, NotFound, InvalidValue.
    """
    await _lock(transaction, now)
    changes = {
        name: value
        for name in TripFields.model_fields
        if (value := getattr(wanted.trip, name)) != getattr(now.trip, name)
    }
    legs: list[dict[str, object]] = []
    for part in _PARTS:
        if part == "stops" and stops is not None:
            await transaction.fetchval(stop_rows.REPLACE, now.trip.id, stop_rows.write(stops))
            continue
        changed = [(old, new) for old, new in _pairs(now, wanted, part) if old != new]
        await _write_rows(transaction, now.trip, _STATEMENTS[part], [_row(part, old, new) for old, new in changed])
        for old, new in changed:
            legs += _legs(getattr(old, "legs", ()), getattr(new, "legs", ()))
    await _write_rows(transaction, now.trip, _LEGS, legs)
    # Last: with another currency the trip forgets its rates, which makes new versions of the rows above.
    if changes:
        sql = _TRIP.format(changes=", ".join(f"{name} = r.{name}" for name in changes))
        await transaction.execute(sql, now.trip.id, json.dumps(encode(changes, TripFields)))
    return read_plan(await transaction.fetchrow(PLAN, now.trip.id))


def same_dates(one: TripPlan, other: TripPlan) -> bool:
    """Whether two plans have the same trip and the same dates in it, whatever their versions."""
    if any(getattr(one.trip, name) != getattr(other.trip, name) for name in TripFields.model_fields):
        return False
    return all(_dates(one, part) == _dates(other, part) for part in _PARTS)


async def _lock(transaction: Transaction, now: TripPlan) -> None:
    text = await transaction.fetchval(_LOCK, now.trip.id)
    if text is None:
        # A row that may be read and not changed cannot be locked.
        row = await transaction.fetchrow(PLAN, now.trip.id)
        if row is None or read_plan(row).trip.deleted_at is not None:
            raise NotFound("This trip is no longer there.")
        raise Forbidden
    trip = read_trip(text)
    if trip.updated_at != now.trip.updated_at:
        raise StaleRow(trip)
    there = {(row["part"], row["id"]): row["updated_at"] for row in await transaction.fetch(_VERSIONS, now.trip.id)}
    known = {(part, record.id): _version(record) for part in _PARTS for record in getattr(now, part)}
    # Stops are replaced, not changed, by everyone but this module: their ids are version enough.
    if there.keys() != known.keys() or any(version and there[key] != version for key, version in known.items()):
        raise StaleRow(trip, CHANGED)


async def _write_rows(transaction: Transaction, trip: Trip, sql: str, rows: list[dict[str, object]]) -> None:
    if rows and len(await transaction.fetch(sql, trip.id, json.dumps(rows))) != len(rows):
        raise StaleRow(trip, CHANGED)


def _row(part: str, old: Any, new: Any) -> dict[str, object]:
    _, fields, columns = _PARTS[part]
    row = {"id": old.id, **encode({name: getattr(new, name) for name in columns}, fields)}
    version = _version(old)
    return {**row, "updated_at": version.isoformat()} if version else row


def _legs(old: Sequence[Any], new: Sequence[Any]) -> list[dict[str, object]]:
    return [
        {"id": leg.id, **encode({name: getattr(leg, name) for name in _OF_LEGS}, LegFields)}
        for was, leg in zip(old, new, strict=True)
        if was != leg
    ]


def _pairs(now: TripPlan, wanted: TripPlan, part: str) -> list[tuple[Any, Any]]:
    """The records of a part as they are and as they should be. Raises InvalidValue where these are not the same."""
    pairs = list(zip(getattr(now, part), getattr(wanted, part), strict=False))
    if len(getattr(now, part)) != len(getattr(wanted, part)) or any(old.id != new.id for old, new in pairs):
        raise InvalidValue(part, "Other dates neither add nor remove anything.")
    return pairs


def _version(record: Any) -> datetime | None:
    version: datetime | None = getattr(record, "updated_at", None)
    return version


def _dates(plan: TripPlan, part: str) -> list[tuple[object, ...]]:
    columns = _PARTS[part][2]
    return [
        (
            record.id,
            *(getattr(record, name) for name in columns),
            *((leg.departure_time, leg.arrival_time) for leg in getattr(record, "legs", ())),
        )
        for record in getattr(plan, part)
    ]
