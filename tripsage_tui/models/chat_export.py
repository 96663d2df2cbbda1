"""A conversation as a file: Markdown of the branch that is shown, JSON of all of it."""

from __future__ import annotations

import json

from tripsage_tui.models.chats import Conversation, MessageStatus, Role, Spoken, spoken
from tripsage_tui.models.showing import clean


def to_markdown(talk: Conversation) -> str:
    """The branch that is shown, one heading per message; what was called is told in a line each."""
    lines = [f"# {clean(talk.session.title or 'Conversation')}", ""]
    for message in spoken(talk.branch):
        who = "You" if message.role is Role.USER else str(message.last.metadata.get("model") or "Assistant")
        end = "" if message.status is MessageStatus.COMPLETE else f" ({message.status.value})"
        lines += [f"## {clean(who)}, {message.first.created_at:%Y-%m-%d %H:%M} UTC{end}", ""]
        lines += [f"- {clean(call.tool_name)}: {call.status.value}" for call in message.calls]
        lines += [f"- with {clean(str(name))}" for name in _files(message)]
        if lines[-1]:
            lines.append("")
        if message.text.strip():
            lines += [clean(message.text.strip()), ""]
    return "\n".join(lines)


def _files(message: Spoken) -> list[object]:
    kept = message.first.metadata.get("enclosed")
    return [row.get("name", "") for row in kept if isinstance(row, dict)] if isinstance(kept, list) else []


def to_json(talk: Conversation) -> str:
    """Everything that is stored, all branches included."""
    return json.dumps(talk.model_dump(mode="json"), ensure_ascii=False, indent=2)
