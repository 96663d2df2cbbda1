"""What came of a model in one round."""

from __future__ import annotations

from typing import Any

from tripsage_tui.assistant.events import Done, Text, Thinking, ToolCall
from tripsage_tui.models.chats import CONTENT_LIMIT


class Heard:
    """What came in one round."""

    def __init__(self) -> None:
        self.text = ""
        self.thinking = ""
        self.calls: list[ToolCall] = []
        self._done: Done | None = None

    def take(self, event: object) -> None:
        match event:
            case Text(delta):
                self.text += delta
            case Thinking(delta):
                self.thinking += delta
            case ToolCall():
                self.calls.append(event)
            case Done():
                self._done = event

    @property
    def done(self) -> Done:
        if self._done is None:
            raise RuntimeError("a wire ended without Done")
        return self._done

    @property
    def facts(self) -> dict[str, Any]:
        """What is kept with the message: how it ended, what it cost, what was thought, what the server wants back."""
        done = self.done
        facts: dict[str, Any] = {"finish": done.finish.value, "model": done.model, "request_id": done.request_id}
        facts |= {"input_tokens": done.usage.input_tokens, "output_tokens": done.usage.output_tokens}
        facts |= {"cached_tokens": done.usage.cached_tokens}
        if done.carry:
            facts["carry"] = list(done.carry)
        return {name: value for name, value in {**facts, **self.thoughts}.items() if value not in (None, "")}

    @property
    def thoughts(self) -> dict[str, Any]:
        return {"thinking": self.thinking.replace("\0", "")[:CONTENT_LIMIT]} if self.thinking else {}
