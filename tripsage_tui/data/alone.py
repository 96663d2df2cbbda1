"""Being the only program of a user that does something: an advisory lock on a connection of its own."""

from __future__ import annotations

from tripsage_tui.data.calls import Failure
from tripsage_tui.data.connections import Connections
from tripsage_tui.data.pool import TicketConnection
from tripsage_tui.data.translation import statement_failed

_LOCK = """
select pg_try_advisory_lock(hashtextextended('tripsage ' || $1 || ' ' || private.current_user_id()::text, 0))
"""


class Hold:
    """Holds until `release`, until the connection breaks (`lost`), or until the process is gone."""

    def __init__(self, connection: TicketConnection) -> None:
        self._connection = connection

    @property
    def lost(self) -> bool:
        return bool(self._connection.is_closed())

    def release(self) -> None:
        """Let others in."""
        self._connection.terminate()


async def hold(connections: Connections, what: str) -> Hold | None:
    """The hold, or None while another program of this user has it. Raises DataError."""
    connection = await connections.dedicated()
    try:
        alone = await connection.fetchval(_LOCK, what)
    except Failure as error:
        connection.terminate()
        raise statement_failed(error) from error
    if not alone:
        connection.terminate()
        return None
    return Hold(connection)
