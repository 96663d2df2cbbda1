"""A lock between all programs of one user on one machine: a file that the kernel unlocks when its holder is gone."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

PAUSE = 0.02
"""Seconds between two attempts: the kernel tells no event loop that a lock is free."""


class Busy(Exception):
    """Another program has held the lock for longer than we would wait."""


@asynccontextmanager
async def locked(path: Path, patience: float = 30.0) -> AsyncIterator[None]:
    """Hold the lock; at most `patience` seconds are spent on getting it. Raises Busy, OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Never removed: whoever removes a locked file gives the lock away a second time.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + patience
        while not _take(handle):
            if time.monotonic() > deadline:
                raise Busy
            await asyncio.sleep(PAUSE)
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
