"""What can go wrong between a program and its project, made to happen at will, at any byte."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Fault:
    """One kind of trouble, for the next `times` requests that fit (None: for all of them).

    `delay` seconds pass before anything else. `reset` breaks the connection before anything has happened. `status`
    (with `body` and `headers`) is answered instead, and nothing happens. `cut` lets it happen and breaks the connection
    after so many bytes of the answer, head included. `drop` breaks it after so many bytes of the request's body: the
    part that serves the path honours it, by `request["drop"]`. `hold` lets it happen and answers when it is set.
    """

    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    reset: bool = False
    cut: int | None = None
    drop: int | None = None
    hold: asyncio.Event | None = None
    times: int | None = 1
    met: int = 0
    """How often it has happened."""


class Faults:
    """The faults that wait for a request, the oldest first."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, str, Fault]] = []

    def add(self, method: str, prefix: str, fault: Fault) -> Fault:
        """Have it happen to requests of that method (`*`: any) whose path, with its query, begins with `prefix`."""
        self._waiting.append((method, prefix, fault))
        return fault

    def clear(self) -> None:
        self._waiting.clear()

    def _next(self, request: web.Request) -> Fault | None:
        for method, prefix, fault in self._waiting:
            if method in {"*", request.method} and request.path_qs.startswith(prefix):
                fault.met += 1
                if fault.times is not None and fault.met >= fault.times:
                    self._waiting = [each for each in self._waiting if each[2] is not fault]
                return fault
        return None

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Put between the server and its routes."""
        fault = self._next(request)
        if fault is None:
            return await handler(request)
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.reset:
            reset(request)
            return web.Response()
        if fault.status is not None:
            text = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
            kind = "text/html" if isinstance(fault.body, str) else "application/json"
            return web.Response(status=fault.status, text=text, content_type=kind, headers=dict(fault.headers))
        if fault.drop is not None:
            request["drop"] = fault.drop
        answer = await handler(request)
        if fault.hold is not None:
            await fault.hold.wait()
        if fault.cut is None:
            return answer
        assert isinstance(answer, web.Response), "only whole answers can be cut"
        assert request.transport is not None
        request.transport.write(_as_bytes(answer)[: fault.cut])
        await asyncio.sleep(0)  # into the socket before it is closed
        request.transport.close()
        return answer


def reset(request: web.BaseRequest) -> None:
    """Break the connection as a crashing router does: the other side reads ECONNRESET."""
    if request.transport is None:
        return
    if (wire := request.transport.get_extra_info("socket")) is not None:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


def _as_bytes(answer: web.Response) -> bytes:
    body = answer.body if isinstance(answer.body, bytes | bytearray) else b""
    lines = [f"HTTP/1.1 {answer.status} -", *(f"{name}: {value}" for name, value in answer.headers.items())]
    if "Content-Length" not in answer.headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + bytes(body)


def rate_limited(seconds: int, code: str = "over_request_rate_limit") -> Fault:
    """429 as the Auth server and the gateway answer it."""
    body = {"code": code, "message": "Request rate limit reached"}
    return Fault(429, body, {"Retry-After": str(seconds), "X-Supabase-Api-Version": "2024-01-01"})


def trouble() -> list[Fault]:
    """Everything after which the same may work again: no answer, half of one, somebody else's, and a wish to wait."""
    return [
        Fault(reset=True),
        *(Fault(cut=place) for place in (0, 1, 9, 17, 60, 150, 180, 400, 1200)),
        Fault(500, {"code": "unexpected_failure", "message": "x"}),
        Fault(502, "<html>bad gateway</html>"),
        Fault(503, {}),
        Fault(200, "<html>log in to this hotel's network</html>"),
        Fault(302, "", {"Location": "http://127.0.0.1:9/"}),
        rate_limited(7),
    ]
