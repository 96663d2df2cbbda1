"""Memories: every call is one statement and one round trip. Vectors travel as binary float4 arrays, never as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tripsage_tui.data.changing import Guarded
from tripsage_tui.data.constraints import UNIQUE
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import InvalidValue, NotFound
from tripsage_tui.data.forgetting import Forgetting
from tripsage_tui.data.memory_upkeep import MemoryUpkeep
from tripsage_tui.data.rows import Shape, decode
from tripsage_tui.models.memories import HISTORY_KEPT, Fact, Memory, MemoryType, WaitingTurn, content_hash

LISTED = 2000
"""Memories that a list shows; those beyond are found by searching."""

MEMORY = Shape(Memory)
TURN = Shape(WaitingTurn)

_COLUMNS = """
m.id, m.memory_type, m.content, coalesce(m.metadata, '{}') as metadata, m.created_at, m.updated_at, m.embedding_model,
m.embedding is not null as embedded, m.source, m.source_session_id, m.source_message_id, m.superseded_by, m.pinned,
m.expires_at, t.id as trip_id, t.name as trip_name
"""
_ABOUT = """
left join public.chat_sessions s on s.id = m.source_session_id
left join public.trips t on t.id = coalesce(s.trip_id, case when m.metadata->>'trip_id' ~ '^[0-9]{1,18}$'
                                                            then (m.metadata->>'trip_id')::bigint end)
