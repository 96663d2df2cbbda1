"""Ways around the policies that somebody with the shared login and a SQL prompt would try. None leads anywhere.

Ada has a row in every table. Eve is signed in too, or has no ticket at all, and types SQL at tripsage_client.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from tests.data.sample_rows import Household, furnish
from tests.database import Database, clone, drop
from tests.postgres import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

Refused = asyncpg.InsufficientPrivilegeError


@dataclass
class Scene:
    """Ada's rows and Eve's ways in."""

    database: Database
    ada: Household
    eve: Household
    tables: tuple[str, ...]

    async def reach(self, connection: asyncpg.Connection) -> dict[str, int]:
        """How many rows that are not Eve's the connection sees, by table; empty is what every test here wants."""
        found = {}
        for table in self.tables:
            mine = [str(self.eve.ids.get(name)) for name in (table, "fellow traveller")]
            count = await connection.fetchval(f"select count(*) from {table} where id::text <> all ($1)", mine)
            if count:
                found[table] = count
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(server: Server, template: str) -> AsyncIterator[Scene]:
    database = await clone(server, template, "forging")
    owner = await database.owner()
    people = [await furnish(owner, await database.create_user(name)) for name in ("Ada", "Eve")]
    tables = await owner.fetch("select tablename::text from pg_tables where schemaname = 'public'")
    superuser = await database.superuser()
    await superuser.execute("analyze")
    yield Scene(database, people[0], people[1], tuple(row[0] for row in tables))
    await drop(database)


@pytest_asyncio.fixture(loop_scope="module")
async def eve(scene: Scene) -> AsyncIterator[asyncpg.Connection]:
    connection = await scene.database.client(scene.eve.user)
    yield connection
    connection.terminate()


@pytest_asyncio.fixture(loop_scope="module")
async def nobody(scene: Scene) -> AsyncIterator[asyncpg.Connection]:
    connection = await scene.database.client()
    yield connection
    connection.terminate()


# Identity -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("local", [True, False])
async def test_claims_of_ones_own_making_are_not_looked_at(
    scene: Scene, nobody: asyncpg.Connection, local: bool
) -> None:
    claims = json.dumps({"sub": str(scene.ada.user.id), "role": "service_role"})
    async with nobody.transaction():
        for name, value in {
            "request.jwt.claims": claims,
            "request.jwt.claim.sub": str(scene.ada.user.id),
            "request.jwt.claim.role": "service_role",
        }.items():
            await nobody.execute("select set_config($1, $2, $3)", name, value, local)
        assert await nobody.fetchval("select private.current_user_id()") is None
        assert await scene.reach(nobody) == {}


async def test_claims_as_start_up_parameters_are_not_looked_at_either(scene: Scene) -> None:
    forged = {"request.jwt.claims": json.dumps({"sub": str(scene.ada.user.id)})}
    connection = await scene.database.connect("tripsage_client", **forged)
    assert await scene.reach(connection) == {}


async def test_claims_do_not_outweigh_a_ticket(scene: Scene, eve: asyncpg.Connection) -> None:
    await eve.execute("select set_config('request.jwt.claims', $1, false)", json.dumps({"sub": str(scene.ada.user.id)}))
    assert await eve.fetchval("select private.current_user_id()") == scene.eve.user.id
    assert await scene.reach(eve) == {}


@pytest.mark.parametrize("statement", ["reset all", "discard all", "reset session authorization", "reset role",
                                       "set session authorization default", "set row_security = on"])  # fmt: skip
async def test_resetting_the_session_gives_nothing(
    scene: Scene, eve: asyncpg.Connection, nobody: asyncpg.Connection, statement: str
) -> None:
    await eve.execute(statement)
    await nobody.execute(statement)
    assert await scene.reach(eve) == {}
    assert await scene.reach(nobody) == {}
    assert await nobody.fetchval("select count(*) from trips") == 0


@pytest.mark.parametrize("role", ["postgres", "supabase_admin", "authenticated", "anon", "service_role",
                                  "authenticator", "supabase_auth_admin", "pg_read_all_data",
                                  "pg_monitor"])  # fmt: skip
@pytest.mark.parametrize("how", ["set role {}", "set local role {}", "set session authorization {}",
                                 "select set_config('role', '{}', false)",
                                 "select set_config('session_authorization', '{}', false)"])  # fmt: skip
