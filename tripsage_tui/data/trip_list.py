"""The list of trips: one query, whatever their number, with what their bookings cost per currency."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal, InvalidOperation
from typing import Any

from tripsage_tui.data.database import Database
from tripsage_tui.data.rows import Shape
from tripsage_tui.models.trips import Access, TripSummary

logger = logging.getLogger(__name__)

SUMMARY = Shape(TripSummary, computed=("access", "planned", "booked", "bookings", "items"))
# Models made between two looks at the event loop: about 2 ms.
_SLICE = 500

# Bookings are added up before they meet the trips, so that four kinds of them do not multiply each other.
LIST = f"""
select {SUMMARY.columns("t")},
       case when t.user_id = me.id then 'owner' else c.permission_level end as access,
       cost.amounts, coalesce(cost.bookings, 0) as bookings, coalesce(cost.items, 0) as items
from (select private.current_user_id() as id) me
cross join public.trips t
left join public.trip_collaborators c on c.trip_id = t.id and c.user_id = me.id
left join (
  select per.trip_id, sum(per.bookings)::int as bookings, sum(per.items)::int as items,
         string_agg(per.planned || ' ' || per.booked || ' ' || replace(per.currency, E'\\n', ' '), E'\\n') as amounts
  from (
    select b.trip_id, b.currency,
           coalesce(sum(b.amount), 0) as planned,
           coalesce(sum(b.amount) filter (where b.state in ('reserved', 'booked', 'completed')), 0) as booked,
           count(*) filter (where not b.is_item) as bookings,
           count(*) filter (where b.is_item) as items
    from (
      select trip_id, currency, price as amount, booking_status as state, false as is_item from public.flights
      union all
      select trip_id, currency, total_price, booking_status, false from public.accommodations
      union all
      select trip_id, currency, price, booking_status, false from public.transportation
      union all
      select trip_id, currency, price, booking_status, true from public.itinerary_items
    ) b
    where b.state <> 'cancelled'
    group by b.trip_id, b.currency
  ) per
  group by per.trip_id
) cost on cost.trip_id = t.id
where $1 or t.deleted_at is null
order by t.start_date, t.id
"""


async def read_trip_list(database: Database, *, include_deleted: bool) -> list[TripSummary]:
    """All trips that the user may see, by start date. Lets the event loop breathe while it makes the models."""
    rows = await database.fetch(LIST, include_deleted, name="trips.list")
    trips: list[TripSummary] = []
    for start in range(0, len(rows), _SLICE):
        if start:
            await asyncio.sleep(0)
        trips.extend(_summary(row) for row in rows[start : start + _SLICE])
    return trips


def _summary(row: Any) -> TripSummary:
    values = dict(row)
    values["access"] = _ACCESS.get(values["access"], Access.VIEW)
    values["planned"], values["booked"] = _amounts(values.pop("amounts"))
    return SUMMARY.from_record(values)


def _amounts(text: str | None) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Planned and booked amounts per currency from lines "planned booked currency"; zeros are left out."""
    planned: dict[str, Decimal] = {}
    booked: dict[str, Decimal] = {}
    for line in text.split("\n") if text else ():
        plan, book, currency = line.split(" ", 2)
        try:
            amounts = Decimal(plan), Decimal(book)
        except InvalidOperation:  # pragma: no cover  (numeric's text is always a number for Decimal)
            logger.warning("an amount could not be read")
            continue
        if amounts[0]:
            planned[currency] = amounts[0]
        if amounts[1]:
            booked[currency] = amounts[1]
    return planned, booked


_ACCESS = {access.value: access for access in Access}
