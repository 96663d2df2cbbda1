"""Opening connections that carry the user's ticket, and pooling them.

The ticket travels as a start-up parameter, so that no statement is needed to say who we are. Poolers that refuse or
ignore such parameters get it by `set_config` right after connecting; transaction poolers get it in every transaction.
Nothing in this program changes the state of a session, so connections are reused without a reset query.
"""

from __future__ import annotations

import asyncio
import ssl

import asyncpg
from pydantic import SecretStr

from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.metrics import PoolUse
from tripsage_tui.data.pool import Pool, TicketConnection, Trouble
from tripsage_tui.data.target import ConnectionTarget, PoolMode
from tripsage_tui.data.ticket_source import TicketHolder
from tripsage_tui.data.translation import Unreachable, connecting_failed, login_refused

TICKET_SETTING = "tripsage.ticket"

_SET_SESSION = """
select set_config('tripsage.ticket', $1, false), set_config('timezone', 'UTC', false), set_config('jit', 'off', false),
       set_config('statement_timeout', $2, false), set_config('idle_in_transaction_session_timeout', '60s', false)
"""
_SET_TICKET = "select set_config('tripsage.ticket', $1, false)"
_POOLERS_PAUSE = 0.5
"""Seconds."""


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
        # Nobody stands between us and a socket; what stands before a host is seen with the first connection.
        self._arrives = target.is_socket
        self._ssl: ssl.SSLContext | bool | None = False if target.is_socket and target.ssl is None else None
        self._pool: Pool | None = None
        self._closing: Pool | None = None
        self._ticket: SecretStr | None = None
        self._tried_again = False

    def start(self) -> None:
        """Make the pool; opens no connection."""
        self._pool = Pool(self._connect, self._size)

    async def close(self) -> None:
        """Close all connections, giving running statements two seconds."""
        pool, self._pool = self._pool, None
        if pool is not None:
            self._closing = pool
            await pool.close()

    def use(self) -> PoolUse | None:
        """How full the pool is, None when it is not open."""
        return None if self._pool is None else self._pool.use

    def take(self) -> TicketConnection | None:
        """An idle connection with a valid ticket, or None when that needs waiting: use `acquire` then."""
        pool = self._pool
        if pool is None or self.tickets.due or (connection := pool.take()) is None:
            return None
        if connection.ticket is not self._ticket:
            if self.mode is PoolMode.SESSION:
                pool.release(connection)
                return None
            connection.ticket = self._known()
        return connection

    async def acquire(self) -> TicketConnection:
        """A connection with a valid ticket. Raises Unreachable, LoginRefused, NotAuthorized."""
        pool = self._pool
        if pool is None:
            raise Unreachable("The database connection is closed.")
        if self.tickets.due:
            await self.renew()
        try:
            async with asyncio.timeout(self._connect_timeout + self.statement_timeout):
                connection = await pool.acquire()
                if connection.ticket is not self._ticket:
                    await self._present(connection, pool)
                return connection
        except Trouble as error:
            raise connecting_failed(error) from error

    async def _present(self, connection: TicketConnection, pool: Pool) -> None:
        """Have an open connection go on with the ticket of now: one round trip instead of a new connection's eight."""
        ticket = self._known()
        if self.mode is PoolMode.SESSION:
            try:
                await connection.fetchval(_SET_TICKET, ticket.get_secret_value())
            except BaseException:
                connection.terminate()
                pool.release(connection)
                raise
        connection.ticket = ticket

    def _known(self) -> SecretStr:
        if self._ticket is None:  # pragma: no cover  (no connection exists before the first ticket)
            raise Unreachable
        return self._ticket

    def release(self, connection: TicketConnection) -> None:
        """Give a connection back that waits for no answer."""
        if pool := self._pool or self._closing:
            pool.release(connection)

    def release_later(self, connection: TicketConnection) -> None:
        """Give a connection back whose query was stopped, without waiting for the server to notice."""
        if pool := self._pool or self._closing:
            pool.release_later(connection)

    def expire(self) -> None:
        """Replace every connection before its next use, because the database refused its ticket."""
        if self._pool is not None:
            self._pool.expire()

    def prune(self) -> None:
        """Close connections that have not been used for long."""
        if self._pool is not None:
            self._pool.prune()

    async def dedicated(self) -> TicketConnection:
        """A connection outside the pool; the caller closes it. Raises what `acquire` raises."""
        await self.renew()
        try:
            return await self._connect()
        except Trouble as error:
            raise connecting_failed(error) from error

    async def renew(self) -> SecretStr:
        """A valid ticket; pooled connections that have another one present it before their next use.

        Raises NotAuthorized.
        """
        self._ticket = await self.tickets.current()
        return self._ticket

    async def renew_ahead(self) -> None:
        """Before the ticket ends: the next one, and a connection with it before the others are let go.

        Raises what `acquire` raises; whoever has connections goes on with them.
        """
        pool = self._pool
        if pool is None:
            return
        self._ticket = await self.tickets.ahead()
        if self.mode is PoolMode.TRANSACTION:
            return  # every transaction presents the ticket of now
        try:
            pool.replace(await self._connect())
        except Trouble as error:
            pool.expire()
            raise connecting_failed(error) from error

    async def _tls(self) -> ssl.SSLContext | bool:
        if self._ssl is None:
            # Reads all of the system's certificates.
            try:
                self._ssl = await asyncio.to_thread(self.target.ssl_argument)
            except OSError as error:
                raise Unavailable("The file of trusted certificates cannot be read.") from error
        return self._ssl

    async def _connect(self) -> TicketConnection:
        ticket = await self.renew()
        connection = await self._opened(ticket)
        connection.ticket = ticket
        try:
            if self._at_start_up and not self._arrives:
                self._at_start_up = self._arrives = await _has_ticket(connection)
            if self.mode is PoolMode.SESSION and not self._at_start_up:
                await connection.fetchrow(_SET_SESSION, ticket.get_secret_value(), self._server_timeout())
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _opened(self, ticket: SecretStr) -> TicketConnection:
        """Open one, giving way to what poolers are like."""
        while True:
            try:
                return await self._open(ticket)
            except asyncpg.PostgresError as error:
                if login_refused(error):
                    if self._tried_again:
                        raise
                    # Poolers learn of a new password a moment after the server. Once: some shut out who insists.
                    self._tried_again = True
                    await asyncio.sleep(_POOLERS_PAUSE)
                elif isinstance(error, asyncpg.ProtocolViolationError) and self._at_start_up:
                    # pgbouncer: "unsupported startup parameter".
                    self._at_start_up = False
                else:
                    raise

    async def _open(self, ticket: SecretStr) -> TicketConnection:
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
            ssl=await self._tls(),
            timeout=self._connect_timeout,
            # For every statement, begin and commit included.
            command_timeout=self.statement_timeout,
            statement_cache_size=256 if self.mode is PoolMode.SESSION else 0,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings=settings,
            connection_class=TicketConnection,
        )
        return connection

    def _server_timeout(self) -> str:
        # A little earlier than our own, so that the server's plain refusal wins over a broken connection.
        return f"{int(self.statement_timeout * 900)}ms"


async def _has_ticket(connection: TicketConnection) -> bool:
    """Whether the start-up parameters arrived: some poolers drop them silently. One round trip."""
    try:
        await connection.execute("select current_setting('tripsage.ticket')")
    except asyncpg.UndefinedObjectError:
        return False
    return True
