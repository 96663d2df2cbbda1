"""What the rest of the program knows of the memory. Every call waits for one statement of the database and no more.

What needs a language model happens later, in the worker: turns wait in the outbox, texts without a vector are found by
their words. Only `recall` and `search` may wait for a vector of the question, as long as their caller has patience.
"""

from __future__ import annotations

import builtins
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from tripsage_tui.memory.models_at_hand import Keys
from tripsage_tui.models.memories import (
    Backlog,
    Fact,
    Memory,
    MemoryType,
    Recalled,
    Source,
    WaitingTurn,
    read_fact,
)

if TYPE_CHECKING:
    from tripsage_tui.data.forgetting import Forgotten
    from tripsage_tui.data.memories import MemoryRepository
    from tripsage_tui.data.outbox import Outbox
    from tripsage_tui.models.plans import TripPlan

logger = logging.getLogger(__name__)

PATIENCE = 2.5
"""Seconds that a question waits for its vector before it is asked in words alone."""
BATCH = 50
"""Texts that get their vectors together."""


class Engine(Protocol):
    """The worker as the service sees it."""

    @property
    def trouble(self) -> str:
        """Why nothing is read at the moment, as one sentence; empty when all is well."""
        ...

    def wake(self) -> None:
        """There may be work; returns at once."""
        ...

    async def embed(self, text: str, patience: float) -> builtins.list[float] | None:
        """The vector of a question in the space of the model at hand; None when that takes too long or fails."""
        ...

    async def close(self) -> None:
        """End the worker at once; what it was doing is done again another time."""
        ...


