"""Files read, hashed and copied in a thread that can be stopped."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

T = TypeVar("T")
PIECE = 1 << 20


class Stopped(Exception):
    """Nobody waits for the result any more."""


async def in_thread(work: Callable[[Callable[[], None]], T]) -> T:
    """Run `work` in a thread; it is given a function to call between pieces, which raises once nobody waits."""
    stop = threading.Event()

    def check() -> None:
        if stop.is_set():
            raise Stopped

    try:
        return await asyncio.to_thread(work, check)
    except asyncio.CancelledError:
        stop.set()
        raise


def digest(file: BinaryIO, check: Callable[[], None], *, until: int | None = None) -> hashlib._Hash:
    """SHA-256 of what follows in the file, or of the next `until` bytes of it."""
    sum_ = hashlib.sha256()
    left = until
    while left is None or left > 0:
        check()
        piece = file.read(PIECE if left is None else min(PIECE, left))
        if not piece:
            break
        sum_.update(piece)
        left = None if left is None else left - len(piece)
    return sum_


async def checksum(path: Path) -> str:
    """SHA-256 in hexadecimal. Raises OSError."""

    def work(check: Callable[[], None]) -> str:
        with path.open("rb") as file:
            return digest(file, check).hexdigest()

    return await in_thread(work)


def copy(source: Path, target: Path, check: Callable[[], None], told: Callable[[int], None]) -> str:
    """Copy into a new file (0600), durably; its SHA-256. What was written is removed when it fails. Raises OSError."""
    sum_ = hashlib.sha256()
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with source.open("rb") as reading, os.fdopen(handle, "wb") as writing:
            while piece := reading.read(PIECE):
                check()
                sum_.update(piece)
                writing.write(piece)
                told(len(piece))
            writing.flush()
            os.fsync(writing.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return sum_.hexdigest()


def private_folder(folder: Path) -> Path:
    """The folder, made for this user alone where it or those above it are missing. Raises OSError."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def sync_folder(folder: Path) -> None:
    """Make what was linked or renamed in a folder last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
