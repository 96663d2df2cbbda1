"""From whatever is on disk and in memory to a running server of the wanted version. Blocking; under the start lock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tripsage_tui.data import install, leases, postmaster
from tripsage_tui.data.accounts import Account, server_account
from tripsage_tui.data.cluster import Cluster, StartFailed, collect_children, discard_leftovers, version_of
from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.sentences import about_server_output
from tripsage_tui.data.server_files import ServerAddress, ServerFiles
from tripsage_tui.data.sockets import socket_folder
from tripsage_tui.data.upgrade import Upgrade, finish_interrupted

Progress = Callable[[str], None]


def bring_up(files: ServerFiles, version: int, progress: Progress) -> tuple[postmaster.Postmaster, bool]:
    """A server that is ready, and whether its cluster was upgraded for it. Raises `Unavailable`, `OSError`."""
    try:
        collect_children()
        found = _version_on_disk(files)
        _refuse_other_versions(files, found, version)
        if (server := _settled(files)) and found == version and _has_socket(server):
            return server, False
        if server:
            _stop_for_change(files, server, found, version)
        cluster = Cluster(files.cluster, version, _account(files), files.start_log)
        install.make_reachable(cluster.account)
        socket_dir = _socket_folder(files, cluster.account)
        upgraded = _prepare_cluster(files, cluster, socket_dir, progress)
        return cluster.start(socket_dir, progress), upgraded
    except (StartFailed, install.ToolFailed) as error:
        raise Unavailable(about_server_output(str(error), files.data_dir, files.start_log)) from error
    except TimeoutError as error:
        raise Unavailable(str(error)) from error


def _version_on_disk(files: ServerFiles) -> int | None:
    try:
        return version_of(files.cluster)
    except ValueError as error:
        raise Unavailable(
            f"{files.cluster} is damaged: put back a copy of it, or move it away to start anew."
        ) from error


def _refuse_other_versions(files: ServerFiles, found: int | None, version: int) -> None:
    """Touch nothing that this program cannot serve."""
    if found is None or found == version:
        return
    if found > version:
        raise Unavailable(
            f"The data in {files.data_dir} was last used with PostgreSQL {found} and this program brings {version}:"
            " update tripsage-tui, or choose another folder with --data-dir."
        )
    if found not in install.bundled_versions():
        known = " and ".join(map(str, install.bundled_versions()))
        raise Unavailable(
            f"The data in {files.data_dir} is of PostgreSQL {found}, and this program can only read {known}: start the"
            " version of tripsage-tui that you used before, save the data with pg_dumpall, and restore it into a new"
            " folder."
        )


def _settled(files: ServerFiles, patience: float = 60.0) -> postmaster.Postmaster | None:
    """The running server, after waiting for one that is just starting or stopping."""
    deadline = time.monotonic() + patience
    while server := postmaster.running(files.cluster):
        if server.status == "ready":
            return server
        if time.monotonic() > deadline:
            postmaster.stop(files.cluster, server.pid)
        time.sleep(0.01)
    return None


def _has_socket(server: postmaster.Postmaster) -> bool:
    """Whether programs can still find it: runtime and temporary folders are emptied at logout or by age."""
    return Path(ServerAddress(server.socket_dir).socket_path).is_socket()


def _stop_for_change(files: ServerFiles, server: postmaster.Postmaster, found: int | None, version: int) -> None:
    """Stop a server of an older version, or one whose socket is lost; our own lease does not count."""
    others = len(leases.living(files.leases)) - 1
    if found != version and others > 0:
        raise Unavailable(
            f"An older tripsage-tui is using the data in {files.data_dir}, which has to be upgraded: close it and start"
            " again."
        )
    files.forget_state()
    postmaster.stop(files.cluster, server.pid)


def _account(files: ServerFiles) -> Account | None:
    try:
        return server_account(files.cluster)
    except LookupError as error:
        raise Unavailable(
            "PostgreSQL refuses to run as root and no other account could be found or made: start tripsage-tui as an"
            " ordinary user."
        ) from error


def _socket_folder(files: ServerFiles, account: Account | None) -> Path:
    try:
        return socket_folder(files, account)
    except ValueError as error:
        raise Unavailable(
            f"The path {files.data_dir} is too long for a socket and so is the temporary folder's: choose another"
            " folder with --data-dir."
        ) from error


def _prepare_cluster(files: ServerFiles, cluster: Cluster, socket_dir: Path, progress: Progress) -> bool:
    """A stopped cluster of the wanted version; True when it was upgraded."""
    discard_leftovers(files.cluster)
    finish_interrupted(files, cluster.version)
    found = _version_on_disk(files)
    if found is None:
        _make_cluster(files, cluster, progress)
    elif found != cluster.version:
        Upgrade(files, replace(cluster, version=found), cluster.version, socket_dir, progress).run()
        return True
    return False


def _make_cluster(files: ServerFiles, cluster: Cluster, progress: Progress) -> None:
    if files.cluster.is_dir() and any(files.cluster.iterdir()):
        raise Unavailable(f"{files.cluster} is not a database: move it away, or choose another folder with --data-dir.")
    if cluster.version not in install.bundled_versions():
        raise Unavailable("PostgreSQL is missing from this installation: pip install --force-reinstall tripsage-tui.")
    progress("Preparing the database (first start only)…")
    if files.cluster.is_dir():
        files.cluster.rmdir()
    postmaster.end_strays(files.cluster, patience=0)  # the server of a folder that was deleted under it
    cluster.create()
