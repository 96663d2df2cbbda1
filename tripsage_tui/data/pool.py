"""A small pool of connections, the most recently used first.

Own code because asyncpg's pool needs a task, two timers and several turns of the event loop for each use: about 0.1 ms
per query, as much as a short query takes. This one hands out and takes back without waiting. Sessions carry no state
of their own (see `connections`), so nothing has to be reset.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import asyncpg
from pydantic import SecretStr

from tripsage_tui.data.metrics import PoolUse

logger = logging.getLogger(__name__)

_PATIENCE = 2.0
_LONGEST_IDLE = 300.0

# InternalClientError: asyncpg stumbles over a farewell that arrived while the connection was idle.
Trouble = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class TicketConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """A connection that remembers the ticket it presented, so that exactly that one can be declared refused."""

    __slots__ = ("generation", "ticket", "used_at")
    ticket: SecretStr
    generation: int
    used_at: float


class Pool:
    """At most `size` connections, made by `connect` when they are needed."""

    def __init__(self, connect: Callable[[], Awaitable[TicketConnection]], size: int) -> None:
        self._connect = connect
        self._size = size
        self._taken = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._idle: list[TicketConnection] = []
        self._busy: set[TicketConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._generation = 0
        self._closed = False

    @property
    def use(self) -> PoolUse:
        idle = len(self._idle)
        return PoolUse(idle + len(self._busy), idle, self._size)

    def take(self) -> TicketConnection | None:
        """An idle connection, or None when that needs waiting: use `acquire` then."""
        if self._taken >= self._size or (connection := self._spare()) is None:
            return None
        self._taken += 1
        self._busy.add(connection)
        return connection

    async def acquire(self) -> TicketConnection:
        """A connection for one caller, who gives it back with one of the two `release` methods."""
        while self._taken >= self._size:
            await self._turn()
        self._taken += 1
        try:
            connection = self._spare() or await self._new()
        except BaseException:
            self._taken -= 1
            self._call_next()
            raise
        self._busy.add(connection)
        return connection

    def release(self, connection: TicketConnection) -> None:
        """Take back a connection that waits for no answer."""
        self._busy.discard(connection)
        self._taken -= 1
        fit = not (connection.is_closed() or connection.is_in_transaction() or self._closed)
        if fit and connection.generation == self._generation:
            connection.used_at = time.monotonic()
            self._idle.append(connection)
        else:
            connection.terminate()
        if self._waiting:
            self._call_next()

    def release_later(self, connection: TicketConnection) -> None:
        """Take back a connection whose query was cancelled or timed out, once it proves that it works."""
        self._in_background(self._recover(connection))

    def expire(self) -> None:
        """Replace every connection before its next use."""
        self._generation += 1
        idle, self._idle = self._idle, []
        for connection in idle:
            self._in_background(_dismiss(connection))

    def replace(self, connection: TicketConnection) -> None:
        """Go on with this one instead of all that there are."""
        self.expire()
        if self._closed:
            connection.terminate()
            return
        connection.generation = self._generation
        connection.used_at = time.monotonic()
        self._idle.append(connection)

    def prune(self) -> None:
        """Close what has not been used for five minutes, the most recently used one excepted."""
        old = time.monotonic() - _LONGEST_IDLE
        for connection in [each for each in self._idle[:-1] if each.used_at < old]:
            self._idle.remove(connection)
            self._in_background(_dismiss(connection))

    async def close(self) -> None:
        """Close all connections, giving running queries two seconds."""
        self._closed = True
        self.expire()
        try:
            async with asyncio.timeout(_PATIENCE):
                await asyncio.gather(*self._tasks, return_exceptions=True)
                while self._busy:
                    await self._turn()
        except TimeoutError:
            for connection in tuple(self._busy):
                connection.terminate()

    async def _turn(self) -> None:
        """Wait until someone leaves."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._call_next()  # it was our turn, but we are gone
            raise
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)

    def _call_next(self) -> None:
        while self._waiting:
            turn = self._waiting.pop(0)
            if not turn.done():
                turn.set_result(None)
                return

    def _spare(self) -> TicketConnection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            connection.terminate()
        return None

    async def _new(self) -> TicketConnection:
        generation = self._generation
        connection = await self._connect()
        connection.generation = generation
        connection.used_at = time.monotonic()
        return connection

    async def _recover(self, connection: TicketConnection) -> None:
        # asyncpg has told the server to stop; this waits for that to have happened.
        try:
            await connection.fetchval("select 1", timeout=_PATIENCE)
        except Trouble as error:
            logger.debug("a connection was dropped: %s", type(error).__name__)
            connection.terminate()
        self.release(connection)

    def _in_background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _dismiss(connection: TicketConnection) -> None:
    """Say goodbye, so that the server's log has no broken connection."""
    try:
        await connection.close(timeout=_PATIENCE / 2)
    except Trouble as error:
        logger.debug("a connection did not close: %s", type(error).__name__)
