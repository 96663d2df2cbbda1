"""Nothing that a user owns is forgotten: what moves is compared with the catalog."""

from __future__ import annotations

from tests.database import Database
from tripsage_tui.data.transfer_tables import LEFT, TABLES

OF_THE_STORE = {"bucket_name", "upload_status", "upload_until", "virus_scan_status", "virus_scan_result", "deleted_at"}
"""Where a file lies, how far its upload is, and what a scanner said; what is in the trash does not move."""
KINDS = {
    "bigint": {"id", "ref", "int"},
    "uuid": {"uuid", "uuid-ref", "owner"},
    "integer": {"int"},
    "smallint": {"int"},
    "text": {"text", "path"},
    "numeric": {"num"},
    "boolean": {"bool"},
    "date": {"date"},
    "time without time zone": {"time"},
    "timestamp with time zone": {"stamp"},
    "jsonb": {"json"},
    "text[]": {"texts"},
    "smallint[]": {"ints"},
    "vector(1536)": {"vector"},
}


async def test_every_table_moves_or_is_said_to_stay(database: Database) -> None:
    owner = await database.owner()
    rows = await owner.fetch("select tablename::text from pg_tables where schemaname = 'public'")
    assert {row[0] for row in rows} == TABLES.keys() | LEFT.keys()


async def test_every_column_of_a_table_moves(database: Database) -> None:
    owner = await database.owner()
    for name, table in TABLES.items():
        rows = await owner.fetch(
            """
            select a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull
            from pg_attribute a where a.attrelid = $1::text::regclass and a.attnum > 0 and not a.attisdropped
              and a.attgenerated = ''
            """,
            f"public.{name}",
        )
        types = {row[0]: row[1] for row in rows}
        assert types.keys() - set(table.names) == {
            *(("user_id",) if table.has_user else ()),
            *(OF_THE_STORE if name == "file_attachments" else ()),
        }, name
        assert set(table.names) <= types.keys(), name
        for column in table.columns:
            assert column.kind in KINDS[types[column.name]], f"{name}.{column.name}"
        needed = {column.name for column in table.references} & {row[0] for row in rows if row[2]}
        assert needed <= table.required, name


async def test_every_reference_is_known_as_one(database: Database) -> None:
    rows = await (await database.owner()).fetch(
        """
        select c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text
        from pg_constraint c cross join unnest(c.conkey) k
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k
        where c.contype = 'f' and c.connamespace = 'public'::regnamespace
          and c.confrelid <> 'auth.users'::regclass
        """
    )
    for name, column, table in rows:
        if name in TABLES:
            known = {each.name: each.table for each in TABLES[name].references}
            # keys of two columns carry the trip, the conversation or the user along
            assert known.get(column) == table or column in {"trip_id", "session_id", "user_id", "id"}, (name, column)
