"""Messages and calls as the transcript shows them."""

from __future__ import annotations

import json

from tripsage_tui.assistant.dialogue import Dialogue
from tripsage_tui.assistant.enclosures import enclosed, in_words
from tripsage_tui.models.chats import CallStatus, ChatMessage, Decision, MessageStatus, Role, Spoken, StoredCall
from tripsage_tui.screens.chat_results import result_text
from tripsage_tui.widgets.utterance import CallLine, Utterance

_ENDS = {
    MessageStatus.STOPPED: "stopped",
    MessageStatus.INTERRUPTED: "interrupted",
    MessageStatus.LENGTH: "cut at the model's limit",
    MessageStatus.FILTERED: "blocked by the server",
    MessageStatus.FAILED: "no answer",
    MessageStatus.STREAMING: "…",
}
_DETAIL = 4_000
_TELLING = {"title", "name", "text", "query", "origin", "destination", "kind", "id"}
"""Arguments that say what a call is about; the database keeps them in no order."""


class Lines:
    """The branch that is shown; messages that are the same objects as the last time are not looked at again."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[tuple[ChatMessage, ...], tuple[int, int], bool, Utterance]] = {}

    def of(self, dialogue: Dialogue, *, asking: bool = True) -> list[Utterance]:
        """`asking`: an answer is under way, so calls that wait still do."""
        versions, before = dialogue.versions, self._made
        self._made = {}
        for message in dialogue.branch:
            key = message.first.id
            made = before.get(key)
            if made is None or made[1:3] != (versions[key], asking) or not _same(made[0], message.messages):
                said = utterance(message, versions[key], asking=asking)
                made = (message.messages, versions[key], asking, said)
            self._made[key] = made
        return [made[-1] for made in self._made.values()]


def _same(before: tuple[ChatMessage, ...], now: tuple[ChatMessage, ...]) -> bool:
    return len(before) == len(now) and all(one is other for one, other in zip(before, now, strict=True))


def utterance(message: Spoken, versions: tuple[int, int], *, asking: bool = True) -> Utterance:
    """One message; `versions` says which of how many it is."""
    about = message.last.metadata
    this, all_of_them = versions
    notes = [f"‹{this}/{all_of_them}›" if all_of_them > 1 else "", _ENDS.get(message.status, "")]
    if message.role is Role.ASSISTANT and about.get("output_tokens"):
        notes.append(f"{about['output_tokens']:,} tokens")
    used = about.get("memories") or ()
    files = in_words(enclosed(message.first.metadata))
    thinking = about.get("thinking", "")
    return Utterance(
        key=message.first.id,
        role="user" if message.role is Role.USER else "assistant",
        text=message.text or _found_by_hand(message),
        who="You" if message.role is Role.USER else "By hand" if about.get("by_hand") else _model(about),
        note=" · ".join(note for note in notes if note),
        coming=message.status is MessageStatus.STREAMING,
        thinking=thinking if isinstance(thinking, str) else "",
        calls=tuple(call_line(call, asking=asking) for call in message.calls),
        below=files or f"used {len(used)} {'memory' if len(used) == 1 else 'memories'}: m shows them"
        if files or used
        else "",
    )


def call_line(call: StoredCall, *, asking: bool = True) -> CallLine:
    """A call with how it stands, in a glyph and in words. One that nobody here is busy with has not ended."""
    denied = call.decision is Decision.DENIED
    glyph, state = {
        CallStatus.PENDING: ("?", "waits for your answer" if call.decision is Decision.ASKED else "waiting"),
        CallStatus.RUNNING: ("◌", "running"),
        CallStatus.COMPLETED: ("✓", "done"),
        CallStatus.FAILED: ("✗", "denied" if denied else call.error_message or "failed"),
    }[call.status]
    if not asking and call.status in {CallStatus.PENDING, CallStatus.RUNNING}:
        state = "was not answered" if call.status is CallStatus.PENDING else "how it ended is not known"
    shown = call.result if call.result is not None else call.error_message
    parts = [f"arguments {_json(call.arguments)}", f"result {_json(shown)}" if shown is not None else ""]
    return CallLine(call.id, glyph, f"{call.tool_name} {_brief(call.arguments)}".strip(), state, "\n".join(parts))


def _found_by_hand(message: Spoken) -> str:
    if not message.last.metadata.get("by_hand"):
        return ""
    done = [call.result for call in message.calls if call.status is CallStatus.COMPLETED]
    return "\n".join(result_text(result) for result in done)


def _model(about: dict[str, object]) -> str:
    return str(about.get("model") or "Assistant")


def _brief(arguments: object) -> str:
    """The first few values that say what a call is about."""
    given = arguments if isinstance(arguments, dict) else {}
    values = [given[name] for name in sorted(given, key=lambda name: (name not in _TELLING, str(name)))]
    words = [str(value) for value in values if isinstance(value, str | int) and str(value).strip()]
    line = " · ".join(words[:3])
    return line if len(line) <= 60 else f"{line[:59]}…"


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=1, default=str)
    return text if len(text) <= _DETAIL else f"{text[:_DETAIL]}…"
