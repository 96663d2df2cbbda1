"""What the four kinds of booking have in common: rows below a trip, some of them with legs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from tripsage_tui.data.trip_rows import TripRows
from tripsage_tui.models.bookings import BookingFields, LegFields, Stored

M = TypeVar("M", bound=Stored)
F = TypeVar("F", bound=BookingFields)


class BookingRepository(TripRows[M, F]):
    """Reads and writes one kind of booking. Subclasses say which; errors are those of `data.errors`."""

    async def add(self, trip_id: int, fields: F, *, legs: Sequence[LegFields] = (), key: UUID) -> M:
        """Add one; the same `key` twice adds it once and returns what is there."""
        return await self._add(trip_id, fields, legs, key)

    async def update(
        self,
        booking_id: int,
        changes: Mapping[str, object],
        *,
        legs: Sequence[LegFields] | None = None,
        based_on: datetime,
    ) -> M:
        """Change the fields named; `legs` replaces all legs, None leaves them. Raises StaleRow, Forbidden, NotFound."""
        return await self._update(booking_id, changes, legs, based_on)
