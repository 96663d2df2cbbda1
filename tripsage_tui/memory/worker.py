"""`python -m tripsage_tui.memory.worker`: reads turns for facts and texts for vectors, as long as there are any.

Started by `link.WorkerLink`, told by the first line of its standard input where the database is and who asks. It ends
with that pipe, at once, whatever it is doing; it also ends by itself after a while without work.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import DataError
from tripsage_tui.data.memories import MemoryRepository
from tripsage_tui.data.outbox import Outbox
from tripsage_tui.data.ticket_source import Ticket
from tripsage_tui.memory.drain import Drain
from tripsage_tui.memory.openai_embedder import EmbeddingFailed, OpenAIEmbedder
from tripsage_tui.memory.orders import LINE_LIMIT, Start, as_line, read_ticket

ANOTHER_TICKET = 10.0
"""Seconds that the program may take to send one."""


class HandedTicket:
    """The ticket from the pipe; another one is asked for when it is not good any more."""

    def __init__(self, ticket: Ticket, tell: Any) -> None:
        self._next: Ticket | None = ticket
        self._tell = tell
        self._arrived = asyncio.Event()

    def arrived(self, ticket: Ticket) -> None:
        """The program sent another one."""
        self._next = ticket
        self._arrived.set()

    async def ticket(self) -> Ticket:
        """Raises TimeoutError when the program sends none."""
        if self._next is None:
            self._arrived.clear()
            self._tell({"say": "ticket"})
            await asyncio.wait_for(self._arrived.wait(), ANOTHER_TICKET)
        ticket, self._next = self._next, None
        if ticket is None:
            raise TimeoutError
        return ticket


class Worker:
    """The pipe, the client of the model's server, and what is done with both."""

    def __init__(self, start: Start) -> None:
        from openai import AsyncOpenAI

        self._start = start
        self._pace = start.pace
        self._tickets = HandedTicket(start.ticket, self._tell)
        self._client = AsyncOpenAI(
            api_key=start.access.api_key.get_secret_value(), base_url=start.access.base_url, max_retries=0,
            timeout=start.pace.model,
        )  # fmt: skip
        self._embedder = OpenAIEmbedder(self._client, start.access, timeout=start.pace.embedding)
        self._database = Database(start.target, self._tickets, pool_mode=start.pool_mode, pool_size=3)
        self._questions: set[asyncio.Task[None]] = set()
        self._busy_until = 0.0
        self._wakes = 0
        self._trouble = ""

    async def run(self) -> None:
        """Until there has been nothing to do for a while."""
        loop = asyncio.get_running_loop()
        await self._database.start()
        threads = ThreadPoolExecutor(self._pace.at_once, "mem0")
        drain = Drain(
            self._start,
            database=self._database,
            memories=MemoryRepository(self._database),
            outbox=Outbox(self._database),
            client=self._client,
            embedder=self._embedder,
            threads=threads,
            say_trouble=self._say_trouble,
        )
        orders = asyncio.create_task(self._obey(drain))
        self._busy_until = loop.time() + self._pace.idle
        try:
            while True:
                self._tell({"say": "looking", "number": self._wakes})
                pause, worked = await drain.once()
                if worked:
                    self._busy_until = loop.time() + self._pace.idle
                elif loop.time() >= self._busy_until:
                    return
                pause = min(pause, self._pace.look, max(self._busy_until - loop.time(), 0.01))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(drain.woken.wait(), pause)
                drain.woken.clear()
        finally:
            orders.cancel()

    async def _obey(self, drain: Drain) -> None:
        """Follow the orders of the pipe. When it ends, so does the process."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LINE_LIMIT)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        try:
            while line := await reader.readline():
                order = json.loads(line)
                self._busy_until = loop.time() + self._pace.idle
                match order["do"]:
                    case "wake":
                        self._wakes = order["number"]
                        drain.impatient()
                    case "ticket":
                        self._tickets.arrived(read_ticket(order))
                    case "embed":
                        question = asyncio.create_task(self._answer(order["id"], str(order["text"])))
                        self._questions.add(question)
                        question.add_done_callback(self._questions.discard)
        finally:
            os._exit(0)

    async def _answer(self, number: int, text: str) -> None:
        vector: Sequence[float] | None = None
        with contextlib.suppress(EmbeddingFailed):
            vector = (await self._embedder.embed([text]))[0]
        self._tell({"say": "vector", "id": number, "vector": vector})

    def _say_trouble(self, sentence: str) -> None:
        if sentence != self._trouble:
            self._trouble = sentence
            self._tell({"say": "trouble", "sentence": sentence})

    def _tell(self, message: dict[str, Any]) -> None:
        try:
            sys.stdout.buffer.write(as_line(message))
            sys.stdout.buffer.flush()
        except OSError:
            os._exit(0)


def main() -> None:
    """Read the first line, work, and be gone without waiting for what still hangs somewhere."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.ERROR, handlers=[logging.NullHandler()])
    start = Start.parse(sys.stdin.buffer.raw.readline() if hasattr(sys.stdin.buffer, "raw") else b"")
    with contextlib.suppress(DataError):
        asyncio.run(Worker(start).run())
    os._exit(0)


__all__ = ["HandedTicket", "Worker", "main"]

if __name__ == "__main__":
    main()
