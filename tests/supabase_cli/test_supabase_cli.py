"""The real Supabase CLI and our own runner take turns on one database, and Supabase's advisors look at the result.

`npm ci --prefix tests/supabase_cli` installs it; neither Docker nor an account is needed.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.data.catalog import dump
from tests.database import Database, clone, drop, prepare
from tests.postgres import Server
from tests.tls import TlsFront
from tripsage_tui.data.migrations import MigrationRunner, supabase_folder

PROGRAM = Path(__file__).parent / "node_modules/@supabase/cli-linux-x64/bin/supabase"
KNOWN = {"rls_enabled_no_policy", "unused_index"}
"""What stays, and why: supabase/README.md, "Advisors"."""

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists(), reason="the Supabase CLI is not installed (npm ci --prefix tests/supabase_cli; Linux on x64)"
)

Cli = Callable[..., Awaitable[str]]


@pytest.fixture
async def bare(server: Server) -> AsyncIterator[Database]:
    """A project as it comes."""
    database = await prepare(server, "cli", migrate=False)
    yield database
    await drop(database)


@pytest.fixture
async def cli(bare: Database, tmp_path: Path) -> AsyncIterator[Cli]:
    """Runs the CLI against that project, on a copy of the migrations; gives what it said. Fails where it does."""
    shutil.copytree(supabase_folder(), tmp_path / "supabase")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "SUPABASE_TELEMETRY_DISABLED": "1",
        "DO_NOT_TRACK": "1",
    }
    async with TlsFront(bare.host, bare.port) as front:
        remote = f"--remote=postgresql://postgres:any@127.0.0.1:{front.port}/{bare.name}?sslmode=disable"

        async def run(*words: str) -> str:
            process = await asyncio.create_subprocess_exec(
                PROGRAM, *words, remote, "--workdir", str(tmp_path), "--agent", "no",
                cwd=tmp_path, env=environment, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                async with asyncio.timeout(60):
                    out, err = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            assert process.returncode == 0, (out + err).decode()
            return out.decode()

        yield run


def listed(text: str) -> tuple[set[str], set[str]]:
    """The versions that `migration list` names: with a file here, and applied there."""
    rows = [re.split(r"[|│]", line.strip("|│ "))[:2] for line in text.splitlines() if re.search(r"\d{14}", line)]
    local, remote = ({row[place].strip(" `") for row in rows} - {""} for place in (0, 1))
    return local, remote


async def test_turns_are_taken(bare: Database, cli: Cli, server: Server, template: str) -> None:
    owner = await bare.owner()
    runner = MigrationRunner(owner)
    versions = {each.version for each in (await runner.status()).pending}
    assert listed(await cli("migration", "list")) == (versions, set())

    await cli("db", "push", "--yes")
    status = await runner.status()
    assert {each.version for each in status.applied} == versions
    assert listed(await cli("migration", "list")) == (versions, versions)
    ours = await clone(server, template, "ours")
    try:
        theirs, own = await dump(owner), await dump(await ours.owner())
    finally:
        await drop(ours)
    # A clone does not inherit the grants on the database.
    for catalog in (theirs, own):
        del catalog["grants"]["database"]
    assert theirs == own

    back = {each.version for each in await runner.rollback(3)}
    assert listed(await cli("migration", "list")) == (versions, versions - back)
    await cli("db", "push", "--yes")
    assert (await runner.status()).pending == ()
    await runner.rollback(3)
    assert {each.version for each in await runner.migrate()} == back
    assert listed(await cli("migration", "list")) == (versions, versions)


async def test_the_advisors_find_nothing_but_what_is_meant(bare: Database, cli: Cli) -> None:
    owner = await bare.owner()
    await MigrationRunner(owner).migrate()
    found = json.loads(await cli("db", "advisors", "--level", "info", "--fail-on", "error"))
    assert [each for each in found if each["name"] not in KNOWN] == []
    assert {each["level"] for each in found} == {"INFO"}
    closed = {each["metadata"]["name"] for each in found if each["name"] == "rls_enabled_no_policy"}
    assert closed == {"database_sessions", "user_channels", "orphaned_files", "trip_viewers"}
    await owner.execute("create table public.planted (id int primary key)")
    with pytest.raises(AssertionError, match="rls_disabled_in_public"):
        await cli("db", "advisors", "--fail-on", "error")
