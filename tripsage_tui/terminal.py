"""The terminal around the program: whether it is one, its colours, its signals, and what stderr may write on it.

Used before Textual is imported, because Textual reads its environment at import and draws on stderr.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import termios
import threading
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tripsage_tui.crash_report import open_log, scrub

if TYPE_CHECKING:
    from textual.app import App

    from tripsage_tui.settings import Settings

SIGNALS = frozenset({signal.SIGHUP, signal.SIGTERM})
GRACE = 3.0
"""Seconds that the program gets to leave by itself."""
LOOK_EVERY = 2.0
"""Seconds between two looks at whether the terminal is still there."""
TRUECOLOR_TERMS = ("alacritty", "contour", "foot", "ghostty", "kitty", "wezterm", "xterm-ghostty", "xterm-kitty")
LOG = "tripsage.log"


class UnfitTerminal(SystemExit):
    """There is no terminal that could show the program; printed as one line, exit status 1."""


def check(environ: Mapping[str, str] = os.environ) -> None:
    """Raise UnfitTerminal unless keys can be read and the cursor can be placed.

    Textual draws on stderr, and without a real stdin its input thread spins for ever.
    """
    instead = "Without one, use `tripsage-tui trips list` and the other commands (`tripsage-tui --help`)."
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UnfitTerminal(f"tripsage-tui: The program needs a terminal (over SSH: `ssh -t`). {instead}")
    term = environ.get("TERM", "")
    if term in {"", "dumb", "unknown"}:
        raise UnfitTerminal(f"tripsage-tui: This terminal cannot place the cursor (TERM is {term!r}). {instead}")


def set_colors(color: str, environ: MutableMapping[str, str] = os.environ) -> None:
    """Tell Textual which colours there are: `auto`, `16`, `256`, `truecolor` or `none`."""
    if color == "none":
        environ["NO_COLOR"] = "1"
    elif color != "auto":
        environ["TEXTUAL_COLOR_SYSTEM"] = {"16": "standard"}.get(color, color)
    if environ.get("NO_COLOR") == "":  # no-color.org: only a value that is not empty counts
        del environ["NO_COLOR"]
    term = environ.get("TERM", "")
    # sshd forwards COLORTERM only when it is told to; these terminals have true colour whatever it says.
    if "COLORTERM" not in environ and (
        term.startswith(TRUECOLOR_TERMS) or term.endswith("-direct") or environ.get("LC_TERMINAL") == "iTerm2"
    ):
        environ["COLORTERM"] = "truecolor"


def spare_the_line(environ: MutableMapping[str, str] = os.environ) -> None:
    """No animation over SSH: each step is a repaint."""
    if environ.get("SSH_CONNECTION"):
        environ.setdefault("TEXTUAL_ANIMATIONS", "none")


def ask_the_terminal(environ: MutableMapping[str, str] = os.environ) -> None:
    """Forget COLUMNS and LINES: Textual believes them before the terminal, also after it was resized."""
    environ.pop("COLUMNS", None)
    environ.pop("LINES", None)


def guard_stderr(log: Path) -> None:
    """Send what libraries and children write to stderr into the log, and keep the screen for the program."""
    try:
        descriptor = open_log(log)
    except OSError:
        descriptor = os.open(os.devnull, os.O_WRONLY)
    screen = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace")
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stderr = screen
    sys.__stderr__ = screen  # type: ignore[misc]  # Textual draws on this name
    handler = logging.StreamHandler(os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace"))
    handler.setFormatter(_Scrubbing("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _Scrubbing(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def prepare(settings: Settings) -> None:
    """Everything that has to happen before Textual is imported. Raises UnfitTerminal."""
    check()
    set_colors(settings.color)
    spare_the_line()
    ask_the_terminal()
    # Start-up makes objects that stay; looking through them for garbage costs a tenth of it. The app turns it on again.
    gc.disable()
    # Blocked here, in the first thread, so that every later one inherits it and only the guard receives them.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    guard_stderr(settings.state_dir / LOG)


def run(app: App[Any], *, mouse: bool = True) -> int:
    """Run the app to its end; the exit status of the program."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        threading.Thread(target=_watch, args=(app, loop), name="terminal-guard", daemon=True).start()
        await app.run_async(mouse=mouse)

    asyncio.run(main())
    _let_go()
    return app.return_code or 0


def _let_go() -> None:
    """A terminal that has gone would turn the exit status into 120, when Python flushes its streams in vain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _watch(app: App[Any], loop: asyncio.AbstractEventLoop) -> None:
    """Leave when told to or when the terminal has gone; at the latest after `GRACE` seconds, or at a second signal.

    A thread, because a terminal that is not read blocks the event loop in a write, and with it every handler there.
    """
    number: int | None = None
    while number is None:
        told = signal.sigtimedwait(SIGNALS, LOOK_EVERY)
        # After a sleep (ctrl+z) longer than the time to wait, Python 3.11 returns what it never filled in.
        number = told.si_signo if told and told.si_signo in SIGNALS else None
        try:
            termios.tcgetattr(0)
        except termios.error:
            break
    status = 128 + (number or signal.SIGHUP)
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(lambda: app.exit(return_code=status))
    signal.sigtimedwait(SIGNALS, GRACE)
    os._exit(status)
