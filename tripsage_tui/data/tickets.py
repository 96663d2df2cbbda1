"""Opening and closing tickets for local profiles, through the owner's connection of the embedded server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from pydantic import SecretStr

from tripsage_tui.data.errors import NotAuthorized
from tripsage_tui.data.owner import HasAddress, connect
from tripsage_tui.data.ticket_source import Ticket

_OPEN = "select ticket, expires_at from private.open_local_session($1, $2)"
_CLOSE = "delete from private.database_sessions where ticket_hash = any($1::bytea[])"


async def open_ticket(server: HasAddress, user_id: UUID, lifetime: timedelta) -> Ticket:
    """A new ticket for this user. Raises `NotAuthorized` when there is no such user (any more), `Unavailable`."""
    from asyncpg import ForeignKeyViolationError

    async with connect(server.address) as connection:
        try:
            row = await connection.fetchrow(_OPEN, user_id, lifetime)
        except ForeignKeyViolationError:
            raise NotAuthorized("This profile no longer exists. Choose another one.") from None
    return Ticket(SecretStr(row["ticket"]), row["expires_at"])


async def close_tickets(server: HasAddress, tickets: Sequence[Ticket]) -> None:
    """End tickets at once, wherever they are in use. Raises `Unavailable`."""
    import hashlib

    hashes = [hashlib.sha256(ticket.value.get_secret_value().encode()).digest() for ticket in tickets]
    async with connect(server.address) as connection:
        await connection.execute(_CLOSE, hashes)
