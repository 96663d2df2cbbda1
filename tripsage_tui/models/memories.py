"""What is remembered about a traveller: facts, where they come from, what replaced them, and turns still to be read."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tripsage_tui.models.text import InputError, clean_input
from tripsage_tui.models.trips import Record

LONGEST_FACT = 2000
"""Characters of a fact; anything longer is a text and not a fact."""
TURN_LIMIT = 8192
"""Characters of one row of the outbox; longer turns take several rows."""
HISTORY_KEPT = 20
"""Earlier wordings that are kept with a memory."""


class MemoryType(StrEnum):
    """What a memory is about; the values are the database's."""

    PREFERENCE = "user_preference"
    TRIP_HISTORY = "trip_history"
    SEARCH_PATTERN = "search_pattern"
    CONTEXT = "conversation_context"
    OTHER = "other"

    @property
    def heading(self) -> str:
        """What a group of these is called."""
        return _HEADINGS[self]


_HEADINGS = {
    MemoryType.PREFERENCE: "Preferences",
    MemoryType.TRIP_HISTORY: "Trips so far",
    MemoryType.SEARCH_PATTERN: "What you search for",
    MemoryType.CONTEXT: "From conversations",
    MemoryType.OTHER: "Other facts",
}


class Source(StrEnum):
    """Where a memory comes from, in `memories.source`; rows of other programs may name others or none."""

    HAND = "hand"
    CHAT = "chat"
    TRIP = "trip"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Wording:
    """How a memory read until it was edited."""

    content: str
    until: datetime | None


class Memory(Record):
    """A row of `memories` with what is known about its source. `metadata` is whatever was stored there."""

    id: int
    memory_type: MemoryType
    content: str
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    embedding_model: str | None
    embedded: bool
    """Whether it has a vector and can be found by meaning."""
    source: str | None
    source_session_id: UUID | None
    source_message_id: int | None
    superseded_by: int | None
    """The newer memory that replaced this one."""
    pinned: bool
    expires_at: datetime | None = None
    trip_id: int | None = None
    trip_name: str | None = None

    @property
    def live(self) -> bool:
        """Whether it counts; one that was replaced is only shown."""
        return self.superseded_by is None

    @property
    def earlier(self) -> tuple[Wording, ...]:
        """Earlier wordings, newest first; entries of other programs that cannot be read are left out."""
        entries = self.metadata.get("history")
        found = (_wording(entry) for entry in (entries if isinstance(entries, list) else ()))
        return tuple(reversed([wording for wording in found if wording is not None]))


def _wording(entry: object) -> Wording | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("content"), str):
        return None
    try:
        until = datetime.fromisoformat(str(entry.get("until")))
    except ValueError:
        until = None
    return Wording(entry["content"], until if until is not None and until.tzinfo else None)


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory that fits a question. `distance` is the cosine distance (0 the same, up to 2), None without vectors."""

    memory: Memory
    distance: float | None
    score: float


class WaitingTurn(Record):
    """A turn of a conversation that has not been read for facts yet."""

    id: int
    session_id: UUID
    content: str
    state: str
    """pending, working, or failed: given up until somebody asks for another try."""
    attempts: int
    last_error: str | None
    created_at: datetime
    available_at: datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to remember. `vector` of `space` where one is at hand; `supersedes` are ids that it replaces."""

    content: str
    memory_type: MemoryType = MemoryType.OTHER
    source: Source = Source.HAND
    metadata: dict[str, Any] | None = None
    vector: Sequence[float] | None = None
    space: str | None = None
    supersedes: tuple[int, ...] = ()
    mem0_id: UUID | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is still to be done: turns to read, turns given up, memories without a vector of the space in use."""

    turns: int = 0
    failed: int = 0
    vectors: int = 0
    next_at: datetime | None = None
    """When the next turn may be tried (again)."""


def content_hash(text: str) -> str:
    """The same for texts that differ only in case, white space, Unicode form or a full stop at the end."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(".! ")
    return hashlib.sha256(folded.encode(errors="surrogatepass")).hexdigest()


def read_fact(text: str) -> str:
    """What somebody typed, as it is stored: on one line. Raises InputError."""
    fact = " ".join(clean_input(text, LONGEST_FACT).split())
    if not fact:
        raise InputError("Type what to remember.")
    return fact


def parts_of_turn(text: str) -> list[str]:
    """A turn in pieces that fit into rows, cut at white space where there is some; nothing of it is lost."""
    parts: list[str] = []
    rest = text
    while len(rest) > TURN_LIMIT:
        cut = max(rest.rfind(" ", 0, TURN_LIMIT), rest.rfind("\n", 0, TURN_LIMIT)) + 1 or TURN_LIMIT
        parts.append(rest[:cut])
        rest = rest[cut:]
    return [*parts, rest] if rest.strip() else parts
