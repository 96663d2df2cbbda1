"""Where the database is and how to reach it."""

from __future__ import annotations

import ssl as tls
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr


class PoolMode(StrEnum):
    """What stands between us and the server.

    SESSION: nothing, or a pooler that gives every client one server connection (Supabase: port 5432).
    TRANSACTION: a pooler that gives a server connection per transaction (Supabase: port 6543); no live updates there.
    """

    SESSION = "session"
    TRANSACTION = "transaction"


class Tls(StrEnum):
    """How much the server must prove; the names are libpq's."""

    DISABLE = "disable"
    REQUIRE = "require"
    VERIFY_FULL = "verify-full"


@dataclass(frozen=True)
class ConnectionTarget:
    """A PostgreSQL server: `host` is a name, an address, or the absolute path of a socket folder.

    `ssl` None means verify-full for a host and nothing for a socket. `ca_file` and `ca_pem` (PEM) are trusted besides
    the system's roots; Supabase's own root ("Supabase Root 2021 CA") comes from the project's dashboard.
    """

    host: str
    port: int = 5432
    database: str = "postgres"
    user: str = "tripsage_client"
    password: SecretStr | None = None
    ssl: Tls | None = None
    ca_file: Path | None = None
    ca_pem: str | None = None

    @property
    def is_socket(self) -> bool:
        return self.host.startswith("/")

    def ssl_argument(self) -> tls.SSLContext | bool:
        """asyncpg's `ssl` argument. Raises OSError or ssl.SSLError when `ca_file` cannot be read."""
        mode = self.ssl or (Tls.DISABLE if self.is_socket else Tls.VERIFY_FULL)
        if mode is Tls.DISABLE:
            return False
        context = tls.create_default_context()
        if self.ca_file is not None:
            context.load_verify_locations(self.ca_file)
        if self.ca_pem is not None:
            context.load_verify_locations(cadata=self.ca_pem)
        if mode is Tls.REQUIRE:
            context.check_hostname = False
            context.verify_mode = tls.CERT_NONE
        return context
