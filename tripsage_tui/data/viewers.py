"""Who looks at a trip at this moment."""

from __future__ import annotations

from uuid import UUID

from tripsage_tui.data.database import Database
from tripsage_tui.data.rows import decode
from tripsage_tui.models.company import Company

_LOOK = "select public.look_at_trip($1, $2, $3)::text"


class ViewerRepository:
    """Each open screen has an id of its own; the database forgets it after a minute without a word."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, trip_id: int, screen: UUID, *, looking: bool = True) -> Company | None:
        """Say that the screen shows the trip (still), or no longer; who else looks. None: the trip is not ours to see.

        Raises DataError.
        """
        name = "viewers.look" if looking else "viewers.leave"
        text = await self._database.fetchval(_LOOK, trip_id, screen, looking, name=name, write=True, idempotent=True)
        if text is None:
            return None
        told = decode(text)
        return Company(told["shared"], tuple(other["name"] for other in told["others"]))
