"""Chat Completions: the wire that every compatible server speaks, each a little differently.

Tolerated: chunks without choices, null deltas, calls whose index is missing or always 0, `stop` with calls, no usage.
Not tolerated: a stream without a reason why it ended, which is a lost connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from tripsage_tui.assistant.events import Done, Event, Finish, Text, Thinking, ToolCall, Usage
from tripsage_tui.assistant.failures import Kind, connection_lost, failure
from tripsage_tui.assistant.turns import AssistantTurn, ToolResult, Turn, UserTurn

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_FINISH = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "tool_calls": Finish.TOOL_CALLS,
    "function_call": Finish.TOOL_CALLS,
    "content_filter": Finish.CONTENT_FILTER,
}


def request(model: str, system: str, turns: Sequence[Turn], tools: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The body of a request: the least that works everywhere. `tools` as `{name, description, parameters}`."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": system}, *map(_message, turns)],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if tools:
        body["tools"] = [{"type": "function", "function": {**tool, "strict": True}} for tool in tools]
    return body


def adapt(body: dict[str, Any], parameter: str, message: str) -> bool:
    """Change a body that was refused for a parameter; False where there is nothing to change."""
    words = f"{parameter} {message}".casefold()
    if "reasoning_effort" in words and body.get("reasoning_effort") != "none":
        body["reasoning_effort"] = "none"
        return True
    if "stream_options" in words and body.pop("stream_options", None):
        return True
    if "strict" in words:
        functions = [tool["function"] for tool in body.get("tools", ()) if "strict" in tool["function"]]
        for function in functions:
            del function["strict"]
        return bool(functions)
    return False


async def open_stream(client: AsyncOpenAI, body: dict[str, Any]) -> Any:
    """The raw stream of chunks."""
    return await client.chat.completions.create(**body)


async def events(stream: Any, host: str) -> AsyncIterator[Event]:
    """The stream as events, `Done` last. Raises AnswerFailed where it ends without a reason."""
    calls = _Calls()
    finish, usage, model, chunks = None, Usage(), "", 0
    async for chunk in stream:
        chunks += 1
        model = getattr(chunk, "model", None) or model
        usage = _usage(getattr(chunk, "usage", None)) or usage
        for choice in getattr(chunk, "choices", None) or ():
            delta = getattr(choice, "delta", None)
            if delta is not None:
                for event in _words(delta):
                    yield event
                calls.take(getattr(delta, "tool_calls", None) or ())
            finish = getattr(choice, "finish_reason", None) or finish
    if not chunks:
        raise failure(Kind.NOT_AN_ENDPOINT, host)
    if finish is None:
        raise connection_lost(host)
    reason = _FINISH.get(finish, Finish.STOP)
    if reason is not Finish.LENGTH:  # an answer that was cut may have cut a call
        for call in calls.whole():
            reason = Finish.TOOL_CALLS
            yield call
    yield Done(reason, usage, model, request_id(stream))


def request_id(stream: Any) -> str | None:
    """The server's own number of the request."""
    headers = getattr(getattr(stream, "response", None), "headers", None)
    return headers.get("x-request-id") if headers is not None else None


def _message(turn: Turn) -> dict[str, Any]:
    match turn:
        case UserTurn(text):
            return {"role": "user", "content": text}
        case ToolResult(call_id, text):
            return {"role": "tool", "tool_call_id": call_id, "content": text}
        case AssistantTurn(text, calls):
            message: dict[str, Any] = {"role": "assistant", "content": text or None}
            if calls:
                message["tool_calls"] = [
                    {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                    for call in calls
                ]
            return message


def _words(delta: Any) -> list[Event]:
    thought = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
    said = getattr(delta, "content", None) or getattr(delta, "refusal", None)
    found: list[Event] = []
    if isinstance(thought, str):
        found.append(Thinking(thought))
    if isinstance(said, str):
        found.append(Text(said))
    return found


def _usage(usage: Any) -> Usage | None:
    if usage is None:
        return None
    details = getattr(usage, "prompt_tokens_details", None)
    return Usage(
        getattr(usage, "prompt_tokens", None),
        getattr(usage, "completion_tokens", None),
        getattr(details, "cached_tokens", None),
    )


class _Calls:
    """Calls arrive in pieces; a new id begins a new one, whatever the index says."""

    def __init__(self) -> None:
        self._parts: list[tuple[object, str, str, list[str]]] = []

    def take(self, pieces: Sequence[Any]) -> None:
        for piece in pieces:
            function = getattr(piece, "function", None)
            id_, index = getattr(piece, "id", None), getattr(piece, "index", None)
            name = getattr(function, "name", None) or ""
            arguments = getattr(function, "arguments", None) or ""
            place = self._place(id_, index)
            if place is None:
                self._parts.append((index, id_ or f"call_{len(self._parts)}", name, [arguments]))
                continue
            known_index, known_id, known_name, known_arguments = self._parts[place]
            known_arguments.append(arguments)
            self._parts[place] = (known_index, known_id, known_name or name, known_arguments)

    def _place(self, id_: str | None, index: object) -> int | None:
        if id_:
            return next((place for place, part in enumerate(self._parts) if part[1] == id_), None)
        same = [place for place, part in enumerate(self._parts) if part[0] == index]
        return same[-1] if same else (len(self._parts) - 1 if self._parts else None)

    def whole(self) -> list[ToolCall]:
        return [ToolCall(id_, name, "".join(arguments)) for _, id_, name, arguments in self._parts if name]
