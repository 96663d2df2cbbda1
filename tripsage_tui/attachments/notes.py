"""What this computer has to know to go on with an upload after a restart: one small file each.

The path of the file is nobody else's business, so it lies here and not in the record. A lock that the kernel drops
with the program keeps two programs from sending the same file.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID

from tripsage_tui.attachments.copying import private_folder


@dataclass(frozen=True)
class Facts:
    """The file as it was when it was attached; `place` is where the store goes on, in its own words."""

    source: str
    size: int
    mtime_ns: int
    checksum: str
    place: str | None = None
    cancelled: bool = False


class Note:
    """One upload's note, locked by this program until `drop` or `release`."""

    def __init__(self, path: Path, facts: Facts, lock: int) -> None:
        self._path = path
        self._lock = lock
        self.facts = facts

    @property
    def id(self) -> UUID:
        return UUID(self._path.stem)

    def keep(self, **changes: object) -> None:
        """Change what is noted, on disk first. Raises OSError."""
        facts = replace(self.facts, **changes)  # type: ignore[arg-type]  # the names are checked by replace itself
        _write(self._path, facts)
        self.facts = facts

    def drop(self) -> None:
        """The upload is over."""
        self._path.unlink(missing_ok=True)
        self._path.with_suffix(".lock").unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leave it to the next start."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


class Notes:
    """The notes of one user on this computer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, attachment_id: UUID, facts: Facts) -> Note:
        """Raises OSError when the folder cannot be written."""
        private_folder(self._folder)
        path = self._folder / f"{attachment_id}.json"
        lock = _lock(path)
        if lock is None:
            raise FileExistsError(path)
        try:
            _write(path, facts)
        except BaseException:
            os.close(lock)
            raise
        return Note(path, facts, lock)

    def ids(self) -> list[UUID]:
        """Of all uploads that some program of this computer has begun."""
        found = []
        with contextlib.suppress(FileNotFoundError):
            for path in self._folder.iterdir():
                if path.suffix == ".json":
                    with contextlib.suppress(ValueError):
                        found.append(UUID(path.stem))
        return found

    def free(self) -> Iterator[Note]:
        """Those that no running program works on, locked for this one. Unreadable notes are removed."""
        for attachment_id in self.ids():
            path = self._folder / f"{attachment_id}.json"
            lock = _lock(path)
            if lock is None:
                continue
            try:
                facts = Facts(**json.loads(path.read_text("utf-8")))
            except FileNotFoundError:  # its program finished in this moment
                path.with_suffix(".lock").unlink(missing_ok=True)
                os.close(lock)
            except (OSError, ValueError, TypeError):
                Note(path, Facts("", 0, 0, ""), lock).drop()
            else:
                yield Note(path, facts, lock)


def _lock(path: Path) -> int | None:
    handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _write(path: Path, facts: Facts) -> None:
    partial = path.with_suffix(".part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(facts), file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
