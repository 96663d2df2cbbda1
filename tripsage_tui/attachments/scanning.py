"""ClamAV: a file is sent to clamd over its socket (INSTREAM) and clamd says what it found.

Our own client: the protocol is one command, and of the packages for it one is unmaintained, one is LGPL, and one
cannot stream a file without holding it in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tripsage_tui.models.attachments import ScanStatus
from tripsage_tui.models.showing import one_line

USUAL = (Path("/run/clamav/clamd.ctl"), Path("/var/run/clamav/clamd.ctl"), Path("/run/clamd.scan/clamd.sock"))
OFF = "off"
_CHUNK = 64 * 1024
_CONNECTING = 5.0
_SILENCE = 120.0
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

    async def scan(self, path: Path) -> Verdict:
        """PENDING when nobody listens there, FAILED when clamd breaks or refuses. Raises OSError for the file."""
        with path.open("rb") as file:
            try:
                async with asyncio.timeout(_CONNECTING):
                    reading, writing = await self._connect()
            except (OSError, TimeoutError, ValueError):
                return ABSENT
            try:
                return await _stream(file, reading, writing)
            finally:
                writing.close()
                with contextlib.suppress(OSError):
                    await writing.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        address = self.address
        if address is None:
            raise FileNotFoundError("clamd")
        if address.startswith("/"):
            return await asyncio.open_unix_connection(address)
        host, _, port = address.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port))


async def _stream(file: BinaryIO, reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> Verdict:
    try:
        async with asyncio.timeout(_SILENCE):
            # clamd answers and hangs up in the middle when a file is longer than its StreamMaxLength.
            with contextlib.suppress(ConnectionError):
                await _send(file.read, writing)
            answer = (await reading.read(4096)).decode("utf-8", "replace").strip("\0\n ")
    except TimeoutError:
        return Verdict(ScanStatus.FAILED, "clamd does not answer")
    except OSError as error:
        return Verdict(ScanStatus.FAILED, f"the connection to clamd broke ({error.strerror or type(error).__name__})")
    return _understood(answer)


async def _send(read: Callable[[int], bytes], writing: asyncio.StreamWriter) -> None:
    writing.write(b"zINSTREAM\0")
    while piece := await asyncio.to_thread(read, _CHUNK):
        writing.write(len(piece).to_bytes(4, "big") + piece)
        await writing.drain()
    writing.write(bytes(4))
    await writing.drain()


def _understood(answer: str) -> Verdict:
    said = one_line(answer.removeprefix("stream:"))[:200]
    if said == "OK":
        return Verdict(ScanStatus.CLEAN)
    if said.endswith(" FOUND"):
        return Verdict(ScanStatus.INFECTED, said.removesuffix(" FOUND"))
    if "size limit" in said:
        return Verdict(ScanStatus.FAILED, "the file is larger than clamd's StreamMaxLength")
    return Verdict(ScanStatus.FAILED, said.removesuffix(" ERROR") or "clamd hung up without an answer")
