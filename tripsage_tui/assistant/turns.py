"""A conversation as a model is given it, whichever wire it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tripsage_tui.assistant.events import ToolCall


@dataclass(frozen=True, slots=True)
class UserTurn:
    text: str


@dataclass(frozen=True, slots=True)
class AssistantTurn:
    """`carry` holds what the same server sent to see again (encrypted reasoning); other wires leave it out."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    carry: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a call came to, as text for the model; denied and failed calls have one too."""

    call_id: str
    text: str


Turn = UserTurn | AssistantTurn | ToolResult

UNANSWERED = '{"error": "cancelled by user"}'


def paired(turns: Sequence[Turn]) -> list[Turn]:
    """The same turns with a result for every call, right behind it, and no result without a call.

    Servers refuse a conversation in which a call has no result; a stopped or crashed answer leaves such calls.
    """
    results = {turn.call_id: turn for turn in turns if isinstance(turn, ToolResult)}
    whole: list[Turn] = []
    for turn in turns:
        if isinstance(turn, ToolResult):
            continue
        whole.append(turn)
        if isinstance(turn, AssistantTurn):
            whole.extend(results.get(call.id, ToolResult(call.id, UNANSWERED)) for call in turn.calls)
    return whole
