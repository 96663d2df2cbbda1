"""No word is lost: a program that is killed while the database is away leaves an answer that the next one stores."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import sys
from pathlib import Path
from uuid import UUID

import pytest

from tests.assistant.scripted import HANG, Reply, ScriptedServer, chunk, said, sse
from tests.database import Database, User
from tests.proxy import Proxy
from tests.screens.planning import planner_of
from tripsage_tui.answer_journals import AnswerJournals, Begun
from tripsage_tui.assistant.recovery import recover
from tripsage_tui.models.chats import CONTENT_LIMIT, ChatMessage, Role, spoken
from tripsage_tui.planner import Planner

KYOTO = (*sse(chunk({"reasoning_content": "Hm."})), *sse(chunk({"content": "Kyoto "})))


@dataclasses.dataclass
class Killed:
    """Starts an answer in a process of its own and kills it once the last of `words` has come."""

    database: Database
    planner: Planner
    user: User
    folder: Path

    async def answer(self, server: ScriptedServer, *words: str) -> UUID:
        session = await self.planner.chats.create(title="Where to?")
        question = await self.planner.chats.add(session.id, Role.USER, "Where to?")
        async with Proxy(self.database.host, self.database.port) as proxy:
            where = ("127.0.0.1", str(proxy.port), self.database.name, await self.database.ticket(self.user))
            what = (str(self.folder), server.url, str(session.id), str(question.id))
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.assistant.alone", *where, *what), stdout=asyncio.subprocess.PIPE
            )
            assert process.stdout is not None
            try:
                for number, word in enumerate(words):
                    assert (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip() == word
                    if number == 0:
                        await self._stored(session.id)
                        proxy.refusing = True
                        proxy.cut()
            finally:
                process.kill()
                await process.wait()
        return session.id

    async def _stored(self, session_id: UUID) -> None:
        for _ in range(500):
            if (await self.planner.chats.open(session_id)).messages[-1].content:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the beginning was not stored")


@pytest.fixture
def killed(database: Database, planner: Planner, ann: User, tmp_path: Path) -> Killed:
    return Killed(database, planner, ann, tmp_path / "answers")


async def answers(planner: Planner, session_id: UUID) -> list[ChatMessage]:
    return [each for each in (await planner.chats.open(session_id)).messages if each.role is Role.ASSISTANT]


async def test_a_killed_program_loses_no_word_while_the_database_is_away(killed: Killed, tmp_path: Path) -> None:
    async with ScriptedServer(Reply([*KYOTO, 1.5, *sse(chunk({"content": "in October."})), HANG])) as server:
        session = await killed.answer(server, "Kyoto", "in October.")
    planner = dataclasses.replace(killed.planner, journals=AnswerJournals(killed.folder))
    (before,) = await answers(planner, session)
    assert (before.content, before.status.value) == ("Kyoto ", "streaming")
    shutil.copytree(killed.folder, tmp_path / "again")
    assert await recover(planner) == 1
    # Killed between storing it and deleting the journal, it is stored once more, and is there once.
    assert await recover(dataclasses.replace(planner, journals=AnswerJournals(tmp_path / "again"))) == 1
    (answer,) = await answers(planner, session)
    assert (answer.id, answer.content, answer.status.value) == (before.id, "Kyoto in October.", "interrupted")
    assert answer.metadata["thinking"] == "Hm."
    assert not planner.journals.any
    assert await recover(planner) == 0


async def test_a_database_that_is_still_away_leaves_it_for_another_time(
    database: Database, ann: User, planner: Planner, tmp_path: Path
) -> None:
    session = await planner.chats.create(title="Where to?")
    question = await planner.chats.add(session.id, Role.USER, "Where to?")
    begun = Begun(session_id=session.id, key=UUID(int=1), parent_id=question.id, about={"model": "m-1"})
    journals = AnswerJournals(tmp_path / "answers")
    text = "Kyoto. " * (CONTENT_LIMIT // 5)
    journal = journals.begin(begun)
    journal.text(text)
    journal.ended("complete", {"finish": "stop"})
    journal.release()
    async with planner_of(database, ann, tmp_path / "gone") as gone:
        await gone.database.close()
        assert await recover(dataclasses.replace(gone, journals=journals)) == 0
    assert journals.any
    assert await recover(dataclasses.replace(planner, journals=journals)) == 1
    (_, answer) = spoken((await planner.chats.open(session.id)).branch)
    assert (answer.text, len(answer.messages), answer.status.value) == (text, 2, "complete")


async def test_an_answer_of_a_conversation_that_is_gone_is_dropped(planner: Planner, tmp_path: Path) -> None:
    journals = AnswerJournals(tmp_path / "answers")
    journal = journals.begin(Begun(session_id=UUID(int=5), key=UUID(int=1), parent_id=None))
    journal.text("Kyoto")
    journal.release()
    assert await recover(dataclasses.replace(planner, journals=journals)) == 0
    assert not journals.any


async def test_an_answer_that_is_stored_leaves_no_journal(planner: Planner, tmp_path: Path) -> None:
    from tests.assistant.test_dialogue import all_of, dialogue

    journals = AnswerJournals(tmp_path / "answers")
    async with ScriptedServer(Reply(said("Kyoto."))) as server:
        talk = dialogue(dataclasses.replace(planner, journals=journals), server)
        await all_of(talk.say_next("Where to?"))
        await talk.model.close()
    assert not journals.any
