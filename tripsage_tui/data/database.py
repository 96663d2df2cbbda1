"""The database as repositories see it: four verbs, transactions and live changes; everything else is behind them.

A call goes through the user's rate limit, the circuit breaker, the pool, and then costs one round trip in session
mode. What is safe to repeat is repeated: connecting, statements that the server says it did not run, reads, and
writes that declare themselves idempotent. Any other write whose answer got lost raises OutcomeUnknown.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from tripsage_tui.data import calls
from tripsage_tui.data.breaker import Breaker, CircuitOpen
from tripsage_tui.data.calls import Call, TicketRefused
from tripsage_tui.data.connections import Connections, TicketConnection
from tripsage_tui.data.errors import DataError, Forbidden, NotAuthorized, OutcomeUnknown, Unavailable
from tripsage_tui.data.health import DatabaseHealth
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.live import Change, LiveUpdates
from tripsage_tui.data.metrics import QueryMetrics
from tripsage_tui.data.reconnecting import Reconnector
from tripsage_tui.data.target import ConnectionTarget, PoolMode, Tls
from tripsage_tui.data.ticket_source import Ticket, TicketHolder, TicketSource
from tripsage_tui.data.transactions import Transaction
from tripsage_tui.data.translation import ConnectionLost, Contention, Unreachable, is_connection_trouble

__all__ = ["ConnectionTarget", "Database", "PoolMode", "Ticket", "TicketSource", "Tls", "Transaction"]

logger = logging.getLogger(__name__)
# Libraries may log; without a handler Python would print warnings over the screen.
for _library in ("asyncpg", "stamina"):
    logging.getLogger(_library).addHandler(logging.NullHandler())

T = TypeVar("T")
_PING = Call("fetchval", "select 1", (), "ping")
_HEARTBEAT = 30.0
_REPEATS = {"attempts": 4, "timeout": 6.0, "wait_initial": 0.05, "wait_max": 0.5, "wait_jitter": 0.05}


class Database:
    """One user's way to one database. Make it in the event loop that uses it; `start` before, `close` after.

    `revive` is awaited before reconnecting to a server that is gone (the embedded one can be started again).
    `statement_timeout` and `connect_timeout` are seconds. Every method raises only DataError (and CancelledError).
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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connections = Connections(
            target,
            TicketHolder(ticket, monotonic=clock),
            mode=pool_mode,
            size=pool_size,
            connect_timeout=connect_timeout,
            statement_timeout=statement_timeout,
        )
        self._limit = limit or RateLimit()
        self._breaker = Breaker(is_connection_trouble, clock=clock)
        self._warm_up: list[tuple[str, tuple[object, ...]]] = []
        self._used = False
        self._warm = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.pool_mode = pool_mode
        self.health = DatabaseHealth()
        self.metrics = QueryMetrics(self._connections.use)
        self._live = LiveUpdates(self._connections, self.health, self._trouble)
        self._reconnector = Reconnector(self._probe, self._breaker, self.health, revive)

    async def start(self) -> None:
        """Get ready; no connection is opened before the first query, so this neither waits nor fails."""
        await self._connections.start()

    async def close(self) -> None:
        """Stop background work and close all connections."""
        await self._reconnector.close()
        await self._live.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._connections.close()

    async def fetch(
        self, sql: str, *arguments: object, name: str, write: bool = False, idempotent: bool = False
    ) -> list[Any]:
        """All rows. `name` groups the call in the metrics; `write` and `idempotent` say what may be repeated."""
        result: list[Any] = await self._run(Call("fetch", sql, arguments, name, write, idempotent))
        return result

    async def fetchrow(
        self, sql: str, *arguments: object, name: str, write: bool = False, idempotent: bool = False
    ) -> Any | None:
        """The first row or None."""
        return await self._run(Call("fetchrow", sql, arguments, name, write, idempotent))

    async def fetchval(
        self, sql: str, *arguments: object, name: str, write: bool = False, idempotent: bool = False
    ) -> Any:
        """The first column of the first row, None when there is no row."""
        return await self._run(Call("fetchval", sql, arguments, name, write, idempotent))

    async def execute(
        self, sql: str, *arguments: object, name: str, write: bool = True, idempotent: bool = False
    ) -> str:
        """Run a statement for its effect; the command tag ("UPDATE 1")."""
        result: str = await self._run(Call("execute", sql, arguments, name, write, idempotent))
        return result

    @asynccontextmanager
    async def transaction(self, *, name: str = "transaction") -> AsyncIterator[Transaction]:
        """Several statements, all or nothing; committed when the block ends, rolled back when it raises.

        Not repeated by itself: use `transact` for that. A lost answer to the commit raises OutcomeUnknown.
        """
        started = time.perf_counter()
        try:
            await self._limit.wait()
            async with self._transaction() as transaction:
                yield transaction
        except TicketRefused:
            error: DataError = Unavailable("Your sign-in had expired and was renewed. Try again.", retry_in=0.0)
            self.metrics.record(name, time.perf_counter() - started, error)
            raise error from None
        except BaseException as error:
            self.metrics.record(name, time.perf_counter() - started, error)
            raise
        self.metrics.record(name, time.perf_counter() - started)

    async def transact(self, work: Callable[[Transaction], Awaitable[T]], *, name: str, idempotent: bool = False) -> T:
        """Run `work` in a transaction and return its result; repeated when nothing of it can have been kept.

        That is: no connection, connection lost before the commit was sent, serialization failure, deadlock; also a
        lost answer to the commit when `idempotent`. `work` must therefore do nothing but talk to the transaction.
        """

        async def attempt() -> T:
            async with self._transaction() as transaction:
                return await work(transaction)

        return await self._measured(name, attempt, lambda error: idempotent and isinstance(error, OutcomeUnknown))

    async def listen(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call `callback` for every change to the user's rows, whoever made it; returns a function that ends that.

        After a lost connection it gets `Change.missed()`: read everything again. Never fails: `health.live` says
        whether changes arrive. Behind a transaction pooler they never do.
        """
        if self.pool_mode is PoolMode.TRANSACTION:
            return lambda: None
        return self._live.subscribe(callback)

    def warm_up(self, sql: str, *arguments: object) -> None:
        """Run this read once, in the background, after the first query, so that its first real use needs no prepare."""
        self._warm_up.append((sql, arguments))

    async def _run(self, call: Call) -> Any:
        async def attempt() -> Any:
            return await self._once(call)

        def may_repeat(error: Exception) -> bool:
            return call.repeatable and isinstance(error, ConnectionLost)

        try:
            result = await self._measured(call.name, attempt, may_repeat)
        except ConnectionLost as error:
            if call.repeatable:
                raise
            raise OutcomeUnknown from error
        if not self._used:
            self._first_use()
        return result

    async def _measured(
        self, name: str, attempt: Callable[[], Awaitable[T]], may_repeat: Callable[[Exception], bool]
    ) -> T:
        """Rate limit, repetition and metrics around one attempt."""
        started = time.perf_counter()
        try:
            await self._limit.wait()
            result = await self._repeated(attempt, may_repeat)
        except BaseException as error:
            self.metrics.record(name, time.perf_counter() - started, error)
            raise
        self.metrics.record(name, time.perf_counter() - started)
        return result

    async def _repeated(self, attempt: Callable[[], Awaitable[T]], may_repeat: Callable[[Exception], bool]) -> T:
        def worth_it(error: Exception) -> bool:
            if isinstance(error, TicketRefused):
                self.metrics.renewals += 1
                return True
            return isinstance(error, Unreachable | Contention) or may_repeat(error)

        try:
            return await attempt()
        except DataError as error:
            if not worth_it(error):
                raise
        # Imported only now because most sessions never need it.
        import stamina

        try:
            async for repetition in stamina.retry_context(on=worth_it, **_REPEATS):  # type: ignore[arg-type]
                with repetition:
                    self.metrics.retries += 1
                    return await attempt()
        except TicketRefused:
            raise NotAuthorized from None
        raise Unavailable  # pragma: no cover  (the loop returns or raises)

    async def _once(self, call: Call) -> Any:
        with self._observed():
            connection = await self._connections.acquire()
            try:
                result = await calls.run(call, connection, self._connections)
            except asyncio.CancelledError:
                self._connections.release_later(connection)
                raise
            except BaseException:
                await self._connections.release(connection)
                raise
            await self._connections.release(connection)
            return result

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Transaction]:
        with self._observed():
            connection = await self._connections.acquire()
            transaction = Transaction(connection, self._connections)
            try:
                await transaction.begin()
                yield transaction
                await transaction.commit()
            except asyncio.CancelledError:
                self._in_background(self._abandon(transaction, connection))
                raise
            except BaseException as error:
                await transaction.rollback()
                try:
                    if isinstance(error, Forbidden):
                        await calls.check_ticket(connection, self._connections)
                finally:
                    await self._connections.release(connection)
                raise
            await self._connections.release(connection)

    async def _abandon(self, transaction: Transaction, connection: TicketConnection) -> None:
        await transaction.rollback()
        await self._connections.release(connection)

    @contextmanager
    def _observed(self) -> Iterator[None]:
        """Breaker and health around one attempt."""
        try:
            with self._breaker.guard():
                yield
        except CircuitOpen as error:
            raise Unavailable(retry_in=error.retry_in) from None
        except DataError as error:
            if is_connection_trouble(error):
                self._trouble(error)
            raise
        self.health.up()

    def _trouble(self, error: DataError) -> None:
        self.health.down(str(error))
        self._reconnector.wake()

    async def _probe(self) -> None:
        """One cheap query; says how far away the database is and keeps a pooled connection open."""
        started = time.perf_counter()
        await self._once(_PING)
        self.health.round_trip(time.perf_counter() - started)

    def _first_use(self) -> None:
        self._used = True
        if self.pool_mode is PoolMode.SESSION:
            self._live.start()
        self._in_background(self._keep_warm())

    async def _keep_warm(self) -> None:
        """Prepare the registered reads, then keep the connection and its ticket fresh as long as the program idles."""
        while True:
            try:
                if self.pool_mode is PoolMode.SESSION:
                    for sql, arguments in self._warm_up:
                        await self._once(Call("fetch", sql, arguments, "warm-up"))
                await self._probe()
                self._warm.set()
                while not self._connections.tickets.due:
                    await asyncio.sleep(_HEARTBEAT)
                    await self._probe()
            except DataError as error:
                logger.debug("heartbeat: %s", error)
                await asyncio.sleep(_HEARTBEAT)

    async def settled(self) -> None:
        """Return when the work that follows the first query is done (for measurements)."""
        await self._warm.wait()
        if self.pool_mode is PoolMode.SESSION and self._live.subscribed:
            await self._live.established.wait()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
