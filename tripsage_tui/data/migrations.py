"""Apply and take back the schema, interchangeable with the Supabase CLI.

Both record what they did in `supabase_migrations.schema_migrations(version, statements, name)`, so that
`supabase db push` and this runner can take turns on one database. Each migration is one transaction together with its
history row, and so is each rollback. The rules for what may run are the CLI's: the applied versions must be the first
of the local ones, in order; a local file older than the newest applied one, or an applied version without a file, is
refused.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tripsage_tui.data.statements import split_statements

_FILE_NAME = re.compile(r"(?P<version>\d{14})_(?P<name>\w+)\.sql")
# Any number will do as long as every runner uses the same one; it spells "trip".
_LOCK = 0x74726970

_HISTORY = (
    "create schema if not exists supabase_migrations",
    "create table if not exists supabase_migrations.schema_migrations (version text not null primary key)",
    "alter table supabase_migrations.schema_migrations add column if not exists statements text[]",
    "alter table supabase_migrations.schema_migrations add column if not exists name text",
)
_HISTORY_EXISTS = "select to_regclass('supabase_migrations.schema_migrations') is not null"
_APPLIED = "select version from supabase_migrations.schema_migrations order by version"
_RECORD = "insert into supabase_migrations.schema_migrations (version, statements, name) values ($1, $2, $3)"
_FORGET = "delete from supabase_migrations.schema_migrations where version = $1"


class MigrationError(Exception):
    """A migration cannot or must not run; the text is one sentence that says why."""


@dataclass(frozen=True)
class Migration:
    """One file of supabase/migrations and its twin in supabase/rollbacks."""

    version: str
    name: str
    up: Path
    down: Path

    def __str__(self) -> str:
        return f"{self.version}_{self.name}"


@dataclass(frozen=True)
class MigrationStatus:
    """What has been applied and what waits, both oldest first."""

    applied: tuple[Migration, ...]
    pending: tuple[Migration, ...]


def supabase_folder() -> Path:
    """The folder with `migrations/` and `rollbacks/`: packaged in a wheel, at the root of a checkout.

    Raises MigrationError when it is in neither place.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_supabase", package.parent / "supabase"):
        if (folder / "migrations").is_dir():
            return folder
    raise MigrationError("The migrations are missing from this installation; install tripsage-tui again.")


def find_migrations(folder: Path) -> tuple[Migration, ...]:
    """All migrations below `folder`, oldest first. Raises MigrationError for two files of one version."""
    found: dict[str, Migration] = {}
    for path in sorted((folder / "migrations").glob("*.sql")):
        parts = _FILE_NAME.fullmatch(path.name)
        if parts is None:
            continue
        if parts["version"] in found:
            raise MigrationError(f"Two migrations have the version {parts['version']}.")
        found[parts["version"]] = Migration(parts["version"], parts["name"], path, folder / "rollbacks" / path.name)
    return tuple(found.values())


class MigrationRunner:
    """Runs migrations over one connection of the database's owner.

    The owner needs CREATEROLE and, for the definer functions, BYPASSRLS; it need not be a superuser.
    """

    def __init__(self, connection: asyncpg.Connection, folder: Path | None = None) -> None:
        self._connection = connection
        self._migrations = find_migrations(folder or supabase_folder())

    async def status(self) -> MigrationStatus:
        """What is applied and what waits. Writes nothing. Raises MigrationError when history and files disagree."""
        versions: list[str] = []
        if await self._connection.fetchval(_HISTORY_EXISTS):
            versions = [row["version"] for row in await self._connection.fetch(_APPLIED)]
        return self._compare(versions)

    async def migrate(self, progress: Callable[[str], None] | None = None) -> tuple[Migration, ...]:
        """Apply what waits, one transaction each; `progress` gets the name of each before it runs.

        Returns what was applied. Raises MigrationError when history and files disagree or a statement fails; the
        migrations before the failing one stay applied.
        """
        async with self._alone():
            if not await self._connection.fetchval(_HISTORY_EXISTS):
                for statement in _HISTORY:
                    await self._connection.execute(statement)
            pending = (await self.status()).pending
            for migration in pending:
                if progress:
                    progress(str(migration))
                statements = _read(migration.up)
                await self._run(migration, statements, (_RECORD, migration.version, statements, migration.name))
        return pending

    async def rollback(self, steps: int = 1, progress: Callable[[str], None] | None = None) -> tuple[Migration, ...]:
        """Take back the newest `steps` migrations, newest first, one transaction each. Data in what they made is lost.

        Returns what was taken back. Raises MigrationError as `migrate` does, and when a rollback file is missing.
        """
        async with self._alone():
            applied = (await self.status()).applied
            last = tuple(reversed(applied))[:steps]
            for migration in last:
                if progress:
                    progress(str(migration))
                await self._run(migration, _read(migration.down), (_FORGET, migration.version))
        return last

    def _compare(self, versions: Iterable[str]) -> MigrationStatus:
        applied = set(versions)
        strangers = sorted(applied - {migration.version for migration in self._migrations})
        if strangers:
            raise MigrationError(
                f"The database has migrations that this version of tripsage-tui does not know "
                f"({', '.join(strangers)}): a newer program or another one made them."
            )
        count = len(applied)
        late = [str(m) for m in self._migrations[:count] if m.version not in applied]
        if late:
            raise MigrationError(f"Migrations older than the newest applied one were never applied: {', '.join(late)}.")
        return MigrationStatus(self._migrations[:count], self._migrations[count:])

    async def _run(self, migration: Migration, statements: list[str], history: tuple[object, ...]) -> None:
        number = 0
        try:
            async with self._connection.transaction():
                await self._connection.execute("reset all")
                for number, statement in enumerate(statements, start=1):  # noqa: B007 - named in the error below
                    await self._connection.execute(statement)
                await self._connection.execute(*history)
        except asyncpg.PostgresError as error:
            raise MigrationError(f"{migration} failed at statement {number}: {error}") from error

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the lock that keeps two runners apart; the second one waits, then finds nothing to do."""
        await self._connection.execute("select pg_advisory_lock($1)", _LOCK)
        try:
            yield
        finally:
            if not self._connection.is_closed():
                await self._connection.execute("select pg_advisory_unlock($1)", _LOCK)


def _read(path: Path) -> list[str]:
    try:
        return split_statements(path.read_text("utf-8"))
    except FileNotFoundError:
        raise MigrationError(f"{path.name} has no file in {path.parent.name}/.") from None
