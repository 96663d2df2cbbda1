"""Conversations through their repository: trees, long texts, search, calls, and nobody else's."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.data.conftest import SignIn
from tests.database import Database as Cluster
from tests.hostile import HOSTILE
from tripsage_tui.data.chats import ChatRepository
from tripsage_tui.data.errors import Forbidden, InvalidValue, NotFound
from tripsage_tui.models.chats import (
    CONTENT_LIMIT,
    CallStatus,
    ChatMessage,
    Decision,
    MessageStatus,
    Role,
    split_content,
    spoken,
    title_of,
)


@pytest.fixture
async def chats(sign_in: SignIn, database: Cluster) -> ChatRepository:
    return ChatRepository(await sign_in(await database.create_user("Ann")))


async def test_a_conversation_is_a_tree(chats: ChatRepository) -> None:
    session = await chats.create()
    question = await chats.add(session.id, Role.USER, "Where to?", title=title_of("Where to?"))
    first = await chats.add(session.id, Role.ASSISTANT, "Kyoto.", parent_id=question.id)
    again = await chats.add(session.id, Role.ASSISTANT, "Nara.", parent_id=question.id)
    more = await chats.add(session.id, Role.USER, "Why?", parent_id=again.id)
    talk = await chats.open(session.id)
    assert talk.session.title == "Where to?"
    assert [message.content for message in talk.branch] == ["Where to?", "Nara.", "Why?"]
    assert [message.id for message in talk.siblings(again)] == [first.id, again.id]
    assert talk.newest_below(question).id == more.id
    await chats.show(session.id, first.id)
    assert [message.content for message in (await chats.open(session.id)).branch] == ["Where to?", "Kyoto."]


async def test_the_same_message_twice_is_stored_once(chats: ChatRepository) -> None:
    session, key = await chats.create(), uuid4()
    one = await chats.add(session.id, Role.USER, "Hello", key=key)
    assert await chats.add(session.id, Role.USER, "Hello", key=key) == one
    assert await chats.create(key=session.id) == (await chats.open(session.id)).session.model_copy(
        update={"messages": 1}
    )


async def test_an_answer_is_written_while_it_comes(chats: ChatRepository) -> None:
    session = await chats.create()
    answer = await chats.add(session.id, Role.ASSISTANT, "", status=MessageStatus.STREAMING, metadata={"model": "m"})
    await chats.write(answer.id, "Kyo", MessageStatus.STREAMING)
    done = await chats.write(answer.id, "Kyoto", MessageStatus.STOPPED, {"tokens": 3})
    assert (done.content, done.status, done.metadata) == ("Kyoto", MessageStatus.STOPPED, {"model": "m", "tokens": 3})
    assert done.status.can_go_on


async def test_what_a_dead_program_was_writing_is_interrupted(chats: ChatRepository) -> None:
    session = await chats.create()
    await chats.add(session.id, Role.ASSISTANT, "Kyo", status=MessageStatus.STREAMING)
    assert await chats.interrupt_leftovers() == 0
    assert await chats.interrupt_leftovers(older_than=0) == 1
    (answer,) = (await chats.open(session.id)).messages
    assert (answer.content, answer.status) == ("Kyo", MessageStatus.INTERRUPTED)


async def test_texts_longer_than_a_message_are_parts_of_one(chats: ChatRepository) -> None:
    text = "\n".join(f"{number}. A line about temples. 寺" for number in range(3000))
    session = await chats.create()
    parent: ChatMessage | None = None
    for part, piece in enumerate(split_content(text)):
        parent = await chats.add(
            session.id, Role.USER, piece, parent_id=parent.id if parent else None, metadata={"part": part}
        )
    (whole,) = spoken((await chats.open(session.id)).branch)
    assert whole.text == text
    assert len(whole.messages) == 3
    with pytest.raises(InvalidValue):
        await chats.add(session.id, Role.USER, "x" * (CONTENT_LIMIT + 1))


def test_pieces_end_with_lines_where_they_can() -> None:
    assert split_content("") == [""]
    assert split_content("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]
    assert split_content("aaaaaa\nbbbbbb", 10) == ["aaaaaa\n", "bbbbbb"]


async def test_calls_are_written_down_before_and_after(chats: ChatRepository) -> None:
    session = await chats.create()
    answer = await chats.add(session.id, Role.ASSISTANT, "")
    call = await chats.add_call(answer.id, "c1", "add_item", {"title": "Dinner\0"}, decision=Decision.ASKED)
    assert (call.status, call.arguments) == (CallStatus.PENDING, {"title": "Dinner"})
    await chats.set_call(call.id, CallStatus.RUNNING, decision=Decision.ONCE)
    done = await chats.set_call(call.id, CallStatus.COMPLETED, result={"id": 7})
    assert (done.decision, done.result) == (Decision.ONCE, {"id": 7})
    assert done.completed_at is not None
    (message,) = (await chats.open(session.id)).messages
    assert message.calls == (done,)


async def test_search_looks_into_titles_and_texts(chats: ChatRepository) -> None:
    japan = await chats.create(title="Autumn leaves")
    await chats.add(japan.id, Role.USER, "A quiet ryokan in Kinosaki, please")
    rome = await chats.create(title="Rome in May")
    await chats.add(rome.id, Role.USER, "Trastevere or Monti?")
    ((found, place),) = await chats.search("kinos ryok")
    assert found.id == japan.id
    assert "ryokan in Kinosaki" in place
    assert [session.id for session, _ in await chats.search("rome")] == [rome.id]
    assert await chats.search("Kinosaki rome") == []
    for text in HOSTILE.values():
        await chats.search(text)
    await chats.delete(rome.id)
    assert await chats.search("rome") == []


async def test_put_away_and_brought_back(chats: ChatRepository) -> None:
    session = await chats.create(title="One")
    await chats.rename(session.id, "Two")
    await chats.end(session.id)
    await chats.delete(session.id)
    assert await chats.sessions() == []
    assert [each.title for each in await chats.sessions(deleted=True)] == ["Two"]
    await chats.delete(session.id, deleted=False)
    (back,) = await chats.sessions()
    assert back.ended_at is not None


async def test_hostile_text_comes_back_as_it_was(chats: ChatRepository) -> None:
    session = await chats.create()
    for text in HOSTILE.values():
        try:
            text.encode()
        except UnicodeEncodeError:
            continue
        if "\0" not in text:
            assert (await chats.add(session.id, Role.ASSISTANT, text)).content == text


async def test_nobody_elses(chats: ChatRepository, sign_in: SignIn, database: Cluster) -> None:
    session = await chats.create(title="Secret plans")
    message = await chats.add(session.id, Role.USER, "Surprise party in Lisbon")
    call = await chats.add_call(message.id, "c", "t", {})
    eve = ChatRepository(await sign_in(await database.create_user("Eve")))
    own = await eve.create()
    assert [each.id for each in await eve.sessions()] == [own.id]
    assert await eve.search("surprise") == []
    with pytest.raises(NotFound):
        await eve.open(session.id)
    with pytest.raises(NotFound):
        await eve.write(message.id, "x", MessageStatus.COMPLETE)
    with pytest.raises(NotFound):
        await eve.rename(session.id, "x")
    with pytest.raises(NotFound):
        await eve.set_call(call.id, CallStatus.COMPLETED)
    for refused in (
        eve.add(session.id, Role.USER, "x"),
        eve.add(own.id, Role.USER, "x", parent_id=message.id),
        eve.show(own.id, message.id),
        eve.add_call(message.id, "c", "t", {}),
    ):
        with pytest.raises((Forbidden, NotFound, InvalidValue)):
            await refused
