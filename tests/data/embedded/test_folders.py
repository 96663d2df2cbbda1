"""Folders: who may enter them, paths that are too long, disks that are full, folders that cannot be written."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.embedded.conftest import Start
from tests.data.embedded.programs import ROOT, lend, ordinary_user, ordinary_user_can_run_us
from tests.data.embedded.test_sharing import wait_until
from tripsage_tui.data import install, postmaster
from tripsage_tui.data.accounts import server_account
from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import DataError, Unavailable
from tripsage_tui.data.owner import connect

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="is about being root")


def _mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


async def test_others_can_enter_nothing(folder: Path) -> None:
    server = EmbeddedServer(folder)
    address = await server.ensure_running()
    for path in (
        folder,
        folder / "postgres",
        folder / "server",
        folder / "server" / "leases",
        Path(address.socket_dir),
    ):
        about = path.stat()
        assert about.st_mode & 0o007 == 0, path
        assert about.st_mode & 0o070 == 0 or (os.geteuid() == 0 and path == folder), path
    assert _mode(Path(address.socket_path)) == "0o700"
    for file in (folder / "server").iterdir():
        if file.is_file():
            assert _mode(file) == "0o600", file
    server.detach()


async def test_nothing_listens_on_the_network_and_commits_reach_the_disk(folder: Path) -> None:
    server = EmbeddedServer(folder)
    async with connect(await server.ensure_running()) as connection:
        rows = await connection.fetch("select name, setting from pg_settings")
        encoding = await connection.fetchval("select pg_encoding_to_char(encoding) from pg_database limit 1")
    settings = {row["name"]: row["setting"] for row in rows}
    assert settings["listen_addresses"] == ""
    assert (settings["fsync"], settings["synchronous_commit"], settings["full_page_writes"]) == ("on", "on", "on")
    assert (settings["data_checksums"], encoding) == ("on", "UTF8")
    assert settings["jit"] == "off"
    server.detach()


async def test_the_log_has_no_statement_and_no_value(folder: Path) -> None:
    server = EmbeddedServer(folder)
    secret = "d0d0" * 16
    address = await server.ensure_running()
    for sql in (f"select '{secret}'::point", f"select set_config('tripsage.ticket', '{secret}', false), no_column"):
        with pytest.raises(DataError):
            async with connect(address) as connection:
                await connection.fetch(sql)
    with pytest.raises(DataError):
        async with connect(address) as connection:
            await connection.fetch("select $1::text::int", secret)
    async with connect(address) as connection:
        await connection.execute("do $$ begin raise log 'kept'; end $$")

    def text() -> str:
        return "".join(path.read_text() for path in (folder / "postgres" / "log").iterdir())

    assert wait_until(lambda: "kept" in text()), "the log is not where this test looks"
    assert secret not in text()
    server.detach()


def test_a_path_too_long_for_a_socket(folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    deep = folder.parent / ("d" * 60) / ("e" * 60) / "data"
    deep.parent.mkdir(parents=True)
    folder.rename(deep)
    program = start(deep)
    report = program.report()
    socket_dir = Path(report["socket"]).parent
    assert deep not in socket_dir.parents
    assert _mode(socket_dir) == "0o700"
    assert socket_dir.stat().st_uid == (deep / "postgres").stat().st_uid
    server = EmbeddedServer(deep)
    assert server.attach()
    assert asyncio.run(server.stop())
    assert socket_dir.exists(), "the program that is still open looks for the server there"
    program.kill()
    again = start(deep)
    assert again.report()["socket"] == report["socket"]
    again.kill()
    assert asyncio.run(server.stop())
    assert not socket_dir.exists()
    deep.rename(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="another OS user runs the server for root and cannot enter that folder")
def test_a_long_path_uses_the_runtime_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="rt-") as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        deep = folder.parent / ("d" * 60) / ("e" * 60) / "data"
        deep.parent.mkdir(parents=True)
        folder.rename(deep)
        server = EmbeddedServer(deep)
        address = asyncio.run(server.ensure_running())
        assert Path(address.socket_dir).parent == Path(runtime)
        asyncio.run(server.stop())
        deep.rename(folder)


def test_a_folder_prepared_by_somebody_else_is_not_used_for_the_socket(folder: Path, tmp_path: Path) -> None:
    deep = folder.parent / ("d" * 60) / ("e" * 60) / "data"
    deep.parent.mkdir(parents=True)
    folder.rename(deep)
    trap = tmp_path / "trap"
    trap.mkdir()
    trap.chmod(0o777)
    (deep / "server" / "socket-folder").write_text(str(trap))
    server = EmbeddedServer(deep)
    address = asyncio.run(server.ensure_running())
    assert address.socket_dir != str(trap)
    asyncio.run(server.stop())
    deep.rename(folder)


def test_names_that_need_quoting(folder: Path, start: Start) -> None:
    odd = folder.with_name('it\'s "odd", 50% & ü')
    folder.rename(odd)
    assert start(odd).report().get("pid")
    server = EmbeddedServer(odd)
    assert server.attach()
    asyncio.run(server.stop())
    odd.rename(folder)


async def test_a_symbolic_link_is_the_folder_it_leads_to(folder: Path, start: Start) -> None:
    report = start(folder).report()
    link = folder.with_name("link")
    link.symlink_to(folder)
    address = EmbeddedServer(link).attach()
    assert address
    assert address.socket_path == report["socket"]


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 60 MB; skipped where we may not make one."""
    folder = Path(tempfile.mkdtemp(prefix="ts-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=60m,mode=0755", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        folder.rmdir()
        pytest.skip("may not mount a file system")
    yield folder
    asyncio.run(EmbeddedServer(folder / "data").stop())
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # the keeper needs a moment to go
    folder.rmdir()


def _fill(folder: Path, leave: int) -> Path:
    """Leave `leave` bytes free."""
    ballast = folder / "ballast"
    about = os.statvfs(folder)
    with ballast.open("wb") as file:
        file.write(b"\0" * max(0, about.f_bavail * about.f_frsize - leave))
    return ballast


def test_a_full_disk_at_the_first_start(small_disk: Path, start: Start) -> None:
    ballast = _fill(small_disk, 15_000_000)
    report = start(small_disk / "data").report()
    assert report["kind"] == "Unavailable"
    assert report["error"] == f"The disk that holds {small_disk / 'data'} is full: free some space and start again."
    assert list((small_disk / "data").glob("postgres*")) == []
    ballast.unlink()
    assert start(small_disk / "data").report().get("pid")


@pytest.mark.parametrize("megabytes", [32, 36, 40])
def test_a_disk_that_becomes_full_during_the_first_start(small_disk: Path, start: Start, megabytes: int) -> None:
    ballast = _fill(small_disk, megabytes * 1_000_000)
    report = start(small_disk / "data").report()
    assert report.get("pid") or "disk" in report["error"], report
    assert "\n" not in report.get("error", "")
    ballast.unlink()
    assert start(small_disk / "data").report().get("pid")


def test_a_full_disk_at_a_later_start(small_disk: Path, start: Start, prepared: Path) -> None:
    data = small_disk / "data"
    subprocess.run(["cp", "-a", str(prepared), str(data)], check=True)
    ballast = _fill(small_disk, 0)
    report = start(data).report()
    assert report["kind"] == "Unavailable"
    assert "is full" in report["error"]
    ballast.unlink()
    assert start(data).report().get("pid")


def test_a_read_only_file_system(small_disk: Path, start: Start, prepared: Path) -> None:
    data = small_disk / "data"
    subprocess.run(["cp", "-a", str(prepared), str(data)], check=True)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    report = start(data).report()
    assert report["kind"] == "Unavailable"
    assert "cannot be written (Read-only file system)" in report["error"]
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert start(data).report().get("pid")


@pytest.mark.skipif(
    not ordinary_user_can_run_us(), reason="needs a user without root's rights who can run this checkout"
)
class TestAsAnOrdinaryUser:
    """Root may write anywhere, so these run as somebody else."""

    @pytest.fixture
    def home(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="ts-") as folder:
            Path(folder).chmod(0o755)
            home = Path(folder) / "home"
            home.mkdir()
            lend(home)
            yield home
            home.chmod(0o700)
            asyncio.run(EmbeddedServer(home / "data").stop())

    def test_the_server_runs_as_the_user(self, home: Path, start: Start) -> None:
        report = start(home / "data", **ordinary_user()).report()
        assert report.get("pid"), report
        assert Path(report["socket"]).stat().st_uid == home.stat().st_uid
        assert _mode(home / "data") == _mode(home / "data" / "server") == _mode(home / "data" / "postgres") == "0o700"

    @root_only
    def test_root_and_the_user_take_turns(self, home: Path, start: Start) -> None:
        first = start(home / "data", **ordinary_user())
        assert first.report().get("pid")
        first.leave()
        asyncio.run(EmbeddedServer(home / "data").stop())
        as_root = start(home / "data").report()
        assert as_root.get("pid"), as_root
        assert Path(as_root["socket"]).stat().st_uid == home.stat().st_uid
        asyncio.run(EmbeddedServer(home / "data").stop())
        assert start(home / "data", **ordinary_user()).report().get("pid")

    def test_a_folder_that_cannot_be_made(self, home: Path, start: Start) -> None:
        home.chmod(0o500)
        report = start(home / "data", **ordinary_user()).report()
        assert report["kind"] == "Unavailable"
        assert "cannot be written" in report["error"]
        assert "--data-dir" in report["error"]

    def test_folders_that_lost_their_modes_are_repaired(self, home: Path, start: Start) -> None:
        program = start(home / "data", **ordinary_user())
        program.report()
        program.leave()
        asyncio.run(EmbeddedServer(home / "data").stop())
        for name in ("server", "postgres"):
            (home / "data" / name).chmod(0o555)
        report = start(home / "data", **ordinary_user()).report()
        assert report.get("pid"), report
        assert _mode(home / "data" / "server") == _mode(home / "data" / "postgres") == "0o700"

    def test_somebody_elses_folder(self, folder: Path, start: Start) -> None:
        folder.parent.chmod(0o711)
        report = start(folder, **ordinary_user()).report()
        if os.geteuid() == 0:
            assert report["kind"] == "Unavailable"
            assert "--data-dir" in report["error"]


def test_a_file_in_the_place_of_the_folder(tmp_path: Path, start: Start) -> None:
    (tmp_path / "data").write_text("")
    report = start(tmp_path / "data").report()
    assert report["error"].startswith(f"{tmp_path / 'data'} is not a folder")


def test_a_folder_of_something_else_in_the_place_of_the_cluster(empty: Path, start: Start) -> None:
    (empty / "postgres").mkdir(parents=True)
    (empty / "postgres" / "thesis.txt").write_text("precious")
    report = start(empty).report()
    assert "is not a database" in report["error"]
    assert (empty / "postgres" / "thesis.txt").read_text() == "precious"


@root_only
class TestForRoot:
    """PostgreSQL refuses root, so another account runs it."""

    def test_an_account_without_rights_runs_the_server(self, folder: Path) -> None:
        server = EmbeddedServer(folder)
        asyncio.run(server.ensure_running())
        running = postmaster.running(server.files.cluster)
        account = server_account(server.files.cluster)
        assert running
        assert account
        assert Path(f"/proc/{running.pid}").stat().st_uid == account.uid != 0
        groups = next(x for x in Path(f"/proc/{running.pid}/status").read_text().splitlines() if x.startswith("Groups"))
        assert "0" not in groups.split()[1:]
        server.detach()

    def test_closed_folders_above_are_opened_for_passing_and_for_that_account_only(self, folder: Path) -> None:
        above = folder.parent / "closed"
        above.mkdir(mode=0o700)
        inside = above / "data"
        folder.rename(inside)
        server = EmbeddedServer(inside)
        asyncio.run(server.ensure_running())
        assert above.stat().st_mode & 0o006 == 0, "others may never list or write it"
        if above.stat().st_mode & 0o001 == 0:  # the file system has access control lists
            assert b"\x02\x00\x01\x00" in os.getxattr(above, "system.posix_acl_access")
        asyncio.run(server.stop())
        inside.rename(folder)

    def test_an_installation_under_a_strict_umask_is_opened(self, empty: Path, tmp_path: Path) -> None:
        package = install.package_folder()
        copy = tmp_path / "closed" / package.name
        for source in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(source, copy.with_name(source.name), ignore=shutil.ignore_patterns("include", "pginstall"))
        subprocess.run(["chmod", "-R", "go=", str(tmp_path / "closed")], check=True)
        code = (
            "import asyncio, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]);"
            "from tripsage_tui.data.embedded import EmbeddedServer;"
            "asyncio.run(EmbeddedServer(Path(sys.argv[1])).ensure_running())"
        )
        command = [sys.executable, "-c", code, str(empty), str(copy.parent)]
        assert subprocess.run(command, check=False, cwd=ROOT).returncode == 0
        running = postmaster.running(empty / "postgres")
        assert running
        assert str(copy) in Path(f"/proc/{running.pid}/cmdline").read_text()


def test_missing_postgres_is_a_sentence(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "_FOLDERS", {})
    with pytest.raises(Unavailable, match="PostgreSQL is missing"):
        asyncio.run(EmbeddedServer(empty).ensure_running())
