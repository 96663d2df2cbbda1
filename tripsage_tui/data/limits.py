"""How much one user may ask of the database: generous for a person, a wall for a loop gone wild."""

from __future__ import annotations

import asyncio

from aiolimiter import AsyncLimiter

from tripsage_tui.data.errors import RateLimited


class RateLimit:
    """A leaky bucket: `burst` requests at once, `per_second` in the long run; share one between a user's sessions."""

    def __init__(self, per_second: float = 50.0, burst: float = 200.0, patience: float = 2.0) -> None:
        self._per_second = per_second
        self._patience = patience
        self._bucket = AsyncLimiter(burst, burst / per_second)

    async def wait(self) -> None:
        """Return when the next request may go out. Raises RateLimited when that would take more than `patience` s."""
        if self._bucket.has_capacity():
            await self._bucket.acquire()
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._bucket.acquire()
        except TimeoutError:
            raise RateLimited(retry_in=1.0 / self._per_second) from None
