"""What an operator does to a project's database: migrations, the login's password, and a look at the bucket."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
from pydantic import SecretStr

from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.migrations import MigrationError, MigrationRunner, find_migrations, supabase_folder
from tripsage_tui.data.reaching import CannotReach, mode_of, reached
from tripsage_tui.data.scram import verifier
from tripsage_tui.data.statements import split_statements
from tripsage_tui.data.target import ConnectionTarget, PoolMode, Tls

CLIENT = "tripsage_client"
_MARK = "password set by tripsage-tui admin setup"

_ME = """
select r.rolsuper or r.rolcreaterole as roles, r.rolsuper or r.rolbypassrls as past_policies, r.rolname::text as name,
       current_setting('server_version_num')::int / 10000 as version
from pg_catalog.pg_roles r where r.rolname = current_user
"""
_BUCKET = "select to_regclass('storage.buckets') is not null and exists (select from storage.buckets where id = $1)"
_POLICIES = """
select p.polcmd::text from pg_catalog.pg_policy p
where p.polrelid = to_regclass('storage.objects') and p.polname like 'tripsage\\_attachments\\_%'
"""
_NEEDED = {"r": "reading", "a": "uploading", "d": "deleting"}
_COMMENT = "select shobj_description(oid, 'pg_authid') from pg_catalog.pg_roles where rolname = $1"


class CannotSetUp(Exception):
    """The set-up cannot go on; the text is one sentence with the remedy."""


@dataclass(frozen=True)
class Changed:
    """What the migrations did: names of those applied now, and how many were there before."""

    applied: tuple[str, ...]
    before: int


def read_url(url: SecretStr, *, ca_file: Path | None = None) -> ConnectionTarget:
    """`postgresql://user:password@host:port/database?sslmode=...` as a target. Raises CannotSetUp, quoting nothing."""
    wrong = CannotSetUp("The database URL has the form postgresql://user:password@host:port/database.")
    try:
        # The dashboard's own placeholder, which is no URL.
        parts = urlsplit(url.get_secret_value().strip().replace(":[YOUR-PASSWORD]@", "@"))
        options = dict(parse_qsl(parts.query))
        port = parts.port or int(options.get("port", "5432"))
    except ValueError:
        raise wrong from None
    host = unquote(parts.hostname or "") or options.get("host", "")
    if parts.scheme not in {"postgresql", "postgres"} or not host or not parts.username:
        raise wrong
    try:
        tls = Tls(options["sslmode"]) if "sslmode" in options else None
    except ValueError:
        raise CannotSetUp("sslmode in the database URL is one of disable, require, verify-full.") from None
    root = ca_file or (Path(options["sslrootcert"]) if "sslrootcert" in options else None)
    return ConnectionTarget(
        host=host,
        port=port,
        database=unquote(parts.path.lstrip("/")) or "postgres",
        user=unquote(parts.username),
        password=SecretStr(unquote(parts.password)) if parts.password else None,
        ssl=tls,
        ca_file=root,
    )


@asynccontextmanager
async def operating(target: ConnectionTarget) -> AsyncIterator[Operator]:
    """The owner's hold on a project's database. Raises CannotSetUp."""
    try:
        if not target.is_socket and await mode_of(target) is PoolMode.TRANSACTION:
            raise CannotSetUp(
                f"Port {target.port} is a transaction pooler: set-up needs a session (Supabase: port 5432 of the "
                "pooler, or the direct connection)."
            )
        async with reached(target) as connection:
            yield await Operator.of(connection)
    except CannotReach as error:
        raise CannotSetUp(f"{error.topic}: {error}") from None


class Operator:
    """Methods raise CannotSetUp."""

    def __init__(self, connection: asyncpg.Connection, name: str) -> None:
        self._connection = connection
        self.name = name

    @classmethod
    async def of(cls, connection: asyncpg.Connection) -> Operator:
        """Look whether this role may do what has to be done."""
        me = await connection.fetchrow(_ME)
        if me is None or not (me["roles"] and me["past_policies"]):
            name = me["name"] if me else "this role"
            raise CannotSetUp(
                f"{name} may not create roles or bypass row level security: take the project's role postgres."
            )
        if me["version"] < 15:
            raise CannotSetUp(f"PostgreSQL {me['version']} is too old: 15 is the oldest that works.")
        return cls(connection, me["name"])

    async def migrate(self, progress: Callable[[str], None]) -> Changed:
        """Apply what is missing, whoever applied what is there."""
        runner = MigrationRunner(self._connection)
        try:
            before = len((await runner.status()).applied)
            return Changed(tuple(str(each) for each in await runner.migrate(progress)), before)
        except MigrationError as error:
            raise CannotSetUp(str(error).splitlines()[0]) from None
        except (asyncpg.PostgresError, OSError, TimeoutError) as error:
            raise CannotSetUp(f"The migrations did not run ({type(error).__name__}).") from None

    async def password_set_on(self) -> str | None:
        """The day on which a set-up gave the login its password; None when none ever did."""
        comment = await self._connection.fetchval(_COMMENT, CLIENT)
        return str(comment).removeprefix(_MARK).strip() if str(comment).startswith(_MARK) else None

    async def set_password(self, password: SecretStr) -> None:
        """Give the login a password. The server gets only what proves it (SCRAM), also in its log."""
        today = datetime.now(UTC).date().isoformat()
        try:
            async with self._connection.transaction():
                # ALTER ROLE takes no arguments; a verifier has no quote in it.
                await self._connection.execute(f"alter role {CLIENT} password '{verifier(password)}'")
                await self._connection.execute(f"comment on role {CLIENT} is '{_MARK} {today}'")
        except asyncpg.InsufficientPrivilegeError:
            raise CannotSetUp(
                f"{self.name} may not set the password of {CLIENT}: run this as the role that applied the first "
                "migration, or as a superuser."
            ) from None
        except asyncpg.PostgresError as error:
            raise CannotSetUp(f"The password could not be set (code {error.sqlstate}).") from None

    async def storage_lacks(self) -> list[str]:
        """What attachments need and do not have: the bucket, and policies for reading, uploading, deleting."""
        lacks = [] if await self._connection.fetchval(_BUCKET, "attachments") else ["the bucket attachments"]
        there = {row[0] for row in await self._connection.fetch(_POLICIES)}
        return lacks + [f"the policy for {word}" for letter, word in _NEEDED.items() if not {letter, "*"} & there]


def storage_sql() -> str:
    """The statements of the migrations about Storage's tables, for a superuser."""
    found = [
        f"{statement.strip()};"
        for migration in find_migrations(supabase_folder())
        for statement in split_statements(migration.up.read_text("utf-8"))
        if "storage.objects" in statement or "storage.buckets" in statement
    ]
    return "\n\n".join(found)


def client_target(target: ConnectionTarget, password: SecretStr) -> ConnectionTarget:
    """The same server for the program's login: through a shared pooler its name carries the project's ref."""
    _, dot, ref = target.user.partition(".")
    return replace(target, user=f"{CLIENT}{dot}{ref}", password=password)


async def logs_in(target: ConnectionTarget) -> bool:
    """Whether the login works with this password. Raises Unavailable where that cannot be found out."""
    with contextlib.suppress(asyncpg.PostgresError):
        try:
            async with reached(target, again=False):
                return True
        except CannotReach as error:
            if error.topic == "login":
                return False
            raise Unavailable(str(error)) from None
    return False