async def test_nobody_becomes_somebody_else(eve: asyncpg.Connection, role: str, how: str) -> None:
    async with eve.transaction():
        with pytest.raises((Refused, asyncpg.InvalidParameterValueError)):
            async with eve.transaction():
                await eve.execute(how.format(role))
        assert await eve.fetchval("select current_user::text || session_user::text") == "tripsage_client" * 2


@pytest.mark.parametrize("settings", [{"role": "postgres"}, {"role": "authenticated"}, {"role": "service_role"},
                                      {"session_authorization": "postgres"}, {"options": "-c role=service_role"},
                                      {"session_replication_role": "replica"}])  # fmt: skip
async def test_start_up_parameters_give_no_rights(scene: Scene, settings: dict[str, str]) -> None:
    with pytest.raises((Refused, asyncpg.PostgresError)):
        await scene.reach(await scene.database.connect("tripsage_client", **settings))


async def test_switching_off_row_security_is_an_error_and_not_a_way(scene: Scene, eve: asyncpg.Connection) -> None:
    await eve.execute("set row_security = off")
    for table in scene.tables:
        with pytest.raises(Refused):
            await eve.fetch(f"select * from {table}")


async def test_a_prepared_plan_asks_again_who_is_asking(scene: Scene) -> None:
    client = await scene.database.client()
    ada, eve = await scene.database.ticket(scene.ada.user), await scene.database.ticket(scene.eve.user)
    statement = await client.prepare("select id from trips")
    for _ in range(8):  # beyond the five custom plans: the cached one is in use
        for ticket, home in ((ada, scene.ada), (eve, scene.eve)):
            await client.execute("select set_config('tripsage.ticket', $1, false)", ticket)
            assert [row["id"] for row in await statement.fetch()] == [home.ids["trips"]]
    await client.execute("reset tripsage.ticket")
    assert await statement.fetch() == []


async def test_signing_out_silences_every_connection_at_once(scene: Scene) -> None:
    ticket = await scene.database.ticket(scene.ada.user)
    connections = [await scene.database.client(ticket=ticket) for _ in range(3)]
    assert all([await connection.fetchval("select count(*) from trips") for connection in connections])
    await connections[0].execute("select close_database_session()")
    for connection in connections:
        assert await connection.fetchval("select count(*) from trips") == 0


async def test_deleting_the_user_ends_the_ticket(scene: Scene) -> None:
    guest = await scene.database.create_user("Guest")
    connection = await scene.database.client(guest)
    await (await scene.database.owner()).execute("delete from auth.users where id = $1", guest.id)
    assert await connection.fetchval("select private.current_user_id()") is None


async def test_tickets_cannot_be_read_or_made(eve: asyncpg.Connection) -> None:
    for statement in (
        "select * from private.database_sessions",
        "select * from private.user_channels",
        "insert into private.database_sessions values ('', gen_random_uuid(), null, now())",
        "update private.database_sessions set expires_at = 'infinity'",
        "delete from private.database_sessions",
        "select private.mint_ticket(gen_random_uuid(), 'infinity', null)",
        "select private.open_local_session(gen_random_uuid(), '1 day')",
        "select private.open_database_session()",
        "select public.open_database_session()",
    ):
        with pytest.raises(Refused):
            await eve.execute(statement)


# Statements ---------------------------------------------------------------------------------------------------------


async def test_copy_reads_only_what_select_does(scene: Scene, eve: asyncpg.Connection) -> None:
    for table in scene.tables:
        out = io.BytesIO()
        await eve.copy_from_query(f"select * from public.{table}", output=out)
        assert str(scene.ada.user.id).encode() not in out.getvalue()
        whole = io.BytesIO()
        await eve.copy_from_table(table, schema_name="public", output=whole)
        assert str(scene.ada.user.id).encode() not in whole.getvalue()


async def test_copy_does_not_write(scene: Scene, eve: asyncpg.Connection) -> None:
    for table in scene.tables:
        with pytest.raises((Refused, asyncpg.FeatureNotSupportedError)):
            await eve.copy_to_table(table, schema_name="public", source=io.BytesIO(b""))


