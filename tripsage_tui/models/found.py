"""What a search over everything found: which entry, where in it, when, and in which trip."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum

from tripsage_tui.models.trips import Record
from tripsage_tui.models.zones import local

WORD_LIMIT = 10
"""Words of a query that count."""
_WORD = re.compile(r"[^\W_]+")
_EXCERPT = 90
MASKED_CODE = "confirmation code ••••••"


class FoundKind(StrEnum):
    """What was found, in the order in which the groups stand; the values are the database's."""

    TRIP = "trip"
    STOP = "stop"
    FLIGHT = "flight"
    STAY = "stay"
    TRANSPORT = "transport"
    ITEM = "item"
    EXPENSE = "expense"
    NOTE = "note"
    CONVERSATION = "conversation"
    MEMORY = "memory"

    @property
    def plural(self) -> str:
        """The title of the group."""
        return {"stay": "Stays", "transport": "Transport", "item": "Things to do", "memory": "Memories"}.get(
            self.value, f"{self.value.capitalize()}s"
        )


class Found(Record):
    """One entry. `id` is the row's (a conversation's is a UUID; a note's is its trip's and its number)."""

    kind: FoundKind
    id: str
    trip_id: int | None = None
    trip_name: str = ""
    archived: bool = False
    title: str
    place: str = ""
    """The words around the match where it is not in the title; never a confirmation code."""
    day: date | None = None
    last_day: date | None = None


def words_of(text: str) -> list[str]:
    """The words of a query, at most ten; text that means the same is spelled the same."""
    return _WORD.findall(unicodedata.normalize("NFKC", text.replace("\0", " ")))[:WORD_LIMIT]


def code_of(text: str) -> str:
    """The query as a confirmation code: without spaces; empty where it is too short to be one."""
    code = "".join(text.replace("\0", "").split())
    return code if 3 <= len(code) <= 64 else ""


def day_of(at: datetime | None, *zones: str | None) -> date | None:
    """The day of an instant in the first zone that is given; in UTC without any."""
    return local(at, next((zone for zone in zones if zone), None)).date() if at else None


def place_of(title: str, more: str, words: Sequence[str]) -> str:
    """The part of `more` around the first word that is not in the title; empty when the title has them all."""
    missing = [word for word in map(folded, words) if word not in folded(title)]
    if not missing:
        return ""
    parts = [" ".join(part.split()) for part in more.split("\n")]
    for word in missing:
        for part in parts:
            if (at := folded(part).find(word)) >= 0:
                return _around(part, at)
    return ""


def grouped(found: Iterable[Found]) -> dict[FoundKind, list[Found]]:
    """By kind, in the order of the kinds; within one in the order given. Kinds without anything are left out."""
    groups: dict[FoundKind, list[Found]] = {kind: [] for kind in FoundKind}
    for each in found:
        groups[each.kind].append(each)
    return {kind: group for kind, group in groups.items() if group}


def folded(text: str) -> str:
    """Lower case without diacritics, as the database compares."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def _around(text: str, at: int) -> str:
    if len(text) <= _EXCERPT:
        return text
    start = max(at - _EXCERPT // 3, 0)
    piece = text[start : start + _EXCERPT]
    return f"{'…' if start else ''}{piece.strip()}{'…' if start + _EXCERPT < len(text) else ''}"
