"""What was typed into forms and not saved yet, in files that survive the program.

One JSON file per form and program, mode 0600 in a folder of mode 0700, replaced atomically. Each program holds a lock
file while it runs, so that the form somebody has open in another terminal is not offered as a leftover. Drafts hold
what booking forms hold (confirmation codes, too); no form that asks for a password or key may use them.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MAX_BYTES = 4_000_000
_LOCK = "owner-"


@dataclass(frozen=True)
class Draft:
    """The values of an unsaved form: `key` says which form, `title` says it in words."""

    key: str
    title: str
    values: dict[str, str]
    saved_at: datetime


class DraftStore:
    """The drafts of one user. Nothing is touched on disk before the first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owner = secrets.token_hex(8)
        self._lock: int | None = None

    def save(self, key: str, title: str, values: Mapping[str, str]) -> bool:
        """Keep what a form says now, replacing what this program kept for `key`. False if the disk refuses (full).

        Synchronous, about a millisecond: it writes and renames without waiting for the disk. Losing the machine's
        power may lose the last draft; killing the program does not.
        """
        draft = {"key": key, "title": title, "values": dict(values), "saved_at": time.time()}
        path = self._path(key)
        new = path.with_suffix(".new")
        try:
            self._prepare()
            with open(new, "w", encoding="utf-8", opener=_private) as file:
                json.dump(draft, file)
            new.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            return False
        return True

    def load(self, key: str) -> Draft | None:
        """The newest draft of a form: this program's own or a leftover."""
        found = [draft for path, draft in self._readable() if draft.key == key and self._mine_or_left(path)]
        return max(found, key=lambda draft: draft.saved_at, default=None)

    def discard(self, key: str) -> None:
        """Forget the draft of a form, also leftovers of it; called when the form is saved or given up."""
        for path in self._files(f"{_name(key)}.*.json"):
            if self._mine_or_left(path):
                with contextlib.suppress(OSError):
                    path.unlink()

    def pending(self) -> list[Draft]:
        """Leftovers of programs that are gone, newest first, one per form. Broken files are set aside."""
        newest: dict[str, Draft] = {}
        for path, draft in self._readable():
            if _owner_of(path) == self._owner or not self._mine_or_left(path):
                continue
            if draft.key not in newest or newest[draft.key].saved_at < draft.saved_at:
                newest[draft.key] = draft
        return sorted(newest.values(), key=lambda draft: draft.saved_at, reverse=True)

    def close(self) -> None:
        """Leave: from now on this program's drafts are leftovers. The end of the process does the same."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
            with contextlib.suppress(OSError):
                self._lock_path(self._owner).unlink()

    def _prepare(self) -> None:
        """The private folder and this program's lock in it."""
        if self._lock is not None and self._lock_path(self._owner).exists():
            return
        self.close()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        path = self._lock_path(self._owner)
        while self._lock is None:
            lock = _private(str(path), os.O_RDWR | os.O_CREAT)
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Another program may have looked between the two calls, taken us for gone and removed the file.
            if path.exists() and path.stat().st_ino == os.fstat(lock).st_ino:
                self._lock = lock
            else:
                os.close(lock)

    def _readable(self) -> Iterator[tuple[Path, Draft]]:
        for path in self._files("*.json"):
            draft = _read(path)
            if draft:
                yield path, draft

    def _files(self, pattern: str) -> list[Path]:
        try:
            return sorted(self._folder.glob(pattern))
        except OSError:
            return []

    def _mine_or_left(self, path: Path) -> bool:
        """Whether a draft is this program's or that of a program that is gone."""
        owner = _owner_of(path)
        if owner == self._owner:
            return True
        lock_path = self._lock_path(owner)
        try:
            lock = os.open(lock_path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return True
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        else:
            lock_path.unlink(missing_ok=True)
            return True
        finally:
            os.close(lock)

    def _path(self, key: str) -> Path:
        return self._folder / f"{_name(key)}.{self._owner}.json"

    def _lock_path(self, owner: str) -> Path:
        return self._folder / f"{_LOCK}{owner}"


def _read(path: Path) -> Draft | None:
    """The draft in a file; a file that is none (cut off, edited by hand, of another version) is renamed away."""
    try:
        draft = _parse(path.read_text(encoding="utf-8")) if path.stat().st_size <= MAX_BYTES else None
    except OSError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        draft = None
    if draft is None:
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".broken"))
    return draft


def _parse(text: str) -> Draft | None:
    content = json.loads(text)
    key, title, values = content["key"], content["title"], content["values"]
    if not all(isinstance(part, str) for part in (key, title, *values.keys(), *values.values())):
        return None
    return Draft(key, title, values, datetime.fromtimestamp(content["saved_at"], UTC))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _name(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _owner_of(path: Path) -> str:
    return path.name.split(".")[1] if path.name.count(".") >= 2 else ""
