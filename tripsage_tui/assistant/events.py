"""What a model sends while it answers, whichever wire it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Finish(StrEnum):
    """Why an answer ended. An answer that ends without a reason was cut off: that is a failure, not a finish."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"


@dataclass(frozen=True, slots=True)
class Text:
    """More of the answer."""

    delta: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """More of what the model says it thinks."""

    delta: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A whole call: `arguments` is the JSON text as the model wrote it, not yet read."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Exact token counts of one request; None where the server does not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None

    def __add__(self, other: Usage) -> Usage:
        def add(one: int | None, two: int | None) -> int | None:
            return two if one is None else one if two is None else one + two

        return Usage(
            add(self.input_tokens, other.input_tokens),
            add(self.output_tokens, other.output_tokens),
            add(self.cached_tokens, other.cached_tokens),
        )


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is whole. `model` is what the server says it used; `carry` is what it wants to see again next time."""

    finish: Finish
    usage: Usage
    model: str = ""
    request_id: str | None = None
    carry: tuple[dict[str, object], ...] = ()


Event = Text | Thinking | ToolCall | Done
