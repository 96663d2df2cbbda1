"""Who uses the embedded server: one locked file per program.

A lock on a file outlives nothing: the kernel drops it when the program ends, also by `kill -9`. So a lease whose lock
can be taken is stale, whatever process id stands in its name. Only the standard library, because the keeper imports it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from tripsage_tui.data.server_files import open_private, try_lock


class Lease:
    """One program's claim on the server, from creation until `release` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        name = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._path = folder / name
        partial = folder / f".{name}"
        while True:
            handle = open_private(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                # Locked before it gets its name, so nobody ever sees a live lease unlocked.
                partial.rename(self._path)
            except FileNotFoundError:  # tidied away between creation and lock
                os.close(handle)
                continue
            except BaseException:
                os.close(handle)
                partial.unlink(missing_ok=True)
                raise
            self._handle = handle
            return

    def release(self) -> None:
        """Give the claim up; harmless when done twice."""
        if self._handle >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = -1


def living(folder: Path) -> list[int]:
    """Process ids of the programs that hold a lease, in no order. Tidies away the leases of the dead."""
    alive = []
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    for name in names:
        path = folder / name
        try:
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            if try_lock(handle):
                path.unlink(missing_ok=True)
            else:
                alive.append(int(name.lstrip(".").partition("-")[0]))
        except ValueError:
            continue
        finally:
            os.close(handle)
    return alive
