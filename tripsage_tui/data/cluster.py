"""One PostgreSQL cluster on disk: make it, configure it, start its server."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tripsage_tui.data import postmaster
from tripsage_tui.data.accounts import Account, hand_over, run_as
from tripsage_tui.data.cluster_settings import ACCESS, settings_for
from tripsage_tui.data.install import ToolFailed, bin_folder, environment, run_tool
from tripsage_tui.data.server_files import PORT, open_private, write_private

SUPERUSER = "supabase_admin"
_CONFIGURATION = "tripsage.conf"
_LAYOUT = ("--data-checksums", "--wal-segsize=4")
"""What cannot be changed later: checksums on, a log in pieces of 4 MB, which makes a new cluster half as large."""
_POLL = 0.002
_SLOW_START = 3.0
"""Seconds after which a start counts as a recovery and is announced."""
_LONGEST_START = 900.0

Progress = Callable[[str], None]


class StartFailed(Exception):
    """The server ended while it started; the text is what it said."""


def version_of(folder: Path) -> int | None:
    """Major version of the cluster in this folder; None when there is none. Raises `ValueError` when unreadable."""
    try:
        text = (folder / "PG_VERSION").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    return int(text.strip().partition(".")[0])


@dataclass(frozen=True)
class Cluster:
    """A cluster of one major version in one folder, run as `account`; its server's first words go to `log`."""

    folder: Path
    version: int
    account: Account | None
    log: Path

    def tool(self, name: str, *arguments: str | Path, at: Path | None = None) -> str:
        """Run a PostgreSQL program of this version in the folder (or `at`). Raises `ToolFailed`."""
        return run_tool(self.version, name, *arguments, account=self.account, folder=at or self.folder)

    def create(self, *like: str) -> None:
        """Make the cluster; it appears in its place only when complete. `like` = initdb's options of that kind.

        Raises `ToolFailed`, `OSError`.
        """
        partial = self.folder.with_name(f"{self.folder.name}.initializing-{secrets.token_hex(4)}")
        partial.mkdir(mode=0o700)
        try:
            hand_over(partial, self.account)
            self._initdb(partial, like)
            write_private(partial / "pg_hba.conf", ACCESS)
            write_private(partial / _CONFIGURATION, settings_for(self.version))
            with os.fdopen(open_private(partial / "postgresql.conf", os.O_WRONLY | os.O_APPEND), "a") as file:
                file.write(f"\ninclude_if_exists = '{_CONFIGURATION}'\n")
            partial.rename(self.folder)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise

    def start(self, socket_dir: Path, progress: Progress) -> postmaster.Postmaster:
        """Start the server and return once it takes connections. Call it under the start lock, when none is running.

        Raises `StartFailed` with the server's own words, `OSError`.
        """
        self.folder.chmod(0o700)
        self._configure()
        try:
            return self._start_once(socket_dir, progress)
        except StartFailed as error:
            if "shared memory block" not in str(error):
                raise
            # Children of a killed server are still at work; PostgreSQL rightly refuses beside them.
            postmaster.end_strays(self.folder)
            return self._start_once(socket_dir, progress)

    def _initdb(self, folder: Path, like: tuple[str, ...]) -> None:
        options = [
            "-D",
            str(folder),
            "-U",
            SUPERUSER,
            "-E",
            "UTF8",
            "--auth=trust",
            "--no-instructions",
            *(like or _LAYOUT),
        ]
        if self.version >= 17:
            locales = [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
        else:  # the C library's name for the same order, where it has it
            locales = [["--locale=C.UTF-8", "--lc-messages=C"], ["--locale=C"]]
        for locale in locales:
            try:
                self.tool("initdb", *options, *locale, at=folder)
            except ToolFailed as error:
                if "invalid locale" not in str(error) or locale is locales[-1]:
                    raise
            else:
                return

    def _configure(self) -> None:
        text = settings_for(self.version)
        path = self.folder / _CONFIGURATION
        with contextlib.suppress(OSError):
            if path.read_text(encoding="utf-8") == text:
                return
        write_private(path, text)

    def _start_once(self, socket_dir: Path, progress: Progress) -> postmaster.Postmaster:
        postmaster.disarm_stale_lock(self.folder)
        for leftover in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (socket_dir / leftover).unlink(missing_ok=True)
        process = self._spawn(socket_dir)
        started = time.monotonic()
        announced = False
        while True:
            found = postmaster.read(self.folder)
            if found and found.pid == process.pid and found.status == "ready":
                _children.append(process)
                return found
            if process.poll() is not None:
                raise StartFailed(self.log.read_text(encoding="utf-8", errors="replace"))
            waited = time.monotonic() - started
            if waited > _SLOW_START and not announced:
                announced = True
                progress("The database was not shut down properly and is being recovered…")
            if waited > _LONGEST_START:
                postmaster.stop(self.folder, process.pid, patience=5.0)
                raise StartFailed(f"FATAL: it was not ready after {_LONGEST_START:.0f} seconds")
            time.sleep(_POLL)

    def _spawn(self, socket_dir: Path) -> subprocess.Popen[bytes]:
        quoted = '"' + str(socket_dir).replace('"', '""') + '"'
        program = str(bin_folder(self.version) / "postgres")
        self.log.unlink(missing_ok=True)
        with os.fdopen(open_private(self.log, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as output:
            # A session of its own: the hangup of our terminal does not reach it. It sets its signal mask itself.
            return subprocess.Popen(  # noqa: S603 - no shell, our own program
                [program, "-D", str(self.folder), "-c", f"unix_socket_directories={quoted}"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=environment(),
                start_new_session=True,
                **run_as(self.account),
            )


_children: list[subprocess.Popen[bytes]] = []
"""Servers that this process started. They outlive it; until then it is their parent and must collect them."""


def collect_children() -> None:
    """Let the operating system forget servers of ours that have ended."""
    _children[:] = [process for process in _children if process.poll() is None]


def discard_leftovers(folder: Path) -> None:
    """Remove half-made clusters of attempts that did not live to finish. Call it under the start lock."""
    for kind in ("initializing", "upgrading"):
        for left in folder.parent.glob(f"{folder.name}.{kind}-*"):
            if server := postmaster.running(left):
                postmaster.stop(left, server.pid, patience=5.0)
            shutil.rmtree(left, ignore_errors=True)
