"""Connections to the embedded server that act for the owner of the cluster or its superuser, not for a traveller."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from tripsage_tui.data.server_files import ServerAddress

if TYPE_CHECKING:
    import asyncpg


class HasAddress(Protocol):
    """Whatever knows where its server listens now: an `EmbeddedServer`."""

    @property
    def address(self) -> ServerAddress:
        """Raises `Unavailable` when there is none."""
        ...


OWNER = "postgres"
DATABASE = "postgres"


def owner_url(address: ServerAddress) -> str:
    """The owner's connection string for psql and other tools."""
    return f"postgresql://{OWNER}@/{DATABASE}?host={quote(address.socket_dir, safe='')}&port={address.port}"


@asynccontextmanager
async def connect(
    address: ServerAddress, user: str = OWNER, database: str = DATABASE
) -> AsyncIterator[asyncpg.Connection]:
    """One connection through the socket for the length of the block.

    Raises `Unavailable` when there is no server (any more), other errors of `data.errors` for refused statements.
    """
    import asyncpg

    from tripsage_tui.data.translation import connecting_failed, statement_failed

    try:
        connection = await asyncpg.connect(
            host=address.socket_dir,
            port=address.port,
            user=user,
            database=database,
            password="",
            ssl=False,
            timeout=10,
            server_settings={"application_name": "tripsage-tui"},
        )
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise connecting_failed(error) from error
    try:
        yield connection
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise statement_failed(error) from error
    finally:
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=5)
