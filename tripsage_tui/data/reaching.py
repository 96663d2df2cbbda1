"""Reaching a server step by step, so that what is in the way can be named: name, network, TLS, login.

The sentences are for the person who has the connection file; none quotes what a server said.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tripsage_tui.data.target import ConnectionTarget, PoolMode
from tripsage_tui.data.translation import login_refused

LIMIT = 8.0
"""Seconds for each step."""
PAUSE_AFTER_REFUSAL = 1.0
"""Seconds: poolers learn of a new password a moment later than the server."""
_NOT_YET_VALID, _EXPIRED = 9, 10
_UNKNOWN_ISSUER = {2, 18, 19, 20, 21, 27}
_WRONG_NAME = {62, 64}
"""Codes of OpenSSL's X509_V_ERR_*: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/"""


class CannotReach(Exception):
    """The database cannot be used from here; the text is one sentence with the remedy."""

    def __init__(self, topic: str, sentence: str) -> None:
        super().__init__(sentence)
        self.topic = topic


@asynccontextmanager
async def reached(
    target: ConnectionTarget, *, limit: float = LIMIT, again: bool = True
) -> AsyncIterator[asyncpg.Connection]:
    """A connection that keeps nothing between statements, for the length of the block. Raises CannotReach.

    `again`: try a refused password a second time.
    """
    if not target.is_socket:
        await _look_up(target, limit)
    connection = await _log_in(target, limit, again)
    try:
        yield connection
    finally:
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=2)


async def _look_up(target: ConnectionTarget, limit: float) -> None:
    """Resolve the name and open one TCP connection."""
    where = f"{target.host}, port {target.port},"
    try:
        async with asyncio.timeout(limit):
            found = await asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CannotReach(
            "name", f"The name {target.host} cannot be resolved: check database.host, and that this machine is online."
        ) from None
    except TimeoutError:
        raise CannotReach("name", f"No name server answers for {target.host}: is this machine online?") from None
    only_v6 = all(family == socket.AF_INET6 for family, *_ in found)
    failure: Exception = OSError()
    for _, _, _, _, address in found:
        try:
            async with asyncio.timeout(limit):
                _, writer = await asyncio.open_connection(str(address[0]), int(address[1]))
        except (OSError, TimeoutError) as error:
            failure = error
            continue
        writer.close()
        return
    if only_v6 and not isinstance(failure, ConnectionRefusedError):
        raise CannotReach(
            "network",
            f"{target.host} has only IPv6 addresses and this network does not reach them: use the shared pooler, "
            "whose host the dashboard shows under Connect.",
        )
    if isinstance(failure, ConnectionRefusedError):
        raise CannotReach("network", f"{where} refuses connections: check database.port, and that the server runs.")
    if isinstance(failure, TimeoutError):
        raise CannotReach(
            "network",
            f"{where} does not answer: a firewall, or the project's network restrictions, may be in the way.",
        )
    raise CannotReach("network", f"{where} cannot be reached from this network.")


async def _log_in(target: ConnectionTarget, limit: float, again: bool) -> asyncpg.Connection:
    try:
        return await _connect(target, limit)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told in a sentence
        if not (again and login_refused(error)):
            raise explained(error, target) from None
    await asyncio.sleep(PAUSE_AFTER_REFUSAL)
    try:
        return await _connect(target, limit)
    except Exception as error:  # noqa: BLE001
        raise explained(error, target) from None


async def _connect(target: ConnectionTarget, limit: float) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=target.host,
        port=target.port,
        database=target.database,
        user=target.user,
        password=target.password.get_secret_value() if target.password else None,
        ssl=await asyncio.to_thread(target.ssl_argument),
        timeout=limit,
        command_timeout=limit,
        statement_cache_size=0,
        server_settings={"application_name": "tripsage_tui"},
    )


