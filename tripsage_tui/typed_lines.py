"""Lines typed into quick add: the one that is not finished, per trip, and the last ones, in a file beside the drafts.

One JSON file per user, mode 0600, replaced atomically; two programs may write it, the later one wins. A line may hold
a confirmation code, as drafts do. A file that cannot be read or written costs the memory, never the line on the screen.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

KEPT = 50
"""Lines of the history, and trips with an unfinished one."""
MAX_BYTES = 1_000_000


class TypedLines:
    """What was typed; without a path it is forgotten with the program."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._history: list[str] = []
        self._unfinished: dict[str, str] = {}

    def history(self) -> list[str]:
        """The last lines, oldest first."""
        self._read()
        return list(self._history)

    def unfinished(self, trip_id: int) -> str:
        """The line that was being typed for a trip, or nothing."""
        self._read()
        return self._unfinished.get(str(trip_id), "")

    def keep(self, trip_id: int, line: str) -> None:
        """Keep an unfinished line; a blank one is none."""
        if line == self.unfinished(trip_id):
            return
        self._unfinished.pop(str(trip_id), None)
        if line.strip():
            self._unfinished[str(trip_id)] = line
        self._write()

    def finish(self, trip_id: int, line: str) -> None:
        """A line became a form: it goes into the history."""
        self._read()
        self._unfinished.pop(str(trip_id), None)
        self._history = [*(old for old in self._history if old != line), line][-KEPT:]
        self._write()

    def _read(self) -> None:
        if self._path is None:
            return
        try:
            if self._path.stat().st_size > MAX_BYTES:
                return
            content = json.loads(self._path.read_text(encoding="utf-8"))
            history, unfinished = content["history"], content["unfinished"]
            self._history = [line for line in history if isinstance(line, str)][-KEPT:]
            self._unfinished = {key: line for key, line in unfinished.items() if isinstance(line, str)}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return

    def _write(self) -> None:
        self._unfinished = dict(list(self._unfinished.items())[-KEPT:])
        if self._path is None:
            return
        content = json.dumps({"history": self._history, "unfinished": self._unfinished})
        new = self._path.with_suffix(f".{os.getpid()}.new")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(new, "w", encoding="utf-8", opener=_private) as file:
                file.write(content)
            new.replace(self._path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
