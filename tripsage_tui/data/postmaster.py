"""The PostgreSQL server process: is it there, is it really ours, make it stop.

`postmaster.pid` alone proves nothing: after a crash its process id may belong to anything. Only the standard library,
because the keeper imports it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_POLL = 0.005
"""Seconds between two looks at a process that is about to go."""


class Postmaster(NamedTuple):
    """The first lines of `postmaster.pid`: the process, its start (Unix seconds), socket folder and state."""

    pid: int
    started: int
    port: int
    socket_dir: str
    status: str


def read(cluster: Path) -> Postmaster | None:
    """What `postmaster.pid` says, whether or not the process still exists; None without a complete file."""
    try:
        lines = os.fsdecode((cluster / "postmaster.pid").read_bytes()).split("\n")
        status = lines[7].strip() if len(lines) > 7 else ""
        return Postmaster(abs(int(lines[0])), int(lines[2]), int(lines[3] or 0), lines[4], status)
    except (OSError, ValueError, IndexError):
        return None


def running(cluster: Path) -> Postmaster | None:
    """The live server of this cluster, or None."""
    found = read(cluster)
    return found if found and serves(found.pid, cluster) else None


def serves(pid: int, cluster: Path) -> bool:
    """Whether process `pid` is a living PostgreSQL process of this cluster (not a zombie, not a reused number)."""
    if _PROC.joinpath("self").exists():
        return _serves_by_proc(pid, cluster)
    return any(found == pid for found, _ in _listed_by_ps(cluster))


def _serves_by_proc(pid: int, cluster: Path) -> bool:
    folder = _PROC / str(pid)
    try:
        name, _, rest = (folder / "stat").read_text(errors="replace").partition("(")[2].rpartition(")")
    except OSError:
        return False
    if name != "postgres" or rest.split()[0] in {"Z", "X"}:
        return False
    try:
        # PostgreSQL's working folder is its cluster; this holds when the folder was moved while it runs.
        return os.path.samestat((folder / "cwd").stat(), cluster.stat())
    except OSError:
        # Root in a container may lack the right to look at a process of another user, or the folder is gone.
        return _named_in_command(folder, cluster)


def _named_in_command(folder: Path, cluster: Path) -> bool:
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(cluster) in words


def _listed_by_ps(cluster: Path) -> Iterator[tuple[int, str]]:
    """Systems without /proc: process id and command of the servers whose command line names the cluster."""
    import subprocess

    listing = subprocess.run(["/bin/ps", "-axo", "pid=,stat=,command="], capture_output=True, text=True, check=False)
    for line in listing.stdout.splitlines():
        words = line.split(None, 2)
        if len(words) == 3 and not words[1].startswith("Z") and f"postgres -D {cluster}" in words[2]:
            yield int(words[0]), words[2]


def strays(cluster: Path) -> list[int]:
    """Living PostgreSQL processes of this cluster: children of a killed server, or the server of a deleted folder."""
    if not _PROC.joinpath("self").exists():
        return [pid for pid, _ in _listed_by_ps(cluster)]
    return [int(e.name) for e in _PROC.iterdir() if e.name.isdecimal() and _serves_by_proc(int(e.name), cluster)]


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def stop(cluster: Path, pid: int, patience: float = 60.0) -> None:
    """Stop a server that `serves` confirmed: fast shutdown, after `patience` seconds immediate, then by force.

    Returns when it is gone. Immediate and forced stops lose nothing either: the next start recovers from the log.
    """
    for number, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        send(pid, number)
        if wait_gone(cluster, pid, seconds):
            return
    raise TimeoutError(f"PostgreSQL (process {pid}) does not stop.")


def wait_gone(cluster: Path, pid: int, seconds: float) -> bool:
    """Wait until the process is gone; False when it is still there after `seconds`."""
    deadline = time.monotonic() + seconds
    while serves(pid, cluster):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def end_strays(cluster: Path, patience: float = 0.5) -> None:
    """End what a killed server left behind. Its children notice by themselves unless they are busy computing."""
    deadline = time.monotonic() + patience
    while left := strays(cluster):
        if time.monotonic() > deadline:
            for pid in left:
                send(pid, signal.SIGKILL)
        time.sleep(_POLL)


def disarm_stale_lock(cluster: Path) -> None:
    """Make a `postmaster.pid` whose process id now belongs to something else harmless.

    PostgreSQL refuses to start while that number exists, except when it is its own parent's. So the number becomes
    ours; the rest stays, because PostgreSQL also finds its old shared memory by this file.
    Call it only from the process that starts the server, under the start lock, when `running` says None.
    """
    path = cluster / "postmaster.pid"
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    if (
        not lines[0].strip().lstrip(b"-").isdigit()
    ):  # a crash of the machine can leave it empty, which PostgreSQL refuses too
        path.unlink()
        return
    lines[0] = str(os.getpid()).encode()
    with os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC), "r+b") as file:
        file.write(b"\n".join(lines))
        file.truncate()
