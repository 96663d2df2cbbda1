"""Coming back by itself: knocks at a database that went away until it answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tripsage_tui.data.breaker import Breaker
from tripsage_tui.data.errors import DataError
from tripsage_tui.data.health import DatabaseHealth, Reachability

logger = logging.getLogger(__name__)

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0


class Reconnector:
    """One background task while the database is down, none otherwise.

    `probe` tries the database and marks it as up when that works. `revive` may start a server that is gone; why it
    cannot (a sentence that names the remedy) goes to `health`, anything else into the log, and the knocking goes on.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[None]],
        breaker: Breaker,
        health: DatabaseHealth,
        revive: Callable[[], Awaitable[None]] | None,
    ) -> None:
        self._probe = probe
        self._breaker = breaker
        self._health = health
        self._revive = revive
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def wake(self) -> None:
        """Start knocking, unless that is going on already."""
        if not self._closed and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._knock())

    async def close(self) -> None:
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _knock(self) -> None:
        pause = _FIRST_PAUSE
        while self._health.state is Reachability.DOWN:
            if await self._may_be_back():
                await asyncio.sleep(self._breaker.retry_in)
                try:
                    await self._probe()
                except DataError as error:
                    logger.debug("still down: %s", error)
                else:
                    continue
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _may_be_back(self) -> bool:
        """Start the server if it is ours to start; False when it is known to be gone."""
        if self._revive is None:
            return True
        try:
            await self._revive()
        except DataError as error:
            self._health.down(str(error))
            return False
        except Exception:  # whatever stops the server from starting, we keep trying
            logger.exception("the database server could not be started")
        return True
