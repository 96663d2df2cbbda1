"""A hosted session as the data layer and the file store need it: tickets and access tokens, always in time.

One task looks ahead: shortly before the current ticket is due to be replaced it renews the access token where needed
and opens the next ticket, so that no query has to wait for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import SecretStr

from tripsage_tui.data.errors import DataError, Unavailable
from tripsage_tui.data.ticket_source import Ticket
from tripsage_tui.identity.hosted.accounts import Accounts, ProjectAddress
from tripsage_tui.identity.hosted.errors import RateLimited, SessionEnded, SignInError, SignInNeeded
from tripsage_tui.identity.hosted.gate import Gate, TokenRefused
from tripsage_tui.identity.hosted.outcomes import Account
from tripsage_tui.identity.hosted.renewal import Renewal
from tripsage_tui.identity.keeping import CannotKeep

logger = logging.getLogger(__name__)

_NAP = 30.0
"""Seconds after which the clock is looked at again: a machine that slept finds out how late it is."""


class HostedSession:
    """The `TicketSource` of one account; also hands out access tokens."""

    def __init__(
        self,
        project: ProjectAddress,
        accounts: Accounts,
        account: Account,
        *,
        wall: Callable[[], float] = time.time,
        nap: float = _NAP,
    ) -> None:
        self.account = account
        self._nap = nap
        self._wall = wall
        self._gate = Gate(project, wall=wall)
        self._renewal = Renewal(self._gate, accounts, account, wall)
        self._opening = asyncio.Lock()
        self._next: Ticket | None = None
        self._due: float | None = None
        self._early = 0.0
        self._handed_out = asyncio.Event()
        self._ahead: asyncio.Task[None] | None = None
        self._closed = False

    async def ticket(self) -> Ticket:
        """A ticket nobody has been given yet; its end is by this machine's clock.

        Raises SignInNeeded when the session has ended, Unavailable when that cannot be told now, SchemaOutdated.
        """
        async with self._opening:
            ticket, self._next = self._next, None
            if ticket is None or ticket.expires_at.timestamp() - self._wall() <= self._early:
                ticket = await self._open()
        self._note(ticket)
        return ticket

    async def access_token(self, refused: SecretStr | None = None) -> SecretStr:
        """An access token that is good for half a minute at least, and another one than `refused`, which the server
        would not take. Raises what `ticket` raises."""
        try:
            return (await self._renewal.fresh(30.0, refused=refused)).access_token
        except (SignInError, CannotKeep) as error:
            raise _as_data_error(error) from None

    async def close(self) -> None:
        """Stop looking ahead and close connections; the session stays."""
        self._closed = True
        if self._ahead is not None:
            self._ahead.cancel()
            await asyncio.gather(self._ahead, return_exceptions=True)
        await self._renewal.close()
        await self._gate.close()

    async def _open(self) -> Ticket:
        try:
            kept = await self._renewal.fresh()
            try:
                value, until = await self._gate.open_ticket(kept.access_token)
            except TokenRefused:
                kept = await self._renewal.fresh(refused=kept.access_token)
                value, until = await self._gate.open_ticket(kept.access_token)
        except TokenRefused:
            raise SignInNeeded from None
        except (SignInError, CannotKeep) as error:
            raise _as_data_error(error) from None
        return Ticket(value, datetime.fromtimestamp(until.timestamp() - kept.ahead, UTC))

    def _note(self, ticket: Ticket) -> None:
        """When the next one should be there: before the data layer asks for it (see `TicketHolder`)."""
        left = max(0.0, ticket.expires_at.timestamp() - self._wall())
        self._early = min(60.0, left * 0.1)
        self._due = ticket.expires_at.timestamp() - 1.5 * self._early
        self._handed_out.set()
        if (self._ahead is None or self._ahead.done()) and not self._closed:
            self._ahead = asyncio.create_task(self._look_ahead())

    async def _look_ahead(self) -> None:
        while True:
            await self._handed_out.wait()
            self._handed_out.clear()
            pause = 1.0
            while self._next is None and self._due is not None and not self._handed_out.is_set():
                if (wait := self._due - self._wall()) > 0:
                    await asyncio.sleep(min(wait, self._nap))
                    continue
                try:
                    async with self._opening:
                        if not self._handed_out.is_set():
                            self._next = await self._open()
                except SignInNeeded:
                    return  # whoever asks next is told
                except DataError as error:
                    logger.debug("looking ahead: %s", error)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, self._nap)


def _as_data_error(error: Exception) -> DataError:
    if isinstance(error, SessionEnded):
        return SignInNeeded()
    if isinstance(error, RateLimited):
        return Unavailable(str(error), retry_in=error.seconds)
    return Unavailable(str(error))
