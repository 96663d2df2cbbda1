"""Mem0's vector store and embedder on our memories: its rows are rows of `memories`, under row level security.

Mem0 calls these from threads of its own and knows them by their methods only. Where a turn is being read, what Mem0
inserts is stored together with the end of the turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tripsage_tui.data.errors import DataError, NotFound
from tripsage_tui.data.memories import MemoryRepository
from tripsage_tui.data.outbox import Outbox, Turn
from tripsage_tui.memory import builtin_embedder
from tripsage_tui.memory.bridge import Bridge
from tripsage_tui.memory.openai_embedder import EmbeddingFailed, OpenAIEmbedder
from tripsage_tui.memory.reading import Extra
from tripsage_tui.memory.words import telling
from tripsage_tui.models.memories import Fact, Memory, MemoryType, Source

CONTEXT_KEPT = timedelta(days=180)
"""How long a passing remark is kept."""


class HoldLost(Exception):
    """Somebody else took the turn over; nothing was stored."""


@dataclass
class Found:
    """A row as Mem0 wants it; `score` is a similarity."""

    id: str
    score: float
    payload: dict[str, Any]


class MemoriesStore:
    """`turn` is what is being read; without one, what is inserted is simply remembered."""

    def __init__(
        self,
        bridge: Bridge,
        memories: MemoryRepository,
        user_id: UUID,
        space: str,
        *,
        outbox: Outbox | None = None,
        turn: Turn | None = None,
        extras: Callable[[], dict[str, Extra]] = dict,
    ) -> None:
        self._bridge = bridge
        self._memories = memories
        self._me = str(user_id)
        self._space = space
        self._outbox = outbox
        self._turn = turn
        self._extras = extras
        self._shown: list[int] = []
        self.finished = False
        self.failure: Exception | None = None

    # ---- what Mem0 writes

    def insert(
        self,
        vectors: Sequence[Sequence[float] | None],
        payloads: Sequence[dict[str, Any]] | None = None,
        ids: Sequence[str] | None = None,
    ) -> None:
        """All or nothing. Raises PermissionError for rows of somebody else, HoldLost, DataError."""
        if self.failure is not None:  # Mem0 tries again row by row, which would end the turn with the first of them
            raise self.failure
        given = payloads or [{} for _ in vectors]
        names: Sequence[str | None] = ids or [None for _ in vectors]
        facts = [self._fact(*each) for each in zip(vectors, given, names, strict=True)]
        try:
            self._bridge.run(self._store([fact for fact in facts if fact.content.strip()]))
        except Exception as error:
            self.failure = error
            raise

    async def _store(self, facts: Sequence[Fact]) -> None:
        if self._turn is None or self._outbox is None:
            for fact in facts:
                await self._memories.remember(fact)
        elif not await self._outbox.finish(self._turn, facts):
            raise HoldLost
        self.finished = True

    def _fact(self, vector: Sequence[float] | None, payload: dict[str, Any], mem0_id: str | None) -> Fact:
        self._only_mine(payload)
        content = str(payload.get("data", ""))
        extra = self._extras().get(str(payload.get("hash", "")))
        stated = payload.get("memory_type")
        kind = extra.memory_type if extra else MemoryType(stated) if stated in set(MemoryType) else MemoryType.OTHER
        replaced = [self._shown[int(number)] for number in extra.supersedes if self._is_shown(number)] if extra else []
        kept = {key: value for key, value in payload.items() if key in {"attributed_to", "role", "expiration_date"}}
        space = self._space
        if vector is None:  # the model's embeddings are out of order: found at once all the same, and improved later
            vector, space = builtin_embedder.embed(content), builtin_embedder.SPACE
        return Fact(
            content,
            kind,
            Source.CHAT,
            kept,
            vector,
            space if vector is not None else None,
            tuple(replaced),
            UUID(mem0_id) if mem0_id else None,
            datetime.now(UTC) + CONTEXT_KEPT if kind is MemoryType.CONTEXT else None,
        )

    def _is_shown(self, number: str) -> bool:
        return number.isascii() and number.isdecimal() and len(number) < 5 and int(number) < len(self._shown)

    def update(
        self, vector_id: str, vector: Sequence[float] | None = None, payload: dict[str, Any] | None = None
    ) -> None:
        """Another text or type. Raises PermissionError, NotFound."""
        payload = payload or {}
        self._only_mine(payload)

        async def work() -> None:
            memory = await self._memory(vector_id)
            stated = payload.get("memory_type")
            kind = MemoryType(stated) if stated in set(MemoryType) else memory.memory_type
            await self._memories.edit(
                memory, str(payload.get("data") or memory.content), kind, vector, self._space if vector else None
            )

        self._bridge.run(work())

    def delete(self, vector_id: str) -> None:
        """Forget one memory; what is not there is not missed."""

        async def work() -> None:
            try:
                await self._memories.forget([(await self._memory(vector_id)).id])
            except NotFound:
                return

        self._bridge.run(work())

    # ---- what Mem0 reads

    def search(
        self, query: str, vectors: Sequence[float] | None, top_k: int = 5, filters: dict[str, Any] | None = None
    ) -> list[Found]:
        """The nearest live memories; without a vector of the model's those that fit by words and pieces of words."""
        if not self._mine(filters):
            return []
        space = self._space
        if vectors is None:
            vectors, space = builtin_embedder.embed(query), builtin_embedder.SPACE
        rows = self._bridge.run(self._memories.search(vectors, telling(query), top_k, space=space))
        self._shown = [memory.id for memory, _, _ in rows]
        return [_found(memory, 0.3 if distance is None else max(0.0, 1 - distance)) for memory, distance, _ in rows]

    def keyword_search(self, query: str, top_k: int = 5, filters: dict[str, Any] | None = None) -> None:
        """Nothing of its own: `search` counts words already."""
        return

    def search_batch(
        self, queries: list[str], vectors_list: list[Any], top_k: int = 5, filters: dict[str, Any] | None = None
    ) -> list[list[Found]]:
        """`search` for each."""
        return [self.search(query, vector, top_k, filters) for query, vector in zip(queries, vectors_list, strict=True)]

    def get(self, vector_id: str) -> Found | None:
        """One memory by our id or by Mem0's; None when it is not there, or not mine."""
        try:
            return _found(self._bridge.run(self._memory(vector_id)), 1.0)
        except NotFound:
            return None

    def list(self, filters: dict[str, Any] | None = None, top_k: int | None = None) -> Any:
        """The newest live ones, in a list of their own, as Mem0 expects it."""
        if not self._mine(filters):
            return [[]]
        rows = self._bridge.run(self._memories.newest(limit=top_k or 100))
        return [[_found(memory, 1.0) for memory in rows if memory.live]]

    async def _memory(self, vector_id: str) -> Memory:
        if vector_id.isascii() and vector_id.isdecimal() and len(vector_id) < 19:
            return await self._memories.get(int(vector_id))
        try:
            return await self._memories.by_mem0_id(UUID(vector_id))
        except ValueError as error:
            raise NotFound("This memory is no longer there.") from error

    # ---- collections: there is one, and it is not Mem0's to make or remove

    def create_col(self, *_: Any, **__: Any) -> None:
        """The table is there."""

    def list_cols(self) -> Any:
        return ["memories"]

    def col_info(self) -> dict[str, Any]:
        return {"name": "memories"}

    def delete_col(self) -> None:
        raise PermissionError("the table of memories is not Mem0's to remove")

    def reset(self) -> None:
        raise PermissionError("the table of memories is not Mem0's to empty")

    # ---- whose

    def _mine(self, filters: dict[str, Any] | None) -> bool:
        return bool((filters or {}).get("user_id", self._me) == self._me)

    def _only_mine(self, payload: dict[str, Any]) -> None:
        if payload.get("user_id", self._me) != self._me:
            raise PermissionError("memories are kept for the signed-in user only")


@dataclass
class Mem0Embedder:
    """Mem0's embedder. Answers None where the model gives no vector, instead of losing what it was for."""

    bridge: Bridge
    embedder: OpenAIEmbedder
    config: Any = field(default=None)

    def embed(self, text: str, memory_action: str | None = None) -> list[float] | None:
        return self.embed_batch([text])[0]

    def embed_batch(self, texts: list[str], memory_action: str | None = None) -> list[list[float] | None]:
        try:
            return [*self.bridge.run(self.embedder.embed(texts))]
        except (EmbeddingFailed, TimeoutError):
            return [None for _ in texts]


def _found(memory: Memory, score: float) -> Found:
    payload = {
        **{key: value for key, value in memory.metadata.items() if isinstance(key, str) and key != "history"},
        "data": memory.content,
        "hash": hashlib.md5(memory.content.encode(errors="replace"), usedforsecurity=False).hexdigest(),
        "memory_type": memory.memory_type.value,
        "created_at": memory.created_at.isoformat(),
        "updated_at": memory.updated_at.isoformat(),
    }
    return Found(str(memory.id), score, payload)


DATABASE_TROUBLE = (DataError, HoldLost, PermissionError)
