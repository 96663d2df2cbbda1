"""Up, down and up again on every PostgreSQL that is shipped, and turns taken with the Supabase CLI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.data.catalog import dump
from tests.data.sample_rows import add_sample_rows, read_rows
from tests.database import BOOTSTRAP, Database, drop, prepare
from tests.postgres import Server
from tripsage_tui.data.migrations import MigrationError, MigrationRunner, find_migrations, supabase_folder

_numbers = count(1)


@pytest.fixture(scope="module", params=[16, 18], ids=["PostgreSQL 16", "PostgreSQL 18"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of its own: these tests make and drop the role tripsage_client, which all databases share."""
    server = Server(request.param)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def bare(cluster: Server) -> AsyncIterator[Database]:
    """A database with the bootstrap and nothing else."""
    database = await prepare(cluster, f"bare_{next(_numbers)}", migrate=False)
    yield database
    await drop(database)


async def _runner(database: Database, folder: Path | None = None) -> MigrationRunner:
    return MigrationRunner(await database.owner(), folder)


async def test_up_down_up_gives_the_same_catalog(bare: Database) -> None:
    owner = await bare.owner()
    assert not await owner.fetchval("select rolsuper from pg_roles where rolname = current_user")
    before = await dump(owner)
    runner = await _runner(bare)

    applied = await runner.migrate()
    assert [str(each) for each in applied] == [
        path.stem for path in sorted((supabase_folder() / "migrations").iterdir())
    ]
    first = await dump(owner)

    assert await runner.rollback(len(applied)) == tuple(reversed(applied))
    after = await dump(owner)
    for kind in ("columns", "constraints", "indexes", "policies", "functions", "triggers", "relations", "published"):
        assert after[kind] == before[kind], kind
    assert await owner.fetchval("select count(*) from supabase_migrations.schema_migrations") == 0

    await runner.migrate()
    second = await dump(owner)
    for kind, objects in first.items():
        assert objects, kind
        assert second[kind] == objects, kind


async def test_rows_survive_taking_back_and_applying_again(bare: Database) -> None:
    """Each migration is taken back and applied again on a full database: rows of the tables that stay are untouched."""
    runner = await _runner(bare)
    await runner.migrate()
    owner = await bare.owner()
    await add_sample_rows(bare)
    full = await read_rows(owner)
    assert all(full.values()), [table for table, rows in full.items() if not rows]

    steps = len((await runner.status()).applied)
    for step in range(1, steps + 1):
        await runner.rollback()
        for table, rows in (await read_rows(owner)).items():
            columns = rows[0].keys()
            assert rows == [{name: row[name] for name in columns} for row in full[table]], (step, table)
    await runner.migrate()
    assert set(await read_rows(owner)) == set(full)


async def test_applying_twice_changes_nothing(bare: Database) -> None:
    runner = await _runner(bare)
    told: list[str] = []
    await runner.migrate(told.append)
    assert told == [str(each) for each in find_migrations(supabase_folder())]
    before = await dump(await bare.owner())
    assert await runner.migrate(told.append) == ()
    assert len(told) == len(find_migrations(supabase_folder()))
    assert await dump(await bare.owner()) == before


async def test_the_bootstrap_can_run_again_on_a_migrated_database(bare: Database) -> None:
    await (await _runner(bare)).migrate()
    before = await dump(await bare.owner())
    await (await bare.superuser()).execute(_text(BOOTSTRAP))
    assert await dump(await bare.owner()) == before


async def test_two_runners_at_once_apply_each_migration_once(bare: Database) -> None:
    runners = [MigrationRunner(await bare.connect("postgres")) for _ in range(3)]
    applied = await asyncio.gather(*(runner.migrate() for runner in runners))
    assert sorted(len(each) for each in applied) == [0, 0, len(find_migrations(supabase_folder()))]


# Turns with the Supabase CLI ---------------------------------------------------------------------------------------

