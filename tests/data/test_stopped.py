"""A server that somebody stopped under a running program: what the program says, and that it comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.data.embedded.conftest import discard, new_folder
from tripsage_tui.data.database import ConnectionTarget, Database
from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.health import Reachability
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.identity.profiles import LocalProfiles
from tripsage_tui.identity.tickets import LocalTickets


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = new_folder()
    yield folder
    discard(folder)


async def until(true: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_it_names_the_remedy_and_comes_back_within_seconds(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir)
    await server.ensure_running()
    profile = await LocalProfiles(server).create("Ann")

    async def revive() -> None:
        await server.revive()

    database = Database(
        ConnectionTarget(server.address.socket_dir, server.address.port), LocalTickets(server, profile), revive=revive
    )
    await database.start()
    trips = TripRepository(database)
    try:
        assert await trips.list() == []
        assert await EmbeddedServer(data_dir).stop()
        for _ in range(12):  # an impatient user: enough to open the circuit
            with pytest.raises(Unavailable):
                await trips.list()
        remedy = "The database was stopped by hand. Start it: tripsage-tui db start."
        await until(lambda: database.health.last_error == remedy, 5)
        with pytest.raises(Unavailable):
            await trips.list()
        assert database.health.last_error == remedy

        await asyncio.sleep(12)  # the user reads, and finds another terminal
        again = EmbeddedServer(data_dir)
        await again.ensure_running()
        await until(lambda: database.health.state is Reachability.UP, 12)
        assert await trips.list() == []
        again.detach()
    finally:
        await database.close()
        await EmbeddedServer(data_dir).stop()
