"""A transaction in progress: the same four verbs as the database, all or nothing."""

from __future__ import annotations

import logging
from typing import Any

from tripsage_tui.data.calls import Failure, present_ticket
from tripsage_tui.data.connections import Connections
from tripsage_tui.data.errors import DataError, OutcomeUnknown
from tripsage_tui.data.pool import TicketConnection
from tripsage_tui.data.translation import ConnectionLost, Unreachable, statement_failed

logger = logging.getLogger(__name__)

_NOTHING_SAVED = "The connection to the database broke. Nothing was saved."


class Transaction:
    """Made by `Database.transaction` and `Database.transact`; usable until their block ends.

    A connection that breaks before the commit raises Unavailable, because nothing was kept; one that breaks during
    the commit raises OutcomeUnknown.
    """

    def __init__(self, connection: TicketConnection, connections: Connections) -> None:
        self._connection = connection
        self._connections = connections
        self._transaction = connection.transaction()

    async def fetch(self, sql: str, *arguments: object) -> list[Any]:
        """All rows."""
        rows: list[Any] = await self._send("fetch", sql, arguments)
        return rows

    async def fetchrow(self, sql: str, *arguments: object) -> Any | None:
        """The first row or None."""
        return await self._send("fetchrow", sql, arguments)

    async def fetchval(self, sql: str, *arguments: object) -> Any:
        """The first column of the first row, None when there is no row."""
        return await self._send("fetchval", sql, arguments)

    async def execute(self, sql: str, *arguments: object) -> str:
        """Run a statement for its effect; the command tag."""
        tag: str = await self._send("execute", sql, arguments)
        return tag

    async def begin(self) -> None:
        """For the database only."""
        try:
            await self._transaction.start()
            await present_ticket(self._connection, self._connections)
        except Failure as error:
            raise self._not_kept(error) from error

    async def commit(self) -> None:
        """For the database only. Raises OutcomeUnknown when the answer got lost."""
        try:
            await self._transaction.commit()
        except Failure as error:
            failure = statement_failed(error)
            if isinstance(failure, ConnectionLost):
                raise OutcomeUnknown from error
            raise failure from error

    async def rollback(self) -> None:
        """For the database only: never raises; a connection that cannot even do this is closed."""
        try:
            if not self._connection.is_closed() and self._connection.is_in_transaction():
                await self._transaction.rollback()
        except Failure as error:
            logger.debug("rollback failed: %s", type(error).__name__)
            self._connection.terminate()

    async def _send(self, method: str, sql: str, arguments: tuple[object, ...]) -> Any:
        call = getattr(self._connection, method)
        try:
            return await call(sql, *arguments)
        except Failure as error:
            raise self._not_kept(error) from error

    def _not_kept(self, error: BaseException) -> DataError:
        failure = statement_failed(error)
        return Unreachable(_NOTHING_SAVED) if isinstance(failure, ConnectionLost) else failure
