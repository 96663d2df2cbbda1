"""How long everything a user owns takes to a database far away, into a file and out of it.

`python -m bench.transfer [--bookings 2000] [--trips 20] [--memories 200]` moves them between two databases of one
server that are 0 and 50 ms apart.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from tests.data.conftest import target
from tests.database import Database, User, prepare
from tests.postgres import Server
from tests.proxy import Proxy
from tests.transfer.conftest import entered
from tripsage_tui.data.database import Tls
from tripsage_tui.transfer.archive_reading import ArchiveSource
from tripsage_tui.transfer.archive_writing import write_archive
from tripsage_tui.transfer.moving import Moving

T = TypeVar("T")
_FILL = """
with t as (
  insert into trips (user_id, name, start_date, end_date, destination, budget, travelers)
  select private.current_user_id(), 'Trip ' || n, '2027-01-01', '2027-02-01', 'Tokyo', 1000, 2
  from generate_series(1, $1::int) n returning id
) select id from t
"""


async def _timed(what: str, work: Awaitable[T]) -> T:
    started = time.perf_counter()
    result = await work
    print(f"| {what} | {time.perf_counter() - started:.1f} s |", flush=True)
    return result


async def _fill(database: Database, user: User, given: argparse.Namespace) -> None:
    client = await database.client(user)
    await client.fetch(_FILL, given.trips)
    each = given.bookings // given.trips // 2
    await client.execute(
        "insert into flights (trip_id, origin, destination, departure_date, price) "
        f"select t.id, 'FRA', 'HND', '2027-01-02', 100 from trips t, generate_series(1, {each})"
    )
    await client.execute(
        "insert into legs (trip_id, flight_id, origin, destination) "
        "select trip_id, id, origin, destination from flights"
    )
    await client.execute(
        "insert into itinerary_items (trip_id, title, item_type) "
        f"select t.id, 'Tea', 'meal' from trips t, generate_series(1, {each})"
    )
    await client.execute(
        "insert into memories (user_id, content, content_hash, embedding, embedding_model) "
        "select private.current_user_id(), 'fact ' || g, md5(g::text), "
        "(select array_agg(random()) from generate_series(1, 1536) where g = g)::real[]::extensions.vector, 'bench' "
        f"from generate_series(1, {given.memories}) g"
    )


async def _run(server: Server, given: argparse.Namespace) -> None:
    here = await prepare(server, "here")
    ada = await here.create_user("Ada")
    there = await prepare(server, "there")
    await _fill(here, ada, given)
    print("| what | takes |\n|---|---|")
    for distance in (0.0, 0.05):
        user = await there.create_user(f"Ada, {distance}")
        async with Proxy(there.host, round_trip=distance) as proxy:
            where = target(there, host="127.0.0.1", port=proxy.port, ssl=Tls.DISABLE)
            async with entered(here, ada) as home, entered(there, user, target=where) as away:
                moving = Moving(home, away)
                apart = f"{distance * 1000:.0f} ms apart"
                preview = await _timed(f"look at both sides, {apart}", moving.look())
                await _timed(f"move {preview.comparison.new} rows and look again, {apart}", moving.move())
                await _timed(f"again, nothing new, {apart}", Moving(home, away).move())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.zip"
        async with entered(here, ada) as home, entered(there, await there.create_user("Ada, file")) as away:
            await _timed("into a file", write_archive(home, path))
            source: Any = await _timed("open and check the file", asyncio.to_thread(ArchiveSource, path))
            await _timed("out of the file", Moving(source, away).move())
            source.close()


def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.transfer")
    parser.add_argument("--bookings", type=int, default=2000)
    parser.add_argument("--trips", type=int, default=20)
    parser.add_argument("--memories", type=int, default=200)
    given = parser.parse_args(arguments)
    server = Server()
    server.start()
    try:
        asyncio.run(_run(server, given))
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
