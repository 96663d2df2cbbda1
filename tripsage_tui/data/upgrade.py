"""Takes a cluster to a newer major version of PostgreSQL with pg_upgrade, and keeps the old one.

The old cluster is copied, never changed. The new one is made beside it, started once to see that it works, and gets
its final name before the folders trade places:

    postgres.upgrading-<random>   in the making; worthless when it is found at a start
    postgres-18-ready             complete; found without `postgres`, the trade was interrupted and is finished
    postgres-16-backup            the old cluster, from then on
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tripsage_tui.data import postmaster
from tripsage_tui.data.accounts import hand_over
from tripsage_tui.data.cluster import SUPERUSER, Cluster, StartFailed
from tripsage_tui.data.cluster_settings import LOCAL_SETTINGS
from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.install import ToolFailed, bin_folder
from tripsage_tui.data.sentences import about_server_output, is_about_space
from tripsage_tui.data.server_files import ServerFiles, write_private
from tripsage_tui.data.server_status import size_of

Progress = Callable[[str], None]
_RESERVE = 200 * 1024 * 1024
"""Bytes that must stay free beside the copy."""


class UpgradeFailed(Unavailable):
    """The upgrade did not happen; the data is as it was."""


def finish_interrupted(files: ServerFiles, version: int) -> None:
    """Complete a trade of folders that was cut off, or drop a copy that an older program has overtaken."""
    ready = _ready(files, version)
    if not ready.exists():
        return
    if files.cluster.exists():
        shutil.rmtree(ready)
    else:
        ready.rename(files.cluster)


class Upgrade:
    """One upgrade of the stopped cluster of `files`, under the start lock."""

    def __init__(self, files: ServerFiles, old: Cluster, version: int, socket_dir: Path, progress: Progress) -> None:
        self._files = files
        self._old = old
        fresh = files.cluster.with_name(f"{files.cluster.name}.upgrading-{secrets.token_hex(4)}")
        self._new = replace(old, folder=fresh, version=version)
        self._socket_dir = socket_dir
        self._progress = progress
        self._log = files.folder / "upgrade.log"

    @property
    def _between(self) -> str:
        return f"PostgreSQL {self._old.version} to {self._new.version}"

    def run(self) -> None:
        """Upgrade, or leave all as it was and raise `UpgradeFailed`, whose sentence says what to do."""
        self._want_space()
        self._progress(f"Upgrading the database from {self._between} (once; the old one is kept)…")
        try:
            facts = self._shut_down_cleanly()
            self._convert(facts)
            self._try_out()
        except (ToolFailed, StartFailed, OSError) as error:
            shutil.rmtree(self._new.folder, ignore_errors=True)
            raise self._failure(str(error)) from error
        self._trade()

    def _want_space(self) -> None:
        needed = size_of(self._files.cluster) + _RESERVE
        free = shutil.disk_usage(self._files.data_dir).free
        if free < needed:
            raise UpgradeFailed(
                f"The database must be upgraded from {self._between}, for which {needed >> 20} MB must be free on the"
                f" disk that holds {self._files.data_dir} ({free >> 20} MB are): free some space and start again."
            )

    def _shut_down_cleanly(self) -> dict[str, str]:
        """What pg_controldata says, after letting the old version recover if its server was killed."""
        facts = self._control_data()
        if facts["Database cluster state"] != "shut down":
            server = self._old.start(self._socket_dir, self._progress)
            postmaster.stop(self._old.folder, server.pid)
            facts = self._control_data()
        return facts

    def _control_data(self) -> dict[str, str]:
        return dict(re.findall(r"^([^:\n]+):\s+(.*)$", self._old.tool("pg_controldata", "."), re.MULTILINE))

    def _convert(self, facts: dict[str, str]) -> None:
        checksums = facts["Data page checksum version"] != "0"
        segment = int(facts["Bytes per WAL segment"]) >> 20
        # pg_upgrade wants both alike; the old one stays untouched, so the new one gets its checksums afterwards.
        self._new.create("--data-checksums" if checksums else "--no-data-checksums", f"--wal-segsize={segment}")
        work = self._files.folder / f"upgrade-{secrets.token_hex(4)}"
        work.mkdir(mode=0o700)
        hand_over(work, self._new.account)
        try:
            said = self._new.tool(
                "pg_upgrade",
                *("--old-bindir", bin_folder(self._old.version), "--new-bindir", bin_folder(self._new.version)),
                *("--old-datadir", self._old.folder, "--new-datadir", self._new.folder),
                *("--username", SUPERUSER, "--socketdir", self._socket_dir, "--copy"),
                at=work,
            )
            write_private(self._log, said)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        own = self._old.folder / LOCAL_SETTINGS
        if own.exists():
            write_private(self._new.folder / LOCAL_SETTINGS, own.read_text(encoding="utf-8"))
        if not checksums:
            self._new.tool("pg_checksums", "--enable", "-D", self._new.folder)

    def _try_out(self) -> None:
        server = self._new.start(self._socket_dir, self._progress)
        postmaster.stop(self._new.folder, server.pid)

    def _trade(self) -> None:
        ready = _ready(self._files, self._new.version)
        backup = self._free_backup_name()
        self._new.folder.rename(ready)
        self._old.folder.rename(backup)
        ready.rename(self._files.cluster)
        self._progress(f"PostgreSQL is upgraded. The old data is kept in {backup}: delete it when all is well.")

    def _free_backup_name(self) -> Path:
        plain = f"postgres-{self._old.version}-backup"
        names = [plain, *(f"{plain}-{number}" for number in range(2, 1000))]
        return next(path for name in names if not (path := self._files.cluster.with_name(name)).exists())

    def _failure(self, said: str) -> UpgradeFailed:
        write_private(self._log, said)
        if is_about_space(said):
            return UpgradeFailed(about_server_output(said, self._files.data_dir, self._log))
        return UpgradeFailed(
            f"The upgrade from {self._between} failed and {self._files.cluster} is unchanged: {self._log} says why."
            " Correct that and start again, or go on with the version of tripsage-tui that you used before."
        )


def _ready(files: ServerFiles, version: int) -> Path:
    return files.cluster.with_name(f"postgres-{version}-ready")
