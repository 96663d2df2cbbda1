"""PostgreSQL is killed again and again while somebody writes: nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import pytest

from tests.data.booking_samples import ITEM, TRIP
from tests.data.embedded.conftest import discard, new_folder
from tripsage_tui.data import postmaster
from tripsage_tui.data.database import ConnectionTarget, Database
from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import OutcomeUnknown, StaleRow, Unavailable
from tripsage_tui.data.itinerary import ItineraryRepository
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.live import Change
from tripsage_tui.data.owner import connect
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.identity.profiles import LocalProfiles
from tripsage_tui.identity.tickets import LocalTickets
from tripsage_tui.models.bookings import ItineraryItem

WRITES, KILLS = 200, 10
SEED = 7


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = new_folder()
    yield folder
    discard(folder)


T = TypeVar("T")


async def persistently(database: Database, attempt: Callable[[], Awaitable[T]]) -> T:
    """What a person does: try again when the program says that the database is back."""
    while True:
        try:
            return await attempt()
        except Unavailable:
            assert await database.recovered(60)


async def change(items: ItineraryRepository, item: ItineraryItem, position: int) -> ItineraryItem:
    """Change the position once; look before repeating when the program cannot say whether it happened."""
    try:
        return await items.update(item.id, {"position": position}, based_on=item.updated_at)
    except OutcomeUnknown as unknown:
        raise Unavailable from unknown
    except StaleRow as stale:
        current = stale.current
    # Nobody else writes: this is our own change, whose answer got lost.
    assert isinstance(current, ItineraryItem)
    assert current.position == position
    return current


async def kill(server: EmbeddedServer, dice: random.Random, postmaster_too: bool) -> None:
    """`kill -9` of the postmaster, or of one of the program's backends (which makes the postmaster restart all)."""
    running = postmaster.running(server.files.cluster)
    if running is None:  # it is being started again from the last time
        return
    victim = running.pid
    if not postmaster_too:
        try:
            async with connect(server.address) as owner:
                rows = await owner.fetch("select pid from pg_stat_activity where usename = 'tripsage_client'")
        except Unavailable:
            return
        if not rows:
            return
        victim = dice.choice(rows)["pid"]
    os.kill(victim, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_two_hundred_writes_and_ten_kills(data_dir: Path) -> None:
    dice = random.Random(SEED)
    server = EmbeddedServer(data_dir)
    await server.ensure_running()
    profile = await LocalProfiles(server).create("Ann")

    async def revive() -> None:
        await server.revive()

    database = Database(
        ConnectionTarget(server.address.socket_dir, server.address.port),
        LocalTickets(server, profile),
        revive=revive,
        limit=RateLimit(1e6, 1e6),
    )
    await database.start()
    changes: list[Change] = []
    await database.listen(changes.append)
    trip = await TripRepository(database).create(TRIP, key=uuid4())
    items = ItineraryRepository(database)
    acknowledged: dict[UUID, ItineraryItem] = {}
    next_kill = asyncio.Event()

    async def kills() -> None:
        for number in range(KILLS):
            await next_kill.wait()
            next_kill.clear()
            await asyncio.sleep(dice.uniform(0, 0.02))
            await kill(server, dice, postmaster_too=number % 2 == 0)

    killing = asyncio.create_task(kills())
    # Half of the writes are new rows, half change the row before: both must happen exactly once.
    for number in range(WRITES // 2):
        if number % (WRITES // 2 // KILLS) == 3:
            next_kill.set()
        key = uuid4()
        fields = ITEM.model_copy(update={"title": f"item {number}", "position": 0})
        item = await persistently(database, partial(items.add, trip.id, fields, key=key))
        acknowledged[key] = await persistently(database, partial(change, items, item, number))
    await killing

    stored = await persistently(database, partial(items.by_trip, trip.id))
    assert sorted(stored, key=lambda item: item.id) == sorted(acknowledged.values(), key=lambda item: item.id)
    assert len(stored) == WRITES // 2
    assert {item.position for item in stored} == set(range(WRITES // 2))
    assert Change.missed() in changes
    await database.close()
    server.detach()


@pytest.mark.slow
async def test_a_killed_server_is_noticed_without_asking_and_comes_back(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir)
    await server.ensure_running()
    profile = await LocalProfiles(server).create("Ann")

    async def revive() -> None:
        await server.revive()

    database = Database(
        ConnectionTarget(server.address.socket_dir, server.address.port), LocalTickets(server, profile), revive=revive
    )
    await database.start()
    again: asyncio.Queue[Change] = asyncio.Queue()
    await database.listen(again.put_nowait)
    trips = TripRepository(database)
    await trips.create(TRIP, key=uuid4())
    await database.settled()
    states: list[str] = []
    database.health.on_change(lambda health: states.append(f"{health.state} {health.live}"))
    running = postmaster.running(server.files.cluster)
    assert running
    started = time.monotonic()
    os.kill(running.pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        while await again.get() != Change.missed():
            pass
    assert "up True" in states[-1]
    assert any(state.startswith("down") for state in states)
    assert time.monotonic() - started < 15
    assert len(await trips.list()) == 1
    await database.close()
    server.detach()