@pytest.mark.parametrize("target", ["'/tmp/x'", "program 'true'"])
@pytest.mark.parametrize("direction", ["from", "to"])
async def test_copy_does_not_touch_the_servers_files(eve: asyncpg.Connection, target: str, direction: str) -> None:
    with pytest.raises(Refused):
        await eve.execute(f"copy trips {direction} {target}")


@pytest.mark.parametrize("statement", ["truncate {}", "truncate {} cascade", "analyze {}",
                                       "alter table {} disable row level security",
                                       "alter table {} owner to tripsage_client", "drop table {}",
                                       "create policy p on {} using (true)", "create index on {} (id)",
                                       ("create trigger t before insert on {} execute function "
                                       "suppress_redundant_updates_trigger()"),
                                       "grant select on {} to public",
                                       "comment on table {} is 'x'",
                                       "create rule r as on select to {} do instead nothing"])  # fmt: skip
async def test_tables_cannot_be_changed_or_emptied(scene: Scene, eve: asyncpg.Connection, statement: str) -> None:
    owner = await scene.database.owner()
    for table in scene.tables:
        before = await owner.fetchval(f"select count(*) from {table}")
        async with eve.transaction():
            try:
                async with eve.transaction():
                    await eve.execute(statement.format(table))
            except (Refused, asyncpg.InvalidGrantOperationError):
                refused = True
            else:
                # by somebody without the right to it these two are a warning and do nothing
                refused = statement.startswith(("analyze", "grant"))
        assert refused, table
        assert await owner.fetchval(f"select count(*) from {table}") == before
        assert not await owner.fetchval("select has_table_privilege('anon', $1, 'select')", table)


@pytest.mark.parametrize("statement", [
    "create table public.t (a int)", "create temp table t (a int)", "create view public.v as select 1",
    "create temp view v as select * from trips", "create schema s", "create extension if not exists pg_trgm",
    "create function public.f() returns int language sql as 'select 1'",
    "create function pg_temp.f() returns int language sql as 'select 1'",
    "create function private.f() returns int language sql as 'select 1'",
    "create operator public.<<< (leftarg = int, rightarg = int, function = int4eq)",
    "create type public.t as (a int)", "create domain public.d as int", "create cast (int as point) without function",
    "create role r", "alter role tripsage_client superuser", "alter role tripsage_client bypassrls",
    "grant service_role to tripsage_client", "create publication p for all tables", "create database d",
    "create event trigger e on ddl_command_end execute function pg_event_trigger_ddl_commands()",
    "alter system set log_statement = 'all'", "set session_replication_role = replica", "set log_statement = 'all'",
    "load 'dblink'", "create language plperl", "create server s foreign data wrapper f",
    "alter function private.current_user_id() owner to tripsage_client", "checkpoint",
    "create materialized view public.m as select 1", "create statistics public.s on id, name from trips",
])  # fmt: skip
async def test_nothing_can_be_created_or_reconfigured(eve: asyncpg.Connection, statement: str) -> None:
    with pytest.raises((Refused, asyncpg.UndefinedObjectError, asyncpg.InvalidFunctionDefinitionError,
                        asyncpg.WrongObjectTypeError, asyncpg.FeatureNotSupportedError)):  # fmt: skip
        await eve.execute(statement)


async def test_upserts_do_not_reach_foreign_rows(scene: Scene, eve: asyncpg.Connection) -> None:
    statements: list[tuple[str, tuple[Any, ...]]] = [
        (
            (
                "insert into trips (id, user_id, name, start_date, end_date, destination, budget, travelers) "
                "overriding system value values ($1, $2, 'x', '2027-01-01', '2027-01-02', 'x', 1, 1) "
                "on conflict (id) do update set name = excluded.name"
            ),
            (scene.ada.ids["trips"], scene.eve.user.id),
        ),
        (
            "insert into chat_sessions (id, user_id) values ($1, $2) on conflict (id) do update set metadata = '{}'",
            (scene.ada.ids["chat_sessions"], scene.eve.user.id),
        ),
        (
            (
                "merge into flights f using (select $1::bigint as id) s on f.id = s.id "
                "when matched then update set price = 0 when not matched then "
                "insert (trip_id, origin, destination, departure_date, price) values ($2, 'x', 'x', '2027-01-01', 0)"
            ),
            (scene.ada.ids["flights"], scene.ada.ids["trips"]),
        ),
    ]
    for statement, arguments in statements:
        with pytest.raises(Refused):
            await eve.execute(statement, *arguments)


