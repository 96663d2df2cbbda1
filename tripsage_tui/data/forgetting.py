"""Removing memories, and putting them back as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import NotFound, StaleRow

# What a memory replaced goes with it; whole rows come back, so that nothing is lost when it is taken back. A trip
# whose summary was forgotten is not summarised again: a row without content remembers that.
_FORGET = """
with recursive chain as (
  select m.id from public.memories m where m.id = any ($1::bigint[])
  union
  select o.id from public.memories o join chain c on o.superseded_by = c.id
), gone as (
  delete from public.memories m using chain c where m.id = c.id returning m.*
), told as (
  insert into public.memories (user_id, memory_type, content, source, metadata, deleted_at)
  select g.user_id, 'trip_history', '', 'trip', jsonb_build_object('trip_id', g.metadata->'trip_id'),
         statement_timestamp()
  from gone g where g.source = 'trip' and g.metadata ? 'trip_id' and g.deleted_at is null
)
select coalesce(jsonb_agg(to_jsonb(g) - 'search' - 'embedding_half'), '[]')::text, count(*) from gone g
"""

_STORED = (
    "id, user_id, memory_type, content, embedding, metadata, created_at, updated_at, embedding_model, content_hash, "
    "mem0_id, source, source_session_id, source_message_id, superseded_by, pinned, expires_at, deleted_at"
)
_RESTORE = f"""
insert into public.memories ({_STORED}) overriding system value
select {", ".join("r." + name for name in _STORED.split(", "))}
from jsonb_populate_recordset(null::public.memories, $1::text::jsonb) r
on conflict do nothing
"""

_FORGET_ALL = """
with gone as (
  delete from public.memories m where m.user_id = (select private.current_user_id()) returning m.*
), turns as (
  delete from public.session_memories q where q.user_id = (select private.current_user_id()) returning q.id
), told as (
  insert into public.memories (user_id, memory_type, content, source, metadata, deleted_at)
  select distinct on (g.metadata->'trip_id') g.user_id, 'trip_history', '', 'trip',
         jsonb_build_object('trip_id', g.metadata->'trip_id'), statement_timestamp()
  from gone g where g.source = 'trip' and g.metadata ? 'trip_id'
)
select (select count(*) from gone where deleted_at is null), (select count(*) from turns)
"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed: how many memories, and the rows as `restore` takes them back."""

    count: int
    rows: str


class Forgetting:
    """The part of the memories' repository that removes; errors are those of `data.errors`."""

    _database: Database

    async def forget(self, ids: Sequence[int]) -> Forgotten:
        """Remove memories, and what they had replaced."""
        row = await self._database.fetchrow(_FORGET, list(ids), name="memories.forget", write=True)
        return Forgotten(0, "[]") if row is None else Forgotten(row[1], row[0])

    async def restore(self, forgotten: Forgotten) -> None:
        """Put removed memories back, with their ids. Raises StaleRow when the same was remembered anew meanwhile."""
        anew = StaleRow(None, "Not all of it was brought back: the same is remembered anew.")
        try:
            tag = await self._database.execute(_RESTORE, forgotten.rows, name="memories.restore", idempotent=True)
        except NotFound as error:  # what replaced it could not come back, and so it could not either
            raise anew from error
        if not tag.endswith(f" {forgotten.count}"):
            raise anew

    async def forget_all(self) -> tuple[int, int]:
        """Remove all memories and all turns; how many of each. Cannot be taken back."""
        row = await self._database.fetchrow(_FORGET_ALL, name="memories.forget_all", write=True, idempotent=True)
        return (0, 0) if row is None else (row[0], row[1])
