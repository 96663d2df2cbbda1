"""The worker against a scripted model: what stock Mem0 loses is not lost, and it is in nobody's way."""

from __future__ import annotations

from tests.memory.worker_runs import Bench
from tests.openai_server import OpenAIServer


async def test_a_turn_becomes_a_memory_with_its_source(bench: Bench, model: OpenAIServer) -> None:
    await bench.say("I like window seats. I eat no meat.")
    await bench.drained()
    assert await bench.facts() == ["User eat no meat", "User like window seats"]
    memory = (await bench.memories.newest())[0]
    assert (memory.source, memory.embedding_model) == ("chat", bench.start.access.space)
