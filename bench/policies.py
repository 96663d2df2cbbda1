"""What asking "whose is it?" costs inside the server: the same statement as owner and through a ticket.

`python -m bench.policies` runs each statement 10,000 times in a loop on the server, so that neither the network nor
Python is in the figures, and prints the best of five runs in microseconds per statement.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import asyncpg

from tests.database import Database, User, prepare
from tests.postgres import Server

REPEATS, RUNS, TRIPS = 10_000, 5, 10_000

_FILL = """
with t as (
  insert into public.trips (user_id, name, start_date, end_date, destination, budget, travelers)
  select $1, 'Trip ' || n, date '2020-01-01' + n % 3000, date '2020-01-10' + n % 3000, 'Tokyo', 1000, 2
  from generate_series(1, $2::int) n
  returning id
)
insert into public.flights (trip_id, origin, destination, departure_date, price)
select id, 'FRA', 'HND', '2027-10-02', 600 from t, generate_series(1, 5)
"""


async def _fill(database: Database) -> tuple[User, int]:
    owner = await database.owner()
    people = [await database.create_user(name) for name in ("Ada", "Ben")]
    for user in people:
        await owner.execute(_FILL, user.id, TRIPS)
    await owner.execute("vacuum analyze")
    return people[0], await owner.fetchval("select max(id) from trips where user_id = $1", people[0].id)


async def _microseconds(connection: asyncpg.Connection, statement: str, repeats: int) -> float:
    loop = f"do $loop$ begin for i in 1..{repeats} loop {statement}; end loop; end $loop$"
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        await connection.execute(loop)
        times.append(time.perf_counter() - started)
    return min(times) / repeats * 1e6


async def _run(server: Server) -> None:
    database = await prepare(server, "policies")
    ada, trip = await _fill(database)
    owner, client = await database.owner(), await database.client(ada)
    statements = (
        ("who is asking", "perform private.current_user_id()", REPEATS),
        ("a trip by id", f"perform * from public.trips where id = {trip}", REPEATS),
        ("the five flights of a trip", f"perform * from public.flights where trip_id = {trip}", REPEATS),
        (f"all {TRIPS:,} trips of a user", f"perform * from public.trips where user_id = '{ada.id}'", 20),
        ("all flights of all trips", "perform f.* from public.flights f join public.trips t on t.id = f.trip_id", 20),
    )
    print(f"{'':<32}{'owner':>12}{'ticket':>12}{'more':>12}   µs per statement")
    for label, statement, repeats in statements:
        raw = await _microseconds(owner, statement, repeats)
        guarded = await _microseconds(client, statement, repeats)
        print(f"{label:<32}{raw:>12.1f}{guarded:>12.1f}{guarded - raw:>12.1f}")
    await database.close()


def main(_argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    server = Server(18, random_page_cost="1.1", effective_cache_size="1GB", jit="off")
    server.start()
    try:
        asyncio.run(_run(server))
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
