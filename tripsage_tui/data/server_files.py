"""Where the embedded server keeps what, and the small note that lets a program attach within milliseconds.

Layout below the data folder, every folder 0700:

    postgres/             the cluster (PGDATA)
    postgres-16-backup/   what an upgrade left behind
    server/lock           held while somebody starts, stops or upgrades the server
    server/keeper.lock    held by the keeper for as long as it lives; contains its process id
    server/state.json     written once the server is ready and its schema is current
    server/leases/        one locked file per program that uses the server
    server/socket/        the socket, unless the path would be too long for one
    server/start.log      what PostgreSQL said while it started

Only the standard library, because the keeper imports it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

PORT = 5432


class ServerAddress(NamedTuple):
    """Where the server listens: a folder that only its OS user can enter, and the number in the socket's name."""

    socket_dir: str
    port: int = PORT

    @property
    def socket_path(self) -> str:
        """The socket itself."""
        return f"{self.socket_dir}/.s.PGSQL.{self.port}"


class ServerState(NamedTuple):
    """The note about a server that is ready. It is trusted only together with a connection to its socket."""

    pid: int
    socket_dir: str
    version: int
    schema: str
    cluster: str
    keep: bool = False

    @property
    def address(self) -> ServerAddress:
        """Where this server listens."""
        return ServerAddress(self.socket_dir)


class ServerFiles:
    """The paths below one data folder, and reading and writing the state note."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.cluster = data_dir / "postgres"
        self.folder = data_dir / "server"
        self.lock = self.folder / "lock"
        self.keeper_lock = self.folder / "keeper.lock"
        self.state = self.folder / "state.json"
        self.leases = self.folder / "leases"
        self.start_log = self.folder / "start.log"
        self.socket_note = self.folder / "socket-folder"
        self.stopped_note = self.folder / "stopped-by-hand"

    def cluster_identity(self) -> str:
        """Tells a cluster from a copy of it, whose note still names the socket of the original."""
        about = self.cluster.stat()
        return f"{about.st_dev}:{about.st_ino}"

    def read_state(self) -> ServerState | None:
        """The note, or None when there is none or it cannot be used."""
        try:
            fields: dict[str, Any] = json.loads(self.state.read_text(encoding="utf-8"))
            return ServerState(**fields)
        except (OSError, ValueError, TypeError):
            return None

    def write_state(self, state: ServerState) -> None:
        """Replace the note in one step."""
        write_private(self.state, json.dumps(state._asdict()))

    def forget_state(self) -> None:
        """Remove the note: whoever comes next takes the slow path, which looks at everything."""
        self.state.unlink(missing_ok=True)

    def remove_socket_folder(self) -> None:
        """After the server has stopped: remove a socket folder that had to be made outside the data folder."""
        with contextlib.suppress(OSError, ValueError):
            Path(self.socket_note.read_text(encoding="utf-8")).rmdir()
            self.socket_note.unlink()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, completely or not at all; follows no link that stands in its place."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial.unlink(missing_ok=True)
    handle = open_private(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def open_private(path: Path, flags: int) -> int:
    """Open a file 0600 and return its descriptor. What root makes gets the owner of the folder: see `accounts`."""
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0 and flags & os.O_CREAT:
        folder = path.parent.stat()
        os.fchown(handle, folder.st_uid, folder.st_gid)
    return handle


def open_lock(path: Path) -> int:
    """Open (and create) a file for locking; the caller closes the descriptor, which releases the lock."""
    return open_private(path, os.O_RDWR | os.O_CREAT)


def try_lock(handle: int) -> bool:
    """Take the exclusive lock if it is free. The kernel releases it when its last holder is gone, however it went."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock for the block if nobody else does; yields whether that is so."""
    handle = open_lock(path)
    try:
        yield try_lock(handle)
    finally:
        os.close(handle)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock of this file right now."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not try_lock(handle)
    finally:
        os.close(handle)
