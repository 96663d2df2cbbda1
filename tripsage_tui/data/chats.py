"""Chat sessions, messages and tool calls of one user."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import InvalidValue, NotFound
from tripsage_tui.data.rows import Shape, decode
from tripsage_tui.models.chats import (
    CONTENT_LIMIT,
    TITLE_LIMIT,
    CallStatus,
    ChatMessage,
    ChatSession,
    Conversation,
    Decision,
    MessageStatus,
    Role,
    StoredCall,
)

SESSION = Shape(ChatSession, computed=("messages",))
MESSAGE = Shape(ChatMessage, computed=("calls",))
CALL = Shape(StoredCall)

_SESSIONS = f"""
select row_to_json(x)::text as row, x.messages
from (
  select {SESSION.json_columns("s")},
         (select count(*) from public.chat_messages m where m.session_id = s.id) as messages
  from public.chat_sessions s
  where s.user_id = private.current_user_id() and (s.deleted_at is not null) = $1
  order by s.updated_at desc, s.id
) x
"""

# Calls are gathered once for the whole session, not once per message.
_OPEN = f"""
select
  (select row_to_json(x)::text from (select {SESSION.json_columns("s")}) x) as session,
  (select json_agg(x order by x.id)::text
   from (select {MESSAGE.json_columns("m")} from public.chat_messages m where m.session_id = s.id) x) as messages,
  (select json_agg(x order by x.message_id, x.position, x.id)::text
   from (
     select {CALL.json_columns("c")}
     from public.chat_tool_calls c join public.chat_messages m on m.id = c.message_id
     where m.session_id = s.id
   ) x) as calls
from public.chat_sessions s
where s.id = $1
"""

_CREATE = f"""
with s as (
  insert into public.chat_sessions (id, user_id, trip_id, title)
  values ($1, private.current_user_id(), $2, $3)
  on conflict (id) do nothing
  returning *
)
select row_to_json(x)::text from (select {SESSION.json_columns("s")} from s) x
"""

_SET = """
update public.chat_sessions set {changes} where id = $1 returning id
"""

# The session's own row is touched too, so that it comes first in the list and knows which branch is shown.
_ADD = f"""
with m as (
  insert into public.chat_messages (session_id, parent_id, role, content, status, metadata, idempotency_key)
  values ($1, $2, $3, $4, $5, $6::jsonb, $8)
  on conflict (session_id, idempotency_key) do nothing
  returning *
), s as (
  update public.chat_sessions s
  set active_message_id = m.id, title = coalesce(s.title, $7)
  from m where s.id = m.session_id
)
select row_to_json(x)::text from (select {MESSAGE.json_columns("m")} from m) x
"""

_BY_KEY = f"""
select row_to_json(x)::text
from (
  select {MESSAGE.json_columns("m")} from public.chat_messages m where m.session_id = $1 and m.idempotency_key = $2
) x
"""

_WRITE = f"""
with m as (
  update public.chat_messages
  set content = $2, status = $3, metadata = metadata || $4::jsonb
  where id = $1
  returning *
)
select row_to_json(x)::text from (select {MESSAGE.json_columns("m")} from m) x
"""

_LEFTOVERS = """
update public.chat_messages m set status = 'interrupted'
where m.status = 'streaming' and m.updated_at < now() - make_interval(secs => $1)
returning m.id
"""

_ADD_CALL = f"""
with c as (
  insert into public.chat_tool_calls (message_id, tool_id, tool_name, position, arguments, decision)
  values ($1, $2, $3, $4, $5::jsonb, $6)
  returning *
)
select row_to_json(x)::text from (select {CALL.json_columns("c")} from c) x
"""

_SET_CALL = f"""
with c as (
  update public.chat_tool_calls
  set status = $2, decision = coalesce($3, decision), result = $4::jsonb, error_message = $5,
      completed_at = case when $2 in ('completed', 'failed') then now() end
  where id = $1
  returning *
)
select row_to_json(x)::text from (select {CALL.json_columns("c")} from c) x
"""

# Words as prefixes, all of them in one message or title; @@ cannot use an index below a policy, which is fine for
# what one person writes.
_SEARCH = f"""
with wanted as (
  select to_tsquery('simple', string_agg(quote_literal(w) || ':*', ' & ')) as q
  from unnest(tsvector_to_array(to_tsvector('simple', $1))) as w
)
select row_to_json(x)::text as row, x.messages, hit.message_id, hit.content
from wanted,
lateral (
  select {SESSION.json_columns("s")},
         (select count(*) from public.chat_messages m where m.session_id = s.id) as messages
  from public.chat_sessions s
  where s.user_id = private.current_user_id() and s.deleted_at is null
) x
left join lateral (
  select m.id as message_id, ts_headline('simple', m.content, wanted.q,
    'StartSel="", StopSel="", MaxFragments=1, MaxWords=18, MinWords=6') as content
  from public.chat_messages m
  where m.session_id = x.id and m.search @@ wanted.q
  order by m.id desc limit 1
) hit on true
where wanted.q is not null
  and (hit.message_id is not null or to_tsvector('simple', coalesce(x.title, '')) @@ wanted.q)
