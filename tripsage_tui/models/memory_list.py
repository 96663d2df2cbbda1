"""Memories as a list shows them: in groups by what they are about, what waits first, what was replaced last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tripsage_tui.models.memories import Memory, MemoryType, WaitingTurn

MemoryKey = tuple[str, int]
"""`("memory", id)` or `("turn", id)`."""

WAITING, FAILED, REPLACED = "Waiting to be read", "Could not be read", "Replaced by newer ones"


def grouped(memories: Iterable[Memory], turns: Iterable[WaitingTurn]) -> list[tuple[str, list[MemoryKey]]]:
    """Title and keys of each group; pinned memories stand first in theirs, then the newest. Empty groups are there."""
    live: dict[MemoryType, list[Memory]] = {kind: [] for kind in MemoryType}
    replaced: list[Memory] = []
    for memory in memories:
        (live[memory.memory_type] if memory.live else replaced).append(memory)
    waiting: dict[str, list[MemoryKey]] = {FAILED: [], WAITING: []}
    for turn in turns:
        waiting[FAILED if turn.state == "failed" else WAITING].append(("turn", turn.id))
    groups = [*waiting.items()]
    for kind, each in live.items():
        each.sort(key=lambda memory: (not memory.pinned, -memory.updated_at.timestamp()))
        groups.append((kind.heading, [("memory", memory.id) for memory in each]))
    return [*groups, (REPLACED, [("memory", memory.id) for memory in replaced])]


def replaced_by(memory: Memory, known: Mapping[int, Memory]) -> list[Memory]:
    """What a memory replaced, directly or in steps, newest first."""
    found = [memory]
    for one in found:
        found += [other for other in known.values() if other.superseded_by == one.id and other not in found]
    return sorted(found[1:], key=lambda other: other.created_at, reverse=True)


def source_in_words(memory: Memory) -> str:
    """`by hand`, `a conversation about Japan`, `the trip Japan`, or the word of whoever stored it."""
    trip = memory.trip_name
    match memory.source:
        case "hand":
            return "by hand"
        case "chat":
            return f"a conversation about {trip}" if trip else "a conversation"
        case "trip":
            return f"the trip {trip}" if trip else "a trip"
        case "search":
            return "what you searched for"
    return memory.source or ("a conversation" if memory.source_session_id else "another program")


def nearly_the_same(memory: Memory, found: Sequence[tuple[Memory, float | None]], within: float = 0.2) -> list[int]:
    """Of memories with their distances from this one: the ids of those that seem to say the same."""
    return [
        other.id for other, distance in found
        if other.id != memory.id and other.live and distance is not None and distance <= within
    ]  # fmt: skip
