"""Signed-in users: the program's own data layer on a test's database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from tests.database import Database as TestDatabase
from tests.database import User
from tripsage_tui.data.database import ConnectionTarget, Database, Ticket


class LocalTickets:
    """A source that opens tickets through the owner's connection and counts how many it was asked for."""

    def __init__(self, database: TestDatabase, user: User, lifetime: timedelta = timedelta(hours=1)) -> None:
        self.database = database
        self.user = user
        self.lifetime = lifetime
        self.issued: list[str] = []

    async def ticket(self) -> Ticket:
        expires_at = datetime.now(UTC) + self.lifetime
        value = await self.database.ticket(self.user, self.lifetime)
        self.issued.append(value)
        return Ticket(SecretStr(value), expires_at)


def target(database: TestDatabase, **changes: Any) -> ConnectionTarget:
    """Where the test's database is, for the program's login."""
    where: dict[str, Any] = {"host": database.host, "port": database.port, "database": database.name}
    return ConnectionTarget(**(where | changes))


SignIn = Callable[..., Awaitable[Database]]


@pytest.fixture
async def sign_in(database: TestDatabase) -> AsyncIterator[SignIn]:
    """`await sign_in(user)` opens the data layer for a user; `lifetime`, `target` and Database's options may follow."""
    opened: list[Database] = []

    async def open_for(user: User, *, lifetime: timedelta = timedelta(hours=1), **options: Any) -> Database:
        where = options.pop("target", None) or target(database)
        source = options.pop("tickets", None) or LocalTickets(database, user, lifetime)
        session = Database(where, source, **options)
        await session.start()
        opened.append(session)
        return session

    yield open_for
    for session in opened:
        await session.close()
