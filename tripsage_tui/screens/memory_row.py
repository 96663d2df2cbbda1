"""How Memory mode shows one memory or one turn: the columns, and the details beside the list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tripsage_tui.memory.builtin_embedder import SPACE
from tripsage_tui.models.memories import Memory, Source, WaitingTurn
from tripsage_tui.models.memory_list import replaced_by, source_in_words
from tripsage_tui.models.when import format_date
from tripsage_tui.widgets.columns import Cell, Column, Look
from tripsage_tui.widgets.detail_pane import Block, Fact, Text

COLUMNS = (
    Column("", 1, 1, rank=8),
    Column("Memory", 24, 160, rank=9, good=60),
    Column("From", 6, 22, rank=4),
    Column("Since", 6, 11, rank=5),
)
FOUND_COLUMNS = (*COLUMNS, Column("Distance", 8, 8, rank=6, right=True))
_SHORT = {Source.HAND: "hand", Source.CHAT: "chat", Source.TRIP: "trip", Source.SEARCH: "search"}


def memory_cells(
    memory: Memory, now: datetime, space: str, *, marked: bool, searching: bool, distance: float | None
) -> tuple[Cell, ...]:
    """Marks: `✓` marked, `*` pinned, `~` waits for its vector, `‹` replaced."""
    sign = "✓" if marked else "*" if memory.pinned else "‹" if not memory.live else "~" if waits(memory, space) else " "
    look: Look = "" if memory.live else "muted"
    words = source_in_words(memory)
    short = _SHORT.get(Source(memory.source)) if memory.source in set(Source) else "other"
    since = _day(memory.created_at, now)
    cells = (
        Cell(sign, "strong" if marked or memory.pinned else "muted"),
        Cell(memory.content, look),
        Cell(words, "muted", short or ""),
        Cell(since, "muted", _short_day(memory.created_at, now)),
    )
    return (*cells, Cell("by words" if distance is None else f"{distance:.2f}", "muted")) if searching else cells


def turn_cells(turn: WaitingTurn, now: datetime) -> tuple[Cell, ...]:
    """A turn that was not read yet: `…`, or `!` when it was given up."""
    failed = turn.state == "failed"
    since = _day(turn.created_at, now)
    return (
        Cell("!" if failed else "…", "bad" if failed else "warn"),
        Cell(turn.content, "muted"),
        Cell("said in a conversation", "muted", "said"),
        Cell(since, "muted", _short_day(turn.created_at, now)),
    )


def waits(memory: Memory, space: str) -> bool:
    """Whether a memory has no vector of the space in use yet."""
    return memory.live and (not memory.embedded or (memory.embedding_model == SPACE and space != SPACE))


def memory_details(memory: Memory, known: Mapping[int, Memory], now: datetime, space: str) -> list[Block]:
    """Everything that is known about a memory: where from, since when, what it replaced, how it read before."""
    blocks: list[Block] = [Text(memory.content, "title"), Text("")]
    if memory.superseded_by is not None:
        newer = known.get(memory.superseded_by)
        blocks += [Text("Replaced by", "heading"), Text(newer.content if newer else "a newer memory"), Text("")]
    blocks += [
        Fact("About", memory.memory_type.heading.lower()),
        Fact("From", source_in_words(memory)),
        Fact("Since", _moment(memory.created_at, now)),
    ]
    if memory.updated_at.date() != memory.created_at.date():
        blocks.append(Fact("Changed", _moment(memory.updated_at, now)))
    if memory.pinned:
        blocks.append(Fact("Pinned", "comes before all others", "strong"))
    if memory.expires_at is not None:
        blocks.append(Fact("Until", _moment(memory.expires_at, now)))
    blocks.append(_vector(memory, space))
    if replaced := replaced_by(memory, known):
        blocks += [Text(""), Text("Replaced", "heading")]
        blocks += [Text(f"{_moment(old.created_at, now)}: {old.content}") for old in replaced]
    if memory.earlier:
        blocks += [Text(""), Text("Read before", "heading")]
        blocks += [
            Text(f"until {_moment(old.until, now)}: {old.content}" if old.until else old.content)
            for old in memory.earlier
        ]
    return blocks


def _vector(memory: Memory, space: str) -> Fact:
    if not memory.embedded:
        return Fact("Vector", "none yet: it is found by its words", "warn")
    name = "built in" if memory.embedding_model == SPACE else (memory.embedding_model or "of an unknown model")
    if waits(memory, space):
        return Fact("Vector", f"{name}; waits for {space}", "warn")
    return Fact("Vector", name)


def turn_details(turn: WaitingTurn, now: datetime, hint: str) -> list[Block]:
    """A turn that was not read yet, and why."""
    states = {"working": "is being read now", "failed": "was given up: R reads it again"}
    blocks: list[Block] = [
        Text(turn.content),
        Text(""),
        Fact("Said", _moment(turn.created_at, now)),
        Fact(
            "State", states.get(turn.state, "waits to be read for facts"), "bad" if turn.state == "failed" else "warn"
        ),
    ]
    if turn.attempts:
        blocks.append(Fact("Tries", str(turn.attempts)))
    if turn.last_error:
        blocks.append(Fact("Problem", turn.last_error, "bad"))
    return [*blocks, Text(""), Text(hint, "muted")] if hint else blocks


def _day(moment: datetime, now: datetime) -> str:
    return format_date(moment.astimezone(now.tzinfo).date(), now.date(), weekday=False)


def _short_day(moment: datetime, now: datetime) -> str:
    day = moment.astimezone(now.tzinfo).date()
    return format_date(day, day, weekday=False)


def _moment(moment: datetime, now: datetime) -> str:
    return f"{_day(moment, now)} {moment.astimezone(now.tzinfo):%H:%M}"
