"""Small choices that a program remembers between starts, such as what the agenda shows; per data folder."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path


class Preferences:
    """Switches and texts by name. Without a file that can be written they last until the program ends."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._values: dict[str, bool | str] | None = None

    def get(self, name: str, *, default: bool) -> bool:
        """The switch as it was left."""
        found = self._read().get(name)
        return found if isinstance(found, bool) else default

    def text(self, name: str, default: str) -> str:
        """The text as it was left."""
        found = self._read().get(name)
        return found if isinstance(found, str) else default

    def set(self, name: str, value: bool | str) -> None:
        """Remember a switch or a text."""
        values = self._read()
        values[name] = value
        if self._path is None:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = self._path.with_suffix(".part")
            partial.write_text(json.dumps(values), encoding="utf-8")
            partial.replace(self._path)

    def _read(self) -> dict[str, bool | str]:
        if self._values is None:
            self._values = {}
            with contextlib.suppress(OSError, ValueError):
                found = json.loads(self._path.read_text(encoding="utf-8")) if self._path else {}
                if isinstance(found, dict):
                    self._values = {name: value for name, value in found.items() if isinstance(value, bool | str)}
        return self._values
