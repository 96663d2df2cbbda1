"""The outbox of the memory: turns of conversations that wait in `session_memories` until they are read for facts.

A turn is `pending`, then `working` while somebody reads it, then `done`, or `failed` when it was given up. Within a
conversation they are read in order, one at a time. Who reads a turn holds it for `LEASE` seconds and stores what was
found together with the `done`, in one statement: whatever dies in between, each fact is there once in the end.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tripsage_tui.data.database import Database
from tripsage_tui.models.memories import Fact, content_hash, parts_of_turn

LEASE = 300
"""Seconds after which a turn that somebody took may be taken by another."""

_NOTE = """
insert into public.session_memories (session_id, user_id, content, role, message_id, state, metadata)
select $1, private.current_user_id(), p.part, $3, $4, case when $3 = 'user' then 'pending' else 'done' end,
       jsonb_build_object('part', p.n)
from unnest($2::text[]) with ordinality as p (part, n)
where $4::bigint is null
   or not exists (select from public.session_memories q where q.message_id = $4
                  and q.user_id = (select private.current_user_id()))
order by p.n
returning id
"""

_CLAIM = f"""
update public.session_memories w
set state = 'working', attempts = w.attempts + 1, available_at = clock_timestamp() + interval '{LEASE} seconds'
where w.id = (
  select q.id from public.session_memories q
  where q.user_id = (select private.current_user_id()) and q.state in ('pending', 'working')
    and q.available_at <= clock_timestamp()
    and not exists (
      select from public.session_memories e
      where e.user_id = q.user_id and e.session_id = q.session_id and e.id < q.id and e.state in ('pending', 'working')
    )
  order by q.id limit 1
  for update skip locked
)
returning w.id, w.session_id, w.message_id, w.content, w.attempts, w.created_at
"""

_FACTS = """
jsonb_to_recordset($3::text::jsonb) as r (content text, content_hash text, memory_type text, metadata jsonb,
                                          embedding text, embedding_model text, mem0_id uuid, supersedes bigint[],
                                          expires_at timestamptz)
"""

# The facts, what they replace, and the end of the turn: all or nothing. Nobody else can have ended the turn, or this
# attempt would not hold it any more.
_FINISH = f"""
with facts as (
  select * from {_FACTS}
), turn as (
  update public.session_memories set state = 'done', processed_at = clock_timestamp(), last_error = null
  where id = $1 and attempts = $2 and state = 'working'
  returning id, session_id, message_id
), kept as (
  insert into public.memories as o (user_id, memory_type, content, content_hash, source, metadata, embedding,
                                    embedding_model, mem0_id, source_session_id, source_message_id, expires_at)
  select private.current_user_id(), f.memory_type, f.content, f.content_hash, 'chat', f.metadata,
         f.embedding::extensions.vector, f.embedding_model, f.mem0_id, t.session_id, t.message_id, f.expires_at
  from facts f cross join turn t
  on conflict (user_id, content_hash) where deleted_at is null and superseded_by is null
  do update set memory_type = o.memory_type
  returning id, content_hash
), replaced as (
  update public.memories m set superseded_by = n.id
  from (select k.id, unnest(f.supersedes) as old from kept k join facts f on f.content_hash = k.content_hash) n
  where m.id = n.old and m.id <> n.id and m.superseded_by is null and m.deleted_at is null
  returning m.id
)
select (select count(*) from turn), (select count(*) from kept), (select count(*) from replaced)
"""

_PUT_BACK = """
update public.session_memories
set state = case when $5 then 'failed' else 'pending' end, last_error = $3, attempts = greatest(attempts - $6, 0),
    available_at = clock_timestamp() + make_interval(secs => $4)
where id = $1 and attempts = $2 and state = 'working'
"""

_RELEASE = """
update public.session_memories set state = 'pending', available_at = clock_timestamp()
where user_id = (select private.current_user_id()) and state = 'working'
"""

_RETRY = """
update public.session_memories set state = 'pending', attempts = 0, available_at = clock_timestamp()
where user_id = (select private.current_user_id()) and state in ('pending', 'failed')
  and ($1::bigint[] is null or id = any ($1))
