"""The way to a database that asks for passwords, over TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.database import Database
from tests.secure import secure_place
from tests.tls import Authority, TlsFront
from tripsage_tui.data.target import ConnectionTarget


@pytest.fixture
async def front(secure: Database, authority: Authority) -> AsyncIterator[TlsFront]:
    """TLS before that database, as "localhost"."""
    async with TlsFront(secure.host, secure.port, certificate=authority.issue("localhost")) as front:
        yield front


@pytest.fixture
def place(secure: Database, front: TlsFront, authority: Authority) -> ConnectionTarget:
    """The way to it that works."""
    return secure_place(port=front.port, database=secure.name, ca_pem=authority.pem)
