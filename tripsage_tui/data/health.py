"""Whether the database answers, as the status bar shows it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

logger = logging.getLogger(__name__)


class Reachability(StrEnum):
    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"


class DatabaseHealth:
    """State of the connection; callbacks run on every change of `state`, `live` or `last_error`.

    `latency_ms` is a moving average of round trips in milliseconds, None before the first one. `live` says whether
    changes of other programs arrive by themselves. `since` is the instant of the last change of state.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._callbacks: list[Callable[[DatabaseHealth], None]] = []
        self.state = Reachability.CONNECTING
        self.latency_ms: float | None = None
        self.live = False
        self.since = clock()
        self.last_error: str | None = None

    def on_change(self, callback: Callable[[DatabaseHealth], None]) -> Callable[[], None]:
        """Call `callback(health)` on every change from now on; the function that is returned ends that."""
        self._callbacks.append(callback)

        def forget() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return forget

    def up(self) -> None:
        """An answer came."""
        if self.state is not Reachability.UP:
            self._change(Reachability.UP, None)

    def down(self, sentence: str) -> None:
        """The database cannot be reached; `sentence` says why."""
        if self.state is not Reachability.DOWN or self.last_error != sentence:
            self._change(Reachability.DOWN, sentence)

    def set_live(self, live: bool) -> None:
        if self.live is not live:
            self.live = live
            self._tell()

    def round_trip(self, seconds: float) -> None:
        """Take one measured round trip into the average (weight 0.2, so a single slow one does not alarm)."""
        sample = seconds * 1000
        self.latency_ms = sample if self.latency_ms is None else 0.8 * self.latency_ms + 0.2 * sample

    def _change(self, state: Reachability, sentence: str | None) -> None:
        if self.state is not state:
            self.since = self._clock()
        self.state = state
        self.last_error = sentence
        self._tell()

    def _tell(self) -> None:
        for callback in tuple(self._callbacks):
            try:
                callback(self)
            except Exception:  # a broken listener must not break the query that brought the news
                logger.exception("a health listener failed")
