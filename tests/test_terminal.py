"""The terminal is left in order whatever happens, and the program never outlives it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import stat
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

PROGRAM = Path(__file__).with_name("terminal_program.py")
LEAVE = b"\x1b[?1049l"
"""What gives the screen back that was there before."""


class Session:
    """The program in a pseudo-terminal of 80x24."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TMUX", "SSH_CONNECTION"}}
        kept |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPATH": str(PROGRAM.parent.parent)} | environment
        self.output = b""
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execve(sys.executable, [sys.executable, str(PROGRAM), str(folder), *words], kept)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def read(self, seconds: float) -> bool:
        """Take what comes within so many seconds; whether anything came."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.output += data
        return bool(data)

    def wait_for(self, text: bytes, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert time.monotonic() < deadline, self.output[-2000:]
            if not self.read(0.1):
                assert os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None, self.output[-2000:]

    def send(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def close(self) -> None:
        """The terminal goes away."""
        os.close(self._master)

    def wait(self, seconds: float, *, reading: bool = True) -> int:
        """The exit status, as a shell would show it."""
        deadline = time.monotonic() + seconds
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                if reading:
                    while self.read(0.1):
                        pass
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < deadline, "the program is still there"
            if reading:
                self.read(0.05)
            else:
                time.sleep(0.05)

    def screen(self) -> pyte.Screen:
        """The screen as it stands."""
        screen = pyte.Screen(80, 24)
        pyte.ByteStream(screen).feed(self.output)
        return screen


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = Session(tmp_path)
    session.wait_for(b"Starting the database")
    yield session
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(session.pid, signal.SIGKILL)
        os.waitpid(session.pid, 0)


def test_quitting_gives_the_screen_back(session: Session) -> None:
    session.send(b"q")
    assert session.wait(5) == 0
    assert LEAVE in session.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(session: Session, number: int) -> None:
    os.kill(session.pid, number)
    assert session.wait(3) == 128 + number
    assert LEAVE in session.output


def test_a_terminal_that_goes_away_takes_it_along(session: Session) -> None:
    session.close()
    assert session.wait(6, reading=False) == 128 + signal.SIGHUP


def test_a_stalled_terminal_does_not_hold_it(session: Session) -> None:
    session.send(b"%")
    time.sleep(0.5)  # nobody reads: the flood fills the line and stops the event loop
    os.kill(session.pid, signal.SIGTERM)
    start = time.monotonic()
    assert session.wait(6, reading=False) == 128 + signal.SIGTERM
    assert time.monotonic() - start < 4.5


def test_a_crash_says_where_the_report_is_and_no_secret(session: Session, tmp_path: Path) -> None:
    session.send(b"!")
    assert session.wait(5) == 1
    assert LEAVE in session.output
    after = session.output.split(LEAVE)[-1].decode()
    assert "tripsage-tui stopped: RuntimeError" in after.replace("\r\n", " ")
    log = tmp_path / "state" / "crash.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    report = log.read_text()
    assert "action_fail" in report
    assert "RuntimeError" in report
    for place in (report, session.output.decode("utf-8", "replace")):
        assert "planted" not in place


def test_what_libraries_write_goes_into_the_log(session: Session, tmp_path: Path) -> None:
    session.send(b"#q")
    assert session.wait(5) == 0
    assert b"NOISE" not in session.output
    log = tmp_path / "state" / "tripsage.log"
    assert "NOISE-OF-A-LIBRARY" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_copying_goes_through_the_terminal(session: Session) -> None:
    session.send(b"$")
    session.wait_for(b"\x1b]52;c;WDdLMlBR\x07")
    assert b"\x1bPtmux;" not in session.output
    session.send(b"q")
    session.wait(5)


def test_copying_passes_tmux(tmp_path: Path) -> None:
    session = Session(tmp_path, TMUX="/tmp/tmux-0/default,1,0")
    session.wait_for(b"Starting the database")
    session.send(b"$")
    session.wait_for(b"\x1bPtmux;\x1b\x1b]52;c;WDdLMlBR\x07\x1b\\")
    session.send(b"q")
    assert session.wait(5) == 0


def test_nothing_is_written_while_nothing_happens(session: Session) -> None:
    while session.read(0.5):
        pass
    before = len(session.output)
    session.read(2.5)
    assert len(session.output) == before


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("how", ["environment", "option"])
def test_without_colours_everything_is_grey_and_readable(tmp_path: Path, how: str) -> None:
    environment = {"COLORTERM": "truecolor"} | ({"NO_COLOR": "1"} if how == "environment" else {})
    session = Session(tmp_path, *([] if how == "environment" else ["none"]), **environment)
    session.wait_for(b"Starting the database")
    while session.read(0.5):
        pass
    buffer = session.screen().buffer
    seen = 0
    for line in buffer.values():
        for cell in line.values():
            for color in (cell.fg, cell.bg):
                assert color == "default" or len({color[0:2], color[2:4], color[4:6]}) == 1, cell
            if cell.data.isalnum() and cell.fg != "default":
                light, dark = sorted((_luminance(cell.fg), _luminance(cell.bg)), reverse=True)
                assert (light + 0.05) / (dark + 0.05) > 4.5, cell
                seen += 1
    assert seen > 20
    session.send(b"q")
    assert session.wait(5) == 0


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_without_a_cursor_is_refused(tmp_path: Path, term: str) -> None:
    session = Session(tmp_path, TERM=term)
    assert session.wait(5) == 1
    assert b"tripsage-tui trips list" in session.output
    assert b"\x1b[" not in session.output


def test_without_a_terminal_it_says_what_to_use(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(PROGRAM.parent.parent)},
        check=False,
    )
    assert done.returncode == 1
    assert "tripsage-tui trips list" in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
