"""A server on loopback that answers as models do, byte by byte as a script says.

The client is the real SDK over real HTTP; only the model is a script.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

HANG: None = None
"""In a script: send nothing more and keep the connection open."""


@dataclass
class Reply:
    """One answer: the pieces are sent one by one; a connection that is cut ends without the end of the body."""

    pieces: Sequence[bytes | float | None] = ()
    """Bytes to send, seconds to wait, or HANG."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/event-stream"
    cut: bool = False


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: Any


class ScriptedServer:
    """Gives the replies in their order, the last one again and again; `requests` is what was asked.

    With `aside` only requests for a stream get those: what the memory asks beside a conversation gets this.
    """

    def __init__(self, *replies: Reply, aside: Reply | None = None) -> None:
        self.replies = deque(replies)
        self.aside = aside
        self.requests: list[Request] = []
        self.models: Reply | None = None
        """The answer to whoever asks for the list of models; None: the next reply."""
        self.left = asyncio.Event()
        """Set when a client has gone in the middle of a reply."""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> ScriptedServer:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            # Cancelled by the end of the test: asyncio would log it as an error of the connection.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    def _reply(self, request: Request) -> Reply:
        if self.aside is not None and not (isinstance(request.body, dict) and request.body.get("stream")):
            return self.aside
        return self.replies.popleft() if len(self.replies) > 1 else self.replies[0]

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        path = first.split(" ")[1]
        asked = Request(path, headers, json.loads(raw) if raw else None)
        listing = self.models if path.endswith("/models") else None
        if listing is None:
            self.requests.append(asked)
        reply = listing or self._reply(asked)
        told = {"content-type": reply.kind, "transfer-encoding": "chunked", **reply.headers}
        lines = [f"HTTP/1.1 {reply.status} -", *(f"{name}: {value}" for name, value in told.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        gone = asyncio.create_task(reader.read(1))
        try:
            for piece in reply.pieces:
                if isinstance(piece, bytes):
                    writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b"")
                    await writer.drain()
                else:
                    await asyncio.wait({gone}, timeout=piece)
                if gone.done():
                    self.left.set()
                    return False
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone
        if reply.cut:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


def sse(*objects: object) -> list[bytes]:
    """Objects as server-sent events."""
    return [b"data: " + json.dumps(each).encode() + b"\n\n" for each in objects]


DONE = b"data: [DONE]\n\n"


def chunk(delta: Mapping[str, Any] | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """A chunk of Chat Completions."""
    choice = {"index": 0, "delta": delta if delta is not None else {}, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m-1", "choices": [choice], **more}


USAGE = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16, "prompt_tokens_details": {"cached_tokens": 3}}


def said(*words: str, finish: str = "stop") -> list[bytes]:
    """A whole answer in Chat Completions."""
    end = {**chunk(), "choices": [], "usage": USAGE}
    return [*sse(*(chunk({"content": word}) for word in words), chunk({}, finish), end), DONE]


def called(*calls: tuple[str, str, str], finish: str = "tool_calls") -> list[bytes]:
    """An answer of calls `(id, name, arguments)` whose arguments come in two pieces."""
    chunks: list[dict[str, Any]] = []
    for index, (id_, name, arguments) in enumerate(calls):
        middle = len(arguments) // 2
        begin = {"index": index, "id": id_, "type": "function", "function": {"name": name, "arguments": ""}}
        chunks.append(chunk({"tool_calls": [begin]}))
        chunks.extend(
            chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
            for piece in (arguments[:middle], arguments[middle:])
        )
    return [*sse(*chunks, chunk({}, finish)), DONE]


def response(kind: str, **more: Any) -> dict[str, Any]:
    """An event of Responses."""
    return {"type": kind, "sequence_number": 1, **more}


def answered(output: Iterable[dict[str, Any]] = (), *, incomplete: str | None = None) -> dict[str, Any]:
    """The last event of Responses."""
    usage = {
        "input_tokens": 11,
        "output_tokens": 5,
        "total_tokens": 16,
        "input_tokens_details": {"cached_tokens": 3},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    body = {
        "id": "r1",
        "object": "response",
        "created_at": 1,
        "model": "m-1",
        "status": "incomplete" if incomplete else "completed",
        "incomplete_details": {"reason": incomplete} if incomplete else None,
        "output": list(output),
        "usage": usage,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }
    return response("response.incomplete" if incomplete else "response.completed", response=body)


def refusal(
    status: int,
    message: str,
    code: str | None = None,
    *,
    param: str | None = None,
    wait: Mapping[str, str] | None = None,
) -> Reply:
    """An error as OpenAI words it; `wait` are headers that say when to come back."""
    body = {"error": {"message": message, "type": "error", "code": code, "param": param}}
    return Reply([json.dumps(body).encode()], status, wait or {}, "application/json")
