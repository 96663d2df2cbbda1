"""Emptying the outbox and giving texts their vectors: what is done, in which order, and what happens when it fails."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from tripsage_tui.data.alone import Hold
from tripsage_tui.data.breaker import Breaker, CircuitOpen
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import DataError
from tripsage_tui.data.memories import MemoryRepository
from tripsage_tui.data.outbox import Outbox, Turn
from tripsage_tui.memory.bridge import Bridge
from tripsage_tui.memory.mem0_store import HoldLost, Mem0Embedder, MemoriesStore
from tripsage_tui.memory.openai_embedder import BATCH, EmbeddingFailed, OpenAIEmbedder
from tripsage_tui.memory.orders import Start
from tripsage_tui.memory.reading import ModelFailed, StrictReader


class Drain:
    """Works while it holds the user's lock; without it another program's worker does the same."""

    def __init__(
        self,
        start: Start,
        *,
        database: Database,
        memories: MemoryRepository,
        outbox: Outbox,
        client: Any,
        embedder: OpenAIEmbedder,
        threads: ThreadPoolExecutor,
        say_trouble: Callable[[str], None],
    ) -> None:
        self.woken = asyncio.Event()
        self._start = start
        self._pace = start.pace
        self._database = database
        self._memories = memories
        self._outbox = outbox
        self._client = client
        self._embedder = embedder
        self._threads = threads
        self._say_trouble = say_trouble
        self._hold: Hold | None = None
        self._breaker = Breaker(
            threshold=self._pace.breaker_after,
            first_pause=self._pace.breaker_pause,
            longest_pause=self._pace.breaker_longest,
        )
        self._vectors_after = 0.0
        self._vector_pause = self._pace.first_pause

    def impatient(self) -> None:
        """Somebody said that there is work."""
        self.woken.set()

    async def once(self) -> tuple[float, bool]:
        """Do what can be done now: seconds until something may be done again, and whether anything was done."""
        try:
            if not await self._alone():
                return self._pace.look, False
            counts = await asyncio.gather(*(self._read_turns() for _ in range(self._pace.at_once)))
            vectors = await self._give_vectors()
            backlog = await self._memories.backlog(self._embedder.space, replace=True)
        except DataError as error:
            self._say_trouble(f"Conversations are not read for facts: {error}")
            return self._pace.first_pause, False
        # A turn that waits for a better hour is work that is still to be done.
        worked = any(counts) or vectors > 0 or backlog.turns > 0
        if not backlog.turns and not backlog.vectors:
            self._say_trouble("")
            return self._pace.look, worked
        pauses = [self._pace.look]
        if backlog.next_at is not None:
            pauses.append((backlog.next_at - datetime.now(UTC)).total_seconds())
        if backlog.vectors:
            pauses.append(self._vectors_after - asyncio.get_running_loop().time())
        return max(min(pauses), self._breaker.retry_in if backlog.turns else 0.0, 0.02), worked

    async def _alone(self) -> bool:
        if self._hold is not None and not self._hold.lost:
            return True
        self._hold = await self._database.alone("memory worker")
        if self._hold is None:
            return False
        await self._outbox.release()
        return True

    # ---- turns

    async def _read_turns(self) -> int:
        """Read turns until there is none, or the model is to be left in peace; how many were read."""
        count = 0
        while True:
            try:
                probe = self._breaker.enter()
            except CircuitOpen:
                return count
            turn = None
            try:
                turn = await self._outbox.claim()
                if turn is None:
                    self._breaker.left(probe, None)
                    return count
                await self._read(turn)
            except ModelFailed as error:
                self._breaker.left(probe, failed=error.way)
                await self._failed(turn, error)
            except BaseException:
                self._breaker.left(probe, None)
                raise
            else:
                self._breaker.left(probe)
                self._say_trouble("")
                count += 1

    async def _failed(self, turn: Turn | None, error: ModelFailed) -> None:
        if turn is None:
            return
        give_up = not error.way and turn.attempts >= self._pace.attempts
        pause = min(self._pace.first_pause * 2 ** min(turn.attempts - 1, 20), self._pace.longest_pause)
        # While the way is blocked the breaker decides when to try; the turn itself may go at once.
        await self._outbox.put_back(
            turn, str(error), self._pace.first_pause if error.way else pause, give_up=give_up, blameless=error.way
        )
        self._say_trouble(str(error))

    async def _read(self, turn: Turn) -> None:
        """Have Mem0 read a turn. Raises ModelFailed, DataError; a hold that was lost is somebody else's turn now."""
        loop = asyncio.get_running_loop()
        bridge = Bridge(loop, self._pace.model + self._pace.embedding + 5)
        reader = StrictReader(self._client, self._start.access, bridge, self._pace.model)
        store = MemoriesStore(
            bridge, self._memories, self._start.user_id, self._embedder.space,
            outbox=self._outbox, turn=turn, extras=lambda: reader.extras,
        )  # fmt: skip
        try:
            await loop.run_in_executor(self._threads, self._with_mem0, turn, store, reader, bridge)
        except Exception as error:
            cause = reader.failure or store.failure or error
            if isinstance(cause, HoldLost):
                return
            if isinstance(cause, DataError | ModelFailed):
                if isinstance(cause, DataError):
                    await self._outbox.put_back(turn, str(cause), self._pace.first_pause, give_up=False, blameless=True)
                raise cause from error
            raise ModelFailed(f"Reading this failed ({type(cause).__name__}).", way=False) from error
        if not store.finished:
            await self._outbox.finish(turn, [])

    def _with_mem0(self, turn: Turn, store: MemoriesStore, reader: StrictReader, bridge: Bridge) -> None:
        from tripsage_tui.memory.mem0_engine import build

        memory = build(self._start.folder, store, reader, Mem0Embedder(bridge, self._embedder))
        memory.add(
            [{"role": "user", "content": turn.content}],
            user_id=str(self._start.user_id),
            prompt=f"The message was written on {turn.said_at:%A, %Y-%m-%d}.",
        )

    # ---- vectors

    async def _give_vectors(self) -> int:
        """Give texts vectors of the model's space; of how many. After a failure not before a pause is over."""
        loop = asyncio.get_running_loop()
        done = after = 0
        while loop.time() >= self._vectors_after:
            space = self._embedder.space
            texts = await self._memories.without_vector(space, replace=True, after=after, limit=BATCH)
            if not texts:
                break
            after = texts[-1][0]
            try:
                vectors = await self._embedder.embed([text for _, text in texts])
            except EmbeddingFailed as error:
                self._vectors_after = math.inf if error.lasting else loop.time() + self._vector_pause
                self._vector_pause = min(self._vector_pause * 2, self._pace.longest_pause)
                self._say_trouble(str(error))
                break
            done += await self._memories.put_vectors(texts, vectors, space)
            self._vector_pause = self._pace.first_pause
        return done