"""
_MINE = "m.user_id = (select private.current_user_id()) and m.deleted_at is null"
_ROW = f"select row_to_json(x)::text from (select {_COLUMNS} from w m {_ABOUT}) x"

_LIST = f"""
select row_to_json(x)::text
from (
  select {_COLUMNS} from public.memories m {_ABOUT}
  where {_MINE} and ($1::text[] is null or m.memory_type = any ($1))
  order by m.created_at desc, m.id desc limit $2
) x
"""

_OVERVIEW = f"""
select 'memory', row_to_json(x)::text
from (
  select {_COLUMNS} from public.memories m {_ABOUT} where {_MINE} order by m.created_at desc, m.id desc limit $1
) x
union all
select 'turn', row_to_json(x)::text
from (
  select q.id, q.session_id, q.content, q.state, q.attempts, q.last_error, q.created_at, q.available_at
  from public.session_memories q
  where q.user_id = (select private.current_user_id()) and q.state in ('pending', 'working', 'failed')
  order by q.id desc limit $1
) x
"""

_GET = f"""
select row_to_json(x)::text from (select {_COLUMNS} from public.memories m {_ABOUT} where m.id = $1 and {_MINE}) x
"""

_BY_MEM0_ID = f"""
select row_to_json(x)::text
from (select {_COLUMNS} from public.memories m {_ABOUT} where m.mem0_id = $1 and {_MINE}) x
"""

# Whoever says the same again gets the memory that is there, made newer; what it replaces is replaced all the same.
_REMEMBER = f"""
with w as (
  insert into public.memories as o (user_id, memory_type, content, content_hash, source, metadata, expires_at,
                                    embedding, embedding_model, mem0_id)
  values (private.current_user_id(), $1, $2, $3, $4, $5::text::jsonb, $6, $7::real[]::extensions.vector, $8, $10)
  on conflict (user_id, content_hash) where deleted_at is null and superseded_by is null
  do update set memory_type = o.memory_type
  returning *
), replaced as (
  update public.memories m set superseded_by = w.id from w
  where m.id = any ($9::bigint[]) and m.id <> w.id and m.superseded_by is null and m.deleted_at is null
)
{_ROW}
"""

_SEARCH = f"""
select row_to_json(x)::text, found.distance, found.score
from public.search_memories($1::real[]::extensions.vector, $2, $3, $4::text[], $5, $6) found
cross join lateral (select o.* from public.memories o where o.id = found.id limit 1) m {_ABOUT}
cross join lateral (select {_COLUMNS}) x
order by found.score desc, m.pinned desc, m.updated_at desc, m.id desc
"""

_EDIT = f"""
with w as (
  update public.memories m set
    content = $3, content_hash = $4, memory_type = $5,
    metadata = case when m.content = $3 then m.metadata else
      coalesce(m.metadata, '{{}}') || jsonb_build_object('history', (
        select jsonb_agg(e.entry order by e.place) from (
          select h.entry, h.place
          from jsonb_array_elements(
            case jsonb_typeof(m.metadata->'history') when 'array' then m.metadata->'history' else '[]' end
            || jsonb_build_array(jsonb_build_object('content', m.content, 'until', statement_timestamp()))
          ) with ordinality as h (entry, place)
          order by h.place desc limit {HISTORY_KEPT}
        ) e)) end,
    embedding = case when m.content = $3 then m.embedding else $6::real[]::extensions.vector end,
    embedding_model = case when m.content = $3 then m.embedding_model else $7 end
  where m.id = $1 and coalesce(m.updated_at, 'epoch') = $2 and {_MINE}
  returning *
)
{_ROW}
"""

_SUPERSEDE = f"""
with w as (
  update public.memories m set superseded_by = $2
  where m.id = any ($1::bigint[]) and m.id <> $2 and m.superseded_by is null and {_MINE}
    and exists (select from public.memories n where n.id = $2 and n.superseded_by is null and n.deleted_at is null)
  returning *
)
{_ROW}
"""

_REVIVE = """
update public.memories set superseded_by = null
where id = any ($1::bigint[]) and superseded_by is not null and deleted_at is null
"""

_PIN = "update public.memories set pinned = $2 where id = any ($1::bigint[]) and pinned <> $2 returning id"

_EXPORT = """
select coalesce(jsonb_agg(to_jsonb(m) - '{search,embedding_half,embedding,user_id}'::text[] order by m.id), '[]')::text
from public.memories m
where m.user_id = (select private.current_user_id()) and m.deleted_at is null
"""


class MemoryRepository(Guarded[Memory], Forgetting, MemoryUpkeep):
    """The memories of the signed-in user; errors are those of `data.errors`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, types: Sequence[MemoryType] | None = None, limit: int = LISTED) -> list[Memory]:
        """The newest first, replaced ones included."""
        rows = await self._database.fetch(_LIST, _names(types), limit, name="memories.list")
        return [MEMORY.from_text(text) for (text,) in rows]

    async def overview(self) -> tuple[list[Memory], list[WaitingTurn]]:
        """All that a screen shows: memories, replaced ones included, and turns that wait, newest first."""
        rows = await self._database.fetch(_OVERVIEW, LISTED, name="memories.overview")
        memories = [MEMORY.from_text(text) for kind, text in rows if kind == "memory"]
        return memories, [TURN.from_text(text) for kind, text in rows if kind == "turn"]

    async def get(self, row_id: int) -> Memory:
        """One memory. Raises NotFound."""
        text = await self._database.fetchval(_GET, row_id, name="memories.get")
        if text is None:
            raise NotFound("This memory is no longer there.")
        return MEMORY.from_text(text)

    async def by_mem0_id(self, mem0_id: UUID) -> Memory:
        """The memory that Mem0 knows by this id. Raises NotFound."""
        text = await self._database.fetchval(_BY_MEM0_ID, mem0_id, name="memories.by_mem0_id")
        if text is None:
            raise NotFound("This memory is no longer there.")
        return MEMORY.from_text(text)

    async def remember(self, fact: Fact) -> Memory:
        """Store a fact; one that is remembered already is returned as it is. Safe to repeat."""
        text = await self._database.fetchval(
            _REMEMBER,
            fact.memory_type.value,
            fact.content,
            content_hash(fact.content),
            fact.source.value,
            json.dumps(fact.metadata or {}),
            fact.expires_at,
            None if fact.vector is None else list(fact.vector),
            None if fact.vector is None else fact.space,
            list(fact.supersedes),
            fact.mem0_id,
            name="memories.remember",
            write=True,
            idempotent=True,
        )
        return MEMORY.from_text(text)

    async def search(
        self,
        vector: Sequence[float] | None,
        question: str,
        k: int,
        *,
        types: Sequence[MemoryType] | None = None,
        space: str | None = None,
        or_all: bool = False,
    ) -> list[tuple[Memory, float | None, float]]:
        """The memories that fit, best first, with cosine distance and score; `or_all`: all while they are few."""
        rows = await self._database.fetch(
            _SEARCH, None if vector is None else list(vector), question.replace("\0", " "), k, _names(types), space,
            or_all, name="memories.search",
        )  # fmt: skip
        return [(MEMORY.from_text(text), distance, score) for text, distance, score in rows]

    async def edit(
        self,
        memory: Memory,
        content: str,
        memory_type: MemoryType,
        vector: Sequence[float] | None = None,
        space: str | None = None,
    ) -> Memory:
        """Change text and type of a memory as it is known here; the old wording stays in its history.

        Another text has `vector` of `space`, or none: one that does not fit the text is worse than none.

        Raises StaleRow, NotFound, InvalidValue (this is remembered already).
        """

        async def write() -> Memory | None:
            text = await self._database.fetchval(
                _EDIT, memory.id, memory.updated_at, content, content_hash(content), memory_type.value,
                None if vector is None else list(vector), None if vector is None else space,
                name="memories.edit", write=True,
            )  # fmt: skip
            return None if text is None else MEMORY.from_text(text)

        def done(now: Memory) -> bool:
            return now.content == content and now.memory_type is memory_type

        try:
            return await self._guarded(write, memory.id, memory.updated_at, done)
        except InvalidValue as error:
            if error.sentence == UNIQUE:
                raise InvalidValue("content", "This is remembered already.") from error
            raise

    async def supersede(self, ids: Sequence[int], by: int) -> list[int]:
        """Let `by` replace others; the ids of those that it did replace."""
        rows = await self._database.fetch(
            _SUPERSEDE, list(ids), by, name="memories.supersede", write=True, idempotent=True
        )
        return [decode(text)["id"] for (text,) in rows]

    async def revive(self, ids: Sequence[int]) -> None:
        """Let replaced memories count again. Raises InvalidValue when the same is remembered anew."""
        await self._database.execute(_REVIVE, list(ids), name="memories.revive", idempotent=True)

    async def pin(self, ids: Sequence[int], pinned: bool) -> list[int]:
        """Pin or unpin; the ids of those that changed."""
        rows = await self._database.fetch(_PIN, list(ids), pinned, name="memories.pin", write=True, idempotent=True)
        return [row[0] for row in rows]

    async def export(self) -> list[Mapping[str, Any]]:
        """Every memory as stored, without vectors."""
        rows: list[Mapping[str, Any]] = json.loads(await self._database.fetchval(_EXPORT, name="memories.export"))
        return rows


def _names(types: Sequence[MemoryType] | None) -> Sequence[str] | None:
    return None if types is None else [kind.value for kind in types]
