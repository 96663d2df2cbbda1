"""The ways to a database: a transaction pooler, and one that is far away."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.data.conftest import target as target_of
from tests.database import Database
from tests.poolers import needs_pgbouncer, pgbouncer
from tests.proxy import Proxy
from tests.transfer.belongings import everything, fill, plain
from tests.transfer.conftest import entered
from tripsage_tui.data.database import PoolMode, Tls
from tripsage_tui.transfer.moving import Moving


@needs_pgbouncer
async def test_behind_a_transaction_pooler(database: Database, other: Database) -> None:
    ada, there = await database.create_user("Ada"), await other.create_user("Ada")
    await fill(await database.client(ada), ada, trips=2)
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as folder:
        async with pgbouncer(other, Path(folder), pool_mode="transaction", default_pool_size=2) as port:
            where = target_of(other, host="127.0.0.1", port=port, ssl=Tls.DISABLE)
            async with (
                entered(database, ada) as home,
                entered(other, there, target=where, pool_mode=PoolMode.TRANSACTION) as away,
            ):
                assert (await Moving(home, away, most_rows=10).move()).complete
                assert plain(await everything(away), without=()) == plain(await everything(home), without=())
                # and back to somebody who starts anew
                async with entered(database, await database.create_user("Anew")) as anew:
                    assert (await Moving(away, anew).move()).complete


async def test_two_thousand_bookings_take_few_round_trips(database: Database, other: Database) -> None:
    """50 ms each is what a distant project costs: they are what counts."""
    ada, there = await database.create_user("Ada"), await other.create_user("Ada")
    client = await database.client(ada)
    await client.execute(
        "insert into trips (user_id, name, start_date, end_date, destination, budget, travelers) "
        "select private.current_user_id(), 'Trip ' || g, '2027-01-01', '2027-02-01', 'x', 1, 1 "
        "from generate_series(1, 20) g"
    )
    await client.execute(
        "insert into itinerary_items (trip_id, title, item_type) "
        "select t.id, 'Tea', 'meal' from trips t, generate_series(1, 100)"
    )
    async with Proxy(other.host) as proxy:
        where = target_of(other, host="127.0.0.1", port=proxy.port, ssl=Tls.DISABLE)
        async with entered(database, ada) as home, entered(other, there, target=where) as away:
            outcome = await Moving(home, away).move()
            assert (outcome.complete, outcome.written) == (True, 2020)
            assert proxy.round_trips < 60
