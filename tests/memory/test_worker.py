"""The worker against a scripted model: what stock Mem0 loses is not lost, and it is in nobody's way.

The first tests are the table of what Mem0 2.2.1 does when something fails: a new version has to pass them.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from tests.database import Database, User
from tests.memory.worker_runs import QUICK, Bench, bench_of, reads
from tests.openai_server import HANG, Answer, Body, OpenAIServer, completion, failure, vectors
from tripsage_tui.data.errors import NotFound
from tripsage_tui.memory import builtin_embedder


def of_process(process_id: int | None) -> bytes:
    """Command line and environment of a process, as everybody sees them."""
    return b"".join(Path(f"/proc/{process_id}/{part}").read_bytes() for part in ("cmdline", "environ"))


def files(folder: Path) -> dict[str, bytes]:
    """Everything below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_turns_become_memories_and_a_newer_one_replaces_the_older(
    bench: Bench, model: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    await bench.say("I hate red-eyes. I eat no meat.", "What is the weather?", "I love red-eyes.")
    await bench.drained()
    recalled = await bench.service.recall("which flights at night?")
    assert {one.memory.content for one in recalled} == {"User love red-eyes", "User eat no meat"}
    listed = {memory.content: memory for memory in await bench.service.list()}
    assert listed["User hate red-eyes"].superseded_by == listed["User love red-eyes"].id
    memory = listed["User eat no meat"]
    assert (memory.source, memory.embedding_model) == ("chat", bench.start.access.space)
    assert memory.source_session_id is not None
    prompt = model.asked_for("chat/completions")[0]["messages"][0]["content"]
    assert len(prompt) < 2000, "Mem0's own prompt of 34,000 characters was sent"
    seen = of_process(bench.link.process_id)
    assert b"sk-" not in seen
    assert bench.start.ticket.value.get_secret_value().encode() not in seen


async def test_a_worker_with_an_old_key_is_ended_and_the_next_turn_gets_another(bench: Bench) -> None:
    await bench.say("I like trains.")
    await bench.drained()
    old = bench.link.process_id
    assert old is not None
    bench.link.renew()
    await bench.say("I like ferries.")
    await bench.drained()
    assert bench.link.process_id not in {None, old}
    assert await bench.facts() == ["User like ferries", "User like trains"]


WRONG = (
    failure(500),
    failure(429),
    Answer(b"<html>a proxy's own page</html>"),
    completion("Sure! The traveller seems to like trains."),
    completion('{"memory": [{"text": '),
    completion('["User likes trains"]'),
    completion("{}"),
    HANG,
)


async def test_whatever_the_model_says_wrongly_is_asked_again(bench: Bench, model: OpenAIServer) -> None:
    wrong = iter(WRONG)
    model.chat = lambda body: next(wrong, None) or reads(body)
    await bench.say("I like trains.")
    await bench.drained()
    assert await bench.facts() == ["User like trains"]
    assert len(model.asked_for("chat/completions")) == len(WRONG) + 1


async def test_an_answer_that_never_makes_sense_is_given_up_visibly_and_can_be_asked_for(
    bench: Bench, model: OpenAIServer
) -> None:
    model.chat = lambda body: completion("I would rather talk about something else.")
    await bench.say("I like trains.")

    async def failed() -> bool:
        return (await bench.service.backlog()).failed == 1

    await bench.until(failed)
    _, (turn,) = await bench.service.overview()
    assert (turn.state, turn.last_error) == ("failed", "The model answered something else than facts.")
    model.chat = reads
    await bench.service.retry([turn.id])
    await bench.drained()
    assert await bench.facts() == ["User like trains"]


async def test_embeddings_that_die_after_the_answer_cost_no_fact(bench: Bench, model: OpenAIServer) -> None:
    def chat(body: Body) -> Answer:
        model.embeddings = lambda _: failure(503)
        return reads(body)

    model.chat = chat
    await bench.say("I like trains.")

    async def there() -> bool:
        return bool(await bench.facts())

    await bench.until(there)
    (memory,) = await bench.memories.newest()
    assert memory.embedding_model == builtin_embedder.SPACE
    model.embeddings = vectors
    await bench.drained()
    assert (await bench.memories.get(memory.id)).embedding_model == bench.start.access.space


async def test_embeddings_that_never_work_cost_no_fact(bench: Bench, model: OpenAIServer) -> None:
    model.embeddings = lambda _: failure(404)
    await bench.say("I hate red-eyes.", "I love red-eyes.")

    async def read() -> bool:
        return (await bench.service.backlog()).turns == 0

    await bench.until(read)
    assert await bench.facts() == ["User love red-eyes"]
    found = await bench.service.recall("red-eyes", patience=2.0)
    assert [one.memory.content for one in found] == ["User love red-eyes"]


async def test_a_database_that_refuses_gets_everything_later(bench: Bench, model: OpenAIServer) -> None:
    owner = await bench.database.owner()
    await owner.execute("alter table memories add constraint shut check (content = '') not valid")
    await bench.say("I like trains. I like boats.")

    async def troubled() -> bool:
        return bool(bench.service.trouble)

    await bench.until(troubled)
    assert await bench.facts() == []
    await owner.execute("alter table memories drop constraint shut")
    await bench.drained()
    assert await bench.facts() == ["User like boats", "User like trains"]


async def test_a_model_that_hangs_does_not_hold_up_the_end(
    database: Database, ada: User, model: OpenAIServer, tmp_path: Path
) -> None:
    model.chat = lambda body: HANG
    async with bench_of(database, ada, model, tmp_path) as bench:
        await bench.say("I like trains.")

        async def asked() -> bool:
            return bool(model.asked_for("chat/completions"))

        await bench.until(asked)
        started = time.perf_counter()
        assert await bench.service.note_turn(await bench.conversation(), "user", "I like boats.")
        await bench.service.close()
        assert time.perf_counter() - started < 1.0
        assert not bench.link.running
    model.chat = reads
    async with bench_of(database, ada, model, tmp_path) as bench:
        bench.service.wake()
        await bench.drained()
        assert await bench.facts() == ["User like boats", "User like trains"]


async def test_twenty_turns_at_once_two_at_a_time(bench: Bench, model: OpenAIServer) -> None:
    def slowly(body: Body) -> Answer:
        answer = reads(body)
        return Answer(answer.body, delay=0.05)

    model.chat = slowly
    facts = [f"collect stamp number {number}" for number in range(20)]
    await asyncio.gather(*(bench.say(f"I {fact}.") for fact in facts))
    await bench.drained(30)
    assert await bench.facts() == sorted(f"User {fact}" for fact in facts)
    assert model.most_at_once <= 3  # two turns, and one batch of vectors


async def test_killed_at_any_moment_every_fact_is_there_once(bench: Bench, model: OpenAIServer) -> None:
    moments = iter(range(6))

    def chat(body: Body) -> Answer:
        """Just asked, and every other time: just answered."""
        number = next(moments, None)
        if number is not None and bench.link.process_id is not None:
            if number % 2:
                loop.call_soon_threadsafe(loop.call_later, 0.002 * number, kill)
            else:
                kill()
        return reads(body)

    def kill() -> None:
        if bench.link.process_id is not None:
            os.kill(bench.link.process_id, signal.SIGKILL)

    loop = asyncio.get_running_loop()
    model.chat = chat
    facts = [f"collect stamp number {number}" for number in range(8)]
    await bench.say(*(f"I {fact}." for fact in facts), apart=True)

    async def wake() -> bool:
        bench.service.wake()
        return (await bench.service.backlog()).turns == 0

    await bench.until(wake, 40)
    assert await bench.facts() == sorted(f"User {fact}" for fact in facts)


async def test_two_programs_of_one_user_have_one_reader(
    database: Database, ada: User, model: OpenAIServer, tmp_path: Path
) -> None:
    async with (
        bench_of(database, ada, model, tmp_path / "1") as one,
        bench_of(database, ada, model, tmp_path / "2") as two,
    ):
        one.service.wake()
        two.service.wake()
        await asyncio.gather(one.say("I like trains.", "I like boats."), two.say("I like bikes."))
        await one.drained()
        assert len(model.asked_for("chat/completions")) == 3
        assert await two.link.embed("a question", 3.0) is not None


async def test_without_a_key_turns_wait_and_nothing_is_started(database: Database, ada: User, tmp_path: Path) -> None:
    async with bench_of(database, ada, None, tmp_path) as bench:
        await bench.say("I like trains.")
        await bench.service.remember("Likes window seats")
        assert not bench.link.running
        backlog = await bench.service.backlog()
        assert (backlog.turns, backlog.vectors) == (1, 0)
        found = await bench.service.recall("where to sit on the plane")
        assert found[0].distance is not None


async def test_with_a_key_what_was_embedded_here_is_embedded_again(
    database: Database, ada: User, model: OpenAIServer, tmp_path: Path
) -> None:
    async with bench_of(database, ada, None, tmp_path) as bench:
        for number in range(60):
            await bench.service.remember(f"Fact number {number}")
    async with bench_of(database, ada, model, tmp_path) as bench:
        assert (await bench.service.backlog()).vectors == 60
        bench.service.wake()
        await bench.drained()
        spaces = {memory.embedding_model for memory in await bench.memories.newest()}
        assert spaces == {bench.start.access.space}
        assert sorted(len(body["input"]) for body in model.asked_for("embeddings")) == [10, 50]
        (best, *_) = await bench.service.search("Fact number 7", patience=3.0)
        assert (best.memory.content, round(best.distance or 0, 3)) == ("Fact number 7", 0.0)


async def test_it_leaves_when_there_is_nothing_to_do_and_comes_back(
    database: Database, ada: User, model: OpenAIServer, tmp_path: Path
) -> None:
    from dataclasses import replace

    async with bench_of(database, ada, model, tmp_path, replace(QUICK, idle=0.3)) as bench:
        await bench.say("I like trains.")
        await bench.drained()

        async def gone() -> bool:
            return not bench.link.running

        await bench.until(gone)
        await bench.say("I like boats.")
        await bench.drained()
        assert len(await bench.facts()) == 2


async def test_nobody_reads_anothers_memories_through_mem0(
    database: Database, ada: User, model: OpenAIServer, tmp_path: Path
) -> None:
    import sys

    ben = await database.create_user("Ben")
    async with bench_of(database, ada, model, tmp_path) as mine, bench_of(database, ben, model, tmp_path) as theirs:
        secret = await mine.service.remember("Ada's passport is in the blue bag")
        await theirs.service.remember("Ben travels light")
        script = Path(__file__).with_name("mem0_calls.py")
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(script), str(ada.id), str(secret.id),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={**os.environ, "HOME": str(tmp_path)},
        )  # fmt: skip
        out, _ = await process.communicate(theirs.start.line())
        assert process.returncode == 0
        assert b"passport" not in out
        assert out.decode().split() == ["search:0", "get:None", "get_all:0", "own:1", "PermissionError", "ValueError",
                                        "ValueError", "PermissionError", "connections:1"]  # fmt: skip
        assert (await mine.memories.get(secret.id)).content == secret.content
        with pytest.raises(NotFound):
            await theirs.memories.get(secret.id)
    assert not (tmp_path / ".mem0").exists()
    left = files(tmp_path)
    assert not [name for name, content in left.items() if b"passport" in content or b"travels" in content]
    assert not [name for name in left if name.endswith((".db", ".sqlite"))]
