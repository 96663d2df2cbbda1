"""Hearing of changes that anyone made to the user's rows, whichever way the news comes."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tripsage_tui.data.errors import DataError
from tripsage_tui.data.health import DatabaseHealth, Reachability

logger = logging.getLogger(__name__)

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0
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
            return cls.read(json.loads(payload))
        except ValueError:
            return cls.missed()

    @classmethod
    def read(cls, fields: object) -> Change:
        """The same of a payload that has been decoded."""
        try:
            assert isinstance(fields, dict)  # noqa: S101  (for the type checker: AttributeError says the same)
            trip_id = fields.get("trip_id")
            row = fields.get("id")
            return cls(
                table=str(fields["table"]),
                op=str(fields["op"]),
                id=None if row is None else str(row),
                trip_id=None if trip_id is None else int(trip_id),
            )
        except (ValueError, KeyError, TypeError, AssertionError):
            return cls.missed()


class Listening(ABC):
    """One background task that listens, and again whenever that ends; `heartbeat` is the seconds between two looks.

    A subclass listens in `_listen`: it calls `_opened` once news arrives, and returns or raises when it does not any
    more. `health.live` says which it is. After every gap the subscribers get `Change.missed()`.
    """

    def __init__(self, health: DatabaseHealth, heartbeat: float) -> None:
        self._health = health
        self._heartbeat = heartbeat
        self._callbacks: list[Callable[[Change], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._up_again = asyncio.Event()
        self._look = asyncio.Event()
        self._started = 0.0
        self._missed = False
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

    def look(self) -> None:
        """Something happened that the listening may depend on (another ticket): look now instead of later."""
        self._look.set()

    @abstractmethod
    async def _listen(self) -> None:
        """Listen until that ends. Raises DataError."""

    def _trouble(self, error: DataError) -> None:
        """Listening ended with that error."""
        logger.debug("live updates: %s", error)

    async def _run(self) -> None:
        await self._wanted.wait()
        pause = _FIRST_PAUSE
        self._missed = self._late
        while True:
            self._up_again.clear()
            try:
                await self._listen()
            except DataError as error:
                self._trouble(error)
            except Exception:  # whatever a library stumbles over, the program hears again later
                logger.exception("live updates failed")
            if self._health.live:
                pause = _FIRST_PAUSE
            self._health.set_live(False)
            self._missed = True
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._up_again.wait()
            pause = min(pause * 2, _LONGEST_PAUSE)

    @property
    def _late(self) -> bool:
        return time.monotonic() - self._started > _BLIND

    def _opened(self) -> None:
        """From now on news arrives."""
        self._health.set_live(True)
        self.established.set()
        if self._missed:
            self._tell(Change.missed())

    async def _rest(self) -> None:
        """Until the next look is due."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._heartbeat):
                await self._look.wait()
        self._look.clear()

    def _tell(self, change: Change) -> None:
        for callback in tuple(self._callbacks):
            try:
                callback(change)
            except Exception:  # one broken listener must not silence the others
                logger.exception("a listener for live changes failed")

    def _health_changed(self, health: DatabaseHealth) -> None:
        if health.state is Reachability.UP:
            self._up_again.set()
