"""The schema is the architecture document's: what it defines exists exactly so, and everything else is an addition.

document.json holds the definitions as the catalog spells them. "columns" has every table of the document and every
table that it only names, "constraints" and "indexes" have the names that the document fixes, "rules" the constraints
of the tables whose constraint names it leaves open.
"""

from __future__ import annotations

import json
from pathlib import Path

import asyncpg
import pytest

from tests.data.catalog import part
from tests.database import Database

DOCUMENT = json.loads(Path(__file__).with_name("document.json").read_text("utf-8"))

# A hosted project calls functions of these schemas through PostgREST.
EXPOSED = "'public'::regnamespace"
API_ROLES = ("anon", "authenticated", "service_role", "tripsage_client")


@pytest.fixture
async def owner(database: Database) -> asyncpg.Connection:
    owner = await database.owner()
    await owner.execute("set search_path = public")  # names of types print with the schema of theirs
    return owner


@pytest.mark.parametrize("kind", ["columns", "constraints", "indexes"])
async def test_what_the_document_defines_is_there_exactly_so(owner: asyncpg.Connection, kind: str) -> None:
    found = await part(owner, kind)
    assert {name: found.get(name) for name in DOCUMENT[kind]} == DOCUMENT[kind]


async def test_tables_that_the_document_only_names_have_their_rules(owner: asyncpg.Connection) -> None:
    found = await part(owner, "constraints")
    for table, rules in DOCUMENT["rules"].items():
        definitions = {text for name, text in found.items() if name.partition(".")[0] == table}
        assert set(rules) <= definitions, table


async def test_additions_never_stand_in_the_way_of_the_web_application(owner: asyncpg.Connection) -> None:
    """An INSERT that names the document's columns alone must work, so every addition is nullable or has a default."""
    for name, definition in (await part(owner, "columns")).items():
        table = name.partition(".")[0]
        if name in DOCUMENT["columns"] or not any(known.startswith(f"{table}.") for known in DOCUMENT["columns"]):
            continue
        assert "not null" not in definition or "=" in definition, name


async def test_the_health_view_is_the_documents(owner: asyncpg.Connection) -> None:
    row = await owner.fetchrow("select metric, value, status from database_health")
    assert row is not None
    assert (row["metric"], row["status"]) == ("active_connections", "ok")
    assert int(row["value"]) >= 1
    options = await owner.fetchval("select reloptions from pg_class where oid = 'public.database_health'::regclass")
    assert options == ["security_invoker=true"]


async def test_every_foreign_key_has_an_index(owner: asyncpg.Connection) -> None:
    missing = await owner.fetch(
        """
        select k.conrelid::regclass::text as source, k.conname::text
        from pg_constraint k
        where k.contype = 'f' and k.connamespace in ('public'::regnamespace, 'private'::regnamespace)
          and not exists (
            select from pg_index x
            where x.indrelid = k.conrelid and x.indpred is null and x.indisvalid
              and (x.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
        """
    )
    assert [tuple(row) for row in missing] == []


async def test_no_two_indexes_are_the_same(owner: asyncpg.Connection) -> None:
    definitions = [text.partition(" ON ")[2] for text in (await part(owner, "indexes", ("public", "private"))).values()]
    assert len(definitions) == len(set(definitions))


async def test_every_updated_at_is_kept_by_a_trigger(owner: asyncpg.Connection) -> None:
    columns = await part(owner, "columns")
    tables = {name.partition(".")[0] for name in columns if name.endswith(".updated_at")}
    triggers = await part(owner, "triggers")
    kept = {name.partition(".")[0] for name in triggers if name.endswith("_touch_updated_at")}
    assert tables == kept


# What Supabase's advisors look for (splinter), as far as it can be wrong here --------------------------------------


async def test_row_level_security_is_on_everywhere(owner: asyncpg.Connection) -> None:
    off = await owner.fetch(
        "select oid::regclass::text from pg_class where relkind in ('r', 'p') and not relrowsecurity "
        "and relnamespace in ('public'::regnamespace, 'private'::regnamespace)"
    )
    assert [row[0] for row in off] == []


