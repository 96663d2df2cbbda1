"""ClamAV: a file is sent to clamd over its socket (INSTREAM) and clamd says what it found.

Our own client: the protocol is one command, and a dependency would be longer than it.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from tripsage_tui.attachments.copying import in_thread
from tripsage_tui.models.attachments import ScanStatus
from tripsage_tui.models.showing import one_line

USUAL = (Path("/run/clamav/clamd.ctl"), Path("/var/run/clamav/clamd.ctl"), Path("/run/clamd.scan/clamd.sock"))
OFF = "off"
T = TypeVar("T")
_CHUNK = 64 * 1024
_CONNECTING = 5.0
_TICK, _SILENCE = 0.5, 120.0
"""Seconds that clamd may think before it counts as broken."""


@dataclass(frozen=True)
class Verdict:
    """What is known now; `about` is the threat for INFECTED and the reason for FAILED."""

    status: ScanStatus
    about: str = ""

    def as_result(self) -> dict[str, str]:
        """For the record."""
        match self.status:
            case ScanStatus.INFECTED:
                return {"scanner": "clamd", "threat": self.about}
            case ScanStatus.FAILED:
                return {"scanner": "clamd", "error": self.about}
        return {"scanner": "clamd"}


ABSENT = Verdict(ScanStatus.PENDING)


class Clamd:
    """`where` is a socket's path or `host:port`; None looks for the usual sockets each time, "off" never scans."""

    def __init__(self, where: str | None = None) -> None:
        self._where = where

    @property
    def address(self) -> str | None:
        """Where clamd is asked; None when there is none."""
        if self._where == OFF:
            return None
        if self._where:
            return str(Path(self._where).expanduser()) if self._where.startswith("~") else self._where
        return next((str(path) for path in USUAL if path.exists()), None)

    async def version(self) -> str | None:
        """What answers there, such as `ClamAV 1.4.3/27800/...`; None when nothing does."""
        address = self.address
        if address is None:
            return None
        try:
            return await in_thread(lambda check: _version(address, check))
        except (OSError, ValueError):
            return None

    async def scan(self, path: Path) -> Verdict:
        """PENDING when nobody listens there, FAILED when clamd breaks or refuses. Raises OSError for the file."""
        address = self.address
        if address is None:
            return ABSENT
        return await in_thread(lambda check: _ask(address, path, check))


def _ask(address: str, path: Path, check: Callable[[], None]) -> Verdict:
    with path.open("rb") as file:
        try:
            wire = _connected(address)
        except (OSError, ValueError):
            return ABSENT
        with wire:
            wire.settimeout(_TICK)
            try:
                with contextlib.suppress(ConnectionError):  # it may have said why before it hung up
                    _send(file, wire, check)
                answer = _patient(lambda: wire.recv(4096), check)
            except TimeoutError:
                return Verdict(ScanStatus.FAILED, "clamd does not answer")
            except OSError as error:
                return Verdict(ScanStatus.FAILED, f"the connection to clamd broke ({error.strerror})")
    return _understood(answer.decode("utf-8", "replace").strip("\0\n "))


def _version(address: str, check: Callable[[], None]) -> str | None:
    with _connected(address) as wire:
        _push(wire, b"zVERSION\0", check)
        return one_line(wire.recv(4096).decode("utf-8", "replace").strip("\0"))[:100] or None


def _connected(address: str) -> socket.socket:
    if not address.startswith("/"):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), _CONNECTING)
    wire = socket.socket(socket.AF_UNIX)
    try:
        wire.settimeout(_CONNECTING)
        wire.connect(address)
    except OSError:
        wire.close()
        raise
    return wire


def _send(file: BinaryIO, wire: socket.socket, check: Callable[[], None]) -> None:
    _push(wire, b"zINSTREAM\0", check)
    while piece := file.read(_CHUNK):
        # It answers in the middle when the file is longer than its StreamMaxLength, and then hangs up.
        if select.select([wire], [], [], 0)[0]:
            return
        _push(wire, len(piece).to_bytes(4, "big") + piece, check)
    _push(wire, bytes(4), check)


def _push(wire: socket.socket, data: bytes, check: Callable[[], None]) -> None:
    while data:
        data = data[_patient(partial(wire.send, data), check) :]


def _patient(step: Callable[[], T], check: Callable[[], None]) -> T:
    """Try a step of the socket until it does not time out; whoever stops waiting is let go within a tick."""
    deadline = time.monotonic() + _SILENCE
    while True:
        check()
        try:
            return step()
        except TimeoutError:
            if time.monotonic() > deadline:
                raise


def _understood(answer: str) -> Verdict:
    said = one_line(answer.removeprefix("stream:"))[:200]
    if said == "OK":
        return Verdict(ScanStatus.CLEAN)
    if said.endswith(" FOUND"):
        return Verdict(ScanStatus.INFECTED, said.removesuffix(" FOUND"))
    if "size limit" in said:
        return Verdict(ScanStatus.FAILED, "the file is larger than clamd's StreamMaxLength")
    return Verdict(ScanStatus.FAILED, said.removesuffix(" ERROR") or "clamd hung up without an answer")
