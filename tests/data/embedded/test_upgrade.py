"""From PostgreSQL 16 to 18, both of which come with the program."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.embedded.conftest import Start, discard, new_folder
from tripsage_tui.data import postmaster
from tripsage_tui.data.accounts import open_the_way, server_account
from tripsage_tui.data.cluster import SUPERUSER, version_of
from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.install import run_tool
from tripsage_tui.data.owner import connect
from tripsage_tui.data.server_files import write_private
from tripsage_tui.identity.profiles import LocalProfiles

_TRIP = """
    insert into public.trips (user_id, name, start_date, end_date, destination, budget, travelers)
    select id, 'Kyoto in autumn', '2027-10-02', '2027-10-16', 'Kyoto', 6000, 2 from auth.users
"""


_OUTDATED = "select count(*) from pg_available_extensions where installed_version <> default_version"


async def _fill(server: EmbeddedServer) -> None:
    await server.ensure_running()
    await LocalProfiles(server).ensure("Zoë")
    async with connect(server.address) as connection:
        await connection.execute(_TRIP)
    await server.stop()


async def _trips(server: EmbeddedServer) -> list[tuple[str, str]]:
    async with connect(server.address) as connection:
        rows = await connection.fetch(
            "select u.raw_user_meta_data ->> 'name', t.name from public.trips t join auth.users u on u.id = t.user_id"
        )
        return [tuple(row) for row in rows]


@pytest.fixture(scope="session")
def prepared_16() -> Iterator[Path]:
    """A data folder of PostgreSQL 16 with a profile and a trip, stopped; only to be copied."""
    folder = new_folder()
    asyncio.run(_fill(EmbeddedServer(folder, 16)))
    yield folder
    discard(folder)


@pytest.fixture
def old(prepared_16: Path) -> Iterator[Path]:
    """A folder of PostgreSQL 16 of the test's own."""
    folder = new_folder()
    subprocess.run(["cp", "-a", str(prepared_16), str(folder)], check=True)
    yield folder
    discard(folder)


def _tool(folder: Path, version: int, name: str, *arguments: str) -> str:
    cluster = folder / "postgres"
    account = server_account(cluster)
    open_the_way(cluster, account)
    return run_tool(version, name, "-D", str(cluster), *arguments, account=account, folder=cluster)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_an_upgrade_after_a_crash_and_without_checksums(old: Path, start: Start) -> None:
    _tool(old, 16, "pg_checksums", "--disable")
    write_private(old / "postgres" / "local.conf", "work_mem = '7MB'\n")
    program = start(old, version=16)
    os.kill(program.report()["pid"], signal.SIGKILL)
    program.kill()
    told: list[str] = []
    server = EmbeddedServer(old, 18)
    await server.ensure_running(told.append)
    backup = old / "postgres-16-backup"
    assert any("Upgrading the database from PostgreSQL 16 to 18" in sentence for sentence in told)
    assert any(str(backup) in sentence and "delete it" in sentence for sentence in told)
    assert await _trips(server) == [("Zoë", "Kyoto in autumn")]
    async with connect(server.address, SUPERUSER) as connection:
        assert await connection.fetchval("select current_setting('server_version_num')::int / 10000") == 18
        assert await connection.fetchval("show data_checksums") == "on"
        assert await connection.fetchval("show work_mem") == "7MB"
        assert await connection.fetchval(_OUTDATED) == 0
        assert await connection.fetchval("select count(*) from pg_stats where schemaname = 'public'") > 0
    assert (await LocalProfiles(server).ensure("zoë")).name == "Zoë"
    assert version_of(backup) == 16
    assert _names(old) == ["postgres", "postgres-16-backup", "server"]
    await server.stop()
    # The backup is what it was: 16 serves it.
    shutil.rmtree(old / "postgres")
    backup.rename(old / "postgres")
    before = EmbeddedServer(old, 16)
    await before.ensure_running()
    assert await _trips(before) == [("Zoë", "Kyoto in autumn")]
    before.detach()


