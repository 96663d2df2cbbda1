"""Memories and their outbox as the signed-in user: each call one statement, nothing lost, nothing of others."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID, uuid4

import pytest

from tests.data.conftest import SignIn
from tests.database import Database as TestDatabase
from tests.database import User
from tests.hostile import HOSTILE
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import InvalidValue, NotFound, StaleRow
from tripsage_tui.data.memories import MemoryRepository
from tripsage_tui.data.outbox import Outbox
from tripsage_tui.models.memories import TURN_LIMIT, Fact, MemoryType, Source

SPACE = "test"


def vector(seed: int) -> list[float]:
    generator = random.Random(seed)
    return [generator.gauss(0, 1) for _ in range(1536)]


@pytest.fixture
async def ada(database: TestDatabase) -> User:
    return await database.create_user("Ada")


@pytest.fixture
async def session(sign_in: SignIn, ada: User) -> Database:
    return await sign_in(ada)


@pytest.fixture
def memories(session: Database) -> MemoryRepository:
    return MemoryRepository(session)


@pytest.fixture
def outbox(session: Database) -> Outbox:
    return Outbox(session)


async def conversation(database: TestDatabase, user: User) -> UUID:
    owner = await database.owner()
    session_id: UUID = await owner.fetchval("insert into chat_sessions (user_id) values ($1) returning id", user.id)
    return session_id


async def test_the_same_fact_many_times_at_once_is_one_memory(memories: MemoryRepository) -> None:
    facts = ["Likes aisle seats", "likes  aisle seats.", "Likes aisle seats", "LIKES AISLE SEATS", "Likes aisle seats "]
    stored = await asyncio.gather(*(memories.remember(Fact(text)) for text in facts))
    assert len({memory.id for memory in stored}) == 1
    assert len(await memories.newest()) == 1


async def test_an_edit_keeps_the_old_wording_and_names_its_version(memories: MemoryRepository) -> None:
    first = await memories.remember(Fact("Hates red-eyes", MemoryType.PREFERENCE, vector=vector(1), space=SPACE))
    edited = await memories.edit(first, "Hates night flights", MemoryType.PREFERENCE)
    assert [wording.content for wording in edited.earlier] == ["Hates red-eyes"]
    assert not edited.embedded
    with pytest.raises(StaleRow):
        await memories.edit(first, "Hates mornings", MemoryType.PREFERENCE)
    for number in range(25):
        edited = await memories.edit(edited, f"Version {number}", MemoryType.OTHER)
    assert [wording.content for wording in edited.earlier][:2] == ["Version 23", "Version 22"]
    assert len(edited.earlier) == 20


async def test_editing_into_what_is_remembered_already_is_refused(memories: MemoryRepository) -> None:
    one = await memories.remember(Fact("Vegetarian"))
    await memories.remember(Fact("Vegan"))
    with pytest.raises(InvalidValue, match="remembered already"):
        await memories.edit(one, "vegan", MemoryType.OTHER)


async def test_a_vector_that_comes_later_does_not_make_the_fact_newer(memories: MemoryRepository) -> None:
    fact = await memories.remember(Fact("Vegetarian"))
    assert await memories.without_vector(SPACE, replace=False, after=0, limit=10) == [(fact.id, "Vegetarian")]
    assert await memories.put_vectors([(fact.id, "Vegetarian")], [vector(1)], SPACE) == 1
    now = await memories.get(fact.id)
    assert (now.embedded, now.embedding_model, now.updated_at) == (True, SPACE, fact.updated_at)
    await memories.edit(now, "Vegan", MemoryType.OTHER)
    assert await memories.put_vectors([(fact.id, "Vegetarian")], [vector(1)], SPACE) == 0


async def test_many_vectors_go_in_at_once_each_to_its_row(memories: MemoryRepository) -> None:
    facts = [await memories.remember(Fact(f"Fact number {number}")) for number in range(7)]
    texts = [(fact.id, fact.content) for fact in facts]
    await memories.put_vectors(texts, [vector(number) for number in range(7)], SPACE)
    for number, fact in enumerate(facts):
        found = await memories.search(vector(number), "", 1, space=SPACE)
        assert (found[0][0].id, round(found[0][1] or 0, 2)) == (fact.id, 0)
    assert (await memories.backlog(SPACE, replace=True)).vectors == 0
    assert (await memories.backlog("other", replace=True)).vectors == 7
    assert (await memories.backlog("other", replace=False)).vectors == 0


async def test_forgetting_takes_what_was_replaced_along_and_can_be_taken_back(memories: MemoryRepository) -> None:
    old = await memories.remember(Fact("Hates red-eyes", vector=vector(1), space=SPACE))
    new = await memories.remember(Fact("Loves red-eyes", supersedes=(old.id,)))
    assert (await memories.get(old.id)).superseded_by == new.id
    forgotten = await memories.forget([new.id])
    assert forgotten.count == 2
    assert await memories.newest() == []
    await memories.restore(forgotten)
    assert {(m.id, m.superseded_by, m.embedded) for m in await memories.newest()} == {
        (new.id, None, False), (old.id, new.id, True),
    }  # fmt: skip
    again = await memories.forget([new.id])
    await memories.remember(Fact("Loves red-eyes"))
    with pytest.raises(StaleRow, match="anew"):
        await memories.restore(again)


async def test_a_replaced_memory_is_shown_but_not_recalled(memories: MemoryRepository) -> None:
    old = await memories.remember(Fact("Hates red-eye flights", vector=vector(1), space=SPACE))
    new = await memories.remember(Fact("Loves red-eye flights", vector=vector(2), space=SPACE))
    assert await memories.supersede([old.id, new.id], by=new.id) == [old.id]
    for question in (vector(1), None):
        found = await memories.search(question, "red-eye flights", 5, space=SPACE, or_all=True)
        assert [memory.id for memory, _, _ in found] == [new.id]
    assert len(await memories.newest()) == 2
    await memories.revive([old.id])
    assert len(await memories.search(None, "red-eye", 5)) == 2


async def test_meaning_and_words_vote_together(memories: MemoryRepository) -> None:
    both = await memories.remember(Fact("Night trains to Vienna", vector=vector(5), space=SPACE))
    near = await memories.remember(Fact("Sleeper cars", vector=[v + 0.2 for v in vector(5)], space=SPACE))
    words = await memories.remember(Fact("A train set for the nephew", vector=vector(9), space=SPACE))
    other_space = await memories.remember(Fact("Night train tickets", vector=vector(5), space="another"))
    for number in range(120):
        await memories.remember(Fact(f"Filler {number}", vector=vector(100 + number), space=SPACE))
    found = await memories.search(vector(5), "trains at night", 6, space=SPACE)
    assert found[0][0].id == both.id
    assert {memory.id for memory, _, _ in found} >= {both.id, near.id, words.id, other_space.id}
    distances = {memory.id: distance for memory, distance, _ in found}
    assert distances[other_space.id] is None
    assert distances[both.id] == pytest.approx(0, abs=1e-3)


async def test_few_memories_are_all_given_and_pins_come_first(memories: MemoryRepository) -> None:
    for number in range(100):
        await memories.remember(Fact(f"Fact {number}", MemoryType.OTHER))
    vegan = (await memories.newest(limit=1))[0]
    assert len(await memories.search(None, "", 5, or_all=True)) == 100
    assert await memories.search(None, "", 5) == []
    assert await memories.pin([vegan.id], True) == [vegan.id]
    assert (await memories.search(None, "", 5, or_all=True))[0][0].id == vegan.id
    await memories.remember(Fact("One more"))
    assert len(await memories.search(None, "fact", 5, or_all=True)) == 5


async def test_any_text_can_be_kept_and_asked_for(memories: MemoryRepository) -> None:
    for text in HOSTILE.values():
        if text.strip() and "\ud83d" not in text:
            stored = await memories.remember(Fact(text.replace("\0", " ")))
            assert stored.content == text.replace("\0", " ")
            await memories.search(None, text + " '\\ & | ! :* <-> (", 3)


async def test_nobody_elses_memories(memories: MemoryRepository, outbox: Outbox, database: TestDatabase, ada: User,
                                     sign_in: SignIn) -> None:  # fmt: skip
    mine = await memories.remember(Fact("Ada's secret", vector=vector(1), space=SPACE))
    chat = await conversation(database, ada)
    turn = await outbox.note(chat, "user", "I am Ada")
    session = await sign_in(await database.create_user("Ben"))
    theirs, their_outbox = MemoryRepository(session), Outbox(session)
    assert await theirs.newest() == []
    assert await theirs.overview() == ([], [])
    assert await theirs.search(vector(1), "secret", 5, space=SPACE, or_all=True) == []
    assert await theirs.export() == []
    assert await theirs.pin([mine.id], True) == []
    assert await theirs.supersede([mine.id], by=mine.id) == []
    assert (await theirs.forget([mine.id])).count == 0
    assert await theirs.forget_all() == (0, 0)
    assert await theirs.put_vectors([(mine.id, "Ada's secret")], [vector(2)], SPACE) == 0
    for call in (theirs.get(mine.id), theirs.edit(mine, "x", MemoryType.OTHER)):
        with pytest.raises(NotFound):
            await call
    assert await their_outbox.claim() is None
    assert await their_outbox.discard(turn) == []
    await their_outbox.retry()
    with pytest.raises(Exception, match="may not"):
        await their_outbox.note(chat, "user", "I am not Ada")
    own = await theirs.remember(Fact("Ben's", supersedes=(mine.id,)))
    assert own.content == "Ben's"
    assert (await memories.get(mine.id)) == mine
    assert (await memories.backlog(SPACE, replace=True)).turns == 1


# ---- the outbox


async def test_turns_of_a_conversation_are_read_in_order_and_one_at_a_time(
    outbox: Outbox, database: TestDatabase, ada: User
) -> None:
    one, two = await conversation(database, ada), await conversation(database, ada)
    for number in range(3):
        await outbox.note(one, "user", f"one {number}")
    await outbox.note(two, "user", "two")
    await outbox.note(two, "assistant", "what I answered")
    claimed = [turn for turn in await asyncio.gather(*(outbox.claim() for _ in range(4))) if turn]
    assert sorted(turn.content for turn in claimed) == ["one 0", "two"] or len(claimed) == 1
    while len(claimed) < 2:
        more = await outbox.claim()
        assert more
        claimed.append(more)
    assert await outbox.claim() is None
    first = next(turn for turn in claimed if turn.content == "one 0")
    assert await outbox.finish(first, [])
    following = await outbox.claim()
    assert following is not None
    assert following.content == "one 1"


async def test_facts_and_the_end_of_the_turn_are_one(
    outbox: Outbox, memories: MemoryRepository, database: TestDatabase, ada: User
) -> None:
    old = await memories.remember(Fact("Hates red-eyes"))
    chat = await conversation(database, ada)
    await outbox.note(chat, "user", "Actually I love red-eyes")
    lost = await outbox.claim()
    assert lost is not None
    await outbox.release()
    turn = await outbox.claim()
    assert turn is not None
    fact = Fact("Loves red-eyes", MemoryType.PREFERENCE, Source.CHAT, mem0_id=uuid4(), vector=vector(1), space=SPACE,
                supersedes=(old.id,))  # fmt: skip
    assert not await outbox.finish(lost, [fact])
    assert len(await memories.newest()) == 1
    assert await outbox.finish(turn, [fact, Fact("loves red-eyes.")])
    assert not await outbox.finish(turn, [fact])
    new = (await memories.search(vector(1), "", 1, space=SPACE))[0][0]
    assert (new.source, new.source_session_id, new.embedded) == ("chat", chat, True)
    assert (await memories.get(old.id)).superseded_by == new.id
    assert await outbox.claim() is None


async def test_a_turn_that_could_not_be_read_waits_and_can_be_asked_for(
    outbox: Outbox, memories: MemoryRepository, database: TestDatabase, ada: User
) -> None:
    chat = await conversation(database, ada)
    (waiting,) = await outbox.note(chat, "user", "I like trains")
    turn = await outbox.claim()
    assert turn is not None
    await outbox.put_back(turn, "The model answers 500.", 60, give_up=False)
    assert await outbox.claim() is None
    _, (shown,) = await memories.overview()
    assert (shown.id, shown.state, shown.last_error) == (waiting, "pending", "The model answers 500.")
    await outbox.retry()
    turn = await outbox.claim()
    assert turn is not None
    await outbox.put_back(turn, "Prose.", 0, give_up=True)
    assert await outbox.claim() is None
    backlog = await memories.backlog(SPACE, replace=True)
    assert (backlog.turns, backlog.failed) == (0, 1)
    rows = await outbox.discard([waiting])
    await outbox.restore(rows)
    await outbox.retry([waiting])
    again = await outbox.claim()
    assert again is not None
    assert (again.id, again.attempts) == (waiting, 1)


async def test_a_long_turn_takes_several_rows_and_a_message_is_noted_once(
    outbox: Outbox, database: TestDatabase, ada: User
) -> None:
    chat = await conversation(database, ada)
    owner = await database.owner()
    message = await owner.fetchval(
        "insert into chat_messages (session_id, role, content) values ($1, 'user', 'x') returning id", chat
    )
    text = "word " * 4000
    ids = await outbox.note(chat, "user", text, message_id=message)
    assert await outbox.note(chat, "user", text, message_id=message) == []
    rows = await owner.fetch("select content from session_memories where id = any ($1) order by id", ids)
    assert "".join(row[0] for row in rows) == text
    assert all(len(row[0]) <= TURN_LIMIT for row in rows)
