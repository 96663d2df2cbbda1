"""What the database tells about changes that anyone made to the user's rows."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tripsage_tui.data.calls import Failure, check_ticket
from tripsage_tui.data.connections import Connections
from tripsage_tui.data.errors import DataError
from tripsage_tui.data.health import DatabaseHealth, Reachability
from tripsage_tui.data.pool import TicketConnection
from tripsage_tui.data.translation import is_connection_trouble, statement_failed

logger = logging.getLogger(__name__)

_CHANNELS = "select channel from private.live_channels() as channel"
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0
_PATIENCE = 5.0
# Listening that begins within this many seconds of the first query cannot have missed what a person did meanwhile.
_BLIND = 0.5


@dataclass(frozen=True)
class Change:
    """One changed row: names and ids only, read the row to see it.

    `table` is "*" when changes may have been missed (after a lost connection): read everything again. `op` is INSERT,
    UPDATE or DELETE, and RELOAD with "*".
    """

    table: str
    op: str
    id: str | None
    trip_id: int | None

    @classmethod
    def missed(cls) -> Change:
        return cls(table="*", op="RELOAD", id=None, trip_id=None)

    @classmethod
    def parse(cls, payload: str) -> Change:
        """Read a notification's payload; one that cannot be read means that something changed: `missed()`."""
        try:
            fields = json.loads(payload)
            trip_id = fields.get("trip_id")
            row = fields.get("id")
            return cls(
                table=str(fields["table"]),
                op=str(fields["op"]),
                id=None if row is None else str(row),
                trip_id=None if trip_id is None else int(trip_id),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls.missed()


class LiveUpdates:
    """Listens on a connection of its own, opened after the first query and reopened whenever it is lost.

    The channels' names are secrets that the database gives to their recipient only. `heartbeat` is the seconds between
    two looks whether the connection still works.
    """

    def __init__(
        self,
        connections: Connections,
        health: DatabaseHealth,
        on_trouble: Callable[[DataError], None],
        on_contact: Callable[[], None],
        heartbeat: float,
    ) -> None:
        self._heartbeat = heartbeat
        self._connections = connections
        self._health = health
        self._on_trouble = on_trouble
        self._on_contact = on_contact
        self._callbacks: list[Callable[[Change], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._up_again = asyncio.Event()
        self._started: float | None = None
        self.established = asyncio.Event()
        health.on_change(self._health_changed)

    @property
    def subscribed(self) -> bool:
        return bool(self._callbacks)

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call `callback` for each change; the function that is returned ends that."""
        self._callbacks.append(callback)
        self._wanted.set()

        def forget() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return forget

    def start(self) -> None:
        """Begin to listen as soon as someone subscribes; called after the first query, which must not wait for us."""
        if self._task is None:
            self._started = time.monotonic()
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        await self._wanted.wait()
        pause = _FIRST_PAUSE
        missed = time.monotonic() - (self._started or 0.0) > _BLIND
        while True:
            self._up_again.clear()
            try:
                await self._listen(missed)
            except DataError as error:
                if is_connection_trouble(error):
                    self._on_trouble(error)
                logger.debug("live updates: %s", error)
            if self._health.live:
                pause = _FIRST_PAUSE
            self._health.set_live(False)
            missed = True
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._up_again.wait()
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _listen(self, missed: bool) -> None:
        """Listen until the connection is lost. Raises DataError when it cannot be opened."""
        connection = await self._connections.dedicated()
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            channels = await self._channels(connection)
            for channel in channels:
                await connection.add_listener(channel, self._notified)
            self._on_contact()
            self._health.set_live(True)
            self.established.set()
            if missed:
                self._tell(Change.missed())
            await self._watch(connection, channels, lost)
        except Failure as error:
            raise statement_failed(error) from error
        finally:
            connection.terminate()

    async def _channels(self, connection: TicketConnection) -> list[str]:
        rows = await connection.fetch(_CHANNELS, timeout=_PATIENCE)
        channels = [row["channel"] for row in rows if row["channel"] is not None]
        if not channels:
            await check_ticket(connection, self._connections)
        return sorted(channels)

    async def _watch(self, connection: TicketConnection, channels: list[str], lost: asyncio.Event) -> None:
        """Return when there is nothing more to hear here: the connection is closed, or the channels are others.

        Asks from time to time, because a dead network closes nothing and signing out ends channels silently.
        """
        while not lost.is_set():
            try:
                async with asyncio.timeout(self._heartbeat):
                    await lost.wait()
            except TimeoutError:
                if await self._channels(connection) != channels:
                    return

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._tell(Change.parse(str(payload)))

    def _tell(self, change: Change) -> None:
        for callback in tuple(self._callbacks):
            try:
                callback(change)
            except Exception:  # one broken listener must not silence the others
                logger.exception("a listener for live changes failed")

    def _health_changed(self, health: DatabaseHealth) -> None:
        if health.state is Reachability.UP:
            self._up_again.set()
