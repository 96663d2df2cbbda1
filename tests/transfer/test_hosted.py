"""Into a hosted project with a real sign-in: tickets through its API, renewed and refused while rows move."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.database import Database as Cluster
from tests.hosted.machine import Machine
from tests.hosted.project import HostedProject
from tests.transfer.belongings import everything, fill, plain
from tests.transfer.conftest import Enter
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import DataError
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.transfer_reading import TransferReading
from tripsage_tui.data.transfer_writing import TransferWriting
from tripsage_tui.identity.hosted.outcomes import Account
from tripsage_tui.transfer.moving import Moving
from tripsage_tui.transfer.worlds import DatabaseWorld, Traveller


def world_of(account: Account, database: Database) -> DatabaseWorld:
    who = Traveller(account.user_id, account.name, "team")
    return DatabaseWorld(who, TransferReading(database), TransferWriting(database))


async def test_a_sign_in_that_ends_halfway_only_stops_the_transfer(
    database: Cluster, other: Cluster, enter: Enter, tmp_path: Path
) -> None:
    """Signed out elsewhere: nothing more is written; signed in again, it goes on, and back finds everything known."""
    ada = await database.create_user("Ada")
    await fill(await database.client(ada), ada, trips=2)
    home = await enter(database, ada)
    async with HostedProject(other) as project, Machine(project, tmp_path) as machine:
        them = await project.create_user("ada@example.org", "correct horse", name="Ada")
        account = await machine.enter("ada@example.org", "correct horse")
        away = world_of(account, await machine.database(limit=RateLimit(1e6, 1e6)))
        ended: list[asyncio.Task[None]] = []

        def end_it(what: str, done: int, total: int) -> None:
            if not ended:
                ended.append(asyncio.create_task(project.people.end_all(them)))

        with pytest.raises(DataError):
            await Moving(home, away, most_rows=4, say=end_it).move()
        await ended[0]
        owner = await other.owner()
        begun = await owner.fetchval("select count(*) from transferred_rows where state = 'written'")
        assert 0 < begun < (await Moving(home, home).look()).comparison.rows

        account = await machine.enter("ada@example.org", "correct horse")
        away = world_of(account, await machine.database(limit=RateLimit(1e6, 1e6)))
        outcome = await Moving(home, away).move()
        assert outcome.complete
        assert outcome.written == outcome.verified - begun
        assert plain(await everything(away), without=()) == plain(await everything(home), without=())
        back = await Moving(away, home).move()
        assert (back.complete, back.written, back.after.differences) == (True, 0, [])