async def test_policies_are_one_per_operation_and_evaluate_identity_once(owner: asyncpg.Connection) -> None:
    policies = await owner.fetch("select * from pg_policies")
    permissive = [policy for policy in policies if policy["permissive"] == "PERMISSIVE"]
    per_operation = [(p["tablename"], p["cmd"]) for p in permissive if p["tablename"] != "objects"]
    assert len(per_operation) == len(set(per_operation))
    for policy in policies:
        text = f"{policy['qual']} {policy['with_check']}"
        assert "public" not in policy["roles"], policy["policyname"]
        # a restrictive policy only takes away
        assert "anon" not in policy["roles"] or policy not in permissive, policy["policyname"]
        assert text.count("current_user_id()") == text.count("( SELECT private.current_user_id() AS current_user_id)")
        assert "auth." not in text, policy["policyname"]
        assert "user_metadata" not in text
    for policy in policies:
        if policy["cmd"] in {"INSERT", "UPDATE"}:
            assert policy["with_check"], policy["policyname"]


async def test_functions_fix_their_search_path_and_definers_stay_private(owner: asyncpg.Connection) -> None:
    functions = await owner.fetch(
        """
        select p.oid::regprocedure::text as name, p.prosecdef as definer, p.pronamespace = 'public'::regnamespace
               as exposed, p.proconfig as settings
        from pg_proc p where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        """
    )
    assert functions
    for function in functions:
        assert 'search_path=""' in (function["settings"] or []), function["name"]
        assert not (function["definer"] and function["exposed"]), function["name"]


async def test_nothing_is_granted_to_anon_or_public(owner: asyncpg.Connection) -> None:
    granted = await owner.fetch(
        """
        with objects (name, acl) as (
          select c.oid::regclass::text, coalesce(c.relacl, acldefault('r', c.relowner)) from pg_class c
          where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'v', 'p')
          union all
          select c.oid::regclass::text, coalesce(c.relacl, acldefault('s', c.relowner)) from pg_class c
          where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind = 'S'
          union all
          select a.attrelid::regclass || '.' || a.attname, a.attacl from pg_attribute a
          join pg_class c on c.oid = a.attrelid
          where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and a.attacl is not null
          union all
          select p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner)) from pg_proc p
          where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
          union all
          select n.nspname::text, n.nspacl from pg_namespace n where n.nspname = 'private'
        )
        select o.name, g.grantee::regrole::text, g.privilege_type
        from objects o, aclexplode(o.acl) g
        where g.grantee in (0, 'anon'::regrole)
        """
    )
    assert [tuple(row) for row in granted] == []


async def test_nobody_may_truncate_reference_or_trigger(owner: asyncpg.Connection) -> None:
    tables = [row[0] for row in await owner.fetch("select tablename::text from pg_tables where schemaname = 'public'")]
    for table in tables:
        for role in API_ROLES:
            for privilege in ("truncate", "references", "trigger"):
                allowed = await owner.fetchval("select has_table_privilege($1, $2, $3)", role, table, privilege)
                assert not allowed, (role, table, privilege)


async def test_columns_that_say_whose_a_row_is_cannot_be_updated(owner: asyncpg.Connection) -> None:
    fixed = ("id", "user_id", "created_at", "updated_at", "added_by", "session_id", "file_path", "bucket_name",
             "idempotency_key", "vault_secret_name", "created_by", "invited_by")  # fmt: skip
    for role in ("authenticated", "tripsage_client"):
        writable = await owner.fetch(
            """
            select attrelid::regclass || '.' || attname from pg_attribute
            where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r')
              and attname = any ($1) and has_column_privilege($2, attrelid, attnum, 'update')
            """,
            list(fixed),
            role,
        )
        # a traveller's user_id says who that is, not whose the row is
        assert [row[0] for row in writable if row[0] != "travellers.user_id"] == []


async def test_temporary_objects_are_out_of_reach(database: Database) -> None:
    superuser = await database.superuser()
    name = database.name
    for role in ("anon", "authenticated", "tripsage_client"):
        assert not await superuser.fetchval("select has_database_privilege($1, $2, 'temporary')", role, name)
        assert not await superuser.fetchval("select has_database_privilege($1, $2, 'create')", role, name)
        assert not await superuser.fetchval("select has_schema_privilege($1, 'public', 'create')", role)
