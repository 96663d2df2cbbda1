"""Everything that can go wrong with an answer: what the traveller sees, what is stored, and what comes back later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.assistant.scripted import HANG, Reply, ScriptedServer, called, chunk, refusal, said, sse
from tests.assistant.test_answering import DINNER, call
from tests.database import Database, User
from tests.proxy import Proxy
from tests.screens.planning import planner_of, settled, type_into
from tests.screens.planning import said as told
from tests.screens.test_chat import ask, chat_with, screen_of, until
from tripsage_tui.assistant.endpoint import Endpoint
from tripsage_tui.assistant.model import Model
from tripsage_tui.data.target import ConnectionTarget, Tls
from tripsage_tui.models.chats import Role
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.widgets.approval_bar import ApprovalBar

KYO = sse(chunk({"content": "Kyo"}))
BOOM = {"error": {"message": "boom", "code": "x"}}
HTML, JSON = [b"<html>Hi</html>"], [b'{"hello": 1}']


@dataclass(frozen=True)
class Row:
    reply: Reply
    seen: str
    stored: str
    text: str = ""


ROWS = {
    "stall before the first token": Row(Reply([HANG]), "was silent for too long. tab, r asks again.", "failed"),
    "stall": Row(Reply([*KYO, HANG]), "was silent for too long. tab, c continues.", "interrupted", "Kyo"),
    "killed": Row(Reply(KYO, cut=True), "lost in the middle of the answer. tab, c continues.", "interrupted", "Kyo"),
    "clean end": Row(Reply(KYO), "lost in the middle of the answer. tab, c continues.", "interrupted", "Kyo"),
    "half an event": Row(Reply([*KYO, b'data: {"choi']), "lost in the middle", "interrupted", "Kyo"),
    "broken JSON": Row(Reply([*KYO, b"data: {bro\n\n"]), "sent something that is no answer", "interrupted", "Kyo"),
    "text": Row(Reply([*KYO, b"data: oops\n\n"]), "is no answer of a model. tab, c continues", "interrupted", "Kyo"),
    "bad UTF-8": Row(Reply([*KYO, b'data: {"\xff"}\n\n']), "sent something that is no answer", "interrupted", "Kyo"),
    "HTML": Row(Reply(HTML, kind="text/html"), "Its address should end in /v1.", "failed"),
    "JSON": Row(Reply(JSON, kind="application/json"), "Its address should end in /v1.", "failed"),
    "error object": Row(
        Reply([*KYO, *sse(BOOM)]), "broke off the answer: boom", "interrupted", "Kyo"
    ),
    "key": Row(refusal(401, "no", "invalid_api_key"), "does not accept the key. F2", "failed"),
    "proxy's key": Row(refusal(400, "No connected db."), "does not accept the key.", "failed"),
    "forbidden": Row(refusal(403, "not you"), "not you", "failed"),
    "no such model": Row(refusal(404, "no m-1", "model_not_found"), "^g chooses another model.", "failed"),
    "rate": Row(refusal(429, "slow", wait={"retry-after": "600"}), "asks to wait 10 minutes. tab, r asks", "failed"),
    "quota": Row(refusal(429, "pay", "insufficient_quota"), "has no credit left.", "failed"),
    "server": Row(Reply(HTML, 500, kind="text/html"), "has a problem of its own (status 500).", "failed"),
    "filter": Row(refusal(400, "no", "content_filter"), "by its content rules. tab, e edits the question.", "failed"),
    "filtered end": Row(Reply(said("Kyo", finish="content_filter")), "blocked by the server", "filtered", "Kyo"),
    "too long": Row(refusal(400, "no", "context_length_exceeded"), "Begin a new conversation (^n)", "failed"),
    "length": Row(Reply(said("Kyo", finish="length")), "cut at the model's limit", "length", "Kyo"),
    "parameter": Row(refusal(400, "no top_k", param="top_k"), "did not take the request: ", "failed"),
    "redirect": Row(Reply((), 302, {"location": "http://127.0.0.1:9/v1"}), "cannot be reached.", "failed"),
}  # fmt: skip


async def test_each_failure_is_said_and_keeps_what_came(planner: Planner) -> None:
    async with ScriptedServer(Reply()) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(120, 30)) as pilot:
            await settled(pilot)
            screen = screen_of(pilot)
            for name, row in ROWS.items():
                server.replies.clear()
                server.replies.append(row.reply)
                screen.action_new()
                await settled(pilot)
                endpoint = Endpoint(server.url, SecretStr("sk-test"), "m-1")
                screen.talk.model = Model(endpoint, first_token=0.4, between_tokens=0.4, backoff=0.01)
                await ask(pilot, f"Where to, {name}?")
                await until(pilot, row.seen, f"Where to, {name}?", *([row.text] if row.text else []))
                await settled(pilot)
                question, answer = (await planner.chats.open(screen.talk.id)).branch
                assert (question.content, question.status.value) == (f"Where to, {name}?", "complete")
                assert (name, answer.status.value, answer.content) == (name, row.stored, row.text)
                assert screen.composer.text == ""


@pytest.fixture
async def proxy(database: Database) -> AsyncIterator[Proxy]:
    async with Proxy(database.host, database.port) as proxy:
        yield proxy


async def test_what_comes_while_the_database_is_away_is_stored_when_it_is_back(
    database: Database, ann: User, planner: Planner, proxy: Proxy, tmp_path: Path
) -> None:
    target = ConnectionTarget(host="127.0.0.1", port=proxy.port, database=database.name, ssl=Tls.DISABLE)
    rest = [0.3, *said("to it is.")]
    async with (
        planner_of(database, ann, tmp_path / "distant", target=target, live=True) as distant,
        ScriptedServer(Reply([*KYO, 1.0, *rest])) as server,
    ):
        app = chat_with(distant, server)
        async with app.run_test(size=(100, 24)) as pilot:
            await ask(pilot, "Where to?")
            await until(pilot, "Kyo", "answering")
            proxy.refusing = True
            proxy.cut()
            await until(pilot, "Kyoto it is.", "What came is kept here")
            screen = screen_of(pilot)
            await settled(pilot)
            screen.action_new()
            await until(pilot, "Kyoto it is.")
            await pilot.pause()
            assert "is not stored yet" in told(app)
            proxy.refusing = False
            for _ in range(1_000):
                if not screen.talk.waits_to_be_stored:
                    break
                await pilot.pause(0.02)
            await settled(pilot)
            assert "the answer is stored now" in told(app)
            await until(pilot, "Kyoto it is.", "tokens")
            session = screen.talk.id
    stored = (await planner.chats.open(session)).branch
    assert [(each.content, each.status.value) for each in stored] == [
        ("Where to?", "complete"),
        ("Kyoto it is.", "complete"),
    ]


async def test_a_conversation_in_two_programs(
    database: Database, ann: User, planner: Planner, plan: TripPlan, tmp_path: Path
) -> None:
    async with (
        planner_of(database, ann, tmp_path / "other", live=True) as other,
        ScriptedServer(Reply(said("Kyoto.")), Reply(said("Again."))) as server,
    ):
        app = chat_with(other, server, plan.trip.id)
        async with app.run_test(size=(100, 24)) as pilot:
            await ask(pilot, "Where to?")
            await until(pilot, "Kyoto.")
            await settled(pilot)
            session, last = screen_of(pilot).talk.id, screen_of(pilot).talk.branch[-1].last
            await planner.chats.add(session, Role.USER, "From the other one", parent_id=last.id)
            await until(pilot, "From the other one")
            await planner.chats.end(session)
            await until(pilot, "Where to? (ended)")
            await planner.chats.delete(session)
            await until(pilot, "Where to? (put away)")
            await ask(pilot, "Still there?")
            await until(pilot, "Still there?", "Again.")
            await settled(pilot)
            assert "(put away)" not in await until(pilot, "Again.")
    (shown,) = await planner.chats.sessions()
    assert (shown.id, shown.ended_at) == (session, None)


async def test_keys_while_a_proposal_waits(planner: Planner, plan: TripPlan) -> None:
    async with ScriptedServer(Reply(called(call("add_item", DINNER))), Reply(said("All right."))) as server:
        app = chat_with(planner, server, plan.trip.id)
        async with app.run_test(size=(80, 24)) as pilot:
            await ask(pilot, "Add a dinner")
            await until(pilot, "a once")
            bar = screen_of(pilot).query_one(ApprovalBar)
            await pilot.press("tab")
            assert screen_of(pilot).transcript.has_focus
            await pilot.press("tab")
            assert bar.has_focus
            await pilot.press("t")
            assert not screen_of(pilot).transcript.display
            await pilot.press("t", "d")
            await type_into(pilot, "no")
            await pilot.press("escape")
            assert bar.has_focus
            await until(pilot, "a once", "waits for your answer")
            await pilot.press("a")
            await until(pilot, "All right.")
            await settled(pilot)
    assert len((await planner.trips.plan(plan.trip.id)).items) == 1


async def test_what_a_killed_program_left_is_no_longer_coming(planner: Planner) -> None:
    session = await planner.chats.create(title="Left behind")
    question = await planner.chats.add(session.id, Role.USER, "Where to?")
    answer = await planner.chats.add(session.id, Role.ASSISTANT, "Let me see.", parent_id=question.id)
    await planner.chats.add_call(answer.id, "c1", "add_item", DINNER)
    async with ScriptedServer(Reply(said("Kyoto."))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(100, 24)) as pilot:
            await settled(pilot)
            await screen_of(pilot).open_conversation(session.id)
            await until(pilot, "? add_item", "was not answered")
            await planner.chats.add(session.id, Role.USER, "And now?", parent_id=answer.id)
            await screen_of(pilot).open_conversation(session.id)
            await pilot.press("tab", "r")
            await until(pilot, "And now?", "Kyoto.")
            await settled(pilot)
