"""What people call a row, and the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORDS: Mapping[str, tuple[str, str]] = {
    "trips": ("trip", "trips"),
    "trip_stops": ("stop", "stops"),
    "flights": ("flight", "flights"),
    "accommodations": ("stay", "stays"),
    "transportation": ("transport", "transports"),
    "itinerary_items": ("item", "items"),
    "legs": ("leg", "legs"),
    "travellers": ("traveller", "travellers"),
    "expenses": ("expense", "expenses"),
    "expense_shares": ("share", "shares"),
    "settlements": ("settlement", "settlements"),
    "chat_sessions": ("conversation", "conversations"),
    "chat_messages": ("message", "messages"),
    "chat_tool_calls": ("tool call", "tool calls"),
    "session_memories": ("turn", "turns"),
    "memories": ("memory", "memories"),
    "file_attachments": ("attachment", "attachments"),
}
_TITLES = ("name", "title", "place", "original_filename", "tool_name", "content")


def count_of(kind: str, number: int) -> str:
    """`1 trip`, `2 trips`."""
    return f"{number} {WORDS[kind][number != 1]}"


def title_of(kind: str, row: Mapping[str, Any]) -> str:
    """A few words that tell which row it is."""
    word = WORDS[kind][0]
    if "origin" in row:
        return f"{word} {row['origin']} → {row['destination']}"
    for name in _TITLES:
        if row.get(name):
            text = " ".join(str(row[name]).split())
            return f"{word} {text[:59]}…" if len(text) > 60 else f"{word} {text}"
    return f"{word} {row['id']}"
