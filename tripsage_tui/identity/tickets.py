"""Tickets for local profiles: the owner of the data folder may open one for any of its profiles."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.owner import HasAddress
from tripsage_tui.data.ticket_source import Ticket
from tripsage_tui.data.tickets import close_tickets, open_ticket
from tripsage_tui.identity.profiles import Profile

LIFETIME = timedelta(hours=12)


class LocalTickets:
    """The `TicketSource` of one profile. Every ticket that it opened ends with `close`."""

    def __init__(self, server: HasAddress, profile: Profile, lifetime: timedelta = LIFETIME) -> None:
        self._server = server
        self._profile = profile
        self._lifetime = lifetime
        self._opened: list[Ticket] = []
        self._ahead: Ticket | None = None

    async def open_ahead(self) -> None:
        """Open the ticket that the next call of `ticket` hands out. Raises `NotAuthorized` for an unknown profile."""
        self._ahead = await self.ticket()

    async def ticket(self) -> Ticket:
        """A ticket nobody has been given yet. Raises `NotAuthorized` for an unknown profile, `Unavailable`."""
        if self._ahead is not None:
            ticket, self._ahead = self._ahead, None
            return ticket
        ticket = await open_ticket(self._server, self._profile.id, self._lifetime)
        now = datetime.now(UTC)
        self._opened = [*(old for old in self._opened if old.expires_at > now), ticket]
        return ticket

    async def close(self) -> None:
        """End every ticket that was opened here. With the server gone they end by themselves when they expire."""
        tickets, self._opened, self._ahead = self._opened, [], None
        if tickets:
            with contextlib.suppress(Unavailable):
                await close_tickets(self._server, tickets)
