"""A transfer that is killed, or loses its connections, goes on where it stopped; nothing comes twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.data.conftest import target as target_of
from tests.database import Database, User
from tests.proxy import Proxy
from tests.transfer.belongings import everything, fill, plain
from tests.transfer.conftest import Enter, entered
from tests.transfer.desks import desk, fill_files
from tripsage_tui.data.database import Tls
from tripsage_tui.data.errors import DataError
from tripsage_tui.transfer.moving import Moving

KILLS = 50
QUIET = ("updated_at",)
"""A record is touched once more when its bytes have arrived."""


class Transfers:
    """The process that transfers; `run` starts a transfer in a fork of it and kills that after some seconds."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, order: str, after: float | None) -> int:
        """The exit code; negative for a signal."""
        assert self._process.stdin is not None
        self._process.stdin.write(order.encode() + b"\n")
        child = int(await self._line())
        if after is not None:
            ended = asyncio.ensure_future(self._line())
            await asyncio.wait({ended}, timeout=after)
            if not ended.done():
                with suppress(ProcessLookupError):  # it has just ended by itself
                    os.kill(child, signal.SIGKILL)
            return int(await ended)
        return int(await self._line())

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        return await self._process.stdout.readline()


@pytest.fixture
async def transfers() -> AsyncIterator[Transfers]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.transfer.transferring",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    yield Transfers(process)
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


async def side(database: Database, user: User, home: Path) -> dict[str, str]:
    return {
        "home": str(home),
        "host": database.host,
        "port": str(database.port),
        "database": database.name,
        "user": str(user.id),
        "ticket": await database.ticket(user),
        "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    }


async def test_killed_at_fifty_points_and_started_again(
    database: Database, other: Database, transfers: Transfers, tmp_path: Path
) -> None:
    """Rows and files: in the end all is there, nothing twice, and every file holds what it held."""
    ada = await database.create_user("Ada")
    client = await database.client(ada)
    trip, *_ = await fill(client, ada, trips=2)
    source = await side(database, ada, tmp_path / "Ada")
    chance = random.Random(20261123)
    killed = people = 0
    async with desk(database, ada, tmp_path / "Ada") as home:
        await fill_files(home, client, trip, tmp_path, most=2)
        before, contents = plain(await everything(home.world), without=QUIET), await home.contents()

        async def arrived(user: User) -> None:
            async with desk(other, user, tmp_path / user.name) as away:
                assert plain(await everything(away.world), without=QUIET) == before
                assert await away.contents() == contents
                if people % 4 == 0:
                    again = await Moving(home.world, away.world, contents=(home.stored, away.stored)).move()
                    assert (again.complete, again.written, again.after.differences) == (True, 0, [])

        first = await other.create_user("First")
        started = time.monotonic()
        order = {"source": source, "target": await side(other, first, tmp_path / "First")}
        assert await transfers.run(json.dumps(order), None) == 0
        whole = time.monotonic() - started
        await arrived(first)
        while killed < KILLS:
            people += 1
            user = await other.create_user(f"Ada {people}")
            order = {"source": source, "target": await side(other, user, tmp_path / user.name)}
            while (code := await transfers.run(json.dumps(order), chance.uniform(0.05, 1.1) * whole)) != 0:
                assert code == -signal.SIGKILL
                killed += 1
            await arrived(user)
    assert people > 1


async def test_cut_connections_lose_and_double_nothing(database: Database, other: Database, enter: Enter) -> None:
    """Cut at any moment, also between a commit and its answer."""
    ada = await database.create_user("Ada")
    await fill(await database.client(ada), ada, trips=2)
    home = await enter(database, ada)
    before = plain(await everything(home), without=())
    chance = random.Random(7)
    cuts = 0

    async def through(proxy: Proxy, user: User) -> bool:
        nonlocal cuts
        where = target_of(other, host="127.0.0.1", port=proxy.port, ssl=Tls.DISABLE)
        async with entered(other, user, target=where) as world:
            moving = asyncio.ensure_future(Moving(home, world, most_rows=4).move())
            while not moving.done() and cuts % 10 < 9:
                await asyncio.wait({moving}, timeout=chance.uniform(0.005, 0.06))
                if not moving.done():
                    proxy.cut()
                    cuts += 1
            cuts += cuts % 10 == 9
            try:
                return (await moving).complete
            except DataError:
                return False

    async with Proxy(other.host) as proxy:
        while cuts < 40:
            user = await other.create_user(f"Ada {cuts}")
            while not await through(proxy, user):
                pass
            async with entered(other, user) as world:
                assert plain(await everything(world), without=()) == before
                assert (await Moving(home, world).move()).written == 0


async def test_two_at_once_write_everything_once(database: Database, other: Database, enter: Enter) -> None:
    ada, there = await database.create_user("Ada"), await other.create_user("Ada")
    await fill(await database.client(ada), ada)
    home = await enter(database, ada)
    worlds = [await enter(other, there) for _ in range(3)]
    done = await asyncio.gather(*(Moving(home, world, most_rows=4).move() for world in worlds), return_exceptions=True)
    assert any(not isinstance(each, BaseException) for each in done) or all(
        isinstance(each, DataError) for each in done
    )
    assert (await Moving(home, worlds[0]).move()).complete
    assert plain(await everything(worlds[0]), without=()) == plain(await everything(home), without=())