async def test_references_to_foreign_rows_are_refused(scene: Scene, eve: asyncpg.Connection) -> None:
    ada, mine = scene.ada.ids, scene.eve.ids
    statements: list[tuple[str, tuple[Any, ...], type[Exception]]] = [
        ("insert into chat_sessions (user_id, trip_id) values ($1, $2)", (scene.eve.user.id, ada["trips"]), Refused),
        ("update chat_sessions set trip_id = $1", (ada["trips"],), Refused),
        ("update memories set source_session_id = $1", (ada["chat_sessions"],), Refused),
        ("update memories set source_message_id = $1", (ada["chat_messages"],), Refused),
        ("update session_memories set message_id = $1", (ada["chat_messages"],), Refused),
        # the composite keys: no row of this user has that id
        ("update memories set superseded_by = $1", (ada["memories"],), asyncpg.ForeignKeyViolationError),
        (
            "insert into legs (trip_id, flight_id, origin, destination) values ($1, $2, 'x', 'x')",
            (mine["trips"], ada["flights"]),
            asyncpg.ForeignKeyViolationError,
        ),
        (
            "insert into expense_shares (trip_id, expense_id, traveller_id) values ($1, $2, $3)",
            (mine["trips"], ada["expenses"], mine["fellow traveller"]),
            asyncpg.ForeignKeyViolationError,
        ),
        (
            "insert into expense_shares (trip_id, expense_id, traveller_id) values ($1, $2, $3)",
            (mine["trips"], mine["expenses"], ada["travellers"]),
            asyncpg.ForeignKeyViolationError,
        ),
        (
            "insert into settlements (trip_id, from_traveller, to_traveller, amount) values ($1, $2, $3, 1)",
            (mine["trips"], mine["travellers"], ada["travellers"]),
            asyncpg.ForeignKeyViolationError,
        ),
    ]
    for statement, arguments, error in statements:
        with pytest.raises(error):
            await eve.execute(statement, *arguments)


