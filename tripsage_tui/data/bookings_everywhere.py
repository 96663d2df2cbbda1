"""The bookings of all trips that the user sees: one query, whatever their number."""

from __future__ import annotations

import asyncio
from typing import Any

from tripsage_tui.data.collecting import collection_paused
from tripsage_tui.data.database import Database
from tripsage_tui.data.rows import Shape
from tripsage_tui.models.booking_list import BookingRow
from tripsage_tui.models.trips import Access

ROW = Shape(BookingRow)
# Models made between two looks at the event loop: about 2 ms.
_SLICE = 500

_SHARED = (
    "b.booking_status, b.payment_status, b.pay_by, b.cancel_free_until, b.currency, b.provider, "
    "b.confirmation_code as reference, b.updated_at"
)

# The four kinds under the same names. A journey begins with its first leg and ends with its last one.
_BOOKINGS = f"""
  select 'flight' as kind, b.id, b.trip_id, 'flight' as word, b.origin || ' → ' || b.destination as title,
         concat_ws(' ', b.airline, b.flight_number) as about,
         first.departure_time as starts_at, first.departure_zone as start_zone, b.departure_date as day,
         last.arrival_time as ends_at, last.arrival_zone as end_zone,
         coalesce(b.return_date, b.departure_date) as last_day, b.price, b.check_in_opens_at, {_SHARED}
  from public.flights b
  left join lateral (
    select l.departure_time, l.departure_zone from public.legs l
    where l.flight_id = b.id and l.trip_id = b.trip_id order by l.direction, l.position, l.id limit 1
  ) first on true
  left join lateral (
    select l.arrival_time, l.arrival_zone from public.legs l
    where l.flight_id = b.id and l.trip_id = b.trip_id
    order by l.direction desc, l.position desc, l.id desc limit 1
  ) last on true
  where b.trip_id = t.id
  union all
  select 'stay', b.id, b.trip_id, 'stay', b.name, concat_ws(' ', b.address, b.room_type),
         b.check_in_at, b.check_in_zone, b.check_in_date, b.check_out_at, b.check_out_zone, b.check_out_date,
         b.total_price, null, {_SHARED}
  from public.accommodations b where b.trip_id = t.id
  union all
  select 'transport', b.id, b.trip_id, replace(b.transport_type, '_', ' '), b.origin || ' → ' || b.destination, null,
         b.departure_time, b.departure_zone, b.day, b.arrival_time, b.arrival_zone, null,
         b.price, null, {_SHARED}
  from public.transportation b where b.trip_id = t.id
  union all
  select 'item', b.id, b.trip_id, b.item_type, b.title, concat_ws(' ', b.location, b.description),
         b.start_time, b.start_zone, b.day, b.end_time, coalesce(b.end_zone, b.start_zone), null,
         b.price, null, {_SHARED}
  from public.itinerary_items b where b.trip_id = t.id
"""

LIST = f"""
select {ROW.columns("x")}
from (
  select b.*, t.name as trip_name, t.time_zone as trip_zone,
         case when t.user_id = (select private.current_user_id()) then 'owner' else (
           select c.permission_level from public.trip_collaborators c
           where c.trip_id = t.id and c.user_id = (select private.current_user_id())
         ) end as access
  from public.trips t, lateral ({_BOOKINGS}) b
  where t.deleted_at is null and ($2::bigint is null or t.id = $2) and ($1 or t.archived_at is null)
) x
"""


class BookingsEverywhere:
    """Reads the bookings of all trips at once; they are changed through the repositories of their kinds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, *, archived: bool = False, trip_id: int | None = None) -> list[BookingRow]:
        """All bookings, in no particular order; those of archived trips only on request.

        Lets the event loop breathe while it makes the models.
        """
        found: list[BookingRow] = []
        with collection_paused():
            rows = await self._database.fetch(LIST, archived, trip_id, name="bookings.everywhere")
            names = tuple(rows[0].keys()) if rows else ()
            for start in range(0, len(rows), _SLICE):
                if start:
                    await asyncio.sleep(0)
                found.extend([_row(names, row) for row in rows[start : start + _SLICE]])
        return found


def _row(names: tuple[str, ...], row: Any) -> BookingRow:
    values = dict(zip(names, row, strict=False))
    values["access"] = values["access"] or Access.VIEW.value
    return ROW.from_record(values)
