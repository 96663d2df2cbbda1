"""The catalog as text: everything that a migration can make, so that two databases or two moments can be compared."""

from __future__ import annotations

import asyncpg

COLUMNS = """
select c.relname || '.' || a.attname as name,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod),
                 case when a.attnotnull then 'not null' end,
                 case a.attidentity when 'a' then 'identity always' when 'd' then 'identity' end,
                 case when a.attgenerated = 's' then 'generated' end,
                 '= ' || pg_get_expr(d.adbin, d.adrelid)) as definition
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'v', 'p', 'm', 'c')
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = any ($1::regnamespace[]) and a.attnum > 0 and not a.attisdropped
"""
CONSTRAINTS = """
select c.relname || '.' || k.conname as name, pg_get_constraintdef(k.oid) as definition
from pg_constraint k join pg_class c on c.oid = k.conrelid
where c.relnamespace = any ($1::regnamespace[]) and k.contype <> 'n'
"""
INDEXES = """
select c.relname || '.' || i.relname as name, pg_get_indexdef(i.oid) as definition
from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
where c.relnamespace = any ($1::regnamespace[])
"""
POLICIES = """
select c.relname || '.' || p.polname as name,
       concat_ws(' ', p.polcmd::text, p.polpermissive,
                 (select string_agg(r.rolname, ',' order by r.rolname) from pg_roles r where r.oid = any (p.polroles)),
                 'using ' || pg_get_expr(p.polqual, p.polrelid),
                 'check ' || pg_get_expr(p.polwithcheck, p.polrelid)) as definition
from pg_policy p join pg_class c on c.oid = p.polrelid
where c.relnamespace = any (($1::text[] || '{storage,realtime}')::regnamespace[])
"""
FUNCTIONS = """
select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) || coalesce(p.proacl::text, 'default') as definition
from pg_proc p where p.pronamespace = any ($1::regnamespace[])
"""
TRIGGERS = """
select c.relname || '.' || t.tgname as name, pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text as definition
from pg_trigger t join pg_class c on c.oid = t.tgrelid
where c.relnamespace = any ($1::regnamespace[]) and not t.tgisinternal
"""
GRANTS = """
select c.relkind::text || ' ' || c.relname as name,
       concat_ws(' ', c.relacl::text,
                 (select string_agg(a.attname || ' ' || a.attacl::text, ' ' order by a.attname)
                  from pg_attribute a where a.attrelid = c.oid and a.attacl is not null)) as definition
from pg_class c where c.relnamespace = any ($1::regnamespace[]) and c.relkind in ('r', 'v', 'S', 'p')
union all
select 'schema ' || n.nspname, n.nspacl::text from pg_namespace n where n.oid = any ($1::regnamespace[])
union all
select 'database', d.datacl::text from pg_database d where d.datname = current_database()
"""
RELATIONS = """
select c.relkind::text || ' ' || c.relname as name,
       concat_ws(' ', c.relrowsecurity, c.relforcerowsecurity, c.reloptions::text, pg_get_userbyid(c.relowner),
                 case when c.relkind = 'v' then pg_get_viewdef(c.oid) end,
                 (select string_agg(a.attname || ' ' || a.attstorage::text, ' ' order by a.attname)
                  from pg_attribute a where a.attrelid = c.oid and a.attnum > 0),
                 obj_description(c.oid, 'pg_class')) as definition
from pg_class c where c.relnamespace = any ($1::regnamespace[])
"""
PUBLISHED = "select tablename::text as name, pubname::text as definition from pg_publication_tables"
ROLES = """
select r.rolname::text as name,
       concat_ws(' ', r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication,
                 r.rolbypassrls, r.rolconfig::text,
                 (select string_agg(m.roleid::regrole::text, ',') from pg_auth_members m where m.member = r.oid)
       ) as definition
from pg_roles r where r.rolname = 'tripsage_client'
"""
PARTS = {
    "columns": COLUMNS,
    "constraints": CONSTRAINTS,
    "indexes": INDEXES,
    "policies": POLICIES,
    "functions": FUNCTIONS,
    "triggers": TRIGGERS,
    "grants": GRANTS,
    "relations": RELATIONS,
    "published": PUBLISHED,
    "roles": ROLES,
}


async def part(connection: asyncpg.Connection, name: str, schemas: tuple[str, ...] = ("public",)) -> dict[str, str]:
    """One kind of object, name to definition."""
    query = PARTS[name]
    rows = await connection.fetch(query, *([list(schemas)] if "$1" in query else []))
    return {row["name"]: row["definition"] for row in sorted(rows, key=lambda row: str(row["name"]))}


async def dump(connection: asyncpg.Connection) -> dict[str, dict[str, str]]:
    """Everything in the schemas that the migrations touch."""
    exists = await connection.fetch("select nspname from pg_namespace where nspname in ('public', 'private')")
    schemas = tuple(row["nspname"] for row in exists)
    return {name: await part(connection, name, schemas) for name in PARTS}
