"""The data layer: what row level security costs, round trips per screen, and a list of 10,000 trips.

`python -m bench data` prints three tables. Everything is measured in one run on one server, alternating between the
things that are compared, because absolute times do not travel; figures are lower quartiles.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import asyncpg

from tests.data.conftest import LocalTickets, target
from tests.database import Database as Cluster
from tests.database import User, prepare
from tests.postgres import Server
from tests.proxy import Proxy
from tripsage_tui.data.database import Database, Tls
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.trip_list import LIST, SUMMARY
from tripsage_tui.data.trip_plan import PLAN
from tripsage_tui.data.trips import TripRepository

ROUND_TRIP = 0.050

_FILL = """
with t as (
  insert into public.trips (user_id, name, start_date, end_date, destination, budget, travelers, currency)
  select $1, 'Trip ' || n, date '2020-01-01' + (n % 3000), date '2020-01-10' + (n % 3000), 'Tokyo', 1000 + n, 2, 'EUR'
  from generate_series(1, $2::int) n
  returning id
), f as (
  insert into public.flights (trip_id, origin, destination, departure_date, price, currency, booking_status)
  select id, 'FRA', 'HND', '2027-10-02', 600.50 + n, 'EUR', case when n % 2 = 0 then 'booked' else 'available' end
  from t, generate_series(1, $3::int) n
  returning id, trip_id
), l as (
  insert into public.legs (trip_id, flight_id, origin, destination, departure_time, departure_zone, arrival_time,
                           arrival_zone, carrier, number)
  select trip_id, id, 'FRA', 'HND', '2027-10-02 12:00+00', 'Europe/Berlin', '2027-10-03 01:00+00', 'Asia/Tokyo',
         'LH', '716'
  from f where $4
), a as (
  insert into public.accommodations (trip_id, name, check_in_date, check_out_date, price_per_night, total_price,
                                     currency)
  select id, 'Hotel ' || n, '2027-10-03', '2027-10-05', 100, 200, 'EUR' from t, generate_series(1, $3::int) n
), r as (
  insert into public.transportation (trip_id, transport_type, origin, destination, departure_time, price, currency)
  select id, 'train', 'Tokyo', 'Kyoto', '2027-10-05 03:00+00', 80, 'JPY' from t, generate_series(1, $3::int) n
), s as (
  insert into public.trip_stops (trip_id, position, place) select id, n, 'Place ' || n
  from t, generate_series(1, $3::int) n where $4
)
insert into public.itinerary_items (trip_id, title, item_type, day, price, currency)
select id, 'Temple ' || n, 'activity', '2027-10-04', 5, 'JPY' from t, generate_series(1, $3::int) n
"""


# What the data layer's two reads ask, as a program would that has the table owner's rights and names the user itself.
_RAW_LIST = f"""
with mine as materialized (select array(select id from public.trips where user_id = $1) as ids)
select {SUMMARY.columns("t")}, 'owner' as access, cost.amounts, coalesce(cost.bookings, 0), coalesce(cost.items, 0)
from public.trips t
left join (
  select per.trip_id, sum(per.bookings)::integer as bookings, sum(per.items)::integer as items,
         string_agg(per.planned || ' ' || per.booked || ' ' || per.currency, E'\\n') as amounts
  from (
    select b.trip_id, b.currency, sum(b.amount) as planned,
           coalesce(sum(b.amount) filter (where b.state in ('reserved', 'booked', 'completed')), 0) as booked,
           count(*) filter (where not b.is_item) as bookings, count(*) filter (where b.is_item) as items
    from (
      select trip_id, currency, price as amount, booking_status as state, false as is_item
      from public.flights where trip_id = any ((select ids from mine)::bigint[])
      union all
      select trip_id, currency, total_price, booking_status, false
      from public.accommodations where trip_id = any ((select ids from mine)::bigint[])
      union all
      select trip_id, currency, price, booking_status, false
      from public.transportation where trip_id = any ((select ids from mine)::bigint[])
      union all
      select trip_id, currency, price, booking_status, true
      from public.itinerary_items where trip_id = any ((select ids from mine)::bigint[])
    ) b
    where b.state <> 'cancelled' group by b.trip_id, b.currency
  ) per
  group by per.trip_id
) cost on cost.trip_id = t.id
where t.user_id = $1 and t.deleted_at is null
order by t.start_date, t.id
"""
_RAW_PLAN = """
select row_to_json(t)::text,
  (select json_agg(x order by x.position) from public.trip_stops x where x.trip_id = t.id)::text,
  (select json_agg(x order by x.departure_date, x.position, x.id) from public.flights x where x.trip_id = t.id)::text,
  (select json_agg(x order by x.check_in_date, x.position, x.id)
   from public.accommodations x where x.trip_id = t.id)::text,
  (select json_agg(x order by x.departure_time, x.day, x.position, x.id)
   from public.transportation x where x.trip_id = t.id)::text,
  (select json_agg(x order by x.day, x.position, x.start_time, x.id)
   from public.itinerary_items x where x.trip_id = t.id)::text,
  (select json_agg(x order by x.direction, x.position, x.id) from public.legs x where x.trip_id = t.id)::text
