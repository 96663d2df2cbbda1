"""Keyrings as the tests need them: one in a file, one that never answers. Chosen through keyring's own switch."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """Keeps texts in the file that TEST_KEYRING names."""

    priority = 1  # type: ignore[assignment]  # keyring's own type is that of a class property

    def _all(self) -> dict[str, str]:
        file = Path(os.environ["TEST_KEYRING"])
        found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        return found

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps({**self._all(), f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = {name: word for name, word in self._all().items() if name != f"{service} {username}"}
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps(kept))


class HangingKeyring(FileKeyring):
    """Waits for a dialog that nobody sees."""

    let_go = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.let_go.wait()
        return None


class BrokenKeyring(FileKeyring):
    """Says in its error what it was given."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"could not store {password}")
