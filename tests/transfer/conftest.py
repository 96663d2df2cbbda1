"""Two databases of one server as two worlds, with a user in each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from tests.data.conftest import LocalTickets, target
from tests.database import Database as TestDatabase
from tests.database import User, clone, drop
from tests.postgres import Server
from tripsage_tui.data.database import Database
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.transfer_reading import TransferReading
from tripsage_tui.data.transfer_writing import TransferWriting
from tripsage_tui.transfer.worlds import DatabaseWorld, Traveller


@pytest.fixture
async def other(server: Server, template: str, database: TestDatabase) -> AsyncIterator[TestDatabase]:
    """A second database beside `database`."""
    other = await clone(server, template, f"{database.name}_other")
    # Ids of the two worlds must not happen to be the same.
    await (await other.owner()).execute(
        """
        do $$ declare s regclass; begin
          for s in select c.oid from pg_class c where relkind = 'S' and relnamespace = 'public'::regnamespace loop
            execute format('alter sequence %s restart 5000', s);
          end loop;
        end $$
        """
    )
    yield other
    await drop(other)


@asynccontextmanager
async def entered(database: TestDatabase, user: User, **options: Any) -> AsyncIterator[DatabaseWorld]:
    """That user's world through the program's data layer, for as long as the block runs."""
    where = options.pop("target", None) or target(database)
    session = Database(where, LocalTickets(database, user), limit=RateLimit(1e6, 1e6), **options)
    await session.start()
    try:
        who = Traveller(user.id, user.name, database.name)
        yield DatabaseWorld(who, TransferReading(session), TransferWriting(session))
    finally:
        await session.close()


Enter = Callable[..., Awaitable[DatabaseWorld]]


@pytest.fixture
async def enter() -> AsyncIterator[Enter]:
    """`await enter(database, user)`: that user's world, until the test ends."""
    async with AsyncExitStack() as opened:

        async def open_for(database: TestDatabase, user: User, **options: Any) -> DatabaseWorld:
            return await opened.enter_async_context(entered(database, user, **options))

        yield open_for
