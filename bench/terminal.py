"""A program in a pseudo-terminal with its output time-stamped: when a text stood on the screen, how many bytes it took.

The reader only stamps what arrives and answers the questions a real terminal answers (device attributes, cursor
position, synchronized output, colours); the stream is replayed through pyte afterwards, so parsing costs nothing while
the program works.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import pyte

UNSET = {"NO_COLOR", "TMUX", "LINES", "COLUMNS", "PYTHONDONTWRITEBYTECODE"}
"""Not handed on: what would change the screen, and what would make every start compile the program anew."""
ANSWERS: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (re.compile(rb"\x1b\]10;\?(?:\x07|\x1b\\)"), b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\"),
    (re.compile(rb"\x1b\[\?u"), b"\x1b[?0u"),
)
ESCAPES = re.compile(rb"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^X][^\x1b]*\x1b\\|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])")
NOT_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*[A-Za-z]|\x1b\[\?[0-9;]*\$p|\x1bP[^\x1b]*\x1b\\")


@dataclass
class Chunk:
    """Bytes that arrived at `at` seconds after the spawn."""

    at: float
    data: bytes


@dataclass
class Terminal:
    """One program in a pty of `columns` x `rows`. Use as a context manager; leaving it ends the program."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    columns: int = 120
    rows: int = 40
    chunks: list[Chunk] = field(default_factory=list)

    def __enter__(self) -> Terminal:
        environment = {k: v for k, v in os.environ.items() if k not in UNSET}
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **self.environment}
        size = struct.pack("HHHH", self.rows, self.columns, self.columns * 10, self.rows * 20)
        self._start = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, size)
                os.execvpe(self.command[0], list(self.command), environment)
            finally:
                os._exit(127)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            os.kill(self.pid, signal.SIGTERM)
        deadline = time.perf_counter() + 5
        while time.perf_counter() < deadline:
            self._read(0.02)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)

    @property
    def now(self) -> float:
        """Seconds since the spawn."""
        return time.perf_counter() - self._start

    def send(self, keys: bytes) -> float:
        """Type; returns the moment."""
        at = self.now
        os.write(self._fd, keys)
        return at

    def _read(self, timeout: float) -> bool:
        if not select.select([self._fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        self.chunks.append(Chunk(self.now, data))
        for question, answer in ANSWERS:
            for _ in question.finditer(data):
                os.write(self._fd, answer)
        return True

    def wait_for(self, text: str, timeout: float = 30) -> None:
        """Read until the bytes since the spawn contain `text` (spaces and escape sequences ignored)."""
        needle = re.sub(rb"\s+", b"", text.encode())
        seen = b""
        done = 0
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            if done == len(self.chunks) and not self._read(0.005):
                continue
            seen += b"".join(chunk.data for chunk in self.chunks[done:])
            done = len(self.chunks)
            if needle in re.sub(rb"\s+", b"", ESCAPES.sub(b"", seen)):
                return
        raise TimeoutError(f"{text!r} did not appear in {timeout} s:\n{self.screen()}")

    def settle(self, quiet: float = 0.15, timeout: float = 10) -> None:
        """Read until nothing has come for `quiet` seconds."""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline and self._read(quiet):
            pass

    def first_seen(self, text: str) -> float:
        """Milliseconds after the spawn at which `text` stood on the replayed screen."""
        screen, stream = self._emulator()
        for chunk in self.chunks:
            stream.feed(NOT_PYTE.sub(b"", chunk.data))
            if any(text in line for line in screen.display):
                return chunk.at * 1000
        raise LookupError(text)

    def screen(self) -> str:
        """The screen as it stands now."""
        screen, stream = self._emulator()
        for chunk in self.chunks:
            stream.feed(NOT_PYTE.sub(b"", chunk.data))
        return "\n".join(line.rstrip() for line in screen.display)

    def written(self, since: float = 0.0) -> int:
        """Bytes written to the terminal since a moment."""
        return sum(len(chunk.data) for chunk in self.chunks if chunk.at >= since)

    def _emulator(self) -> tuple[pyte.Screen, pyte.ByteStream]:
        screen = pyte.Screen(self.columns, self.rows)
        return screen, pyte.ByteStream(screen)


def processor_seconds(pid: int) -> float:
    """Processor time of one process so far, user and system, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    """Resident memory of one process in MB (10^6 bytes), from /proc."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
