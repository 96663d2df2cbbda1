"""One trip of 60 days with 2,000 entries among 200 trips, in a pseudo-terminal of 120x40 on the embedded server.

Opening is from the key to the byte with which the first entry of today stands on the screen. Budgets: opening
<= 150 ms, moving the cursor p95 <= 33 ms and <= 2 kB, the checker <= 100 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bench.list import FILL, hold, measure
from bench.terminal import ESCAPES, Terminal
from tripsage_tui.data.owner import connect
from tripsage_tui.models.agenda import agenda
from tripsage_tui.settings import Settings
from tripsage_tui.trip_check import check_trip
from tripsage_tui.workspace import Workspace

DAYS = 60
LONGEST = 5.0
"""Seconds after which an opening is given up."""
MARKER = b"Museum"
"""Stands in the first entry of every day, and nowhere else."""
_TRIP = """
insert into public.trips (user_id, name, destination, start_date, end_date, budget, currency, travelers, time_zone)
values ($1, 'Grand tour', 'Japan', current_date - 5, current_date + 54, 20000, 'EUR', 2, 'Asia/Tokyo') returning id
"""
_STAYS = """
insert into public.accommodations (trip_id, name, check_in_date, check_out_date, check_in_at, check_in_zone,
                                   check_out_at, check_out_zone, price_per_night, total_price, currency, booking_status)
select $1, 'Hotel ' || n, current_date - 5 + n, current_date - 4 + n,
       (current_date - 5 + n + time '15:00') at time zone 'Asia/Tokyo', 'Asia/Tokyo',
       (current_date - 4 + n + time '10:00') at time zone 'Asia/Tokyo', 'Asia/Tokyo', 80, 80, 'EUR', 'booked'
from generate_series(0, $2 - 2) n
"""
_RIDES = """
insert into public.transportation (trip_id, transport_type, origin, destination, departure_time, departure_zone,
                                   arrival_time, arrival_zone, price, currency, booking_status)
select $1, 'train', 'Tokyo', 'Tokyo', (current_date - 5 + n + time '11:00') at time zone 'Asia/Tokyo', 'Asia/Tokyo',
       (current_date - 5 + n + time '11:40') at time zone 'Asia/Tokyo', 'Asia/Tokyo', 900, 'JPY', 'booked'
from generate_series(0, $2 - 1) n
"""
_ITEMS = """
insert into public.itinerary_items (trip_id, title, item_type, day, start_time, start_zone, end_time, end_zone,
                                    location, price, currency, position)
select $1, case when k = 0 then 'Museum ' || n else 'Entry ' || n || '.' || k end, 'activity', current_date - 5 + n,
       case when k < 12 then begin at time zone 'Asia/Tokyo' end, case when k < 12 then 'Asia/Tokyo' end,
       case when k < 12 then (begin + interval '30 minutes') at time zone 'Asia/Tokyo' end,
       case when k < 12 then 'Asia/Tokyo' end, 'Somewhere in the old town', 5, 'JPY', k
from generate_series(0, $2 - 1) n, generate_series(0, $3 - 1) k,
     lateral (select current_date - 5 + n + time '00:30' + k * interval '40 minutes' as begin) x
limit $4
"""


async def fill(folder: Path, trips: int, entries: int) -> tuple[int, list[str]]:
    """A data folder with the trips and the large one; what opening it costs inside the program, as table lines."""
    async with Workspace(Settings(data_dir=folder, profile="Bench")) as workspace:
        await workspace.start()
        profile = await workspace.choose()
        if profile is None:
            raise LookupError("the benchmark names its profile")
        items = entries - 2 * DAYS + 1
        async with connect(workspace.server.address) as connection:
            await connection.execute(FILL, profile.id, trips - 1)
            trip = await connection.fetchval(_TRIP, profile.id)
            await connection.execute(_STAYS, trip, DAYS)
            await connection.execute(_RIDES, trip, DAYS)
            await connection.execute(_ITEMS, trip, DAYS, -(-items // DAYS), items)
            await connection.execute("analyze")
        planner = await workspace.enter(profile)
        plan = await planner.trips.plan(trip)
        await check_trip(planner, plan)
        lines = [
            await timed("plan, database to models", lambda: planner.trips.plan(trip)),
            await timed("the days of the agenda", lambda: asyncio.to_thread(agenda, plan)),
            await timed("the checker", lambda: check_trip(planner, plan)),
            await timed("search, two words in all of it", lambda: planner.search.find("entry 1")),
            await timed("search, one word", lambda: planner.search.find("museum")),
        ]
        return len(plan.bookings), lines


async def timed(name: str, work: Callable[[], Awaitable[object]], times: int = 10) -> str:
    """A line of the table: median and worst on the clock, and the least of this program's own processor time."""
    clock, own = [], []
    for _ in range(times):
        start, used = time.perf_counter(), time.process_time()
        await work()
        clock.append((time.perf_counter() - start) * 1000)
        own.append((time.process_time() - used) * 1000)
    return f"| {name} | {statistics.median(clock):.0f} / {max(clock):.0f} ms | {min(own):.0f} ms |"


def opening(terminal: Terminal, times: int) -> list[float]:
    """Milliseconds from the key to the first entry on the screen, again and again."""
    found = []
    for _ in range(times):
        terminal.settle(0.3)
        seen = len(terminal.chunks)
        sent = terminal.send(b"\r")
        while terminal.now - sent < LONGEST:
            terminal.settle(0.01, timeout=0.01)
            if MARKER in ESCAPES.sub(b"", b"".join(chunk.data for chunk in terminal.chunks[seen:])):
                found.append((terminal.chunks[-1].at - sent) * 1000)
                break
        terminal.settle(0.5)
        terminal.send(b"\x1b")
        terminal.settle(0.5)
    return found


def main(argv: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trips", type=int, default=200)
    parser.add_argument("--entries", type=int, default=2_000)
    parser.add_argument("--keys", type=int, default=60)
    arguments = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="tsb-"))
    command = [sys.executable, "-m", "tripsage_tui", "--data-dir", str(folder / "data")]
    try:
        entries, lines = asyncio.run(fill(folder / "data", arguments.trips, arguments.entries))
        print(
            f"| {DAYS} days, {entries:,} entries, {arguments.trips} trips | median / worst | processor |\n|---|---|---|"
        )
        print("\n".join(lines))
        with Terminal(command) as terminal:
            terminal.wait_for("Grand tour", 60)
            terminal.settle(0.5)
            opened = opening(terminal, 8)
            print(f"| opening, key to the first entry | {statistics.median(opened):.0f} / {max(opened):.0f} ms | |")
            terminal.send(b"\r")
            terminal.settle(0.8)
            print("\n| in the trip | first byte p50 / p95 | painted p50 / p95 | bytes p50 / max |\n|---|---|---|---|")
            measure(terminal, "cursor down", [b"j"], arguments.keys)
            measure(terminal, "cursor up", [b"k"], arguments.keys)
            measure(terminal, "page down, page up", [b"\x1b[6~", b"\x1b[5~"], arguments.keys // 3)
            measure(terminal, "next day, day before", [b"}", b"{"], arguments.keys // 3)
            measure(terminal, "move an item down, up", [b"J", b"K"], 10)
            measure(terminal, "state", [b" "], 5)
            measure(terminal, "times at home, in UTC, of the place", [b"z"], 6)
            lag, each = hold(terminal, b"j", 3)
        print(f"\nHeld down at 30 keys a second: the last is painted after {lag:.0f} ms, {each:,} bytes a key.")
    finally:
        subprocess.run([*command, "db", "stop"], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
