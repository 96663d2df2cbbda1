"""The tools of a conversation, bound to what they read and write."""

from __future__ import annotations

from tripsage_tui.assistant.memory_tools import MemoryTools
from tripsage_tui.assistant.toolbox import Toolbox
from tripsage_tui.assistant.trip_tools import TripTools
from tripsage_tui.planner import Planner


def toolbox(planner: Planner, trip_id: int | None) -> Toolbox:
    """All tools of a conversation about a trip, or about none."""
    return Toolbox([*TripTools(planner, trip_id).tools(), *MemoryTools(planner).tools()])
