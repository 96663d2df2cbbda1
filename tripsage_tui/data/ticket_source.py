"""The ticket as the data layer needs it: a secret that says who we are, good for a while, renewed by its source."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

from tripsage_tui.data.errors import DataError, NotAuthorized


@dataclass(frozen=True)
class Ticket:
    """`value` identifies the user to the database until the instant `expires_at` (the server's clock)."""

    value: SecretStr
    expires_at: datetime


class TicketSource(Protocol):
    """Hands out tickets; asked again when the last one has expired or was refused."""

    async def ticket(self) -> Ticket:
        """A valid ticket. Raises NotAuthorized when the user has to sign in again, other errors when it cannot tell."""
        ...


class TicketHolder:
    """Keeps the current ticket and renews it shortly before it expires, by wall clock and by monotonic clock.

    The wall clock alone is wrong after it jumps, the monotonic clock alone is wrong after the machine slept. A ticket
    that looks expired the moment it arrives means that the two machines' clocks differ: then only the monotonic clock
    counts, and the database has the last word (`refused`).
    """

    def __init__(
        self,
        source: TicketSource,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._wall = wall
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._ticket: Ticket | None = None
        self._refused: str | None = None
        # Instants on the two clocks from which a new one is needed.
        self._due = float("-inf")
        self._due_wall = float("-inf")
        self._early = 0.0
        self._told: list[Callable[[], None]] = []

    def on_new(self, callback: Callable[[], None]) -> None:
        """Call it whenever there is another ticket."""
        self._told.append(callback)

    @property
    def due(self) -> bool:
        """Whether a new ticket is needed before the next query."""
        return self._monotonic() >= self._due or self._wall() >= self._due_wall

    @property
    def due_soon(self) -> bool:
        """Whether it is time to fetch the next ticket in the background, as `due` long before it is."""
        return self._monotonic() >= self._due - self._early or self._wall() >= self._due_wall - self._early

    async def current(self) -> SecretStr:
        """The ticket's secret, fetched first when necessary. Raises NotAuthorized when there is none to be had."""
        if self._ticket is not None and not self.due:
            return self._ticket.value  # also while the next one is being fetched
        async with self._lock:
            if self._ticket is None or self.due:
                self._take(await self._fetch())
            ticket = self._ticket
        if ticket is None:  # pragma: no cover  (for the type checker: _take has just set it)
            raise NotAuthorized
        return ticket.value

    async def ahead(self) -> SecretStr:
        """The next ticket's secret where `due_soon`, while others go on with the current one. Raises as `current`."""
        async with self._lock:
            if self.due_soon:
                self._take(await self._fetch())
        return await self.current()

    def refused(self, value: str) -> None:
        """The database does not know this ticket (any more); ask the source for another one next time."""
        if self._ticket is not None and self._ticket.value.get_secret_value() == value:
            self._refused = value
            self._ticket = None
            self._due = float("-inf")

    async def _fetch(self) -> Ticket:
        try:
            ticket = await self._source.ticket()
        except DataError:
            raise
        except (OSError, TimeoutError) as error:
            raise NotAuthorized("Your sign-in could not be renewed: the sign-in service cannot be reached.") from error
        if self._refused is not None and ticket.value.get_secret_value() == self._refused:
            raise NotAuthorized
        return ticket

    def _take(self, ticket: Ticket) -> None:
        left = ticket.expires_at.timestamp() - self._wall()
        early = self._early = max(0.0, min(60.0, left * 0.1))
        skewed = left <= 0
        other = self._ticket is None or ticket.value is not self._ticket.value
        self._ticket = ticket
        self._due = float("inf") if skewed else self._monotonic() + left - early
        self._due_wall = float("inf") if skewed else ticket.expires_at.timestamp() - early
        if other:
            for told in self._told:
                told()
