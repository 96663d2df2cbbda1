"""What tests share: one PostgreSQL per test process, one cloned database per test."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.database import Database, clone, drop, prepare
from tests.postgres import Server
from tests.secure import ask_for_passwords, give_password

if TYPE_CHECKING:
    from tests.tls import Authority

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


@pytest.fixture
async def secure(server: Server, template: str) -> AsyncIterator[Database]:
    """A migrated database that asks tripsage_client for a password, `tests.secure.PASSWORD`."""
    await ask_for_passwords(server)
    database = await clone(server, template, f"secure_{next(_numbers)}")
    await give_password(database)
    yield database
    await drop(database)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority whose certificates nobody trusts who has not been told to."""
    from tests.tls import Authority

    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that pgbouncer's account can be lent, which those of pytest below root's cannot."""
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        yield Path(name)
