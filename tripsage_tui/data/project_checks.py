"""What `doctor` asks a hosted project's database, with the rights that every user of the program has."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable

import asyncpg

from tripsage_tui.data.migrations import MigrationError, find_migrations, supabase_folder
from tripsage_tui.data.reaching import LIMIT, CannotReach, explained, mode_of, reached
from tripsage_tui.data.target import ConnectionTarget, PoolMode, Tls
from tripsage_tui.models.diagnosis import Finding
from tripsage_tui.models.when import count_of

REMEDY = "the operator runs `tripsage-tui admin setup`"
SKEW = 30.0
"""Seconds that two clocks may be apart before it is worth a word."""
OLDEST = 15
"""Major version of PostgreSQL."""
TABLES = (
    *("trips", "trip_stops", "trip_collaborators", "trip_invitations", "travellers", "flights", "accommodations"),
    *("transportation", "itinerary_items", "legs", "expenses", "expense_shares", "settlements", "chat_sessions"),
    *("chat_messages", "chat_tool_calls", "memories", "session_memories", "api_keys", "file_attachments"),
)
FUNCTIONS = (
    "private.current_user_id()",
    "private.trip_costs()",
    "private.trip_parts(bigint)",
    "private.live_channels()",
    "public.close_database_session()",
    "public.put_api_key(text,text)",
    "public.get_api_key(text)",
)

_MISSING = """
select 'table ' || t from unnest($1::text[]) t
where case when to_regclass('public.' || t) is null then true
           else not has_table_privilege('public.' || t, 'select') end
union all
select 'function ' || f from unnest($2::text[]) f
where case when to_regprocedure(f) is null then true else not has_function_privilege(f, 'execute') end
"""
_RIGHTS = """
select r.rolsuper as "superuser", r.rolbypassrls as "BYPASSRLS", r.rolcreaterole as "CREATEROLE",
       r.rolcreatedb as "CREATEDB", r.rolreplication as "REPLICATION",
       has_schema_privilege('public', 'create') as "CREATE on the schema public",
       exists (select from pg_catalog.pg_class c where c.relowner = r.oid) as "tables of its own",
       exists (select from pg_catalog.pg_auth_members m where m.member = r.oid) as "membership in other roles"
from pg_catalog.pg_roles r where r.rolname = session_user
"""
_TEMPORARY = "select has_database_privilege(current_database(), 'temporary')"
_UNPROTECTED = """
select c.relname::text from pg_catalog.pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
  and has_table_privilege(c.oid, 'select') order by 1
"""
_LOGGED = """
select current_setting('log_parameter_max_length')::int <> 0
       and (current_setting('log_statement') = 'all' or current_setting('log_min_duration_statement') <> '-1')
"""
_SOMEBODY = "select private.current_user_id() is not null or exists (select from public.trips)"
_Trouble = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def database_findings(
    target: ConnectionTarget,
    mode: PoolMode,
    *,
    clock: Callable[[], float] = time.time,
    limit: float = LIMIT,
) -> list[Finding]:
    """Everything about the way to the database and what this login finds there. Never raises for what it finds."""
    try:
        async with reached(target, limit=limit) as connection:
            findings = [_tls(target), await _server(connection, target), await _clock(connection, clock)]
            findings += [finding async for finding in _schema(connection)]
        return [*findings, await _pooling(target, mode, limit)]
    except CannotReach as error:
        return [Finding("error", error.topic, str(error))]
    except _Trouble as error:
        trouble = explained(error, target)
        return [Finding("error", trouble.topic, str(trouble))]


def _tls(target: ConnectionTarget) -> Finding:
    if target.is_socket and target.ssl in {None, Tls.DISABLE}:
        return Finding("ok", "TLS", "The server is on this machine: no TLS is needed.")
    match target.ssl:
        case Tls.DISABLE:
            return Finding(
                "warning", "TLS", "Nothing is encrypted on the way: remove database.tls where the server offers TLS."
            )
        case Tls.REQUIRE:
            return Finding(
                "warning",
                "TLS",
                f"Encrypted, but {target.host} proves nothing: put its issuer's certificate into database.ca and "
                "remove database.tls.",
            )
    return Finding("ok", "TLS", f"Encrypted, and {target.host} has proved who it is.")


async def _server(connection: asyncpg.Connection, target: ConnectionTarget) -> Finding:
    version = await connection.fetchval("select current_setting('server_version_num')::int / 10000")
    if version < OLDEST:
        return Finding("error", "database", f"PostgreSQL {version} is too old: {OLDEST} is the oldest that works.")
    return Finding("ok", "database", f"PostgreSQL {version} lets {target.user} in.")


async def _clock(connection: asyncpg.Connection, clock: Callable[[], float]) -> Finding:
    before = clock()
    theirs = await connection.fetchval("select extract(epoch from clock_timestamp())::float8")
    return clock_finding(theirs - (before + clock()) / 2, "the database's")


def clock_finding(ahead: float, whose: str) -> Finding:
    """About a clock that is so many seconds ahead of this machine's."""
    if abs(ahead) <= SKEW:
        return Finding("ok", "clock", f"This machine's clock and {whose} agree.")
    direction = "behind" if ahead > 0 else "ahead of"
    return Finding(
        "warning",
        "clock",
        f"This machine's clock is {count_of(round(abs(ahead)), 'second')} {direction} {whose}: sign-ins end at the "
        "wrong time; set it (timedatectl set-ntp true).",
    )


