"""News of changed rows, gathered for a moment and handed to whoever shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change

PRESENCE = "trip_viewers"
"""The table of who looks at what: `Presence` hears of it by itself, and no screen has to load anything."""
GATHER = 0.05
"""Seconds between the first change and its delivery: a saved booking touches several rows, the screen loads once."""

Listener = Callable[[Sequence["Change"]], None]


class LiveFeed:
    """Takes single changes from the database's listener and delivers them in batches, on the event loop."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._waiting: list[Change] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every batch from now on; the function that is returned ends that."""
        self._listeners.append(listener)

        def forget() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return forget

    def push(self, change: Change) -> None:
        """Take one change; to be called on the event loop."""
        if change.table == PRESENCE:
            return
        if not self._waiting:
            asyncio.get_running_loop().call_later(GATHER, self._deliver)
        self._waiting.append(change)

    def _deliver(self) -> None:
        batch, self._waiting = tuple(self._waiting), []
        for listener in tuple(self._listeners):
            listener(batch)
