"""A scripted model's server and a signed-in user."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.database import Database, User
from tests.memory.worker_runs import Bench, bench_of, reads
from tests.openai_server import OpenAIServer


@pytest.fixture
def model() -> Iterator[OpenAIServer]:
    """A server whose model reads facts out of plain sentences."""
    server = OpenAIServer()
    server.chat = reads
    with server.running():
        yield server


@pytest.fixture
async def ada(database: Database) -> User:
    return await database.create_user("Ada")


@pytest.fixture
async def bench(database: Database, ada: User, model: OpenAIServer, tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_of(database, ada, model, tmp_path / "mem0") as bench:
        yield bench
