"""What comes next over all trips of a user: one query."""

from __future__ import annotations

from datetime import datetime, timedelta

from tripsage_tui.data.database import Database
from tripsage_tui.data.next_up_query import BETWEEN
from tripsage_tui.models.next_up import NextUp, read

_FAR = timedelta(days=365 * 80)


class ComingUpRepository:
    """Moments of all trips that the user sees, without those that are over, cancelled or put away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def next(self, now: datetime, most: int = 3) -> NextUp:
        """What is under way at `now` and the next `most` events and deadlines."""
        return await self.between(now, now + _FAR, most=most)

    async def between(self, since: datetime, until: datetime, *, trip_id: int | None = None, most: int = 500) -> NextUp:
        """What happens from `since` until before `until`, in one trip or all; at most `most` events and deadlines."""
        rows = await self._database.fetch(BETWEEN, since, until, trip_id, most, name="coming_up")
        return read([list(row.values()) for row in rows])
