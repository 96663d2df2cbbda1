"""A database that asks for passwords (SCRAM) and is reached over TLS, as a hosted project's is."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.database import Database, clone, drop
from tests.postgres import Server
from tests.tls import Authority, TlsFront
from tripsage_tui.data.scram import verifier
from tripsage_tui.data.target import ConnectionTarget

PASSWORD = SecretStr("correct-horse-battery-staple")
_numbers = count(1)
_HBA = "local /^secure_ tripsage_client scram-sha-256\n"


def secure_place(**changes: Any) -> ConnectionTarget:
    """The target that a user's connection file names."""
    where = {"host": "localhost", "password": PASSWORD}
    return ConnectionTarget(**(where | changes))


async def ask_for_passwords(server: Server) -> None:
    """From now on databases named secure_... want the password of tripsage_client."""
    hba = server.data / "pg_hba.conf"
    before = hba.read_text()
    if _HBA not in before:
        hba.write_text(_HBA + before)
    side = Database(server, "template1")
    await (await side.superuser()).execute("select pg_reload_conf()")
    await side.close()


@pytest.fixture
async def secure(server: Server, template: str) -> AsyncIterator[Database]:
    """A migrated database whose login has the password PASSWORD."""
    await ask_for_passwords(server)
    database = await clone(server, template, f"secure_{next(_numbers)}")
    await (await database.superuser()).execute(f"alter role tripsage_client password '{verifier(PASSWORD)}'")
    yield database
    await drop(database)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def front(secure: Database, authority: Authority) -> AsyncIterator[TlsFront]:
    """TLS before that database, as "localhost"."""
    async with TlsFront(secure.host, secure.port, certificate=authority.issue("localhost")) as front:
        yield front


@pytest.fixture
def place(secure: Database, front: TlsFront, authority: Authority) -> ConnectionTarget:
    """The way to it that works."""
    return secure_place(port=front.port, database=secure.name, ca_pem=authority.pem)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that pgbouncer's account can be lent, which those of pytest below root's cannot."""
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        yield Path(name)
