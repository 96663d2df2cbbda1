"""A circuit breaker: stop knocking at a door that does not open.

Own class because the published ones count a cancelled call as a failure or let several probes through at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitOpen(Exception):
    """No attempt is made now; `retry_in` is the number of seconds until a probe is allowed."""

    def __init__(self, retry_in: float) -> None:
        super().__init__(f"circuit open for another {retry_in:.1f} s")
        self.retry_in = retry_in


class Breaker:
    """Opens after `threshold` consecutive failures, for `first_pause` seconds that double up to `longest_pause`.

    After the pause exactly one caller gets through as a probe: its success closes the breaker, its failure opens it for
    twice as long. Cancelling a call is neither. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        *,
        threshold: int = 5,
        first_pause: float = 5.0,
        longest_pause: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threshold = threshold
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._clock = clock
        self._failures = 0
        # Nothing to ask and nothing to learn from a success: lets callers skip both.
        self.untroubled = True
        self._pause = first_pause
        self._open_until: float | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._clock() < self._open_until else BreakerState.HALF_OPEN

    @property
    def retry_in(self) -> float:
        """Seconds until the next attempt is allowed; 0 when it is allowed now."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - self._clock())

    def enter(self) -> bool:
        """Begin an attempt; the answer goes to `left`. Raises CircuitOpen when there must be no attempt now."""
        if self._open_until is None:
            return False
        if self.state is BreakerState.OPEN or self._probing:
            raise CircuitOpen(self.retry_in)
        self._probing = True
        return True

    def left(self, probe: bool, failed: bool | None = False) -> None:
        """Learn from how an attempt ended; None when it teaches nothing, as a cancellation does."""
        if probe:
            self._probing = False
        if failed:
            self._failed(probe)
        elif failed is False and self._failures:
            self._succeeded()

    def _succeeded(self) -> None:
        self._failures = 0
        self.untroubled = True
        self._pause = self._first_pause
        self._open_until = None

    def _failed(self, probe: bool) -> None:
        self._failures += 1
        self.untroubled = False
        if probe:
            self._pause = min(self._pause * 2, self._longest_pause)
        elif self._open_until is not None or self._failures < self._threshold:
            return  # a straggler from before it opened, or not enough of them yet
        self._open_until = self._clock() + self._pause