async def test_a_failing_upgrade_leaves_all_as_it_was(old: Path) -> None:
    server = EmbeddedServer(old, 16)
    await server.ensure_running()
    async with connect(server.address, SUPERUSER) as connection:
        await connection.execute("create database closed")
        await connection.execute("alter database closed with allow_connections false")  # pg_upgrade refuses this
    await server.stop()
    with pytest.raises(Unavailable, match=r"is unchanged.*upgrade\.log says why.*start again") as failure:
        await EmbeddedServer(old, 18).ensure_running()
    assert "\n" not in str(failure.value)
    assert "connections" in server.files.folder.joinpath("upgrade.log").read_text()
    assert _names(old) == ["postgres", "server"]
    await server.ensure_running()
    assert await _trips(server) == [("Zoë", "Kyoto in autumn")]
    server.detach()


@pytest.mark.slow
def test_programs_killed_at_any_moment_of_an_upgrade(old: Path, start: Start) -> None:
    chance = random.Random(16)
    for _ in range(5):
        program = start(old)
        time.sleep(chance.uniform(0.4, 3.0))  # the moment is the point of the test
        program.kill()
    assert start(old).report().get("pid")
    server = EmbeddedServer(old)
    assert server.attach()
    assert asyncio.run(_trips(server)) == [("Zoë", "Kyoto in autumn")]
    server.detach()
    names = _names(old)
    assert names[0] == "postgres"
    assert [name for name in names if "upgrading" in name or "ready" in name] == []


def test_an_interrupted_trade_of_folders_is_finished(folder: Path, old: Path, start: Start) -> None:
    (folder / "postgres").rename(folder / "postgres-18-ready")
    shutil.move(old / "postgres", folder / "postgres-16-backup")
    assert start(folder).report().get("pid")
    assert not (folder / "postgres-18-ready").exists()


def test_a_copy_that_was_overtaken_is_made_anew(folder: Path, old: Path, start: Start) -> None:
    shutil.move(folder / "postgres", old / "postgres-18-ready")
    report = start(old).report()
    assert any("Upgrading" in sentence for sentence in report["told"])
    server = EmbeddedServer(old)
    assert server.attach()
    assert asyncio.run(_trips(server)) == [("Zoë", "Kyoto in autumn")]
    server.detach()


def test_a_program_on_the_old_version_is_not_disturbed(old: Path, start: Start) -> None:
    first = start(old, version=16).report()
    report = start(old, version=18).report()
    assert report["kind"] == "Unavailable"
    assert "close it and start again" in report["error"]
    running = postmaster.running(old / "postgres")
    assert running
    assert running.pid == first["pid"]


def test_a_lingering_server_of_the_old_version_gives_way(old: Path, start: Start) -> None:
    program = start(old, version=16)
    program.report()
    program.kill()
    assert start(old, version=18).report().get("pid")
    assert version_of(old / "postgres") == 18


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("99", "update tripsage-tui"), ("15", "can only read 16 and 18"), ("9.6", "can only read"), ("?", "is damaged")],
)
def test_a_version_that_cannot_be_served_is_left_alone(empty: Path, start: Start, version: str, sentence: str) -> None:
    (empty / "postgres").mkdir(parents=True)
    (empty / "postgres" / "PG_VERSION").write_text(version + "\n")
    report = start(empty).report()
    assert report["kind"] == "Unavailable"
    assert sentence in report["error"]
    assert [path.name for path in (empty / "postgres").iterdir()] == ["PG_VERSION"]


def test_too_little_space_is_said_before_anything_happens(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tripsage_tui.data.upgrade._RESERVE", 1 << 60)
    with pytest.raises(Unavailable, match="free some space and start again"):
        asyncio.run(EmbeddedServer(old).ensure_running())
    assert version_of(old / "postgres") == 16
