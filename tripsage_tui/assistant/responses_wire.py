"""Responses: OpenAI's own wire, used without state on its side.

Raw events of `create(stream=True)`; the SDK's `responses.stream()` fails on servers that leave fields out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from tripsage_tui.assistant.chat_wire import request_id
from tripsage_tui.assistant.events import Done, Event, Finish, Text, Thinking, ToolCall, Usage
from tripsage_tui.assistant.failures import Kind, connection_lost, failure
from tripsage_tui.assistant.turns import AssistantTurn, ToolResult, Turn, UserTurn

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_CARRIED = ("reasoning",)


def request(model: str, system: str, turns: Sequence[Turn], tools: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The body of a request: nothing is kept there, so encrypted reasoning comes back to be sent again."""
    body: dict[str, Any] = {
        "model": model,
        "instructions": system,
        "input": [item for turn in turns for item in _items(turn)],
        "stream": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }
    if tools:
        body["tools"] = [{"type": "function", **tool, "strict": True} for tool in tools]
    return body


def adapt(body: dict[str, Any], parameter: str, message: str) -> bool:
    """Change a body that was refused for a parameter; False where there is nothing to change."""
    words = f"{parameter} {message}".casefold()
    if ("include" in words or "encrypted" in words) and body.pop("include", None):
        return True
    if "strict" in words:
        tools = [tool for tool in body.get("tools", ()) if tool.pop("strict", None)]
        return bool(tools)
    return False


async def open_stream(client: AsyncOpenAI, body: dict[str, Any]) -> Any:
    """The raw stream of events."""
    return await client.responses.create(**body)


async def events(stream: Any, host: str) -> AsyncIterator[Event]:
    """The stream as events, `Done` last. Raises AnswerFailed where the server says so or the stream just ends."""
    calls: list[ToolCall] = []
    carry: list[dict[str, object]] = []
    seen = 0
    async for event in stream:
        seen += 1
        match getattr(event, "type", None):
            case "response.output_text.delta" | "response.refusal.delta":
                yield Text(event.delta)
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                yield Thinking(event.delta)
            case "response.output_item.done" if event.item.type == "function_call":
                calls.append(ToolCall(event.item.call_id, event.item.name, event.item.arguments))
            case "response.output_item.done" if event.item.type in _CARRIED:
                carry.append(event.item.model_dump(mode="json", exclude_none=True, exclude={"status"}))
            case "response.completed" | "response.incomplete":
                answer = event.response
                finish = _finish(answer, bool(calls))
                if finish is not Finish.LENGTH:
                    for call in calls:
                        yield call
                yield Done(finish, _usage(answer.usage), answer.model or "", request_id(stream), tuple(carry))
                return
            case "response.failed":
                _raise(event.response.error, host)
            case "error":
                _raise(event, host)
    if not seen:
        raise failure(Kind.NOT_AN_ENDPOINT, host)
    raise connection_lost(host)


def _items(turn: Turn) -> list[dict[str, Any]]:
    match turn:
        case UserTurn(text):
            return [{"role": "user", "content": text}]
        case ToolResult(call_id, text):
            return [{"type": "function_call_output", "call_id": call_id, "output": text}]
        case AssistantTurn(text, calls, carry):
            said = [{"role": "assistant", "content": text}] if text else []
            asked = [
                {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}
                for call in calls
            ]
            return [*carry, *said, *asked]


def _finish(answer: Any, calls: bool) -> Finish:
    reason = getattr(getattr(answer, "incomplete_details", None), "reason", None)
    if reason == "content_filter":
        return Finish.CONTENT_FILTER
    if reason is not None:
        return Finish.LENGTH
    return Finish.TOOL_CALLS if calls else Finish.STOP


def _usage(usage: Any) -> Usage:
    details = getattr(usage, "input_tokens_details", None)
    return Usage(
        getattr(usage, "input_tokens", None),
        getattr(usage, "output_tokens", None),
        getattr(details, "cached_tokens", None),
    )


def _raise(error: Any, host: str) -> None:
    message = " ".join(str(getattr(error, "message", "") or "no reason given").split())[:200]
    code = str(getattr(error, "code", "") or "")
    if "rate_limit" in code:
        raise failure(Kind.RATE, host)
    if "context_length" in code:
        raise failure(Kind.TOO_LONG)
    raise failure(Kind.INTERRUPTED, host, message)
