"""Travellers of a trip."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tripsage_tui.data.errors import InvalidValue, NotFound
from tripsage_tui.data.rows import decode
from tripsage_tui.data.trip_rows import TripRows
from tripsage_tui.models.people import Traveller, TravellerFields

_HAS_PART = "This person has a part in expenses or payments: take that out first."


class TravellerRepository(TripRows[Traveller, TravellerFields]):
    """The table `travellers`."""

    table = "travellers"
    order = "lower(b.name), b.id"
    touched = "name"
    model = Traveller
    fields = TravellerFields

    async def add(self, trip_id: int, fields: TravellerFields, *, key: UUID) -> Traveller:
        """Add one; the same `key` twice adds it once. A `user_id` of somebody else than a member is left out."""
        return await self._add(trip_id, fields, (), key)

    async def update(self, traveller_id: int, changes: Mapping[str, object], *, based_on: datetime) -> Traveller:
        """Change the fields named. Raises StaleRow, Forbidden, NotFound, InvalidValue."""
        return await self._update(traveller_id, changes, None, based_on)

    async def delete(self, row_id: int, *, based_on: datetime) -> Traveller:
        """Delete one and return it, for `restore`. Raises InvalidValue while money refers to this person."""
        try:
            return await super().delete(row_id, based_on=based_on)
        except NotFound:
            await self.get(row_id)  # raises NotFound
            raise InvalidValue(None, _HAS_PART) from None

    async def add_members(self, trip_id: int) -> list[Traveller]:
        """Everybody who belongs to the trip becomes a traveller, once; returns the new ones."""
        sql = f"""
        with b as (
          insert into public.travellers (trip_id, name, user_id)
          select $1, p.name, p.user_id from public.trip_people($1) p
          on conflict (trip_id, user_id) do nothing
          returning *
        )
        select json_agg(x)::text from (select {self._shape.json_columns("b")} from b order by {self.order}) x
        """
        text = await self._database.fetchval(sql, trip_id, name="travellers.add_members", write=True, idempotent=True)
        return [self._shape.from_json(row) for row in decode(text)] if text else []