order by x.updated_at desc
limit $2
"""


LONG = 100_000
"""Characters from which on a conversation is read beside the event loop."""


def _read(session: str, messages: str, calls: str) -> Conversation:
    of: dict[int, list[StoredCall]] = {}
    for call in decode(calls):
        of.setdefault(call["message_id"], []).append(CALL.from_json(call))
    read = tuple(MESSAGE.from_json(each, calls=tuple(of.get(each["id"], ()))) for each in decode(messages))
    return Conversation(session=SESSION.from_text(session, messages=len(read)), messages=read)


class ChatRepository:
    """Each method is one round trip; errors are those of `data.errors`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sessions(self, *, deleted: bool = False) -> list[ChatSession]:
        """All conversations, the one last spoken in first."""
        rows = await self._database.fetch(_SESSIONS, deleted, name="chats.sessions")
        return [SESSION.from_text(row["row"], messages=row["messages"]) for row in rows]

    async def open(self, session_id: UUID) -> Conversation:
        """A conversation with all its branches. Raises NotFound."""
        row = await self._database.fetchrow(_OPEN, session_id, name="chats.open")
        if row is None:
            raise NotFound
        texts = row["session"], row["messages"] or "[]", row["calls"] or "[]"
        # A long one takes longer to read than a key may wait.
        return await asyncio.to_thread(_read, *texts) if len(texts[1]) > LONG else _read(*texts)

    async def create(
        self, *, trip_id: int | None = None, title: str | None = None, key: UUID | None = None
    ) -> ChatSession:
        """Begin a conversation; the same `key` twice begins it once."""
        session_id = key or uuid4()
        text = await self._database.fetchval(
            _CREATE, session_id, trip_id, _title(title), name="chats.create", write=True, idempotent=True
        )
        return SESSION.from_text(text, messages=0) if text is not None else (await self.open(session_id)).session

    async def add(
        self,
        session_id: UUID,
        role: Role,
        content: str,
        *,
        parent_id: int | None = None,
        status: MessageStatus = MessageStatus.COMPLETE,
        metadata: Mapping[str, Any] | None = None,
        title: str | None = None,
        key: UUID | None = None,
    ) -> ChatMessage:
        """Add a message below another and show its branch; the same `key` twice adds it once.

        `title` names a conversation that has no name yet. At most CONTENT_LIMIT characters: `split_content` makes parts
        of more.
        """
        _check(content)
        once = key or uuid4()
        text = await self._database.fetchval(
            _ADD,
            *(session_id, parent_id, role.value, content, status.value, _json(metadata or {})),
            *(_title(title), once),
            name="chats.add",
            write=True,
            idempotent=True,
        )
        if text is None:  # an attempt whose answer got lost
            text = await self._database.fetchval(_BY_KEY, session_id, once, name="chats.add")
        return _message(text)

    async def write(
        self, message_id: int, content: str, status: MessageStatus, metadata: Mapping[str, Any] | None = None
    ) -> ChatMessage:
        """What a message says by now; `metadata` is added to what it has. Doing it twice does no harm."""
        _check(content)
        text = await self._database.fetchval(
            _WRITE,
            *(message_id, content, status.value, _json(metadata or {})),
            name="chats.write",
            write=True,
            idempotent=True,
        )
        return _message(text)

    async def interrupt_leftovers(self, older_than: float = 60.0) -> int:
        """Mark answers as interrupted that nobody has written on for so many seconds; how many there were."""
        rows = await self._database.fetch(
            _LEFTOVERS, older_than, name="chats.interrupt_leftovers", write=True, idempotent=True
        )
        return len(rows)

    async def rename(self, session_id: UUID, title: str) -> None:
        await self._set(session_id, "title = $2", _title(title))

    async def bind(self, session_id: UUID, trip_id: int | None) -> None:
        """Bind a conversation to a trip, or to none."""
        await self._set(session_id, "trip_id = $2", trip_id)

    async def show(self, session_id: UUID, message_id: int) -> None:
        """Show the branch that ends with a message."""
        await self._set(session_id, "active_message_id = $2", message_id)

    async def note(self, session_id: UUID, about: Mapping[str, Any]) -> None:
        """Add to what is known about a conversation."""
        await self._set(session_id, "metadata = coalesce(metadata, '{}') || $2::text::jsonb", _json(about))

    async def end(self, session_id: UUID, *, ended: bool = True) -> None:
        await self._set(session_id, "ended_at = case when $2 then now() end", ended)

    async def delete(self, session_id: UUID, *, deleted: bool = True) -> None:
        """Put a conversation away, or bring it back."""
        await self._set(session_id, "deleted_at = case when $2 then now() end", deleted)

    async def search(self, text: str, limit: int = 50) -> list[tuple[ChatSession, str]]:
        """Conversations in whose title or messages all words begin a word, with the place of the newest match."""
        rows = await self._database.fetch(_SEARCH, _clean(text), limit, name="chats.search")
        return [(SESSION.from_text(row["row"], messages=row["messages"]), row["content"] or "") for row in rows]

    async def add_call(
        self,
        message_id: int,
        tool_id: str,
        tool_name: str,
        arguments: object,
        *,
        position: int = 0,
        decision: Decision = Decision.NONE,
    ) -> StoredCall:
        """Write down a call before anything happens."""
        text = await self._database.fetchval(
            _ADD_CALL,
            *(message_id, _clean(tool_id), _clean(tool_name), position, _json(arguments), decision.value),
            name="chats.add_call",
            write=True,
        )
        return CALL.from_text(text)

    async def set_call(
        self,
        call_id: int,
        status: CallStatus,
        *,
        decision: Decision | None = None,
        result: object = None,
        error: str | None = None,
    ) -> StoredCall:
        """What became of a call. Doing it twice does no harm."""
        text = await self._database.fetchval(
            _SET_CALL,
            *(call_id, status.value, decision.value if decision else None),
            *(None if result is None else _json(result), None if error is None else _clean(error)),
            name="chats.set_call",
            write=True,
            idempotent=True,
        )
        if text is None:
            raise NotFound
        return CALL.from_text(text)

    async def _set(self, session_id: UUID, changes: str, value: object) -> None:
        sql = _SET.replace("{changes}", changes)
        done = await self._database.fetchval(sql, session_id, value, name="chats.set", write=True, idempotent=True)
        if done is None:
            raise NotFound


def _message(text: str | None, calls: Sequence[StoredCall] = ()) -> ChatMessage:
    if text is None:
        raise NotFound
    return MESSAGE.from_text(text, calls=tuple(calls))


def _check(content: str) -> None:
    if len(content) > CONTENT_LIMIT:
        raise InvalidValue("content", f"A message holds {CONTENT_LIMIT:,} characters at most.")
    if "\0" in content:
        raise InvalidValue("content", "This text contains a NUL character, which cannot be stored.")


def _title(title: str | None) -> str | None:
    return None if title is None else _clean(title)[:TITLE_LIMIT]


def _clean(text: str) -> str:
    """Text of a model as PostgreSQL can hold it."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _json(value: object) -> str:
    """JSON that `jsonb` takes: a model may write what PostgreSQL cannot store."""
    return json.dumps(_storable(value), default=str)


def _storable(value: object) -> object:
    match value:
        case str():
            return _clean(value)
        case float() if not math.isfinite(value):
            return str(value)
        case Mapping():
            return {_clean(str(name)): _storable(part) for name, part in value.items()}
        case list() | tuple():
            return [_storable(part) for part in value]
    return value
