"""An OpenAI-compatible server on loopback that answers what a test tells it to: the real wire, for the real SDK.

`OpenAIServer` runs in a thread of its own, so that it also serves other processes. What it should answer is a function
of the request; what was asked is kept.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import random
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What goes back: a status and a JSON body, or raw bytes; after `delay` seconds. `hang`: nothing, ever."""

    body: Body | bytes
    status: int = 200
    delay: float = 0.0
    hang: bool = False
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[Body], Answer]


def completion(text: str) -> Answer:
    """A chat completion that says this."""
    message = {"role": "assistant", "content": text}
    return Answer(
        {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "scripted",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
    )  # fmt: skip


def failure(status: int, message: str = "scripted failure") -> Answer:
    """An error as OpenAI sends it."""
    return Answer({"error": {"message": message, "type": "server_error", "code": None}}, status)


HANG = Answer({}, hang=True)


def meaning(text: str, width: int = 1536) -> list[float]:
    """A vector of its own for each word of a text: texts with words in common are near."""
    vector = [0.0] * width
    for word in text.lower().split():
        generator = random.Random(hashlib.sha256(word.strip(".,:;").encode()).digest())
        for place in generator.sample(range(width), 8):
            vector[place] += 1.0
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]


def vectors(body: Body, width: int = 1536) -> Answer:
    """The embeddings of a request, in the encoding that it asks for."""
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    data = []
    for index, text in enumerate(texts):
        values: Any = meaning(text, width)
        if body.get("encoding_format") == "base64":
            values = base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
        data.append({"object": "embedding", "index": index, "embedding": values})
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return Answer({"object": "list", "data": data, "model": "scripted", "usage": usage})


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that is killed resets its connection; that is no news."""


class OpenAIServer:
    """`chat`, `embeddings` and `responses` may be replaced at any time; `asked` has (path, body) in order."""

    def __init__(self) -> None:
        self.chat: Script = lambda body: completion('{"memory": []}')
        self.responses: Script = lambda body: failure(404)
        self.embeddings: Script = vectors
        self.asked: list[tuple[str, Body]] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()
        self._gone = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._serve(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """As `base_url`."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def asked_for(self, path: str) -> list[Body]:
        """The bodies of the requests to a path such as `chat/completions`."""
        return [body for where, body in self.asked if where.endswith(path)]

    @contextmanager
    def running(self) -> Iterator[OpenAIServer]:
        """Serve until the block ends; what hangs then is let go."""
        self._thread.start()
        try:
            yield self
        finally:
            self._gone.set()
            self._server.shutdown()
            self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers.get("content-length", 0))) or b"{}")
        with self._lock:
            self.asked.append((handler.path, body))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = self._answer(handler.path, body)
            if answer.hang:
                self._gone.wait()
                return
            time.sleep(answer.delay)
            raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            handler.send_response(answer.status)
            for name, value in {"content-type": "application/json", **answer.headers}.items():
                handler.send_header(name, value)
            handler.send_header("content-length", str(len(raw)))
            handler.end_headers()
            handler.wfile.write(raw)
        except OSError:
            pass  # the client did not want to wait
        finally:
            with self._lock:
                self.at_once -= 1

    def _answer(self, path: str, body: Body) -> Answer:
        scripts = {"chat/completions": self.chat, "embeddings": self.embeddings, "responses": self.responses}
        script = next((script for name, script in scripts.items() if path.endswith(name)), None)
        return failure(404) if script is None else script(body)
