"""Opening connections that carry the user's ticket, and pooling them.

The ticket travels as a start-up parameter, so that no statement is needed to say who we are. Poolers that refuse or
ignore such parameters get it by `set_config` right after connecting; transaction poolers get it in every transaction.
Nothing in this program changes the state of a session, so connections go back to the pool without a reset query.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import asyncpg
from pydantic import SecretStr

from tripsage_tui.data.metrics import PoolUse
from tripsage_tui.data.target import ConnectionTarget, PoolMode
from tripsage_tui.data.ticket_source import TicketHolder
from tripsage_tui.data.translation import Unreachable, connecting_failed

logger = logging.getLogger(__name__)

TICKET_SETTING = "tripsage.ticket"

_SET_SESSION = """
select set_config('tripsage.ticket', $1, false), set_config('timezone', 'UTC', false), set_config('jit', 'off', false),
       set_config('statement_timeout', $2, false), set_config('idle_in_transaction_session_timeout', '60s', false)
"""


class TicketConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """A connection that remembers the ticket it presented, so that exactly that one can be declared refused."""

    __slots__ = ("ticket",)
    ticket: SecretStr


async def _no_reset(connection: asyncpg.Connection) -> None:
    """Instead of asyncpg's `RESET ALL` and friends: one round trip per statement saved."""


class Connections:
    """A pool of at most `size` connections, the most recently used first; none is opened before the first use."""

    def __init__(
        self,
        target: ConnectionTarget,
        tickets: TicketHolder,
        *,
        mode: PoolMode = PoolMode.SESSION,
        size: int = 4,
        connect_timeout: float = 5.0,
        statement_timeout: float = 8.0,
    ) -> None:
        self.target = target
        self.tickets = tickets
        self.mode = mode
        self.statement_timeout = statement_timeout
        self._size = size
        self._connect_timeout = connect_timeout
        self._at_start_up = mode is PoolMode.SESSION
        self._pool: asyncpg.Pool | None = None
        self._releasing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Make the pool; opens no connection."""
        self._pool = await asyncpg.create_pool(
            connect=self._connect,
            reset=_no_reset,
            connection_class=TicketConnection,
            min_size=0,
            max_size=self._size,
            max_inactive_connection_lifetime=300.0,
            max_queries=10**9,
        )

    async def close(self) -> None:
        """Close all connections, giving running statements two seconds."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(2.0):
                await asyncio.gather(*self._releasing, return_exceptions=True)
                await pool.close()
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pool.terminate()

    def use(self) -> PoolUse | None:
        """How full the pool is, None when it is not open."""
        pool = self._pool
        return None if pool is None else PoolUse(pool.get_size(), pool.get_idle_size(), pool.get_max_size())

    async def acquire(self) -> TicketConnection:
        """A connection with a valid ticket. Raises Unreachable, LoginRefused, NotAuthorized."""
        pool = self._pool
        if pool is None:
            raise Unreachable("The database connection is closed.")
        if self.tickets.due:
            await self.tickets.current()
            await self.expire()
        try:
            async with asyncio.timeout(self._connect_timeout + self.statement_timeout):
                connection: TicketConnection = await pool.acquire()
                return connection
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise connecting_failed(error) from error

    async def release(self, connection: TicketConnection) -> None:
        """Give a connection back; one that is in a doubtful state is dropped."""
        pool = self._pool
        try:
            if pool is None:
                connection.terminate()
            else:
                await pool.release(connection, timeout=2.0)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            logger.debug("a connection was dropped: %s", type(error).__name__)

    def release_later(self, connection: TicketConnection) -> None:
        """Give a connection back without making a cancelled task wait for the server to notice."""
        task = asyncio.ensure_future(self.release(connection))
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)

    async def expire(self) -> None:
        """Replace every connection before its next use, because the ticket changed."""
        if self._pool is not None:
            await self._pool.expire_connections()

    def start_up_ignored(self) -> None:
        """The ticket did not arrive although it was sent: a pooler dropped it. Use `set_config` from now on."""
        self._at_start_up = False

    @property
    def sends_at_start_up(self) -> bool:
        return self._at_start_up

    async def dedicated(self) -> TicketConnection:
        """A connection outside the pool; the caller closes it. Raises what `acquire` raises."""
        try:
            return await self._connect(connection_class=TicketConnection)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise connecting_failed(error) from error

    async def _connect(self, _dsn: None = None, **pool_arguments: Any) -> TicketConnection:
        ticket = await self.tickets.current()
        try:
            connection = await self._open(ticket, pool_arguments)
        except asyncpg.ProtocolViolationError:
            if not self._at_start_up:
                raise
            # pgbouncer: "unsupported startup parameter".
            self._at_start_up = False
            connection = await self._open(ticket, pool_arguments)
        connection.ticket = ticket
        if self.mode is PoolMode.SESSION and not self._at_start_up:
            await self._present(connection)
        return connection

    async def _open(self, ticket: SecretStr, pool_arguments: dict[str, Any]) -> TicketConnection:
        target = self.target
        settings = {"application_name": "tripsage_tui"}
        if self._at_start_up:
            settings |= {
                TICKET_SETTING: ticket.get_secret_value(),
                "timezone": "UTC",
                # The list's plan is estimated as expensive enough for the JIT compiler, which costs more than it saves.
                "jit": "off",
                "statement_timeout": self._server_timeout(),
                "idle_in_transaction_session_timeout": "60s",
            }
        connection: TicketConnection = await asyncpg.connect(
            host=target.host,
            port=target.port,
            database=target.database,
            user=target.user,
            password=target.password.get_secret_value() if target.password else None,
            ssl=target.ssl_argument(),
            timeout=self._connect_timeout,
            statement_cache_size=256 if self.mode is PoolMode.SESSION else 0,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings=settings,
            **pool_arguments,
        )
        return connection

    async def _present(self, connection: TicketConnection) -> None:
        try:
            await connection.fetchrow(
                _SET_SESSION,
                connection.ticket.get_secret_value(),
                self._server_timeout(),
                timeout=self._connect_timeout,
            )
        except BaseException:
            connection.terminate()
            raise

    def _server_timeout(self) -> str:
        # A little earlier than our own, so that the server's plain refusal wins over a broken connection.
        return f"{int(self.statement_timeout * 900)}ms"
