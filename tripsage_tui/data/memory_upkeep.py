"""What the memories still need: vectors of a space, turns that are to be read, trips that are to be summarised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tripsage_tui.data.database import Database
from tripsage_tui.models.memories import Backlog

DIMENSIONS = 1536

# Which rows need a vector of a space: those without one, and those of other spaces that may be replaced.
_NEEDY = """
m.user_id = (select private.current_user_id()) and m.deleted_at is null and m.superseded_by is null
and (m.embedding is null or (m.embedding_model is distinct from $1 and ($2 or m.embedding_model like 'local:%')))
"""
_WITHOUT_VECTOR = f"select m.id, m.content from public.memories m where {_NEEDY} and m.id > $3 order by m.id limit $4"

# The text may have been edited while its vector was computed: then the vector is not the text's any more.
_PUT_VECTORS = f"""
update public.memories m
set embedding = (($3::real[])[(v.n - 1) * {DIMENSIONS} + 1 : v.n * {DIMENSIONS}])::extensions.vector,
    embedding_model = $4
from unnest($1::bigint[], $2::text[]) with ordinality as v (id, content, n)
where m.id = v.id and m.content = v.content
"""

_BACKLOG = f"""
select (select count(*) from public.memories m where {_NEEDY} and m.content <> '') as vectors,
       count(*) filter (where q.state in ('pending', 'working')) as turns,
       count(*) filter (where q.state = 'failed') as failed,
       min(q.available_at) filter (where q.state in ('pending', 'working')) as next_at
from public.session_memories q
where q.user_id = (select private.current_user_id()) and q.state in ('pending', 'working', 'failed')
"""

_ENDED_TRIPS = """
select t.id from public.trips t
where t.user_id = (select private.current_user_id()) and t.deleted_at is null
  and (t.status = 'completed' or (t.end_date < $1 and t.status <> 'cancelled'))
  and t.end_date > $1 - 366
  and not exists (
    select from public.memories m
    where m.user_id = t.user_id and m.source = 'trip' and m.metadata->'trip_id' = to_jsonb(t.id)
  )
order by t.end_date desc limit 20
"""


class MemoryUpkeep:
    """The part of the memories' repository that finds what is to be done, and stores vectors."""

    _database: Database

    async def backlog(self, space: str, *, replace: bool) -> Backlog:
        """What is to be done; `replace` counts vectors of all other spaces, else only those of built-in ones."""
        row = await self._database.fetchrow(_BACKLOG, space, replace, name="memories.backlog")
        return Backlog() if row is None else Backlog(row["turns"], row["failed"], row["vectors"], row["next_at"])

    async def without_vector(self, space: str, *, replace: bool, after: int, limit: int) -> list[tuple[int, str]]:
        """Memories (id, text) above the id `after` that need a vector of a space."""
        rows = await self._database.fetch(_WITHOUT_VECTOR, space, replace, after, limit, name="memories.needy")
        return [(row[0], row[1]) for row in rows]

    async def put_vectors(
        self, texts: Sequence[tuple[int, str]], vectors: Sequence[Sequence[float]], space: str
    ) -> int:
        """Store the vectors of texts; returns of how many. A text that was edited meanwhile is left out."""
        if not texts:
            return 0
        flat = [value for vector in vectors for value in vector]
        tag = await self._database.execute(
            _PUT_VECTORS, [id_ for id_, _ in texts], [text for _, text in texts], flat, space,
            name="memories.put_vectors", idempotent=True,
        )  # fmt: skip
        return int(tag.rpartition(" ")[2])

    async def trips_to_remember(self, today: datetime) -> list[int]:
        """Own trips of the last year that are over and were not summarised yet, the latest first."""
        rows = await self._database.fetch(_ENDED_TRIPS, today.date(), name="memories.ended_trips")
        return [row[0] for row in rows]
