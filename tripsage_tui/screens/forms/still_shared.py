"""Whether what is typed can still be saved in a trip that others share, and may have stopped sharing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripsage_tui.data.errors import NotFound

if TYPE_CHECKING:
    from tripsage_tui.models.trips import Trip
    from tripsage_tui.planner import Planner

TABLES = {"trips", "trip_collaborators"}
"""Tables whose changes may have taken the right away."""


async def what_became(planner: Planner, trip: Trip) -> str:
    """Why nothing can be saved in the trip any more, as one sentence; empty when it can."""
    try:
        now = await planner.trips.get(trip.id)
    except NotFound:
        return f"{trip.name} is no longer shared with you, or was deleted: nothing can be saved in it any more."
    if now.deleted_at is not None:
        return f"{now.name} was deleted: nothing can be saved in it any more."
    if not now.access.may_edit:
        return f"{now.name} is now shared with you to look at only: nothing can be saved in it any more."
    return ""
