"""The program's end of the worker: starts it when there may be work, hands it what it needs, ends it at once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from tripsage_tui.data.errors import DataError
from tripsage_tui.data.ticket_source import TicketSource
from tripsage_tui.memory.orders import LINE_LIMIT, Start, as_line, ticket_order

logger = logging.getLogger(__name__)

FAREWELL = 0.5
"""Seconds that an ended worker may take to be gone."""
AGAIN = 30.0
"""Seconds after which a worker that did not end by itself is started again."""
_THEIRS = ("OPENAI_", "OPENROUTER_", "MEM0_", "TRIPSAGE_")
"""Settings of the environment that the worker gets through the pipe, or must not have."""


class WorkerLink:
    """Implements the service's `Engine`. `prepare` makes what the worker starts with, None when there is no model."""

    def __init__(self, prepare: Callable[[], Awaitable[Start | None]], tickets: TicketSource) -> None:
        self._prepare = prepare
        self._tickets = tickets
        self._process: asyncio.subprocess.Process | None = None
        self._starting: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._asked: dict[int, asyncio.Future[list[float] | None]] = {}
        self._numbers = itertools.count(1)
        self._closed = False
        self._wakes = 0
        self._heeded = 0
        self.trouble = ""

    @property
    def running(self) -> bool:
        """Whether there is a worker."""
        return self._process is not None and self._process.returncode is None

    @property
    def process_id(self) -> int | None:
        """Of the worker, None when there is none."""
        return self._process.pid if self._process is not None and self.running else None

    def wake(self) -> None:
        """Start the worker, or tell it to look for work; returns at once."""
        self._wakes += 1
        if self.running:
            self._send({"do": "wake", "number": self._wakes})
        elif not self._closed and (self._starting is None or self._starting.done()):
            self._starting = asyncio.create_task(self._start())

    async def embed(self, text: str, patience: float) -> list[float] | None:
        """The vector of a text, None when it does not come within `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                if not self.running:
                    self.wake()
                    if self._starting is not None:
                        await asyncio.shield(self._starting)
                if not self.running:
                    return None
                number = next(self._numbers)
                self._asked[number] = asyncio.get_running_loop().create_future()
                try:
                    self._send({"do": "embed", "id": number, "text": text})
                    return await self._asked[number]
                finally:
                    self._asked.pop(number, None)
        except TimeoutError:
            return None

    def renew(self) -> None:
        """The key or the server is another one: end the worker that has the old one. It is started again for work."""
        if self._process is not None and self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def close(self) -> None:
        """End the worker without asking it: all that it does can be done again."""
        self._closed = True
        for task in (self._starting, self._listening):
            if task is not None:
                task.cancel()
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await process.wait()

    async def _start(self) -> None:
        try:
            start = await self._prepare()
            if start is None or self._closed:
                return
            environment = {k: v for k, v in os.environ.items() if not k.startswith(_THEIRS)}
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tripsage_tui.memory.worker",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                env=environment, start_new_session=True, limit=LINE_LIMIT,
            )  # fmt: skip
        except (DataError, OSError) as error:
            logger.warning("the memory's worker could not be started: %s", error)
            self.trouble = f"Conversations are not read for facts: {error}"
            return
        self._write(start.line())
        self._send({"do": "wake", "number": self._wakes})
        self._listening = asyncio.create_task(self._listen(self._process))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        with contextlib.suppress(OSError, ValueError):
            while line := await process.stdout.readline():
                await self._heard(json.loads(line))
        await process.wait()
        for future in self._asked.values():
            if not future.done():
                future.set_result(None)
        if self._closed:
            return
        if self._heeded < self._wakes:  # it left at the very moment when there was work again
            self.wake()
        elif process.returncode:
            asyncio.get_running_loop().call_later(AGAIN, self.wake)

    async def _heard(self, message: dict[str, Any]) -> None:
        match message.get("say"):
            case "vector":
                future = self._asked.get(message["id"])
                if future is not None and not future.done():
                    future.set_result(message["vector"])
            case "trouble":
                self.trouble = str(message["sentence"])
            case "looking":
                self._heeded = int(message["number"])
            case "ticket":
                try:
                    self._send(ticket_order(await self._tickets.ticket()))
                except DataError as error:
                    logger.warning("no ticket for the memory's worker: %s", error)

    def _send(self, order: dict[str, Any]) -> None:
        self._write(as_line(order))

    def _write(self, line: bytes) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            with contextlib.suppress(OSError, RuntimeError):
                self._process.stdin.write(line)
