"""Whatever is killed and whatever lies around: the next start works, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.data.embedded.conftest import Start
from tests.data.embedded.test_sharing import wait_until
from tripsage_tui.data import postmaster
from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.owner import connect
from tripsage_tui.data.server_files import ServerAddress, ServerFiles
from tripsage_tui.data.server_status import keeper_pid


async def test_a_killed_server_comes_back_with_all_that_was_acknowledged(folder: Path) -> None:
    server = EmbeddedServer(folder)
    await server.ensure_running()
    async with connect(server.address) as connection:
        await connection.execute("create table written (number int)")
    written = 0
    for _ in range(5):
        async with connect(server.address) as connection:
            for _ in range(20):
                await connection.execute("insert into written values ($1)", written)
                written += 1
        running = postmaster.running(server.files.cluster)
        assert running
        os.kill(running.pid, signal.SIGKILL)
        assert postmaster.wait_gone(server.files.cluster, running.pid, 5.0)
        assert await server.revive()
    async with connect(server.address) as connection:
        assert await connection.fetchval("select count(distinct number) from written") == written
    server.detach()


async def test_children_of_a_killed_server_that_are_busy_do_not_stop_the_next_start(folder: Path) -> None:
    server = EmbeddedServer(folder)
    await server.ensure_running()
    async with connect(server.address) as connection:
        busy = connection.fetchval("select count(*) from generate_series(1, 2000000000)")
        backend = connection.get_server_pid()
        sent = asyncio.ensure_future(busy)
        async with connect(server.address) as other:
            while not await other.fetchval("select state = 'active' from pg_stat_activity where pid = $1", backend):
                pass
        running = postmaster.running(server.files.cluster)
        assert running
        os.kill(running.pid, signal.SIGKILL)
        assert postmaster.wait_gone(server.files.cluster, running.pid, 5.0)
        assert await server.revive()
        assert not postmaster.serves(backend, server.files.cluster)
        with pytest.raises(Exception, match="connection"):
            await sent
    server.detach()


def test_programs_killed_at_any_moment_of_the_first_start(empty: Path, start: Start) -> None:
    chance = random.Random(2027)
    for _ in range(6):
        program = start(empty)
        time.sleep(chance.uniform(0.15, 1.6))  # the moment is the point of the test
        program.kill()
    report = start(empty).report()
    assert report.get("pid"), report
    assert sorted(path.name for path in empty.iterdir()) == ["postgres", "server"]


def test_everything_killed_at_once(folder: Path, start: Start) -> None:
    files = EmbeddedServer(folder).files
    program = start(folder)
    first = program.report()["pid"]
    keeper = keeper_pid(files)
    assert keeper
    for pid in (keeper, *postmaster.strays(files.cluster)):
        os.kill(pid, signal.SIGKILL)
    program.kill()
    again = start(folder).report()
    assert again["pid"] not in {None, first}
    assert keeper_pid(files) not in {None, keeper}


@pytest.mark.parametrize("content", ["{pid}", "", "garbage\n", "{pid}\n{cluster}\n1\n5432\n/nowhere\n\n 1 1\nready\n"])
def test_a_postmaster_file_that_names_a_living_stranger(folder: Path, start: Start, content: str) -> None:
    with subprocess.Popen(["sleep", "60"], **_as_owner(folder)) as stranger:
        text = content.format(pid=stranger.pid, cluster=folder / "postgres")
        (folder / "postgres" / "postmaster.pid").write_text(text)
        report = start(folder).report()
        assert report.get("pid"), report
        assert stranger.poll() is None, "the stranger was killed"
        stranger.kill()


def _as_owner(folder: Path) -> dict[str, int]:
    """A stranger of the same OS user is the hard case: PostgreSQL can signal it and takes it for a server."""
    owner = (folder / "postgres").stat()
    return {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}


@pytest.mark.parametrize("name", ["state.json", "keeper.lock", "lock", "socket-folder", "stopped-by-hand"])
def test_notes_full_of_garbage(folder: Path, start: Start, name: str) -> None:
    (folder / "server" / name).write_bytes(b"\xff\x00{]")
    assert start(folder).report().get("pid")


def test_a_stale_note_and_a_stale_socket(folder: Path, start: Start) -> None:
    files = ServerFiles(folder)
    program = start(folder)
    first = program.report()["pid"]
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: not postmaster.serves(first, files.cluster))
    assert files.state.exists()
    assert Path(ServerAddress(str(files.folder / "socket")).socket_path).exists()
    assert EmbeddedServer(folder).attach() is None
    assert start(folder).report()["pid"] != first


def test_a_lost_socket(folder: Path, start: Start) -> None:
    report = start(folder).report()
    Path(report["socket"]).unlink()
    assert EmbeddedServer(folder).attach() is None
    again = start(folder).report()
    assert again["pid"] != report["pid"]
    assert Path(again["socket"]).exists()


def test_a_half_made_cluster_is_removed(folder: Path, start: Start) -> None:
    left = folder / "postgres.initializing-0123"
    (left / "base").mkdir(parents=True)
    assert start(folder).report()["pid"]
    assert not left.exists()


def test_a_deleted_folder_does_not_leave_its_server_behind(folder: Path, start: Start) -> None:
    program = start(folder, linger=0.5)
    pid = program.report()["pid"]
    keeper = keeper_pid(ServerFiles(folder))
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    again = start(folder)
    assert again.report()["pid"] != pid
    assert wait_until(lambda: not Path(f"/proc/{pid}").exists() or _is_zombie(pid))
    assert keeper


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_program_that_holds_the_start_lock_and_dies(folder: Path, start: Start) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tripsage_tui.data.server_files import open_lock, try_lock;"
        "handle = open_lock(Path(sys.argv[1])); assert try_lock(handle); print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(folder / "server" / "lock")], stdout=subprocess.PIPE)
    assert holder.stdout
    holder.stdout.readline()
    waiting = start(folder)
    waiting.wait_for_saying("Waiting for another")
    holder.kill()
    holder.communicate()
    assert waiting.report().get("pid")


async def test_a_cancelled_start_leaves_nothing_in_the_way(empty: Path) -> None:
    server = EmbeddedServer(empty)
    loop = asyncio.get_running_loop()
    for moment in ("Preparing", "Bringing"):
        cancelled: list[asyncio.Task[ServerAddress]] = []

        def progress(sentence: str, moment: str = moment, task: list[asyncio.Task[ServerAddress]] = cancelled) -> None:
            if sentence.startswith(moment):
                loop.call_soon_threadsafe(task[0].cancel)

        cancelled.append(asyncio.create_task(server.ensure_running(progress)))
        with pytest.raises(asyncio.CancelledError):
            await cancelled[0]
        assert EmbeddedServer(empty).attach() is None
    assert await server.ensure_running()
    server.detach()


async def test_no_connection_is_unavailable_not_an_exception_of_the_driver(folder: Path) -> None:
    with pytest.raises(Unavailable):
        async with connect(ServerAddress(str(folder))):
            pass