async def test_a_trip_that_exists_and_one_that_does_not_are_refused_alike(
    scene: Scene, eve: asyncpg.Connection
) -> None:
    told = []
    for trip in (scene.ada.ids["trips"], 10**9):
        for statement in (
            "insert into flights (trip_id, origin, destination, departure_date, price) values ($1, 'x', 'x', now(), 1)",
            "insert into chat_sessions (user_id, trip_id) values (private.current_user_id(), $1)",
            (
                "insert into trip_collaborators (trip_id, user_id, added_by) "
                "values ($1, gen_random_uuid(), private.current_user_id())"
            ),
            "update itinerary_items set trip_id = $1",
            "select private.trip_level($1)",
        ):
            try:
                told.append(f"{statement}: {await eve.fetch(statement, trip)}")
            except asyncpg.PostgresError as error:
                told.append(f"{statement}: {type(error).__name__} {error} {error.detail}")
    assert told[: len(told) // 2] == told[len(told) // 2 :]


# Functions, sequences, large objects, other doors -------------------------------------------------------------------

CALLABLE = {
    "private.issue_ids(text[])",
    "private.current_user_id()",
    "private.trip_level(bigint)",
    "private.shared_trip_ids(text[])",
    "private.trip_costs()",
    "private.trip_parts(bigint)",
    "private.coming_up(timestamp with time zone,timestamp with time zone,bigint,integer)",
    "private.search_everything(text[],text,integer)",
    "private.close_database_session()",
    *(f"{schema}.{name}" for schema in ("private", "public") for name in (
        "my_invitations()", "accept_invitation(bigint)", "decline_invitation(bigint)", "trip_people(bigint)")),
    "private.renew_upload(uuid)",
    "private.orphaned_paths(text)",
    "private.forget_orphans(text,text[])",
    "private.may_remove_orphan(text,text)",
    "private.live_channels()",
    "private.live_topic()",
    "private.look_at_trip(bigint,uuid,boolean)",
    "public.look_at_trip(bigint,uuid,boolean)",
    "private.schema_version()",
    "private.any_word(text)",
    "private.recall_words(tsquery,integer,text[])",
    "private.memory_weight(text,boolean,timestamp with time zone)",
    "public.search_memories(vector,text,integer,text[],text,boolean)",
    "private.recall_exact(vector,integer,text,text)",
    "private.recall_nearest(vector,integer,text,text)",
    "public.recall_memories(vector,integer,text,text)",
    "public.close_database_session()",
    *(f"{schema}.{name}" for schema in ("private", "public") for name in (
        "put_api_key(text,text)", "get_api_key(text)", "delete_api_key(text)", "touch_api_key(text)")),
}  # fmt: skip


async def test_only_these_functions_can_be_called(scene: Scene) -> None:
    rows = await (await scene.database.owner()).fetch(
        """
        select n.nspname || '.' || p.proname || '(' || replace(oidvectortypes(p.proargtypes), ', ', ',') || ')'
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('public', 'private', 'vault')
          and has_function_privilege('tripsage_client', p.oid, 'execute')
        """
    )
    assert {row[0] for row in rows} == CALLABLE


async def test_functions_answer_for_the_caller_alone(scene: Scene, eve: asyncpg.Connection) -> None:
    assert await eve.fetchval("select private.trip_level($1)", scene.ada.ids["trips"]) is None
    assert await eve.fetch("select private.shared_trip_ids('{view,edit,admin}')") == []
    assert await eve.fetchrow("select * from private.trip_parts($1)", scene.ada.ids["trips"]) == (None,) * 8
    assert await eve.fetch("select * from trip_people($1)", scene.ada.ids["trips"]) == []
    assert await eve.fetch("select * from my_invitations()") == []
    assert await eve.fetchval("select accept_invitation($1)", scene.ada.ids["trip_invitations"]) is None
    assert not await eve.fetchval("select decline_invitation($1)", scene.ada.ids["trip_invitations"])
    costs = await eve.fetch("select trip_id, access from private.trip_costs()")
    assert costs == [(scene.eve.ids["trips"], "owner")]
    coming = await eve.fetch("select distinct trip_id from private.coming_up('2000-01-01', 'infinity', null, 99)")
    assert {row["trip_id"] for row in coming} <= {scene.eve.ids["trips"]}
    elsewhere = "select * from private.coming_up('2000-01-01', 'infinity', $1, 99)"
    assert await eve.fetch(elsewhere, scene.ada.ids["trips"]) == []
    for words in (["japan"], ["e"], ["tea"], ["sushi"], ["hello"], ["windows"], ["%", "_"], ["' | !x"]):
        rows = await eve.fetch("select kind, id from private.search_everything($1, '', 99)", words)
        own = {str(each) for each in scene.eve.ids.values()}
        assert {row["id"].partition(".")[0] for row in rows} <= own, words
    vector = "[" + ",".join(["0.1"] * 1536) + "]"
    for function in ("recall_memories", "private.recall_exact", "private.recall_nearest"):
        rows = await eve.fetch(f"select id from {function}($1::text::extensions.vector, 10, null, 'test')", vector)
        assert [row["id"] for row in rows] == [scene.eve.ids["memories"]]
    found = await eve.fetch(
        "select id from search_memories($1::text::extensions.vector, 'windows', 10, null, 'test')", vector
    )
    assert [row["id"] for row in found] == [scene.eve.ids["memories"]]


async def test_secrets_are_their_owners_alone(
    scene: Scene, eve: asyncpg.Connection, nobody: asyncpg.Connection
) -> None:
    assert await nobody.fetchval("select get_api_key('openai')") is None
    for statement in (
        "select * from vault.secrets",
        "select * from vault.decrypted_secrets",
        "select vault.create_secret('x')",
        "insert into api_keys (user_id, service, vault_secret_name) values (private.current_user_id(), 'x', 'x')",
        "update api_keys set vault_secret_name = 'x'",
        "delete from api_keys",
    ):
        with pytest.raises(Refused):
            await eve.execute(statement)
    for statement in ("select get_api_key($1, 'openai')", "select private.get_api_key($1, 'openai')",
                      "select delete_api_key($1, 'openai')", "select private.delete_api_key($1, 'openai')",
                      "select put_api_key($1, 'openai', 'x')", "select touch_api_key($1, 'openai')"):  # fmt: skip
        with pytest.raises(Refused):
            await eve.execute(statement, scene.ada.user.id)
    with pytest.raises(Refused):
        await nobody.execute("select put_api_key('openai', 'x')")


async def test_sequences_are_out_of_reach(scene: Scene, eve: asyncpg.Connection) -> None:
    sequences = await (await scene.database.owner()).fetch(
        "select c.oid::regclass::text from pg_class c where relkind = 'S' and relnamespace = 'public'::regnamespace"
    )
    assert len(sequences) >= 20
    for (sequence,) in sequences:
        for query in (f"select nextval('{sequence}')", f"select setval('{sequence}', 1)", f"select * from {sequence}"):
            with pytest.raises(Refused):
                await eve.execute(query)


async def test_ids_that_were_not_issued_cannot_be_occupied(scene: Scene, eve: asyncpg.Connection) -> None:
    top = scene.ada.ids["flights"] + 1000
    for flight in (top, 0, -1):
        with pytest.raises(Refused, match="not been issued"):
            await eve.execute(
                "insert into flights (id, trip_id, origin, destination, departure_date, price) "
                "overriding system value values ($1, $2, 'x', 'x', '2027-01-01', 1)",
                flight,
                scene.eve.ids["trips"],
            )


@pytest.mark.parametrize("call", ["lo_creat(-1)", "lo_create(0)", "lo_from_bytea(0, 'x')", "lo_open(1, 131072)",
                                  "lo_get(1)", "lo_put(1, 0, 'x')", "lo_unlink(1)", "lo_import('/etc/passwd')",
                                  "lo_export(1, '/tmp/x')", "pg_terminate_backend(pg_backend_pid())",
                                  "pg_cancel_backend(pg_backend_pid())", "pg_read_file('/etc/passwd')",
                                  "pg_ls_dir('.')", "pg_reload_conf()", "pg_switch_wal()", "pg_stat_reset()",
                                  "pg_read_binary_file('PG_VERSION')", "pg_current_logfile()"])  # fmt: skip
async def test_server_functions_with_side_effects_are_shut(eve: asyncpg.Connection, call: str) -> None:
    with pytest.raises(Refused):
        await eve.fetch(f"select {call}")


async def test_other_databases_are_shut(scene: Scene) -> None:
    with pytest.raises(Refused):
        await asyncpg.connect(
            host=scene.database.host, port=scene.database.port, user="tripsage_client", database="template1"
        )


# Side channels ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("oracle", [
    "select * from trips where 1 / (budget - 6000) > 0",
    "select * from trips where name::int > 0",
    "select * from flights where 1 / (price - 900) > 0 or origin::int = 1",
    "select * from itinerary_items where title::int = 1",
    "select * from chat_messages where content::uuid is null",
    "select * from memories where content::jsonb is null",
    "select * from memories where (1 / (length(content) - 13)) = 1",
    "select * from search_flights where (results -> 'x')::text::int = 1",
    "select * from file_attachments where file_path::int = 1",
    "select count(*) from trips where name::int > 0 group by name::int",
    "select * from trips order by name::int",
])  # fmt: skip
@pytest.mark.parametrize("explain", ["", "explain (analyze, verbose, costs off, timing off) "])
async def test_foreign_rows_never_reach_an_expression_that_could_tell(
    nobody: asyncpg.Connection, oracle: str, explain: str
) -> None:
    """A condition that fails on Ada's values would tell that they exist; the policy is always asked first."""
    await nobody.fetch(explain + oracle)


