"""How much one user may ask of the database: generous for a person, a wall for a loop gone wild."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tripsage_tui.data.errors import RateLimited


class RateLimit:
    """A token bucket: `burst` requests at once, `per_second` in the long run; share one between a user's sessions.

    Own code because asking aiolimiter costs two coroutines per query. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        per_second: float = 50.0,
        burst: float = 200.0,
        patience: float = 2.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._patience = patience
        self._clock = clock
        self._tokens = burst
        self._counted = clock()

    def take(self) -> bool:
        """Whether a request may go out now; counts it when it may."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._counted) * self._per_second)
        self._counted = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    async def wait(self) -> None:
        """Return when a request may go out, and count it. Raises RateLimited when that takes too long."""
        until = self._clock() + self._patience
        while not self.take():
            pause = (1.0 - self._tokens) / self._per_second
            if self._clock() + pause > until:
                raise RateLimited(retry_in=pause)
            await asyncio.sleep(pause)
