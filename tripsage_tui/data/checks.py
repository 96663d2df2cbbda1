"""What `doctor` asks the database, as its owner."""

from __future__ import annotations

from dataclasses import dataclass

from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.owner import connect

_UNPROTECTED = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relrowsecurity order by 1
"""
_WITHOUT_POLICY = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p')
  and not exists (select 1 from pg_policy p where p.polrelid = c.oid) order by 1
"""
_EXTENSION = "select extversion from pg_extension where extname = 'vector'"
_HEALTH = "select metric, value, status from public.database_health order by metric"


@dataclass(frozen=True)
class DatabaseFacts:
    """Server and pgvector versions, tables without protection, and the rows of `database_health`."""

    server: str
    pgvector: str | None
    unprotected: tuple[str, ...]
    health: tuple[tuple[str, str, str], ...]


async def database_facts(server: EmbeddedServer) -> DatabaseFacts:
    """Read them through the owner's connection. Raises `Unavailable` when the server is not there."""
    async with connect(server.address) as connection:
        tables = await connection.fetch(_UNPROTECTED) + await connection.fetch(_WITHOUT_POLICY)
        return DatabaseFacts(
            server=await connection.fetchval("show server_version"),
            pgvector=await connection.fetchval(_EXTENSION),
            unprotected=tuple(sorted({row["relname"] for row in tables})),
            health=tuple((row["metric"], row["value"], row["status"]) for row in await connection.fetch(_HEALTH)),
        )