CLI_TABLE = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text;
"""


def _text(path: Path) -> str:
    return path.read_text("utf-8")


async def _as_the_cli_does(owner: asyncpg.Connection, path: Path) -> None:
    """One migration as `supabase db push` applies it: the file, then the row that says so."""
    version, _, name = path.stem.partition("_")
    sql = _text(path)
    async with owner.transaction():
        await owner.execute("reset all")
        await owner.execute(sql)
        await owner.execute(
            "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)",
            version,
            name,
            [sql],
        )


async def test_we_go_on_where_the_cli_stopped(bare: Database) -> None:
    owner = await bare.owner()
    files = sorted((supabase_folder() / "migrations").iterdir())
    await owner.execute(CLI_TABLE)
    for path in files[:4]:
        await _as_the_cli_does(owner, path)

    runner = await _runner(bare)
    status = await runner.status()
    assert len(status.applied) == 4
    assert [each.up for each in status.pending] == files[4:]
    assert await runner.migrate() == status.pending


async def test_the_cli_goes_on_where_we_stopped(bare: Database) -> None:
    owner = await bare.owner()
    runner = await _runner(bare)
    await runner.migrate()
    await runner.rollback(3)
    # What the CLI looks at: versions in order, as a prefix of the file names.
    versions = [
        row[0] for row in await owner.fetch("select version from supabase_migrations.schema_migrations order by 1")
    ]
    files = sorted((supabase_folder() / "migrations").iterdir())
    assert versions == [path.stem.partition("_")[0] for path in files[:-3]]
    for path in files[-3:]:
        await _as_the_cli_does(owner, path)
    assert (await runner.status()).pending == ()


async def test_history_has_the_columns_and_contents_of_the_clis(bare: Database) -> None:
    await (await _runner(bare)).migrate()
    owner = await bare.owner()
    columns = await owner.fetch(
        "select attname::text, format_type(atttypid, atttypmod), attnotnull from pg_attribute "
        "where attrelid = 'supabase_migrations.schema_migrations'::regclass and attnum > 0 order by attnum"
    )
    assert [tuple(row) for row in columns] == [
        ("version", "text", True),
        ("statements", "text[]", False),
        ("name", "text", False),
    ]
    row = await owner.fetchrow("select * from supabase_migrations.schema_migrations where name = 'trips'")
    assert row is not None
    assert len(row["version"]) == 14
    assert row["statements"][0].startswith("-- Trips, their stops, and who shares them.\n\ncreate table public.trips")
    assert not any(statement.endswith(";\n") for statement in row["statements"])


async def test_versions_that_only_the_database_has_are_refused(bare: Database) -> None:
    owner = await bare.owner()
    runner = await _runner(bare)
    await runner.migrate()
    await owner.execute(
        "insert into supabase_migrations.schema_migrations (version, name) values ('20991231235959', 'future')"
    )
    for action in (runner.status, runner.migrate, runner.rollback):
        with pytest.raises(MigrationError, match="20991231235959"):
            await action()


def _write(folder: Path, name: str, up: str, down: str | None = "select 1") -> None:
    for kind, text in (("migrations", up), ("rollbacks", down)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        if text is not None:
            (folder / kind / f"{name}.sql").write_text(text)


async def test_a_file_older_than_the_newest_applied_one_is_refused(bare: Database, tmp_path: Path) -> None:
    _write(tmp_path, "20260101000000_one", "create table one (id int)")
    _write(tmp_path, "20260103000000_three", "create table three (id int)")
    await (await _runner(bare, tmp_path)).migrate()
    _write(tmp_path, "20260102000000_two", "create table two (id int)")
    with pytest.raises(MigrationError, match="20260102000000_two"):
        await (await _runner(bare, tmp_path)).migrate()
    assert await (await bare.owner()).fetchval("select to_regclass('two')") is None


async def test_a_failing_migration_leaves_nothing_of_itself(bare: Database, tmp_path: Path) -> None:
    _write(tmp_path, "20260101000000_one", "create table one (id int)")
    _write(tmp_path, "20260102000000_two", "create table two (id int); select 1 / 0; create table three (id int)")
    with pytest.raises(MigrationError, match=r"20260102000000_two failed at statement 2: division by zero"):
        await (await _runner(bare, tmp_path)).migrate()
    owner = await bare.owner()
    assert await owner.fetchval("select to_regclass('one') is not null")
    assert await owner.fetchval("select to_regclass('two')") is None
    status = await (await _runner(bare, tmp_path)).status()
    assert [each.name for each in status.pending] == ["two"]
    # and the lock is free again
    assert await owner.fetchval("select count(*) from pg_locks where locktype = 'advisory'") == 0


async def test_a_rollback_without_its_file_says_so(bare: Database, tmp_path: Path) -> None:
    _write(tmp_path, "20260101000000_one", "create table one (id int)", down=None)
    runner = await _runner(bare, tmp_path)
    await runner.migrate()
    with pytest.raises(MigrationError, match=r"20260101000000_one\.sql has no file in rollbacks/"):
        await runner.rollback()


async def test_settings_of_the_session_do_not_reach_a_migration(bare: Database, tmp_path: Path) -> None:
    _write(
        tmp_path,
        "20260101000000_one",
        "create table one (path text); insert into one select current_setting('search_path')",
    )
    owner = await bare.owner()
    await owner.execute("set search_path = pg_temp, public")
    await (await _runner(bare, tmp_path)).migrate()
    assert await owner.fetchval("select path from public.one") == '"$user", public, extensions'


def test_every_migration_has_its_rollback() -> None:
    for migration in find_migrations(supabase_folder()):
        assert migration.down.is_file(), migration


def test_two_files_of_one_version_are_refused(tmp_path: Path) -> None:
    _write(tmp_path, "20260101000000_one", "select 1")
    _write(tmp_path, "20260101000000_uno", "select 1")
    with pytest.raises(MigrationError, match="20260101000000"):
        find_migrations(tmp_path)


async def test_a_role_with_more_rights_than_it_should_have_is_refused(bare: Database) -> None:
    owner = await bare.owner()
    superuser = await bare.superuser()
    runner = await _runner(bare)
    await runner.migrate()
    await runner.rollback(100)
    existed: Any = await owner.fetchval("select count(*) from pg_roles where rolname = 'tripsage_client'")
    if not existed:
        await superuser.execute("create role tripsage_client login noinherit")
    await superuser.execute("grant authenticated to tripsage_client")
    try:
        with pytest.raises(MigrationError, match="more rights"):
            await runner.migrate()
    finally:
        await superuser.execute("revoke authenticated from tripsage_client")
        if not existed:
            await superuser.execute("drop role tripsage_client")


async def test_values_stay_out_of_the_log_by_whichever_way_is_allowed(bare: Database) -> None:
    owner, superuser = await bare.owner(), await bare.superuser()
    await (await _runner(bare)).migrate()
    (migration,) = [each for each in find_migrations(supabase_folder()) if each.name == "unlogged_values"]

    async def settings() -> set[str]:
        found = await superuser.fetch("select unnest(rolconfig) from pg_roles where rolname = 'tripsage_client'")
        return {row[0] for row in found if row[0].startswith("log_")}

    async def again() -> set[str]:
        await owner.execute(migration.down.read_text())
        assert await settings() == set()
        await owner.execute(migration.up.read_text())
        return await settings()

    assert await again() == {"log_parameter_max_length=0"}
    await owner.execute(migration.down.read_text())
    await superuser.execute("revoke set on parameter log_parameter_max_length from postgres")
    try:
        assert await again() == {"log_statement=none", "log_min_duration_statement=-1"}
        await owner.execute(migration.down.read_text())
        await superuser.execute("revoke set on parameter log_statement from postgres")
        assert await again() == set()
    finally:
        await superuser.execute("grant set on parameter log_parameter_max_length, log_statement to postgres")
