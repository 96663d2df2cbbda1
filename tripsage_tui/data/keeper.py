"""The keeper: a small process that stops the embedded server some minutes after the last program has left it.

It has a session of its own, ignores hangups and holds the keeper's lock, by which everybody sees that it lives.
It decides nothing without the start lock, so it never works against a program that is just starting. Only the
standard library and its neighbours that keep to it, because it stays in memory.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tripsage_tui.data import leases, postmaster
from tripsage_tui.data.server_files import ServerFiles, locked_if_free, open_lock, try_lock

if TYPE_CHECKING:
    import subprocess

LINGER = 600.0
"""Seconds that the server outlives the last program."""
_LONGEST_NAP = 5.0


def spawn(files: ServerFiles, linger: float) -> None:
    """Start a keeper unless one lives. Call it under the start lock."""
    import subprocess

    _children[:] = [process for process in _children if process.poll() is None]
    lock = open_lock(files.keeper_lock)
    try:
        if not any(_tried(lock) for _ in range(3)):
            return
        # The keeper inherits the descriptor and with it the lock: there is no moment without a holder.
        root = str(Path(__file__).resolve().parents[2])
        code = (
            f"import sys; sys.path.insert(0, {root!r}); from tripsage_tui.data.keeper import main; main(sys.argv[1:])"
        )
        command = [sys.executable, "-I", "-S", "-c", code, str(files.data_dir), str(linger), str(lock)]
        process = subprocess.Popen(  # noqa: S603 - no shell, our own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
            pass_fds=(lock,),
        )
        _children.append(process)
    finally:
        os.close(lock)


_children: list[subprocess.Popen[bytes]] = []
"""Keepers that we started. They outlive us or are collected when the next one is started."""


def _tried(lock: int) -> bool:
    if try_lock(lock):
        return True
    time.sleep(0.002)  # somebody may have been looking whether a keeper lives, which takes the lock for an instant
    return False


def main(arguments: list[str]) -> None:
    """The keeper's process: data folder, linger in seconds, descriptor of the keeper's lock."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    lock = int(arguments[2])
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    keep(ServerFiles(Path(arguments[0])), float(arguments[1]), lock)


def keep(files: ServerFiles, linger: float, lock: int) -> None:
    """Watch until the server is gone or has been stopped; closes the keeper's lock before it lets others start."""
    nap = min(_LONGEST_NAP, max(linger / 10, 0.02))
    last_use = time.monotonic()
    known: postmaster.Postmaster | None = None
    while True:
        if leases.living(files.leases):
            last_use = time.monotonic()
        known = postmaster.read(files.cluster) or known
        if not files.lock.exists():
            _end_orphan(files, known)
            return
        if _server_gone(files) or time.monotonic() - last_use >= linger:
            with locked_if_free(files.lock) as ours:
                if ours and _finished(files, last_use, linger):
                    _end_orphan(files, known)
                    os.close(lock)
                    return
        time.sleep(nap)


def _server_gone(files: ServerFiles) -> bool:
    return postmaster.running(files.cluster) is None


def _finished(files: ServerFiles, last_use: float, linger: float) -> bool:
    """Under the start lock: whether the keeper may go, after stopping a server that nobody uses."""
    server = postmaster.running(files.cluster)
    if server is None:
        files.forget_state()
        return True
    state = files.read_state()
    if time.monotonic() - last_use < linger or (state and state.keep):
        return False
    # A program takes its lease before it reads the note; we take the note away before we look for leases.
    # So either it sees no note and waits for the lock, or we see its lease.
    files.forget_state()
    if leases.living(files.leases):
        if state:
            files.write_state(state)
        return False
    postmaster.stop(files.cluster, server.pid)
    files.remove_socket_folder()
    return True


def _end_orphan(files: ServerFiles, known: postmaster.Postmaster | None) -> None:
    """End a server whose folder was deleted under it; it would notice by itself only after a minute."""
    if known and postmaster.serves(known.pid, files.cluster):
        postmaster.send(known.pid, signal.SIGQUIT)
