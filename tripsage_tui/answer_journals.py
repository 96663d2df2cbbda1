"""What of an answer is not in the database for certain, in a file beside the drafts: one for each running answer.

Each piece is appended as it comes, so that a program that dies loses none of it; the file goes once the database has
all of it. A journal that is being written is locked, also against other programs of the same user. A folder that cannot
be written costs the journal, never the answer.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any
from uuid import UUID

logger = logging.getLogger(__name__)

SUFFIX = ".jsonl"


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Which message is written: `key` is its idempotency key, `about` its metadata at the beginning."""

    session_id: UUID
    key: UUID
    parent_id: int | None
    about: Mapping[str, Any] = field(default_factory=dict)


class Journal:
    """The pieces of one answer. Made with the first of them; without a path nothing is kept."""

    def __init__(self, path: Path | None, begun: Begun) -> None:
        self._path = path
        self._begun = begun
        self._file: FileIO | None = None

    def text(self, delta: str) -> None:
        self._note("text", delta)

    def thought(self, delta: str) -> None:
        self._note("thought", delta)

    def ended(self, status: str, about: Mapping[str, Any]) -> None:
        """How it ended. An answer of which nothing came has no journal."""
        if self._file is not None:
            self._note("ended", status, dict(about))

    def sync(self) -> None:
        """Have it survive the machine as well; blocks."""
        file = self._file
        if file is not None and not file.closed:
            with suppress(OSError, ValueError):
                os.fsync(file.fileno())

    def done(self) -> None:
        """The database has all of it."""
        if self._file is not None and self._path is not None:
            self._path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leave it to whoever looks for what was left."""
        self._path = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def _note(self, *line: object) -> None:
        if self._path is None:
            return
        try:
            if self._file is None:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._file = FileIO(self._path, "xb", opener=_private)
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._write(_header(self._begun))
            self._write(line)
        except OSError as error:
            logger.warning("an answer that comes is not kept beside the database: %s", error)
            self._path = None

    def _write(self, line: object) -> None:
        data = json.dumps(line, default=str).encode() + b"\n"
        if self._file is not None and self._file.write(data) != len(data):
            raise OSError("there is no more room")


@dataclass(frozen=True)
class Left:
    """What a program left behind, held so that no other takes it up. `status` is None where it never ended."""

    begun: Begun
    text: str
    thinking: str
    status: str | None
    about: Mapping[str, Any]
    _path: Path
    _file: FileIO

    def done(self) -> None:
        """The database has it."""
        self._path.unlink(missing_ok=True)
        self._file.close()

    def release(self) -> None:
        """Another time."""
        self._file.close()


class AnswerJournals:
    """The journals of one user."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def begin(self, begun: Begun) -> Journal:
        return Journal(self._folder / f"{begun.key}{SUFFIX}" if self._folder else None, begun)

    @property
    def any(self) -> bool:
        """Whether there are journals at all, of running answers or left behind."""
        return bool(self._files())

    def left(self) -> Iterator[Left]:
        """Those that nobody writes any more; each must be `done` or `release`d."""
        for path in self._files():
            try:
                file = FileIO(path, "rb")
            except OSError:
                continue
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left = _read(path, file)
            except OSError:
                file.close()
                continue
            if left is None:
                file.close()
            else:
                yield left

    def _files(self) -> list[Path]:
        try:
            return sorted(self._folder.glob(f"*{SUFFIX}")) if self._folder else []
        except OSError:
            return []


def _header(begun: Begun) -> list[object]:
    return ["begun", str(begun.session_id), str(begun.key), begun.parent_id, dict(begun.about)]


def _read(path: Path, file: FileIO) -> Left | None:
    """What is in a file; None where it does not even say of which answer it is. A torn end is left out."""
    texts: list[str] = []
    thoughts: list[str] = []
    status, about = None, {}
    begun: Begun | None = None
    for line in (file.read() or b"").splitlines():
        try:
            match json.loads(line):
                case ["begun", str(session), str(key), int() | None as parent, dict(first)]:
                    begun = Begun(session_id=UUID(session), key=UUID(key), parent_id=parent, about=first)
                case ["text", str(delta)]:
                    texts.append(delta)
                case ["thought", str(delta)]:
                    thoughts.append(delta)
                case ["ended", str(end), dict(facts)]:
                    status, about = end, facts
        except (ValueError, RecursionError):
            break
    if begun is None:
        return None
    return Left(begun, "".join(texts), "".join(thoughts), status, about, path, file)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC | os.O_APPEND, 0o600)
