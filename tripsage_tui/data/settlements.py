"""Payments between travellers of a trip."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tripsage_tui.data.trip_rows import TripRows
from tripsage_tui.models.expenses import Settlement, SettlementFields


class SettlementRepository(TripRows[Settlement, SettlementFields]):
    """The table `settlements`."""

    table = "settlements"
    order = "b.paid_on, b.id"
    touched = "amount"
    model = Settlement
    fields = SettlementFields

    async def add(self, trip_id: int, fields: SettlementFields, *, key: UUID) -> Settlement:
        """Add one; the same `key` twice adds it once. Raises NotFound when one of the two is not of this trip."""
        return await self._add(trip_id, fields, (), key)

    async def update(self, settlement_id: int, changes: Mapping[str, object], *, based_on: datetime) -> Settlement:
        """Change the fields named. Raises StaleRow, Forbidden, NotFound, InvalidValue."""
        return await self._update(settlement_id, changes, None, based_on)
