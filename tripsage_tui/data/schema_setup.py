"""Brings a running embedded server to the schema of this program: Supabase's stand-ins, extensions, migrations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tripsage_tui.data.cluster import SUPERUSER
from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.owner import connect
from tripsage_tui.data.packaged_schema import (
    BOOTSTRAP,
    mark_schema,
    marked_schema,
    packaged_schema,
    unmark_schema,
)
from tripsage_tui.data.sentences import is_about_space
from tripsage_tui.data.server_files import ServerAddress

if TYPE_CHECKING:
    from tripsage_tui.data.migrations import Migration

_DATABASES = "select datname from pg_database where datallowconn and not datistemplate"
_OLD_EXTENSIONS = """
    select quote_ident(name) from pg_available_extensions
    where installed_version is not null and installed_version <> default_version
"""


async def prepare_schema(address: ServerAddress, cluster: Path, progress: Callable[[str], None]) -> None:
    """Make the schema current. Everything in it can be repeated, so an attempt that was killed does no harm.

    The mark in the cluster spares the stand-ins; which migrations are applied is asked from the database each time.
    """
    from tripsage_tui.data.migrations import MigrationRunner

    wanted = packaged_schema()
    known = marked_schema(cluster) == wanted
    if not known:
        await bring_stand_ins(address)
    async with connect(address) as connection:
        await _run(MigrationRunner(connection).migrate(_once(progress, "Bringing the database up to date…")))
    if not known:
        mark_schema(cluster, wanted)


async def bring_stand_ins(address: ServerAddress) -> None:
    """Create or complete what a hosted project has before the first migration."""
    stand_ins = BOOTSTRAP.read_text(encoding="utf-8")
    async with connect(address, SUPERUSER) as connection:
        await connection.execute(stand_ins)
        databases = [row["datname"] for row in await connection.fetch(_DATABASES)]
    for database in databases:
        async with connect(address, SUPERUSER, database) as connection:
            for row in await connection.fetch(_OLD_EXTENSIONS):
                await connection.execute(f"alter extension {row[0]} update")


async def refresh_statistics(address: ServerAddress) -> None:
    """After an upgrade of PostgreSQL: give the planner its statistics back."""
    async with connect(address, SUPERUSER) as connection:
        await connection.execute("analyze")


async def schema_version(address: ServerAddress) -> str | None:
    """Version of the newest migration that is applied, None when there is none."""
    async with connect(address) as connection:
        if await connection.fetchval("select to_regclass('supabase_migrations.schema_migrations')") is None:
            return None
        newest: str | None = await connection.fetchval("select max(version) from supabase_migrations.schema_migrations")
        return newest


async def change_schema(
    address: ServerAddress, cluster: Path, progress: Callable[[str], None], steps_back: int
) -> list[str]:
    """Apply all that is missing (`steps_back` 0) or take back the newest migrations; returns their names."""
    from tripsage_tui.data.migrations import MigrationRunner

    unmark_schema(cluster)
    await bring_stand_ins(address)
    async with connect(address) as connection:
        runner = MigrationRunner(connection)
        if steps_back:
            return await _run(runner.rollback(steps_back, progress))
        changed = await _run(runner.migrate(progress))
    mark_schema(cluster, packaged_schema())
    return changed


def _once(progress: Callable[[str], None], sentence: str) -> Callable[[str], None]:
    """One sentence for however many steps: their names mean nothing to a traveller."""
    sentences = iter([sentence])

    def tell(_: str) -> None:
        for told in sentences:
            progress(told)

    return tell


async def _run(change: Awaitable[tuple[Migration, ...]]) -> list[str]:
    from tripsage_tui.data.migrations import MigrationError

    try:
        return [str(migration) for migration in await change]
    except MigrationError as error:
        said = str(error)
        if is_about_space(said):
            raise Unavailable("The disk that holds the database is full: free some space and start again.") from error
        raise Unavailable(said.splitlines()[0]) from error
