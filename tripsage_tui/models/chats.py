"""Conversations: sessions, messages as a tree, the calls that answers made.

A content longer than the schema allows is stored in several messages, each the parent of the next (`part` in their
metadata counts them), and read as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tripsage_tui.models.trips import Record

CONTENT_LIMIT = 32_768
"""Characters of one stored message."""
TITLE_LIMIT = 200


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class MessageStatus(StrEnum):
    """How a message came to its end; the values are the database's."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    LENGTH = "length"
    FILTERED = "filtered"
    FAILED = "failed"

    @property
    def can_go_on(self) -> bool:
        """Whether there may be more to say."""
        return self in {MessageStatus.STOPPED, MessageStatus.INTERRUPTED, MessageStatus.LENGTH}


class CallStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Decision(StrEnum):
    """What the user said to a call; reads are not asked about."""

    NONE = "none"
    ASKED = "asked"
    ONCE = "once"
    SESSION = "session"
    DENIED = "denied"


class StoredCall(Record):
    """A row of `chat_tool_calls`."""

    id: int
    message_id: int
    tool_id: str
    tool_name: str
    position: int = 0
    arguments: Any = None
    result: Any = None
    status: CallStatus = CallStatus.PENDING
    decision: Decision = Decision.NONE
    error_message: str | None = None
    created_at: datetime
    completed_at: datetime | None = None


class ChatMessage(Record):
    """A row of `chat_messages`, with the calls it made."""

    id: int
    session_id: UUID
    parent_id: int | None = None
    role: Role
    content: str
    status: MessageStatus = MessageStatus.COMPLETE
    created_at: datetime
    updated_at: datetime
    metadata: dict[str, Any] = {}  # noqa: RUF012  pydantic copies it
    calls: tuple[StoredCall, ...] = ()

    @property
    def part(self) -> int:
        """0 for a message of its own; how many parts went before, for the rest of a long one."""
        part = self.metadata.get("part", 0)
        return part if isinstance(part, int) else 0


class ChatSession(Record):
    """A row of `chat_sessions`."""

    id: UUID
    user_id: UUID
    trip_id: int | None = None
    title: str | None = None
    active_message_id: int | None = None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    deleted_at: datetime | None = None
    metadata: dict[str, Any] = {}  # noqa: RUF012  pydantic copies it
    messages: int = 0


class Conversation(Record):
    """A session with all its messages, in the order they were written."""

    session: ChatSession
    messages: tuple[ChatMessage, ...] = ()

    @property
    def branch(self) -> tuple[ChatMessage, ...]:
        """The messages from the first to the active one; without an active one, to the newest."""
        by_id = {message.id: message for message in self.messages}
        at = by_id.get(self.session.active_message_id or 0) or (self.messages[-1] if self.messages else None)
        path: list[ChatMessage] = []
        while at is not None:
            path.append(at)
            at = by_id.get(at.parent_id or 0)
        return tuple(reversed(path))

    @property
    def versions(self) -> dict[int, tuple[int, int]]:
        """For each message which of how many versions it is, counted from 1."""
        groups: dict[tuple[int | None, Role, int], list[int]] = {}
        for message in self.messages:
            groups.setdefault((message.parent_id, message.role, message.part), []).append(message.id)
        return {number: (place, len(group)) for group in groups.values() for place, number in enumerate(group, start=1)}

    def siblings(self, message: ChatMessage) -> tuple[ChatMessage, ...]:
        """The versions of a message, itself included, oldest first."""
        return tuple(
            other
            for other in self.messages
            if other.parent_id == message.parent_id and other.role is message.role and other.part == message.part
        )

    def newest_below(self, message: ChatMessage) -> ChatMessage:
        """Where switching to `message` leads: the newest leaf under it."""
        newest_child: dict[int, ChatMessage] = {}
        for other in self.messages:
            if other.parent_id is not None:
                newest_child[other.parent_id] = other
        while (below := newest_child.get(message.id)) is not None:
            message = below
        return message


def same_objects(conversation: Conversation, known: Iterable[ChatMessage]) -> Conversation:
    """A conversation read again in which messages that did not change are the objects that are known already."""
    there = {message.id: message for message in known}
    messages = tuple(
        before if (before := there.get(message.id)) == message and before is not None else message
        for message in conversation.messages
    )
    return conversation.model_copy(update={"messages": messages})


class Spoken(Record):
    """A message as people see it: all parts of it as one text."""

    messages: tuple[ChatMessage, ...]

    @property
    def first(self) -> ChatMessage:
        return self.messages[0]

    @property
    def last(self) -> ChatMessage:
        return self.messages[-1]

    @property
    def role(self) -> Role:
        return self.first.role

    @property
    def text(self) -> str:
        return "".join(message.content for message in self.messages)

    @property
    def status(self) -> MessageStatus:
        return self.last.status

    @property
    def calls(self) -> tuple[StoredCall, ...]:
        return tuple(call for message in self.messages for call in message.calls)


def spoken(messages: Iterable[ChatMessage]) -> tuple[Spoken, ...]:
    """A branch with the parts of long messages put together."""
    groups: list[list[ChatMessage]] = []
    for message in messages:
        if groups and message.part and groups[-1][-1].id == message.parent_id:
            groups[-1].append(message)
        else:
            groups.append([message])
    return tuple(Spoken(messages=tuple(group)) for group in groups)


def split_content(text: str, limit: int = CONTENT_LIMIT) -> list[str]:
    """A text in pieces of at most `limit` characters, cut after a line where one ends in the second half."""
    pieces: list[str] = []
    while len(text) > limit:
        cut = text.rfind("\n", limit // 2, limit) + 1 or limit
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def title_of(text: str, limit: int = 60) -> str:
    """A title from the first words of a first message."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return f"{line[:limit].rsplit(' ', 1)[0].rstrip(' ,.;:')}…"


def latest(sessions: Sequence[ChatSession]) -> list[ChatSession]:
    """Sessions, the one that was last spoken in first."""
    return sorted(sessions, key=lambda session: session.updated_at, reverse=True)