class MemoryService:
    """The memory of the signed-in user; errors are those of `data.errors`."""

    def __init__(self, memories: MemoryRepository, outbox: Outbox, keys: Keys, engine: Engine | None = None) -> None:
        self._memories = memories
        self._outbox = outbox
        self._keys = keys
        self._engine = engine

    # ---- what is at hand

    @property
    def has_model(self) -> bool:
        """Whether turns are read for facts and vectors come from a model."""
        return self._engine is not None and self._keys.current() is not None

    @property
    def space(self) -> str:
        """The space that vectors should be of."""
        from tripsage_tui.memory.builtin_embedder import SPACE

        access = self._keys.current() if self._engine is not None else None
        return SPACE if access is None else access.space

    @property
    def trouble(self) -> str:
        """Why turns are not read at the moment; empty when all is well or there is no model."""
        return self._engine.trouble if self._engine is not None and self.has_model else ""

    async def backlog(self) -> Backlog:
        """Turns that wait, turns given up, memories without a vector of the space in use."""
        return await self._memories.backlog(self.space, replace=self.has_model)

    # ---- remembering

    async def remember(
        self,
        text: str,
        memory_type: MemoryType = MemoryType.PREFERENCE,
        *,
        source: Source = Source.HAND,
        metadata: Mapping[str, Any] | None = None,
        supersedes: Sequence[int] = (),
    ) -> Memory:
        """Keep a fact; one that is known already is returned as it is. Raises InputError for no or too much text."""
        content = read_fact(text)
        vector, space = self._built_in(content)
        fact = Fact(content, memory_type, source, dict(metadata or {}), vector, space, tuple(supersedes))
        memory = await self._memories.remember(fact)
        self.wake()
        return memory

    async def note_turn(
        self, session_id: UUID, role: str, text: str, *, message_id: int | None = None
    ) -> builtins.list[int]:
        """Keep a turn of a conversation, to be read for facts when that is possible. Give it what the user said, and
        never what was recalled for it: memories that are made of memories drown everything else.
        """
        ids = await self._outbox.note(session_id, role, text, message_id=message_id)
        self.wake()
        return ids

    async def remember_trip(self, plan: TripPlan) -> Memory:
        """Keep a sentence about a trip that is over."""
        from tripsage_tui.memory.trip_history import summary

        return await self.remember(
            summary(plan), MemoryType.TRIP_HISTORY, source=Source.TRIP, metadata={"trip_id": plan.trip.id}
        )

    # ---- finding

    async def recall(
        self, query: str, k: int = 10, filters: Sequence[MemoryType] | None = None, *, patience: float = PATIENCE
    ) -> builtins.list[Recalled]:
        """What should be known when answering `query`, best first: all memories while there are at most 100 of them,
        the best `k` after that. `filters` are the types wanted.
        """
        return await self._find(query, k, filters, patience, everything=True)

    async def search(
        self, query: str, k: int = 50, filters: Sequence[MemoryType] | None = None, *, patience: float = 0.0
    ) -> builtins.list[Recalled]:
        """The at most `k` memories that fit, best first."""
        return await self._find(query, k, filters, patience, everything=False)

    async def list(self, filters: Sequence[MemoryType] | None = None) -> builtins.list[Memory]:
        """The newest memories first, replaced ones included."""
        return await self._memories.newest(filters)

    async def overview(self) -> tuple[builtins.list[Memory], builtins.list[WaitingTurn]]:
        """Memories and turns that wait, newest first."""
        return await self._memories.overview()

    async def get(self, memory_id: int) -> Memory:
        """One memory. Raises NotFound."""
        return await self._memories.get(memory_id)

    async def export(self) -> builtins.list[Mapping[str, Any]]:
        """Everything that is remembered, as stored, without vectors."""
        return await self._memories.export()

    # ---- changing

    async def edit(self, memory: Memory, text: str, memory_type: MemoryType | None = None) -> Memory:
        """Change a memory as it is known here. Raises InputError, StaleRow, InvalidValue (this is known already)."""
        content = read_fact(text)
        edited = await self._memories.edit(memory, content, memory_type or memory.memory_type, *self._built_in(content))
        self.wake()
        return edited

    async def forget(self, ids: Sequence[int]) -> Forgotten:
        """Remove memories and what they had replaced; `restore` takes that back."""
        return await self._memories.forget(ids)

    async def restore(self, forgotten: Forgotten) -> None:
        """Bring back what `forget` removed, with the same ids. Raises StaleRow."""
        await self._memories.restore(forgotten)

    async def forget_all(self) -> tuple[int, int]:
        """Remove all memories and all turns; how many of each. Cannot be taken back."""
        return await self._memories.forget_all()

    async def supersede(self, old: int, new: int) -> bool:
        """Let a newer memory replace an older one; both stay visible."""
        return await self._memories.supersede([old], new) == [old]

    async def merge(self, ids: Sequence[int], keep: int) -> builtins.list[int]:
        """Let one memory stand for others; the ids of those that it replaces now."""
        return await self._memories.supersede(ids, keep)

    async def revive(self, ids: Sequence[int]) -> None:
        """Let replaced memories count again. Raises InvalidValue when one is remembered anew."""
        await self._memories.revive(ids)

    async def pin(self, ids: Sequence[int], pinned: bool = True) -> builtins.list[int]:
        """Put memories before all others, or not; the ids of those that changed."""
        return await self._memories.pin(ids, pinned)

    async def retry(self, ids: Sequence[int] | None = None) -> None:
        """Read turns that wait or were given up as soon as possible."""
        await self._outbox.retry(ids)
        self.wake()

    async def discard(self, ids: Sequence[int]) -> builtins.list[str]:
        """Remove turns that wait, without reading them; for `put_back`."""
        return await self._outbox.discard(ids)

    async def put_back(self, rows: Sequence[str]) -> None:
        """Bring back turns that `discard` removed."""
        await self._outbox.restore(rows)
        self.wake()

    # ---- in the background

    def wake(self) -> None:
        """Let the worker look for work; does nothing without a model."""
        if self._engine is not None and self.has_model:
            self._engine.wake()

    async def catch_up(self) -> int:
        """Give texts without a vector one of the built-in embedder, in small steps; how many. Nothing with a model:
        that is the worker's part then.
        """
        from tripsage_tui.memory.builtin_embedder import SPACE, embed

        if self.has_model:
            self.wake()
            return 0
        done = after = 0
        while texts := await self._memories.without_vector(SPACE, replace=False, after=after, limit=BATCH):
            after = texts[-1][0]
            usable = [(text, vector) for text in texts if (vector := embed(text[1])) is not None]
            done += await self._memories.put_vectors([text for text, _ in usable], [v for _, v in usable], SPACE)
        return done

    async def resume(self, now: datetime, plan_of: Callable[[int], Any]) -> None:
        """What is due when a program starts: sentences about trips that are over, vectors, turns that wait."""
        for trip_id in await self._memories.trips_to_remember(now):
            await self.remember_trip(await plan_of(trip_id))
        await self.catch_up()

    async def close(self) -> None:
        """End the worker."""
        if self._engine is not None:
            await self._engine.close()

    # ---- vectors

    def _built_in(self, text: str) -> tuple[builtins.list[float] | None, str | None]:
        """The vector that a text gets at once; a model's better one replaces it later."""
        from tripsage_tui.memory.builtin_embedder import SPACE, embed

        vector = embed(text)
        return vector, SPACE if vector else None

    async def _find(
        self, query: str, k: int, types: Sequence[MemoryType] | None, patience: float, *, everything: bool
    ) -> builtins.list[Recalled]:
        from tripsage_tui.memory.builtin_embedder import SPACE, embed
        from tripsage_tui.memory.words import telling

        vector, space = None, self.space
        if self._engine is not None and self.has_model and patience > 0 and query.strip():
            vector = await self._engine.embed(query, patience)
        if vector is None:
            vector, space = embed(query), SPACE
        found = await self._memories.search(vector, telling(query), k, types=types, space=space, or_all=everything)
        return [Recalled(*each) for each in found]