from public.trips t where t.id = $1 and t.user_id = $2
"""
# Trips of a user and bookings of each of the four kinds: a beginner, a traveller, a frequent one, an archive.
_SIZES = ((5, 2), (20, 5), (100, 5), (1000, 2))

Work = Callable[[], Awaitable[object]]


async def _user_with(cluster: Cluster, name: str, trips: int, of_each_kind: int, *, rich: bool = True) -> User:
    user = await cluster.create_user(name)
    await (await cluster.owner()).execute(_FILL, user.id, trips, of_each_kind, rich)
    return user


async def _session(cluster: Cluster, user: User, limit: RateLimit | None = None, **where: Any) -> Database:
    database = Database(target(cluster, **where), LocalTickets(cluster, user), limit=limit)
    await database.start()
    return database


async def _milliseconds(work: Work) -> float:
    started = time.perf_counter()
    await work()
    return (time.perf_counter() - started) * 1000


def _typical(samples: Sequence[float]) -> float:
    """The lower quartile: what it takes when nothing else wants the machine at that moment."""
    return statistics.quantiles(samples, n=4)[0]


async def _cost_of_security(cluster: Cluster, repeats: int) -> bool:
    print(
        "Authenticated read, beside the same answer by raw asyncpg as owner: no policies, the same time limits (ms)\n"
    )
    print(f"{'query':<44}{'owner':>8}{'ours':>8}{'ratio':>8}   budget 1.30")
    owner = await asyncpg.connect(
        host=cluster.host,
        port=cluster.port,
        database=cluster.name,
        user="postgres",
        command_timeout=8,
        server_settings={"jit": "off", "statement_timeout": "7200ms"},
    )
    users = [await _user_with(cluster, f"{trips} trips", trips, of_each) for trips, of_each in _SIZES]
    await (await cluster.superuser()).execute("vacuum analyze")
    held = True
    for (trips, of_each), user in zip(_SIZES, users, strict=True):
        database = await _session(cluster, user, limit=RateLimit(1e6, 1e6))
        trip_id = await owner.fetchval("select min(id) from public.trips where user_id = $1", user.id)
        pairs: list[tuple[str, Work, Work]] = [
            (
                f"list, {trips} trips of {4 * of_each} bookings",
                partial(owner.fetch, _RAW_LIST, user.id),
                partial(database.fetch, LIST, "live", name="list"),
            ),
            (
                f"plan of a trip, {4 * of_each} bookings with legs",
                partial(owner.fetchrow, _RAW_PLAN, trip_id, user.id),
                partial(database.fetchrow, PLAN, trip_id, name="plan"),
            ),
        ]
        for name, raw, ours in pairs:
            before: list[float] = []
            after: list[float] = []
            for _ in range(repeats // 2):
                # In turns, so that neither always finds the caches warmed by the other.
                before.append(await _milliseconds(raw))
                after.append(await _milliseconds(ours))
                after.append(await _milliseconds(ours))
                before.append(await _milliseconds(raw))
            low, high = _typical(before[10:]), _typical(after[10:])
            held &= high / low <= 1.3
            print(f"{name:<44}{low:>8.3f}{high:>8.3f}{high / low:>8.2f}")
        await database.close()
    await owner.close()
    return held


async def _round_trips(cluster: Cluster) -> bool:
    print(f"\nRound trips through a proxy that makes each of them {ROUND_TRIP * 1000:.0f} ms (session mode)\n")
    print(f"{'screen':<40}{'round trips':>12}{'ms':>8}   budget 1 and 150 ms")
    user = await _user_with(cluster, "far away", 20, 5)
    held = True
    async with Proxy(cluster.host, cluster.port, round_trip=ROUND_TRIP) as proxy:
        database = await _session(cluster, user, host="127.0.0.1", port=proxy.port, ssl=Tls.DISABLE)
        trips = TripRepository(database)
        trip_id = await (await cluster.owner()).fetchval("select min(id) from public.trips where user_id = $1", user.id)
        steps: list[tuple[str, Work]] = [
            ("start: connect, look, prepare, list", trips.list),
            ("list again", trips.list),
            ("plan, first time", lambda: trips.plan(trip_id)),
            ("plan again", lambda: trips.plan(trip_id)),
        ]
        for name, step in steps:
            before = proxy.round_trips
            took = await _milliseconds(step)
            spent = proxy.round_trips - before
            print(f"{name:<40}{spent:>12}{took:>8.0f}")
            if name.startswith("start"):
                await database.settled()
            else:
                held &= spent == 1 and took <= 150
        await database.close()
    return held


async def _long_list(cluster: Cluster) -> bool:
    print("\nTen thousand trips with 40,000 bookings, database to models (ms)\n")
    user = await _user_with(cluster, "many", 10_000, 1, rich=False)
    await (await cluster.superuser()).execute("vacuum analyze")
    database = await _session(cluster, user)
    trips = TripRepository(database)
    await trips.list()
    whole, query, stalls = [], [], []
    for _ in range(12):
        gc.collect()
        whole.append(await _milliseconds(trips.list))
        query.append(await _milliseconds(lambda: database.fetch(LIST, "live", name="list")))
    for _ in range(3):
        # Apart from the others, because whoever watches the loop keeps it busy.
        watch = asyncio.create_task(_longest_stall())
        await trips.list()
        watch.cancel()
        stalls.append(await watch)
    await database.close()
    print(f"{'list to models':<40}{_typical(whole):>8.0f}   budget 150")
    print(f"{'of that query and transfer':<40}{_typical(query):>8.0f}")
    print(f"{'longest time the event loop was busy':<40}{min(stalls):>8.0f}   budget 20")
    return _typical(whole) <= 150


async def _longest_stall() -> float:
    longest, last = 0.0, time.perf_counter()
    try:
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
    except asyncio.CancelledError:
        return longest * 1000


async def _all(server: Server, repeats: int) -> bool:
    cluster = await prepare(server, "bench")
    try:
        # Someone else's rows, so that no index is trivially selective.
        await _user_with(cluster, "others", 2000, 1)
        return all([await _cost_of_security(cluster, repeats), await _round_trips(cluster), await _long_list(cluster)])
    finally:
        await cluster.close()


def main(arguments: Sequence[str]) -> int:
    """0 when the budgets hold, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m bench data --")
    parser.add_argument("--repeats", type=int, default=600, help="measurements per query (default: 600)")
    options = parser.parse_args(arguments)
    server = Server(18, shared_buffers="256MB")
    server.start()
    try:
        held = asyncio.run(_all(server, options.repeats))
    finally:
        server.stop()
    print("\nAll budgets hold." if held else "\nA budget is missed.")
    return 0 if held else 1