def explained(error: BaseException, target: ConnectionTarget) -> CannotReach:
    """What a failed attempt to connect means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, target)
    if isinstance(error, asyncpg.PostgresError):
        return _login(error, target)
    if target.is_socket and isinstance(error, OSError):
        return CannotReach("network", f"No server listens in {target.host}: check database.host and database.port.")
    if "rejected SSL upgrade" in str(error):
        return CannotReach(
            "TLS",
            f"{target.host} does not offer TLS, so nothing was sent: enable it there (the server's `ssl`, or the "
            "pooler's certificates).",
        )
    if isinstance(error, ssl.SSLError | ConnectionError):
        return CannotReach(
            "TLS", f"{target.host} breaks the connection off before the login: is port {target.port} PostgreSQL's?"
        )
    if isinstance(error, TimeoutError):
        return CannotReach(
            "login", f"{target.host} takes the connection and then says nothing: is port {target.port} PostgreSQL's?"
        )
    if isinstance(error, OSError):
        return CannotReach("TLS", "The file of trusted certificates cannot be read: check database.ca.")
    return CannotReach("login", f"What answers at {target.host}, port {target.port}, does not speak PostgreSQL.")


def _certificate(error: ssl.SSLCertVerificationError, target: ConnectionTarget) -> CannotReach:
    code = error.verify_code
    if code == _EXPIRED:
        what = f"The certificate of {target.host} has expired: its operator has to renew it (and look at your clock)."
    elif code == _NOT_YET_VALID:
        what = f"The certificate of {target.host} is not valid yet: this machine's clock may be behind."
    elif code in _WRONG_NAME:
        what = f"The certificate is not one for {target.host}: write the name it is for into database.host."
    elif code in _UNKNOWN_ISSUER:
        what = (
            f"The certificate of {target.host} comes from an issuer that is not trusted here: put the issuer's "
            "certificate into database.ca (Supabase: dashboard, Database settings, SSL configuration)."
        )
    else:
        what = f"The certificate of {target.host} is not accepted: ask its operator."
    return CannotReach("TLS", what)


def _refused(target: ConnectionTarget) -> CannotReach:
    remedy = ""
    if target.user.partition(".")[0] == ConnectionTarget.user:
        remedy = ": ask the operator for a new connection file (`tripsage-tui admin setup --rotate`)"
    return CannotReach("login", f"The password of {target.user} is not the one the server knows{remedy}.")


def _login(error: asyncpg.PostgresError, target: ConnectionTarget) -> CannotReach:
    said, state = str(error).casefold(), error.sqlstate or ""
    if "tenant or user not found" in said:
        return CannotReach(
            "login",
            f"The pooler at {target.host} knows no project for the user {target.user}: the user ends with the "
            "project's ref (tripsage_client.<ref>), the host is the one the dashboard shows, and a paused "
            "project has to be resumed.",
        )
    if isinstance(error, asyncpg.InvalidPasswordError) or "authentication failed" in said:
        return _refused(target)
    if state == "3D000" or "no such database" in said:
        return CannotReach("login", f"The server has no database {target.database}: check database.name.")
    if state == "53300" or "max client" in said:
        return CannotReach(
            "login", "All connections are taken: try again later, or use the transaction pooler (Supabase: port 6543)."
        )
    if state == "57P03":
        return CannotReach("login", "The server is starting or stopping: try again in a minute.")
    if state.startswith("28") or "no such user" in said:
        return CannotReach(
            "login",
            f"The server does not let {target.user} in: the operator runs `tripsage-tui admin setup`, which makes "
            "this login and its password.",
        )
    if state == "08P01":
        return CannotReach("login", "The pooler refuses the login: check database.user and database.name.")
    return CannotReach("login", f"The server refuses the connection (code {state or 'unknown'}).")


async def mode_of(target: ConnectionTarget, *, limit: float = LIMIT) -> PoolMode:
    """How what listens there hands out server connections, found out by using two connections in turns.

    Raises CannotReach.
    """
    async with reached(target, limit=limit) as one, reached(target, limit=limit) as other:
        try:
            for _ in range(2):
                mine, theirs = await _process(one), await _process(other)
                if mine == theirs:
                    return PoolMode.TRANSACTION
                # Holds what was `one`'s, if connections go round.
                async with other.transaction():
                    held = await _process(other)
                    if await _process(one) != mine or held != theirs:
                        return PoolMode.TRANSACTION
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise explained(error, target) from None
    return PoolMode.SESSION


async def _process(connection: asyncpg.Connection) -> int:
    number: int = await connection.fetchval("select pg_backend_pid()")
    return number
