"""Live changes by LISTEN, on a connection that stays: direct, or behind a session pooler."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from tripsage_tui.data.calls import Failure, check_ticket
from tripsage_tui.data.connections import Connections
from tripsage_tui.data.errors import DataError, NotAuthorized
from tripsage_tui.data.health import DatabaseHealth
from tripsage_tui.data.listening import Change, Listening
from tripsage_tui.data.pool import TicketConnection
from tripsage_tui.data.translation import is_connection_trouble, statement_failed

__all__ = ["Change", "LiveUpdates"]

_CHANNELS = "select channel from private.live_channels() as channel"
_PRESENT = "select set_config('tripsage.ticket', $1, false)"
_PATIENCE = 5.0


class LiveUpdates(Listening):
    """Listens on a connection of its own, opened after the first query and reopened whenever it is lost.

    The channels' names are secrets that the database gives to their recipient only, as long as the ticket is good: a
    new one is presented on the open connection before the old one ends.
    """

    def __init__(
        self,
        connections: Connections,
        health: DatabaseHealth,
        on_trouble: Callable[[DataError], None],
        on_contact: Callable[[], None],
        heartbeat: float,
    ) -> None:
        super().__init__(health, heartbeat)
        self._connections = connections
        self._on_trouble = on_trouble
        self._on_contact = on_contact
        connections.tickets.on_new(self.look)

    def _trouble(self, error: DataError) -> None:
        super()._trouble(error)
        if is_connection_trouble(error):
            self._on_trouble(error)

    async def _listen(self) -> None:
        connection = await self._connections.dedicated()
        self._look.clear()
        try:
            connection.add_termination_listener(lambda _: self.look())
            channels = await self._channels(connection)
            for channel in channels:
                await connection.add_listener(channel, self._notified)
            self._on_contact()
            self._opened()
            await self._watch(connection, channels)
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

    async def _watch(self, connection: TicketConnection, channels: list[str]) -> None:
        """Return when there is nothing more to hear here: the connection is closed, or the channels are others.

        Asks from time to time, because a dead network closes nothing and signing out ends channels silently.
        """
        while True:
            await self._rest()
            if connection.is_closed():
                return
            await self._present(connection)
            if await self._channels(connection) != channels:
                return

    async def _present(self, connection: TicketConnection) -> None:
        """Have the connection go on with the ticket of now."""
        # A sign-in service that is away says nothing about the ticket, which may be good for another while.
        with suppress(NotAuthorized):
            ticket = await self._connections.renew()
            if ticket is not connection.ticket:
                await connection.fetchval(_PRESENT, ticket.get_secret_value(), timeout=_PATIENCE)
                connection.ticket = ticket

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._tell(Change.parse(str(payload)))