"""

_DISCARD = """
delete from public.session_memories
where id = any ($1::bigint[]) and state in ('pending', 'failed') returning to_jsonb(session_memories)::text
"""

_STORED = (
    "id, session_id, user_id, content, embedding, metadata, created_at, embedding_model, role, message_id, state, "
    "attempts, last_error, available_at, processed_at"
)
_RESTORE = f"""
insert into public.session_memories ({_STORED}) overriding system value
select {", ".join("r." + name for name in _STORED.split(", "))}
from jsonb_populate_recordset(null::public.session_memories, $1::text::jsonb) r
on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that this attempt holds; `attempts` counts it in and is what proves the hold."""

    id: int
    session_id: UUID
    message_id: int | None
    content: str
    attempts: int
    said_at: datetime


class Outbox:
    """The turns of the signed-in user; errors are those of `data.errors`. Each call is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, session_id: UUID, role: str, text: str, *, message_id: int | None = None) -> list[int]:
        """Keep a turn of a conversation. Only what the user said waits to be read; others are kept as they are.

        Noting a message twice keeps it once. Returns the ids of its rows.
        """
        parts = parts_of_turn(text.replace("\0", " "))
        if not parts:
            return []
        rows = await self._database.fetch(
            _NOTE, session_id, parts, role, message_id,
            name="outbox.note", write=True, idempotent=message_id is not None,
        )  # fmt: skip
        return [row[0] for row in rows]

    async def claim(self) -> Turn | None:
        """Hold the next turn that may be read, None when there is none."""
        row = await self._database.fetchrow(_CLAIM, name="outbox.claim", write=True, idempotent=True)
        return None if row is None else Turn(*row)

    async def finish(self, turn: Turn, facts: Sequence[Fact]) -> bool:
        """Store what was found and end the turn; False when the hold was lost, and nothing was stored."""
        unique = {content_hash(fact.content): fact for fact in reversed(facts)}
        rows = json.dumps([_row(hash_, fact) for hash_, fact in unique.items()])
        row = await self._database.fetchrow(
            _FINISH, turn.id, turn.attempts, rows, name="outbox.finish", write=True, idempotent=True
        )
        return row is not None and row[0] == 1

    async def put_back(self, turn: Turn, error: str, wait: float, *, give_up: bool, blameless: bool = False) -> None:
        """Let a turn that could not be read wait `wait` seconds, or give it up until somebody asks for it.

        `blameless`: it was not the turn's fault, and the attempt does not count.
        """
        await self._database.execute(
            _PUT_BACK, turn.id, turn.attempts, error[:500], float(wait), give_up, int(blameless),
            name="outbox.put_back", idempotent=True,
        )  # fmt: skip

    async def release(self) -> None:
        """Free what somebody held who is gone; for whoever knows to be the only reader."""
        await self._database.execute(_RELEASE, name="outbox.release", idempotent=True)

    async def retry(self, ids: Sequence[int] | None = None) -> None:
        """Read these turns (or all) as soon as possible, also those that were given up."""
        await self._database.execute(_RETRY, None if ids is None else list(ids), name="outbox.retry", idempotent=True)

    async def discard(self, ids: Sequence[int]) -> list[str]:
        """Remove turns that wait; what `restore` needs to put them back."""
        rows = await self._database.fetch(_DISCARD, list(ids), name="outbox.discard", write=True)
        return [row[0] for row in rows]

    async def restore(self, rows: Sequence[str]) -> None:
        """Put removed turns back, with their ids."""
        await self._database.execute(_RESTORE, f"[{','.join(rows)}]", name="outbox.restore", idempotent=True)


def _row(hash_: str, fact: Fact) -> dict[str, Any]:
    vector = fact.vector
    return {
        "content": fact.content,
        "content_hash": hash_,
        "memory_type": fact.memory_type.value,
        "metadata": fact.metadata or {},
        "embedding": None if vector is None else "[" + ",".join(map(repr, vector)) + "]",
        "embedding_model": None if vector is None else fact.space,
        "mem0_id": str(fact.mem0_id) if fact.mem0_id else None,
        "supersedes": list(fact.supersedes),
        "expires_at": fact.expires_at.isoformat() if fact.expires_at else None,
    }
