"""A real terminal for tests: tmux on a socket of its own."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class Tmux:
    """One tmux server with one window. Leaving the context ends the server, and with it what runs in it."""

    def __init__(self, folder: Path, *, columns: int = 120, rows: int = 40) -> None:
        self._socket = folder / "tmux.sock"
        self._size = (columns, rows)

    def __enter__(self) -> Tmux:
        size = [word for pair in zip(("-x", "-y"), map(str, self._size), strict=True) for word in pair]
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "sleep", "86400")
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server", check=False)

    def start(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Run a command in the window, in place of what ran there."""
        names = [f"{name}={value}" for name, value in (environment or {}).items()]
        line = shlex.join(["env", "-u", "NO_COLOR", "-u", "SSH_CONNECTION", *names, *command])
        self._tmux("respawn-pane", "-k", f'{line}; echo "[ended with $?]"; exec sleep 86400')

    def type(self, text: str) -> None:
        """Type a text literally."""
        self._tmux("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: Enter, Tab, Escape, C-s, j."""
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        """What stands on the screen."""
        return self._tmux("capture-pane", "-p")

    def wait_for(self, *texts: str, gone: Sequence[str] = (), timeout: float = 20) -> str:
        """Wait until all `texts` stand on the screen and none of `gone` does."""
        deadline = time.monotonic() + timeout
        while True:
            screen = self.screen()
            if all(text in screen for text in texts) and not any(text in screen for text in gone):
                return screen
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {timeout} s for {texts!r} without {tuple(gone)!r}:\n{screen}")
            time.sleep(0.03)

    def wait_for_exit(self, timeout: float = 10) -> int:
        """Wait until the program has ended and its terminal works again; the exit status as a shell sees it."""
        screen = self.wait_for("[ended with ", timeout=timeout)
        return int(screen.rpartition("[ended with ")[2].partition("]")[0])

    @property
    def pid(self) -> int:
        """Process id of the program in the window, which is the child of a shell."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()
        return int(Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0])

    def _tmux(self, *words: str, check: bool = True) -> str:
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        environment.pop("TMUX", None)
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self._socket), *words],
            check=check,
            capture_output=True,
            text=True,
            env=environment,
        )
        return done.stdout
