"""A real clamd of our own: its socket, its configuration and one signature lie in a temporary folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

MARK = b"tripsage-test-signature-7d1c0f42"
"""What the only signature looks for."""
THREAT = "TripSage.Test.UNOFFICIAL"
STREAM_LIMIT = 1 << 20
PROGRAM = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")


class Clamd:
    """Started on creation; `socket` is where it listens."""

    def __init__(self) -> None:
        assert PROGRAM is not None
        self.folder = Path(tempfile.mkdtemp(prefix="tripsage-clamd-"))
        self.socket = self.folder / "clamd.sock"
        database = self.folder / "db"
        database.mkdir()
        (database / "own.ndb").write_text(f"TripSage.Test:0:*:{MARK.hex()}\n")
        config = self.folder / "clamd.conf"
        config.write_text(
            f"LocalSocket {self.socket}\nDatabaseDirectory {database}\nForeground yes\nMaxThreads 2\n"
            f"StreamMaxLength {STREAM_LIMIT}\nConcurrentDatabaseReload no\nSelfCheck 0\n"
        )
        self._log = (self.folder / "log").open("wb")
        self._process = subprocess.Popen(
            [PROGRAM, "--config-file", config], stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket(socket.AF_UNIX) as wire:
                try:
                    wire.connect(os.fspath(self.socket))
                except OSError:
                    time.sleep(0.05)
                else:
                    return
        said = (self.folder / "log").read_text()
        self.stop()
        raise RuntimeError(f"clamd did not start: {said}")

    def stop(self) -> None:
        """By its own process id."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
