"""What tests share: one PostgreSQL per test process, one cloned database per test."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from tests.database import Database, clone, drop, prepare
from tests.postgres import Server

_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The PostgreSQL of the embedded mode, without durability; TRIPSAGE_TEST_POSTGRES=16 chooses the older one."""
    server = Server(int(os.environ.get("TRIPSAGE_TEST_POSTGRES", "18")))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """Name of a migrated database without rows, to clone from."""
    return asyncio.run(prepare(server, "tripsage_template")).name


@pytest.fixture
async def database(server: Server, template: str) -> AsyncIterator[Database]:
    """A database of its own for one test, with the whole schema and no rows."""
    database = await clone(server, template, f"test_{next(_numbers)}")
    yield database
    await drop(database)
