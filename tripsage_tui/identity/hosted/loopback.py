"""The page on 127.0.0.1 to which a browser comes back with the code: for one visit, with the right state.

Whatever else asks (another page, a scanner, the browser for an icon) gets a 404 and changes nothing.
"""

from __future__ import annotations

import asyncio
import hmac
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

PATH = "/callback"
_LONGEST_HEAD = 16 * 1024
_PATIENCE = 5.0
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>tripsage_tui</title>
<body style="font: 1.2em sans-serif; margin: 4em"><p>{}</p><p>You can close this page and go back to the terminal.</p>
"""
_HEAD = (
    "HTTP/1.1 {}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\r\n"
)


class Loopback:
    """Listens from `start` to `close`; `came` is done with the query of the visit, each name with its first value."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._server: asyncio.Server | None = None
        self.came: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        self.port: int | None = None

    async def start(self) -> None:
        """Take a free port; where none can be had `port` stays None."""
        with suppress(OSError):
            self._server = await asyncio.start_server(self._visit, "127.0.0.1", 0, limit=_LONGEST_HEAD)
            self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.came.cancel()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_PATIENCE):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                found = self._read(head)
                if found is None:
                    writer.write(_answer("404 Not Found", "There is nothing here."))
                else:
                    said = "You are signed in." if "code" in found else "Signing in was refused."
                    writer.write(_answer("200 OK", said))
                await writer.drain()
            # The answer first: the program may end with what it has been told.
            if found is not None and not self.came.done():
                self.came.set_result(found)
        writer.close()

    def _read(self, head: list[str]) -> dict[str, str] | None:
        method, _, rest = head[0].partition(" ")
        target = urlsplit(rest.rpartition(" ")[0])
        hosts = [line.partition(":")[2].strip() for line in head[1:] if line.lower().startswith("host:")]
        query = first_values(target.query)
        # A name that resolves to this machine is not enough: other pages could read the answer.
        fits = method == "GET" and target.path == PATH and hosts == [f"127.0.0.1:{self.port}"] and not self.came.done()
        return query if fits and hmac.compare_digest(query.get("state", "").encode(), self._state.encode()) else None


def first_values(query: str) -> dict[str, str]:
    """A query's names, each with its first value."""
    return {name: values[0] for name, values in parse_qs(query, max_num_fields=20).items()}


def _answer(status: str, said: str) -> bytes:
    page = _PAGE.format(said).encode()
    return _HEAD.format(status, len(page)).encode() + page