async def test_errors_do_not_quote_foreign_rows(scene: Scene, eve: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.UniqueViolationError) as caught:
        await eve.execute(
            "insert into flights (id, trip_id, origin, destination, departure_date, price) "
            "overriding system value values ($1, $2, 'x', 'x', '2027-01-01', 1)",
            scene.ada.ids["flights"],
            scene.eve.ids["trips"],
        )
    assert caught.value.detail is None
    with pytest.raises(Refused) as refused:
        await eve.execute("update flights set trip_id = $1", scene.ada.ids["trips"])
    assert refused.value.detail is None
    with pytest.raises(asyncpg.CheckViolationError) as check:
        await eve.execute("update trips set travelers = -1")
    assert check.value.detail is None


async def test_statistics_hold_no_values(eve: asyncpg.Connection) -> None:
    assert await eve.fetchval("select count(*) from pg_stats where schemaname in ('public', 'private')") == 0
    assert await eve.fetchval("select count(*) from pg_stats_ext") == 0
    for catalog in ("pg_statistic", "pg_authid", "pg_user_mapping", "pg_largeobject"):
        with pytest.raises(Refused):
            await eve.fetch(f"select count(*) from {catalog}")


async def test_activity_shows_no_ticket_and_nothing_of_the_owner(scene: Scene, eve: asyncpg.Connection) -> None:
    """All users share one login, so they see each other's statements: texts with $1, never the values."""
    ticket = await scene.database.ticket(scene.ada.user)
    by_parameter = await scene.database.client(ticket=ticket)
    by_call = await scene.database.client()
    await by_call.execute("select set_config('tripsage.ticket', $1, false)", ticket)
    for connection in (by_parameter, by_call):
        await connection.fetch("select id from trips where name = $1", "a secret name")
    await (await scene.database.owner()).fetch("select 'words of the owner'")
    rows = await eve.fetch("select a::text from pg_stat_activity a")
    text = "\n".join(row[0] for row in rows)
    assert "select id from trips where name = $1" in text
    assert ticket not in text
    assert "a secret name" not in text
    assert "words of the owner" not in text
    assert ticket not in str(await eve.fetch("select * from pg_settings"))


