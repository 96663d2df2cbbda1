"""Saying, making again, asking differently, going on: the tree in the database and the branch on the screen."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from pydantic import SecretStr

from tests.assistant.scripted import Reply, ScriptedServer, chunk, refusal, said, sse
from tripsage_tui.assistant.answering import Ended
from tripsage_tui.assistant.approval import Proposal, Verdict
from tripsage_tui.assistant.dialogue import Asked, Dialogue
from tripsage_tui.assistant.endpoint import Endpoint
from tripsage_tui.assistant.model import Model
from tripsage_tui.assistant.toolbox import Toolbox
from tripsage_tui.models.memories import Recalled
from tripsage_tui.planner import Planner


async def nobody(_: Proposal) -> Verdict:
    raise AssertionError("nothing is to be approved")


def dialogue(planner: Planner, server: ScriptedServer, **more: Any) -> Dialogue:
    return Dialogue(
        planner, Model(Endpoint(server.url, SecretStr("k"), "m-1"), backoff=0.01), Toolbox([]), nobody, **more
    )


async def all_of(steps: AsyncGenerator[Any, None]) -> list[Any]:
    async with aclosing(steps) as progress:
        return [step async for step in progress]


def texts(talk: Dialogue) -> list[str]:
    return [each.text for each in talk.branch]


async def test_versions_of_questions_and_answers(planner: Planner) -> None:
    async with ScriptedServer(
        Reply(said("Kyoto.")), Reply(said("Nara.")), Reply(said("Rome.")), Reply(said("Because."))
    ) as server:
        talk = dialogue(planner, server)
        await all_of(talk.say_next("Where to?"))
        await all_of(talk.again(talk.branch[-1]))
        assert texts(talk) == ["Where to?", "Nara."]
        assert talk.versions[talk.branch[1].first.id] == (2, 2)
        await all_of(talk.differently(talk.branch[0], "Where to in spring?"))
        assert texts(talk) == ["Where to in spring?", "Rome."]
        assert talk.versions[talk.branch[0].first.id] == (2, 2)
        await all_of(talk.say_next("Why?"))
        await talk.switch(talk.branch[0], -1)
        assert texts(talk) == ["Where to?", "Nara."]
        await talk.switch(talk.branch[1], -1)
        assert texts(talk) == ["Where to?", "Kyoto."]
        await talk.switch(talk.branch[1], -1)
        assert texts(talk) == ["Where to?", "Kyoto."]
        await talk.switch(talk.branch[0], 1)
        assert texts(talk) == ["Where to in spring?", "Rome.", "Why?", "Because."]
        assert talk.conversation is not None
        assert talk.conversation.session.title == "Where to?"
        again = dialogue(planner, server)
        await again.open(talk.id)
        assert texts(again) == texts(talk)
        await talk.model.close()
    sent = [[message["content"] for message in request.body["messages"][1:]] for request in server.requests]
    assert sent == [
        ["Where to?"],
        ["Where to?"],
        ["Where to in spring?"],
        ["Where to in spring?", "Rome.", "Why?"],
    ]


async def test_a_lost_connection_can_be_gone_on_from(planner: Planner) -> None:
    async with ScriptedServer(Reply(sse(chunk({"content": "Kyo"})), cut=True), Reply(said("to."))) as server:
        talk = dialogue(planner, server)
        await all_of(talk.say_next("Where to?"))
        assert talk.branch[-1].status.can_go_on
        await all_of(talk.go_on())
        assert texts(talk) == ["Where to?", "Kyo", "to."]
        await talk.model.close()
    roles = [message["role"] for message in server.requests[1].body["messages"]]
    assert roles == ["system", "user", "assistant", "user"]


async def test_the_question_is_kept_when_there_is_no_answer(planner: Planner) -> None:
    async with ScriptedServer(refusal(401, "no", "invalid_api_key"), Reply(said("Hi."))) as server:
        talk = dialogue(planner, server)
        ended = (await all_of(talk.say_next("Where to?")))[-1]
        assert isinstance(ended, Ended)
        assert ended.failure is not None
        await all_of(talk.again(talk.branch[-1]))
        await talk.model.close()
    assert texts(talk) == ["Where to?", "Hi."]


async def test_memories_are_given_and_never_stored(planner: Planner) -> None:
    memory = await planner.memory.remember("hates red-eye flights")

    async def recall(text: str) -> list[Recalled]:
        return await planner.memory.recall(text, 5)

    async with ScriptedServer(Reply(said("Fly by day."))) as server:
        talk = dialogue(planner, server, recall=recall)
        _, asked, *_ = await all_of(talk.say_next("When to fly?"))
        await talk.model.close()
    assert isinstance(asked, Asked)
    assert [found.memory.id for found in asked.memories] == [memory.id]
    assert "hates red-eye flights" in server.requests[0].body["messages"][-1]["content"]
    assert texts(talk) == ["When to fly?", "Fly by day."]
    assert [used for used, _ in talk.branch[-1].last.metadata["memories"]] == [memory.id]


async def test_looking_leaves_nothing_behind(planner: Planner) -> None:
    async with ScriptedServer(Reply()) as server:
        dialogue(planner, server)
    assert await planner.chats.sessions() == []


async def test_older_turns_are_summarised_where_the_window_fills_up(planner: Planner) -> None:
    answers = [Reply(said(f"Answer {number}. " + "word " * 60)) for number in range(9)]
    summary = Reply(said("They want Kyoto on 7 October for 180 EUR."))
    async with ScriptedServer(*answers, summary, Reply(said("Yes."))) as server:
        talk = dialogue(planner, server, window=1000)
        for number in range(9):
            await all_of(talk.say_next(f"Question {number}?"))
        assert await talk.summarise()
        assert not await talk.summarise()
        await all_of(talk.say_next("And then?"))
        await talk.model.close()
    asked = str(server.requests[-2].body["messages"])
    assert "Question 2?" in asked
    assert "Question 3?" not in asked
    sent = server.requests[-1].body["messages"]
    assert "180 EUR" in sent[0]["content"]
    assert "Question 2?" not in str(sent)
    assert "Question 8?" in str(sent)
    assert len(talk.branch) == 20


async def test_a_summary_that_fails_loses_nothing(planner: Planner) -> None:
    answers = [Reply(said("word " * 60)) for _ in range(9)]
    async with ScriptedServer(*answers, refusal(401, "no"), Reply(said("Yes."))) as server:
        talk = dialogue(planner, server, window=900)
        for number in range(9):
            await all_of(talk.say_next(f"Question {number}?"))
        assert not await talk.summarise()
        asked = next(step for step in await all_of(talk.say_next("And then?")) if isinstance(step, Asked))
        await talk.model.close()
    assert asked.fitted.left_out > 0
    assert len(talk.branch) == 20


async def test_a_conversation_in_step_is_not_read_again(planner: Planner) -> None:
    async with ScriptedServer(Reply(said("Kyoto.")), Reply(said("Nara.")), Reply(said("Rome."))) as server:
        talk = dialogue(planner, server)
        await all_of(talk.say_next("Where to?"))
        await planner.chats.rename(talk.id, "Elsewhere")  # whoever reads the conversation again sees it
        await all_of(talk.say_next("And then?"))
        await all_of(talk.again(talk.branch[-1]))
        assert talk.conversation is not None
        assert talk.conversation.session.title == "Where to?"
        assert texts(talk) == ["Where to?", "Kyoto.", "And then?", "Rome."]
        known = talk.conversation
        await talk.refresh()
        assert talk.conversation.session.title == "Elsewhere"
        assert talk.conversation.branch == known.branch
        assert all(one is other for one, other in zip(known.messages, talk.conversation.messages, strict=True))
