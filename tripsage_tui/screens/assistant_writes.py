"""What the assistant writes goes the way of what is typed: through the same changes, onto the same undo stack."""

from __future__ import annotations

from dataclasses import dataclass

from tripsage_tui.assistant.memory_tools import MemoryTools
from tripsage_tui.assistant.toolbox import Toolbox
from tripsage_tui.assistant.trip_tools import TripTools
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rescheduling import Rescheduling
from tripsage_tui.planner import Planner
from tripsage_tui.screens.booking_changes import BookingChanges
from tripsage_tui.screens.trip_changes import TripChanges


@dataclass(frozen=True)
class AssistantWrites(BookingChanges):
    """Bookings and dates behind one face."""

    async def reschedule(self, change: Rescheduling) -> TripPlan:
        return await TripChanges(self.planner).reschedule(change)


def toolbox(planner: Planner, trip_id: int | None) -> Toolbox:
    """All tools of a conversation about a trip, or about none."""
    trips = TripTools(planner, AssistantWrites(planner), trip_id)
    return Toolbox([*trips.tools(), *MemoryTools(planner.memory, planner.undo).tools()])
