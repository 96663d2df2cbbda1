"""The database as repositories see it: four verbs, transactions and live changes; everything else is behind them.

A call goes through the user's rate limit, the circuit breaker, the pool, and then costs one round trip in session
mode. What is safe to repeat is repeated: connecting, statements that the server says it did not run, reads, and
writes that declare themselves idempotent. Any other write whose answer got lost raises OutcomeUnknown.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from tripsage_tui.data.alone import Hold, hold
from tripsage_tui.data.attempts import Attempts
from tripsage_tui.data.breaker import Breaker
from tripsage_tui.data.calls import Call
from tripsage_tui.data.connections import Connections
from tripsage_tui.data.errors import DataError, Unavailable
from tripsage_tui.data.health import DatabaseHealth, Reachability
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.listening import Change, Listening
from tripsage_tui.data.live import LiveUpdates
from tripsage_tui.data.metrics import QueryMetrics
from tripsage_tui.data.reconnecting import Reconnector
from tripsage_tui.data.target import ConnectionTarget, PoolMode, Tls
from tripsage_tui.data.ticket_source import Ticket, TicketHolder, TicketSource
from tripsage_tui.data.transactions import Transaction

if TYPE_CHECKING:
    from tripsage_tui.data.realtime_channel import RealtimeSource

__all__ = ["ConnectionTarget", "Database", "PoolMode", "Ticket", "TicketSource", "Tls", "Transaction"]

logger = logging.getLogger(__name__)
# Libraries may log; without a handler Python would print warnings over the screen.
for _library in ("asyncpg", "stamina"):
    logging.getLogger(_library).addHandler(logging.NullHandler())

T = TypeVar("T")
_PING = Call("fetchval", "select 1", (), "ping")


class Database:
    """One user's way to one database. Make it in the event loop that uses it; `start` before, `close` after.

    `revive` is awaited before reconnecting to a server that is gone (the embedded one can be started again). Timeouts
    and `heartbeat` (how often an idle connection is looked after) are seconds. `realtime` brings live changes where a
    transaction pooler lets nobody listen. Every method raises only DataError (and CancelledError).
    """

    def __init__(
        self,
        target: ConnectionTarget,
        ticket: TicketSource,
        *,
        pool_mode: PoolMode = PoolMode.SESSION,
        pool_size: int = 4,
        connect_timeout: float = 5.0,
        statement_timeout: float = 8.0,
        limit: RateLimit | None = None,
        revive: Callable[[], Awaitable[None]] | None = None,
        heartbeat: float = 30.0,
        realtime: RealtimeSource | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._heartbeat = heartbeat
        self._connections = Connections(
            target,
            TicketHolder(ticket, monotonic=clock),
            mode=pool_mode,
            size=pool_size,
            connect_timeout=connect_timeout,
            statement_timeout=statement_timeout,
        )
        # A server on this computer may be asked often; only a distant one needs to be spared.
        self._breaker = Breaker(longest_pause=5.0, clock=clock) if revive else Breaker(clock=clock)
        self._warm_up: list[Call] = []
        self._warm = asyncio.Event()
        self._cold = asyncio.Event()
        self._keeping_warm: asyncio.Task[None] | None = None
        self.target = target
        self.pool_mode = pool_mode
        self.health = DatabaseHealth()
        self.metrics = QueryMetrics(self._connections.use)
        self._attempts = Attempts(
            connections=self._connections,
            breaker=self._breaker,
            health=self.health,
            metrics=self.metrics,
            limit=limit or RateLimit(),
            on_trouble=self._trouble,
        )
        self.health.on_change(self._reachable)
        self._live = self._listening(realtime)
        self._reconnector = Reconnector(self._probe, self._breaker, self.health, revive)

    async def start(self) -> None:
        """Get ready; no connection is opened before the first query, so this neither waits nor fails."""
        self._connections.start()

    async def close(self) -> None:
        """Stop background work and close all connections."""
        await self._reconnector.close()
        if self._live is not None:
            await self._live.close()
        if self._keeping_warm is not None:
            self._keeping_warm.cancel()
            await asyncio.gather(self._keeping_warm, return_exceptions=True)
        await self._connections.close()

    async def fetch(
        self, sql: str, *arguments: object, name: str, write: bool = False, idempotent: bool = False
    ) -> list[Any]:
        """All rows. `name` groups the call in the metrics; `write` and `idempotent` say what may be repeated."""
        result: list[Any] = await self._attempts.run(Call("fetch", sql, arguments, name, write, idempotent))
        return result

    async def fetchrow(
        self, sql: str, *arguments: object, name: str, write: bool = False, idempotent: bool = False
    ) -> Any | None:
        """The first row or None."""
        return await self._attempts.run(Call("fetchrow", sql, arguments, name, write, idempotent))

    async def fetchval(
        self, sql: str, *arguments: object, name: str, write: bool = False, idempotent: bool = False
    ) -> Any:
        """The first column of the first row, None when there is no row."""
        return await self._attempts.run(Call("fetchval", sql, arguments, name, write, idempotent))

    async def execute(
        self, sql: str, *arguments: object, name: str, write: bool = True, idempotent: bool = False
    ) -> str:
        """Run a statement for its effect; the command tag ("UPDATE 1")."""
        result: str = await self._attempts.run(Call("execute", sql, arguments, name, write, idempotent))
        return result

    @asynccontextmanager
    async def transaction(self, *, name: str = "transaction") -> AsyncIterator[Transaction]:
        """Several statements, all or nothing; committed when the block ends, rolled back when it raises.

        Not repeated by itself: use `transact` for that. A lost answer to the commit raises OutcomeUnknown.
        """
        async with self._attempts.transaction(name) as transaction:
            yield transaction

    async def transact(self, work: Callable[[Transaction], Awaitable[T]], *, name: str, idempotent: bool = False) -> T:
        """Run `work` in a transaction and return its result; repeated when nothing of it can have been kept.

        That is: no connection, connection lost before the commit was sent, serialization failure, deadlock; also a
        lost answer to the commit when `idempotent`. `work` must therefore do nothing but talk to the transaction.
        """
        return await self._attempts.transact(work, name, idempotent)

    async def listen(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call `callback` for every change to the user's rows, whoever made it; returns a function that ends that.

        After a lost connection it gets `Change.missed()`: read everything again. Never fails: `health.live` says
        whether changes arrive. Behind a transaction pooler they do where Supabase Realtime brings them.
        """
        return self._live.subscribe(callback) if self._live is not None else lambda: None

    async def alone(self, what: str) -> Hold | None:
        """Be the user's only program that does `what`; None while another one is. Not behind a transaction pooler.

        There every caller is told to be alone by a hold of its own connection, which promises nothing.
        """
        return await hold(self._connections, what)

    async def recovered(self, seconds: float) -> bool:
        """Wait until the database can be reached, at most that long; whether it can."""
        back = asyncio.Event()
        forget = self.health.on_change(lambda health: back.set() if health.state is Reachability.UP else None)
        try:
            if self.health.state is not Reachability.UP:
                async with asyncio.timeout(seconds):
                    await back.wait()
        except TimeoutError:
            return False
        finally:
            forget()
        return True

    def warm_up(self, sql: str, *arguments: object) -> None:
        """Run this read once, in the background, after the first query, so that its first real use needs no prepare."""
        self._warm_up.append(Call("fetch", sql, arguments, "warm-up"))

    def _listening(self, realtime: RealtimeSource | None) -> Listening | None:
        """How changes are heard of here, if at all."""
        if self.pool_mode is PoolMode.SESSION:
            return LiveUpdates(self._connections, self.health, self._trouble, self._contact, self._heartbeat)
        if realtime is None:
            return None
        from tripsage_tui.data.realtime import ASK, RealtimeUpdates

        question = Call("fetchrow", ASK, (), "live", write=True, idempotent=True)
        live = RealtimeUpdates(realtime, lambda: self._attempts.run(question), self.health, self._heartbeat)
        self._connections.tickets.on_new(live.look)
        return live

    def _trouble(self, error: DataError) -> None:
        # Who brings the server back may have found out more than that it does not answer.
        if self.health.state is not Reachability.DOWN or str(error) != Unavailable.sentence:
            self.health.down(str(error))
        self._reconnector.wake()

    def _contact(self) -> None:
        self._breaker.left(probe=False)
        self.health.up()

    async def _probe(self) -> None:
        """One cheap query; says how far away the database is and keeps a pooled connection open."""
        started = time.perf_counter()
        await self._attempts.probe(_PING)
        self.health.round_trip(time.perf_counter() - started)

    def _reachable(self, health: DatabaseHealth) -> None:
        """With the first answer begins what must not delay it."""
        if health.state is not Reachability.UP:
            return
        self._cold.set()
        self._warm.clear()
        if self._keeping_warm is not None:
            return
        if self._live is not None:
            self._live.start()
        self._keeping_warm = asyncio.create_task(self._keep_warm())

    async def _keep_warm(self) -> None:
        """Prepare the registered reads, then keep the connection and its ticket fresh as long as the program idles."""
        while True:
            self._cold.clear()
            try:
                if self.pool_mode is PoolMode.SESSION:
                    for call in self._warm_up:
                        await self._attempts.probe(call)
                await self._probe()
                self._warm.set()
                while not (self._cold.is_set() or self._connections.tickets.due):
                    await self._pause()
                    self._connections.prune()
                    if self._connections.tickets.due_soon and not self._cold.is_set():
                        await self._connections.renew_ahead()
                        break  # and prepare on the new connection what is read often
                    await self._probe()
            except DataError as error:
                logger.debug("heartbeat: %s", error)
                await self._pause()

    async def _pause(self) -> None:
        """Until the next heartbeat, or until connections were made anew."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._heartbeat):
                await self._cold.wait()

    async def settled(self) -> None:
        """Return when the work that follows the first answer (or a reconnection) is done; for measurements."""
        await self._warm.wait()
        if self._live is not None and self._live.subscribed:
            await self._live.established.wait()
