"""One call of the database on one connection: with the ticket in place, and noticing when the ticket is void."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg

from tripsage_tui.data.connections import Connections
from tripsage_tui.data.errors import DataError
from tripsage_tui.data.pool import TicketConnection, Trouble
from tripsage_tui.data.target import PoolMode
from tripsage_tui.data.translation import statement_failed

_PRESENT = "select set_config('tripsage.ticket', $1, true)"
_WHO = "select private.current_user_id() is not null"

# Bad arguments come as ValueError or OverflowError.
Failure = (*Trouble, ValueError, OverflowError)


class TicketRefused(DataError):
    """The database does not know the connection's ticket: nothing was read or written. Never leaves the data layer."""


@dataclass(slots=True, eq=False)
class Call:
    """SQL with its arguments. `method` is asyncpg's: fetch, fetchrow, fetchval or execute."""

    method: str
    sql: str
    arguments: tuple[object, ...]
    name: str
    write: bool = False
    idempotent: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether running it twice does no harm."""
        return self.idempotent or not self.write


def came_back_empty(result: object) -> bool:
    """No row read or changed: what a void ticket looks like, too."""
    return result is None or result == [] or (isinstance(result, str) and result.endswith(" 0"))


async def run(call: Call, connection: TicketConnection, connections: Connections) -> Any:
    """Run it and return asyncpg's result. Raises DataError; TicketRefused when the ticket is void.

    Row level security shows nothing to nobody, so an empty answer or a refusal is only believed after asking the
    database whether it still knows us. That costs a round trip in just these cases.
    """
    try:
        if connections.mode is PoolMode.SESSION:
            send = getattr(connection, call.method)
            result = await send(call.sql, *call.arguments)
        else:
            result = await _send(call, connection, connections)
    except asyncpg.InsufficientPrivilegeError as error:
        await check_ticket(connection, connections)
        raise statement_failed(error) from error
    except Failure as error:
        raise statement_failed(error) from error
    if came_back_empty(result):
        await check_ticket(connection, connections)
    return result


async def present_ticket(connection: TicketConnection, connections: Connections) -> None:
    """Say who we are, for the open transaction, where a pooler makes that necessary."""
    if connections.mode is PoolMode.TRANSACTION:
        await connection.fetchval(_PRESENT, connection.ticket.get_secret_value())


async def check_ticket(connection: TicketConnection, connections: Connections) -> None:
    """Ask the database whether it knows us. Raises TicketRefused when not; the connection must not be in an error."""
    try:
        known = await _send(Call("fetchval", _WHO, (), "ticket"), connection, connections)
    except Failure as error:
        raise statement_failed(error) from error
    if known:
        return
    connections.tickets.refused(connection.ticket.get_secret_value())
    connections.expire()
    raise TicketRefused


async def _send(call: Call, connection: TicketConnection, connections: Connections) -> Any:
    method = getattr(connection, call.method)
    if connections.mode is PoolMode.SESSION or connection.is_in_transaction():
        return await method(call.sql, *call.arguments)
    async with connection.transaction():
        await present_ticket(connection, connections)
        return await method(call.sql, *call.arguments)