async def _schema(connection: asyncpg.Connection) -> AsyncIterator[Finding]:
    try:
        newest = await connection.fetchval("select private.schema_version()")
    except (asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError):
        newest = None
    yield version_finding(newest)
    yield await _rights(connection)
    if newest is None:
        return
    missing = [row[0] for row in await connection.fetch(_MISSING, TABLES, FUNCTIONS)]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        yield Finding("error", "grants", f"No right to use {', '.join(missing[:3])}{more}: {REMEDY}.")
    else:
        yield Finding("ok", "grants", "Every table and function may be used.")
    unprotected = [row[0] for row in await connection.fetch(_UNPROTECTED)]
    if unprotected:
        yield Finding("error", "security", f"Tables without row level security: {', '.join(unprotected)}: {REMEDY}.")
    elif not missing and await connection.fetchval(_SOMEBODY):
        yield Finding(
            "error", "security", f"Trips can be read without signing in: {REMEDY}, and nobody connects before."
        )
    elif not missing:
        yield Finding("ok", "security", "Without signing in nothing can be read.")


def version_finding(newest: str | None) -> Finding:
    """What it means that this is the newest migration of the database."""
    try:
        needed = find_migrations(supabase_folder())[-1].version
    except MigrationError as error:
        return Finding("error", "schema", str(error))
    if newest is None:
        return Finding("error", "schema", f"The tables of the program are missing: {REMEDY} (or `supabase db push`).")
    if newest < needed:
        return Finding(
            "error", "schema", f"Migrations are missing (the newest there is {newest}, needed is {needed}): {REMEDY}."
        )
    if newest > needed:
        return Finding(
            "warning", "schema", f"The project is newer than this program ({newest}, {needed}): update tripsage-tui."
        )
    return Finding("ok", "schema", f"The schema is up to date ({newest}).")


async def _rights(connection: asyncpg.Connection) -> Finding:
    row = await connection.fetchrow(_RIGHTS)
    too_many = [name for name, value in row.items() if value] if row is not None else []
    if too_many:
        return Finding("error", "security", f"The login has too many rights ({', '.join(too_many)}): take them away.")
    if await connection.fetchval(_TEMPORARY):
        return Finding(
            "warning",
            "security",
            "The login may make temporary tables: the owner of the database runs "
            "`revoke temporary on database postgres from public`.",
        )
    if await connection.fetchval(_LOGGED):
        return Finding(
            "warning",
            "security",
            "The server's log gets values that users send, tickets and keys among them: a superuser runs "
            "`alter role tripsage_client set log_parameter_max_length = 0`.",
        )
    return Finding("ok", "security", "The login has no rights of its own.")


async def _pooling(target: ConnectionTarget, mode: PoolMode, limit: float) -> Finding:
    found = await mode_of(target, limit=limit)
    if found is mode:
        live = "live updates by LISTEN" if mode is PoolMode.SESSION else "live updates through Realtime"
        return Finding("ok", "pooler", f"Port {target.port} works in {mode} mode, as the file says: {live}.")
    if found is PoolMode.TRANSACTION:
        return Finding(
            "error",
            "pooler",
            f'Port {target.port} is a transaction pooler, but the file says session: write pool_mode = "transaction", '
            "or the session port (Supabase: 5432).",
        )
    return Finding(
        "warning",
        "pooler",
        f'Port {target.port} keeps sessions, but the file says transaction: write pool_mode = "session", which is '
        "faster and needs no Realtime.",
    )