async def test_the_only_view_tells_one_number(scene: Scene, eve: asyncpg.Connection) -> None:
    views = await (await scene.database.owner()).fetch(
        "select oid::regclass::text from pg_class where relkind in ('v', 'm') "
        "and relnamespace in ('public'::regnamespace, 'private'::regnamespace)"
    )
    assert [row[0] for row in views] == ["database_health"]
    assert [set(row.keys()) for row in await eve.fetch("select * from database_health")] == [
        {"metric", "value", "status"}
    ]


async def test_channels_of_others_cannot_be_found(scene: Scene, eve: asyncpg.Connection) -> None:
    ada = await scene.database.client(scene.ada.user)
    channel = await ada.fetchval("select private.live_channels()")
    assert await ada.fetchval("select private.live_channels()") == channel
    mine = await eve.fetchval("select private.live_channels()")
    assert channel not in {mine, None}
    assert str(scene.ada.user.id).replace("-", "") not in channel

    heard: list[str] = []
    told = asyncio.Event()
    await ada.add_listener(channel, lambda *_: told.set())
    user = scene.ada.user.id
    for guess in (mine, "tripsage", "trips", "flights", str(user), f"tripsage_{user}", f"tripsage_{user.hex}"):
        await eve.add_listener(guess, lambda *event: heard.append(str(event[3])))
    await ada.execute("update trips set name = name")
    await asyncio.wait_for(told.wait(), 10)
    await eve.fetch("select 1")  # whatever was sent to this connection has arrived before its answer
    assert heard == []


# PostgREST's side ---------------------------------------------------------------------------------------------------


async def test_the_login_of_postgrest_has_no_rights_of_its_own(scene: Scene) -> None:
    authenticator = await scene.database.connect("authenticator")
    for table in scene.tables:
        with pytest.raises(Refused):
            await authenticator.fetch(f"select * from {table}")


async def test_anon_may_do_nothing(scene: Scene) -> None:
    connection = await scene.database.connect("authenticator")
    await connection.execute("set role anon")
    owner = await scene.database.owner()
    functions = await owner.fetch(
        "select p.oid::regprocedure::text from pg_proc p where pronamespace in ('public'::regnamespace, "
        "'private'::regnamespace) and has_function_privilege('anon', p.oid, 'execute')"
    )
    assert functions == []
    for statement in ("select * from {}", "delete from {}"):
        for table in scene.tables:
            with pytest.raises(Refused):
                await connection.fetch(statement.format(table))
    with pytest.raises(Refused):
        await connection.fetch("select * from database_health")


async def test_a_ticket_means_nothing_to_postgrest(scene: Scene) -> None:
    """An API user who got hold of a ticket stays who the token says."""
    ticket = await scene.database.ticket(scene.ada.user)
    connection = await scene.database.connect("authenticator", **{"tripsage.ticket": ticket})
    await connection.execute("set role authenticated")
    assert await connection.fetchval("select count(*) from trips") == 0
