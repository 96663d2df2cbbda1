"""Trying, and trying again where that is safe: the breaker, the pool and the retries around every call.

Safe to repeat is what cannot have happened: no connection, a refusal by the server before it ran anything, a
transaction that was rolled back because of others. Reads and idempotent writes may be repeated after any lost
connection; other writes then raise OutcomeUnknown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from tripsage_tui.data import calls
from tripsage_tui.data.breaker import Breaker, CircuitOpen
from tripsage_tui.data.calls import Call, TicketRefused
from tripsage_tui.data.connections import Connections
from tripsage_tui.data.errors import DataError, Forbidden, NotAuthorized, OutcomeUnknown, Unavailable
from tripsage_tui.data.health import DatabaseHealth, Reachability
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.metrics import QueryMetrics
from tripsage_tui.data.pool import TicketConnection
from tripsage_tui.data.transactions import Transaction
from tripsage_tui.data.translation import (
    ConnectionLost,
    Contention,
    Silence,
    Unreachable,
    is_connection_trouble,
    statement_failed,
)

T = TypeVar("T")
_clock = time.perf_counter


class Attempts:
    """`on_trouble` hears of every failure to reach the database."""

    def __init__(
        self,
        *,
        connections: Connections,
        breaker: Breaker,
        health: DatabaseHealth,
        metrics: QueryMetrics,
        limit: RateLimit,
        on_trouble: Callable[[DataError], None],
    ) -> None:
        self._connections = connections
        self._breaker = breaker
        self._health = health
        self._metrics = metrics
        self._limit = limit
        self._on_trouble = on_trouble
        self._rollbacks: set[asyncio.Task[None]] = set()

    async def run(self, call: Call) -> Any:
        """A call's result, after as many attempts as are safe and sensible. Raises DataError."""
        # `_guarded` once more, written out: this is the path of every query.
        started = _clock()
        try:
            if not self._limit.take():
                await self._limit.wait()
            probe = not self._breaker.untroubled and self._enter()
            try:
                try:
                    result = await self._once(call)
                except DataError as error:
                    result = await self._again(error, lambda: self._once(call), call.repeatable)
            except BaseException as error:
                self._left(probe, error)
                raise
            if not (self._breaker.untroubled and self._health.state is Reachability.UP):
                self._left(probe, None)
        except BaseException as error:
            self._metrics.record(call.name, _clock() - started, error)
            raise
        self._metrics.record(call.name, _clock() - started)
        return result

    async def transact(self, work: Callable[[Transaction], Awaitable[T]], name: str, idempotent: bool) -> T:
        """Run `work` in a transaction, repeated while nothing of it can have been kept. Raises DataError."""

        async def attempt() -> T:
            async with self._transaction() as transaction:
                return await work(transaction)

        return await self._guarded(name, attempt, idempotent)

    async def probe(self, call: Call) -> Any:
        """One attempt outside metrics and rate limit, for the data layer's own purposes. Raises DataError."""
        probe = self._enter()
        try:
            result = await self._once(call)
        except BaseException as error:
            self._left(probe, error)
            raise
        self._left(probe, None)
        return result

    @asynccontextmanager
    async def transaction(self, name: str) -> AsyncIterator[Transaction]:
        """One attempt at a transaction, whose statements the caller's block sends. Raises DataError."""
        started = _clock()
        try:
            if not self._limit.take():
                await self._limit.wait()
            probe = self._enter()
            try:
                async with self._transaction() as transaction:
                    yield transaction
            except BaseException as error:
                self._left(probe, error)
                raise
            self._left(probe, None)
        except TicketRefused:
            renewed = Unavailable("Your sign-in had expired and was renewed. Try again.", retry_in=0.0)
            self._metrics.record(name, _clock() - started, renewed)
            raise renewed from None
        except BaseException as error:
            self._metrics.record(name, _clock() - started, error)
            raise
        self._metrics.record(name, _clock() - started)

    async def _guarded(self, name: str, attempt: Callable[[], Awaitable[T]], repeatable: bool) -> T:
        """Rate limit, breaker, retries and metrics around `attempt`."""
        started = _clock()
        try:
            if not self._limit.take():
                await self._limit.wait()
            probe = not self._breaker.untroubled and self._enter()
            try:
                try:
                    result = await attempt()
                except DataError as error:
                    result = await self._again(error, attempt, repeatable)
            except BaseException as error:
                self._left(probe, error)
                raise
            if not (self._breaker.untroubled and self._health.state is Reachability.UP):
                self._left(probe, None)
        except BaseException as error:
            self._metrics.record(name, _clock() - started, error)
            raise
        self._metrics.record(name, _clock() - started)
        return result

    async def _once(self, call: Call) -> Any:
        """One attempt. Raises DataError; ConnectionLost when it may have happened."""
        connection = self._connections.take() or await self._connections.acquire()
        try:
            result = await calls.run(call, connection, self._connections)
        except (asyncio.CancelledError, ConnectionLost, Unreachable):
            # The server may still be busy with it.
            self._connections.release_later(connection)
            raise
        except BaseException:
            self._connections.release(connection)
            raise
        self._connections.release(connection)
        return result

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Transaction]:
        connection = self._connections.take() or await self._connections.acquire()
        transaction = Transaction(connection, self._connections)
        try:
            await transaction.begin()
            yield transaction
            await transaction.commit()
        except asyncio.CancelledError:
            self._roll_back_later(transaction, connection)
            raise
        except BaseException as error:
            await self._roll_back(transaction, connection, error)
            raise
        self._connections.release(connection)

    async def _again(self, error: DataError, attempt: Callable[[], Awaitable[T]], repeatable: bool) -> T:
        """Further attempts after the first one's `error`, or that error. OutcomeUnknown for what may have happened."""

        def worth_it(failure: Exception) -> bool:
            if isinstance(failure, ConnectionLost | OutcomeUnknown):
                return repeatable
            if isinstance(failure, TicketRefused):
                self._metrics.renewals += 1
                return True
            # Whoever was silent for a whole time limit is not asked twice while the user waits.
            return isinstance(failure, Unreachable | Contention) and not isinstance(failure, Silence)

        try:
            if not worth_it(error):
                raise error
            # Imported only now because most sessions never need it.
            import stamina

            async for repetition in stamina.retry_context(
                on=worth_it, attempts=4, timeout=6.0, wait_initial=0.05, wait_max=0.5, wait_jitter=0.05
            ):
                with repetition:
                    self._metrics.retries += 1
                    return await attempt()
        except TicketRefused:
            raise NotAuthorized from None
        except ConnectionLost as lost:
            if repeatable:
                raise
            raise OutcomeUnknown from lost
        raise Unavailable  # pragma: no cover  (the loop returns or raises)

    def _enter(self) -> bool:
        try:
            return self._breaker.enter()
        except CircuitOpen as error:
            raise Unavailable(self._health.last_error, retry_in=error.retry_in) from None

    def _left(self, probe: bool, error: BaseException | None) -> None:
        """Tell breaker and health how an attempt ended."""
        if error is None:
            self._breaker.left(probe)
            self._health.up()
        elif isinstance(error, DataError) and is_connection_trouble(error):
            self._breaker.left(probe, failed=True)
            # What happened to the change is its author's business; the health tells what happened to the database.
            self._on_trouble(statement_failed(error.__cause__) if isinstance(error, OutcomeUnknown) else error)
        else:
            # Asked and refused is an answer, too; cancelled or not signed in may mean that it was not even asked.
            answered = isinstance(error, Exception) and not isinstance(error, NotAuthorized)
            self._breaker.left(probe, failed=False if answered else None)
            if answered:
                self._health.up()

    async def _roll_back(self, transaction: Transaction, connection: TicketConnection, error: BaseException) -> None:
        """Raises TicketRefused instead of `error` when a refusal was due to a void ticket."""
        await transaction.rollback()
        try:
            if isinstance(error, Forbidden):
                await calls.check_ticket(connection, self._connections)
        finally:
            self._connections.release(connection)

    def _roll_back_later(self, transaction: Transaction, connection: TicketConnection) -> None:
        async def roll_back() -> None:
            await transaction.rollback()
            self._connections.release(connection)

        task = asyncio.create_task(roll_back())
        self._rollbacks.add(task)
        task.add_done_callback(self._rollbacks.discard)
