"""Both wires against a scripted server: what arrives, what is retried, what each failure is called."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest
from pydantic import SecretStr

from tests.assistant.scripted import (
    DONE,
    HANG,
    Reply,
    ScriptedServer,
    answered,
    called,
    chunk,
    refusal,
    response,
    said,
    sse,
)
from tripsage_tui.assistant.endpoint import Endpoint, Wire, endpoint_of
from tripsage_tui.assistant.events import Done, Event, Finish, Text, Thinking, ToolCall, Usage
from tripsage_tui.assistant.failures import AnswerFailed, Kind, Remedy
from tripsage_tui.assistant.model import Model
from tripsage_tui.assistant.turns import UNANSWERED, AssistantTurn, ToolResult, Turn, UserTurn, paired
from tripsage_tui.data.breaker import Breaker
from tripsage_tui.memory.models_at_hand import EnvironmentKeys

TOOL = {
    "name": "trips",
    "description": "Trips.",
    "parameters": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
}
QUESTION = (UserTurn("Where to?"),)


def model_at(server: ScriptedServer, **options: Any) -> Model:
    wire = options.pop("wire", None)
    endpoint = Endpoint(server.url, options.pop("key", SecretStr("sk-test")), "m-1", wire)
    return Model(endpoint, backoff=0.01, **options)


async def ask(model: Model, turns: tuple[Turn, ...] = QUESTION, **more: Any) -> list[Event]:
    try:
        async with aclosing(model.answer("Be brief.", turns, **more)) as events:
            return [event async for event in events]
    finally:
        await model.close()


async def failing(model: Model) -> tuple[list[Event], AnswerFailed]:
    """What came before it failed, and how it failed."""
    came: list[Event] = []
    with pytest.raises(AnswerFailed) as caught:
        async with aclosing(model.answer("Be brief.", QUESTION)) as events:
            came.extend([event async for event in _noting(events, came)])
    await model.close()
    return came, caught.value


async def _noting(events: Any, came: list[Event]) -> Any:
    async for event in events:
        came.append(event)
        if False:
            yield


# ---- what arrives


async def test_an_answer_in_chat_completions() -> None:
    async with ScriptedServer(Reply(said("To ", "Kyōto."), headers={"x-request-id": "req-7"})) as server:
        events = await ask(model_at(server), tools=[TOOL])
    assert events == [
        Text("To "),
        Text("Kyōto."),
        Done(Finish.STOP, Usage(11, 5, 3), "m-1", "req-7"),
    ]
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer sk-test"
    assert request.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Where to?"},
    ]
    assert request.body["tools"] == [{"type": "function", "function": {**TOOL, "strict": True}}]
    assert not {"temperature", "max_tokens", "tool_choice"} & set(request.body)


async def test_an_answer_in_responses_carries_its_reasoning_on() -> None:
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "abc"}
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "trips", "arguments": "{}"}
    stream = sse(
        response("response.reasoning_summary_text.delta", delta="Hm.", item_id="rs_1", output_index=0, summary_index=0),
        response("response.output_item.done", output_index=0, item=reasoning),
        response("response.output_text.delta", delta="Let me look.", item_id="m", output_index=1, content_index=0),
        response("response.output_item.done", output_index=2, item=call),
        answered(),
    )
    async with ScriptedServer(Reply(stream), Reply(sse(answered()))) as server:
        model = model_at(server, wire=Wire.RESPONSES)
        async with aclosing(model.answer("Be brief.", QUESTION, [TOOL])) as events:
            came = [event async for event in events]
        done = came[-1]
        assert isinstance(done, Done)
        assert came[:-1] == [Thinking("Hm."), Text("Let me look."), ToolCall("call_1", "trips", "{}")]
        assert (done.finish, done.usage) == (Finish.TOOL_CALLS, Usage(11, 5, 3))
        turns = (
            *QUESTION,
            AssistantTurn("Let me look.", (ToolCall("call_1", "trips", "{}"),), done.carry),
            ToolResult("call_1", "[]"),
        )
        await ask(model, turns)
    first, second = (request.body for request in server.requests)
    assert (first["store"], first["include"]) == (False, ["reasoning.encrypted_content"])
    assert second["input"] == [
        {"role": "user", "content": "Where to?"},
        reasoning,
        {"role": "assistant", "content": "Let me look."},
        {"type": "function_call", "call_id": "call_1", "name": "trips", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "[]"},
    ]


async def test_calls_come_in_pieces_and_together() -> None:
    calls = (("a", "trips", '{"q": "x"}'), ("b", "trips", "{}"))
    async with ScriptedServer(Reply(called(*calls))) as server:
        events = await ask(model_at(server))
    assert events[:2] == [ToolCall(*call) for call in calls]
    assert isinstance(events[2], Done)
    assert events[2].finish is Finish.TOOL_CALLS


async def test_calls_that_all_have_the_index_0_and_a_finish_of_stop() -> None:
    pieces = [
        {"index": 0, "id": "a", "function": {"name": "one", "arguments": "{}"}},
        {"index": 0, "id": "b", "function": {"name": "two", "arguments": '{"n"'}},
        {"index": 0, "function": {"arguments": ": 1}"}},
    ]
    stream = [*sse(*(chunk({"tool_calls": [piece]}) for piece in pieces), chunk({}, "stop")), DONE]
    async with ScriptedServer(Reply(stream)) as server:
        events = await ask(model_at(server))
    assert events[:2] == [ToolCall("a", "one", "{}"), ToolCall("b", "two", '{"n": 1}')]
    assert isinstance(events[2], Done)
    assert events[2].finish is Finish.TOOL_CALLS


async def test_odd_chunks_are_no_trouble() -> None:
    odd = [
        {**chunk(), "choices": None},
        {key: value for key, value in chunk().items() if key != "choices"},
        {**chunk(), "choices": [{"index": 0, "delta": None, "finish_reason": None}]},
        chunk({"content": None, "reasoning_content": "hm"}),
        chunk({"refusal": "No."}),
        chunk({}, "stop"),
    ]
    stream = [b": ping\r\n\r\n", *sse(*odd), b"data: [DONE]\r\n\r\n"]
    async with ScriptedServer(Reply(stream)) as server:
        events = await ask(model_at(server))
    assert events == [Thinking("hm"), Text("No."), Done(Finish.STOP, Usage(), "m-1", None)]


async def test_cut_arguments_are_not_a_call() -> None:
    async with ScriptedServer(Reply(called(("a", "trips", '{"q": '), finish="length"))) as server:
        (done,) = await ask(model_at(server))
    assert isinstance(done, Done)
    assert done.finish is Finish.LENGTH


@pytest.mark.parametrize(("reason", "finish"), [("max_output_tokens", "length"), ("content_filter", "content_filter")])
async def test_an_incomplete_response(reason: str, finish: str) -> None:
    async with ScriptedServer(Reply(sse(answered(incomplete=reason)))) as server:
        (done,) = await ask(model_at(server, wire=Wire.RESPONSES))
    assert isinstance(done, Done)
    assert done.finish == finish


# ---- what servers do not know


async def test_parameters_that_a_server_does_not_know_are_dropped_once() -> None:
    async with ScriptedServer(
        refusal(400, "Unknown parameter: stream_options", param="stream_options"),
        refusal(400, "Function tools with reasoning_effort are not supported", param="reasoning_effort"),
        refusal(400, "tools.0.function.strict is not supported"),
        Reply(said("Yes.")),
    ) as server:
        model = model_at(server)
        async with aclosing(model.answer("", QUESTION, [TOOL])) as events:
            assert [event async for event in events][:1] == [Text("Yes.")]
        await ask(model, tools=[TOOL])
    assert len(server.requests) == 5
    for request in server.requests[-2:]:
        assert request.body["reasoning_effort"] == "none"
        assert "stream_options" not in request.body
        assert "strict" not in request.body["tools"][0]["function"]


async def test_a_refusal_that_nothing_helps_against_is_said_once() -> None:
    async with ScriptedServer(refusal(400, "tell me  a joke\nfirst")) as server:
        _, failed = await failing(model_at(server))
    assert (failed.kind, failed.remedy) == (Kind.REFUSED, Remedy.EDIT)
    assert "tell me a joke first" in str(failed)
    assert len(server.requests) == 1


# ---- failures


@pytest.mark.parametrize(
    ("reply", "kind", "tries"),
    [
        (refusal(401, "Incorrect API key", "invalid_api_key"), Kind.KEY_REFUSED, 1),
        (refusal(400, "No connected db.", "400"), Kind.KEY_REFUSED, 1),
        (refusal(403, "Not in your country"), Kind.FORBIDDEN, 1),
        (refusal(404, "The model does not exist", "model_not_found"), Kind.NO_SUCH_MODEL, 1),
        (refusal(429, "Slow down", "rate_limit_exceeded", wait={"retry-after": "0.01"}), Kind.RATE, 3),
        (refusal(429, "Slow down", "429", wait={"llm_provider-retry-after": "600"}), Kind.RATE, 1),
        (refusal(429, "You exceeded your quota", "insufficient_quota"), Kind.QUOTA, 1),
        (refusal(500, "Oops"), Kind.SERVER, 3),
        (Reply([b"<html>Bad gateway</html>"], 502, kind="text/html"), Kind.SERVER, 3),
        (refusal(500, "input is too large, increase the physical batch size"), Kind.TOO_LONG, 1),
        (refusal(400, "too long", "context_length_exceeded"), Kind.TOO_LONG, 1),
        (refusal(400, "This model's maximum context length is 8192 tokens"), Kind.TOO_LONG, 1),
        (refusal(400, "blocked", "content_filter"), Kind.FILTERED, 1),
        (Reply([b"<html>Welcome</html>"], kind="text/html"), Kind.NOT_AN_ENDPOINT, 1),
        (Reply([b'{"hello": 1}'], kind="application/json"), Kind.NOT_AN_ENDPOINT, 1),
    ],
)
async def test_failures_before_the_answer(reply: Reply, kind: Kind, tries: int) -> None:
    async with ScriptedServer(reply) as server:
        came, failed = await failing(model_at(server))
    assert (failed.kind, came, len(server.requests)) == (kind, [], tries)
    assert "127.0.0.1" in str(failed) or kind is Kind.TOO_LONG
    assert "sk-test" not in str(failed)


async def test_a_loading_model_is_waited_for() -> None:
    async with ScriptedServer(refusal(503, "Loading model", "unavailable_error"), Reply(said("Hi"))) as server:
        waits: list[tuple[float, Kind]] = []
        await ask(model_at(server), on_wait=lambda seconds, why: waits.append((seconds, why.kind)))
    assert waits == [(2.0, Kind.LOADING)]


_BEGUN = sse(chunk({"content": "Kyo"}))


@pytest.mark.parametrize(
    ("pieces", "cut", "kind"),
    [
        (_BEGUN, True, Kind.INTERRUPTED),
        (_BEGUN, False, Kind.INTERRUPTED),
        ([*_BEGUN, DONE], False, Kind.INTERRUPTED),
        ([*_BEGUN, b'data: {"id": "c1", "cho'], True, Kind.INTERRUPTED),
        ([*_BEGUN, b"data: oh no\n\n"], False, Kind.MALFORMED),
        ([*_BEGUN, b"data: \xff\xfe\n\n"], False, Kind.MALFORMED),
        ([*_BEGUN, *sse({"error": {"message": "GPU on fire", "code": "x"}})], False, Kind.INTERRUPTED),
        ([*_BEGUN, *sse({"error": "on fire"})], False, Kind.INTERRUPTED),
        ([*_BEGUN, HANG], False, Kind.STALLED),
    ],
)
async def test_failures_in_the_middle_keep_what_came(pieces: list[Any], cut: bool, kind: Kind) -> None:
    async with ScriptedServer(Reply(pieces, cut=cut)) as server:
        came, failed = await failing(model_at(server, between_tokens=0.2))
    assert came == [Text("Kyo")]
    assert (failed.kind, failed.remedy) == (kind, Remedy.CONTINUE)
    assert len(server.requests) == 1


async def test_a_silent_server_is_given_up() -> None:
    async with ScriptedServer(Reply([HANG])) as server:
        came, failed = await failing(model_at(server, first_token=0.2))
    assert (failed.kind, came) == (Kind.STALLED, [])


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (response("error", code="server_error", message="boom", param=None), Kind.INTERRUPTED),
        (response("error", code="rate_limit_exceeded", message="slow", param=None), Kind.RATE),
    ],
)
async def test_errors_in_a_stream_of_responses(event: dict[str, Any], kind: Kind) -> None:
    async with ScriptedServer(Reply(sse(event))) as server:
        _, failed = await failing(model_at(server, wire=Wire.RESPONSES))
    assert failed.kind is kind


async def test_a_server_that_is_not_there() -> None:
    async with ScriptedServer(Reply()) as server:
        model = model_at(server, breaker=Breaker(threshold=1))
    _, failed = await failing(model)
    assert (failed.kind, failed.remedy) == (Kind.UNREACHABLE, Remedy.RETRY)
    _, failed = await failing(model)
    assert failed.kind is Kind.PAUSED
    assert failed.retry_after


async def test_stopping_ends_the_request_and_teaches_the_breaker_nothing() -> None:
    async with ScriptedServer(Reply([*_BEGUN, HANG])) as server:
        breaker = Breaker(threshold=1)
        model = model_at(server, breaker=breaker)
        begun = asyncio.Event()

        async def read() -> None:
            async with aclosing(model.answer("", QUESTION)) as events:
                async for _ in events:
                    begun.set()

        task = asyncio.create_task(read())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.left.wait(), 2)
        assert breaker.untroubled
        await model.close()


# ---- endpoints


async def test_no_key_no_request() -> None:
    model = Model(Endpoint(model="m-1"))
    _, failed = await failing(model)
    assert (failed.kind, failed.remedy) == (Kind.NO_KEY, Remedy.SETTINGS)


async def test_a_server_of_ones_own_needs_no_key() -> None:
    async with ScriptedServer(Reply(said("Hi"))) as server:
        await ask(model_at(server, key=None))
    assert "sk-" not in json.dumps(dict(server.requests[0].headers))


def test_which_wire_is_spoken() -> None:
    def of(**environ: str) -> Endpoint:
        return endpoint_of(EnvironmentKeys(lambda: environ).current(), model="m-1")

    assert of(OPENAI_API_KEY="k").speaks is Wire.RESPONSES
    local = of(OPENAI_BASE_URL="http://localhost:11434/v1/")
    assert (local.speaks, local.usable, local.host) == (Wire.CHAT, True, "localhost:11434")
    assert not of().usable
    assert Endpoint("https://openai.com.example.org/v1").speaks is Wire.CHAT
    assert Endpoint("http://localhost/v1", wire=Wire.RESPONSES).speaks is Wire.RESPONSES
    assert "sk-1" not in repr(of(OPENAI_API_KEY="sk-1"))


async def test_the_models_that_a_server_has() -> None:
    listing = json.dumps({"object": "list", "data": [{"id": "b"}, {"id": "a"}]}).encode()
    async with ScriptedServer(Reply([listing], kind="application/json")) as server:
        model = model_at(server)
        assert await model.names() == ["a", "b"]
        await model.close()


# ---- pairs


def test_every_call_has_its_result_behind_it() -> None:
    one, two = ToolCall("1", "trips", "{}"), ToolCall("2", "trips", "{}")
    turns = [
        UserTurn("?"),
        AssistantTurn("", (one, two)),
        ToolResult("2", "b"),
        ToolResult("9", "of nothing"),
        UserTurn("!"),
    ]
    assert paired(turns) == [
        UserTurn("?"),
        AssistantTurn("", (one, two)),
        ToolResult("1", UNANSWERED),
        ToolResult("2", "b"),
        UserTurn("!"),
    ]
