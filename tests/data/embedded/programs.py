"""Programs that use an embedded server, as processes of their own: what tests of sharing and of crashes are made of."""

from __future__ import annotations

import json
import os
import pwd
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
_PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import DataError
told = []
def tell(sentence):
    told.append(sentence)
    print(json.dumps({"says": sentence}), flush=True)
try:
    server = EmbeddedServer(Path(sys.argv[1]), int(sys.argv[2]), linger=float(sys.argv[3]))
    address = asyncio.run(server.ensure_running(tell))
    print(json.dumps({"pid": server.files.read_state().pid, "socket": address.socket_path, "told": told}), flush=True)
except DataError as error:
    print(json.dumps({"error": str(error), "kind": type(error).__name__}), flush=True)
sys.stdin.read()
"""


@dataclass
class Program:
    """One process that wants the server of `folder`; it holds it until `leave` or `kill`."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, folder: Path, *, version: int = 18, linger: float = 60.0, **options: Any) -> Program:
        """Start it; the server may not be there yet."""
        command = [options.pop("python", sys.executable), "-c", _PROGRAM, str(folder), str(version), str(linger)]
        return cls(
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=options.pop("cwd", ROOT),
                **options,
            )
        )

    def report(self) -> dict[str, Any]:
        """Wait until it has the server (`pid`, `socket`, `told`) or failed (`error`, `kind`)."""
        while "says" in (answer := self._next()):
            pass
        return answer

    def wait_for_saying(self, words: str) -> None:
        """Wait until its progress says something with these words."""
        while words not in self._next()["says"]:
            pass

    def _next(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the program ended without a word"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def leave(self) -> None:
        """End it as a user does."""
        self.process.communicate(timeout=10)

    def kill(self) -> None:
        """`kill -9`."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=10)


def ordinary_user() -> dict[str, Any]:
    """Arguments for `Program.start` that run it without root's rights; nothing when we have none."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {
        "user": nobody.pw_uid,
        "group": nobody.pw_gid,
        "extra_groups": [],
        "env": {"PYTHONPATH": os.pathsep.join(path for path in sys.path if "site-packages" in path)},
        "python": _public_python(),
    }


def ordinary_user_can_run_us() -> bool:
    """Whether that user can reach Python and this checkout (not when root keeps them in its home)."""
    options = ordinary_user()
    command = [options.pop("python", sys.executable), "-c", "import tripsage_tui.data.embedded, asyncpg"]
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, **options).returncode == 0
    except OSError:
        return False


def _public_python() -> str:
    """Our Python, or the system's of the same version when root keeps ours where nobody else may go."""
    system = Path("/usr/bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    ours = Path(sys.executable).resolve()
    closed = any(not parent.stat().st_mode & 0o001 for parent in ours.parents)
    return str(system) if closed and system.exists() else sys.executable


def lend(folder: Path) -> None:
    """Give a folder to that user."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
