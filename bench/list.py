"""The list of trips with 10,000 of them, in a pseudo-terminal of 120x40: key to paint, bytes written, rows after start.

Key to paint is from the write of the key to the last byte of the first burst that answers it (a gap of 30 ms ends a
burst); the details beside the list follow when the cursor rests and are counted in the bytes. Budgets: p95 <= 33 ms and
<= 2 kB for a cursor move, <= 40 kB for opening a screen, 0 bytes when idle.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.terminal import Terminal
from tripsage_tui.data.owner import connect
from tripsage_tui.settings import Settings
from tripsage_tui.workspace import Workspace

GAP = 0.03
FIRST = "Trip"
FILL = """
insert into public.trips (user_id, name, destination, start_date, end_date, budget, currency, travelers, status)
select $1, 'Trip ' || to_char(n, 'FM00000') || ' to ' || place[1 + n % 5], place[1 + n % 5], first, first + n % 21,
       500 + n % 7000, 'EUR', 1 + n % 5,
       case when first < current_date then 'completed' when n % 3 = 0 then 'booked' else 'planning' end
from generate_series(1, $2) n,
     lateral (select current_date - 3000 + (n * 7919) % 6000 as first,
                     array['Kyoto', 'Lisbon', 'New York', 'Reykjavík', 'Cape Town'] as place) x
"""


async def fill(folder: Path, trips: int) -> None:
    """A data folder with so many trips of one profile; the server keeps running."""
    async with Workspace(Settings(data_dir=folder, profile="Bench")) as workspace:
        await workspace.start()
        profile = await workspace.choose()
        if profile is None:
            raise LookupError("the benchmark names its profile")
        async with connect(workspace.server.address) as connection:
            await connection.execute(FILL, profile.id, trips)
            await connection.execute("analyze public.trips")


def press(terminal: Terminal, key: bytes, quiet: float = 0.3) -> tuple[float, float, int]:
    """Milliseconds to the first byte and to the end of the first burst; bytes until everything is quiet."""
    terminal.settle(0.05)
    seen = len(terminal.chunks)
    sent = terminal.send(key)
    terminal.settle(quiet)
    answer = terminal.chunks[seen:]
    if not answer:
        return 0.0, 0.0, 0
    end = answer[0].at
    for chunk in answer:
        if chunk.at - end > GAP:
            break
        end = chunk.at
    return (answer[0].at - sent) * 1000, (end - sent) * 1000, sum(len(chunk.data) for chunk in answer)


def hold(terminal: Terminal, key: bytes, seconds: float, rate: float = 30.0) -> tuple[float, int]:
    """Hold a key down as a terminal repeats it: milliseconds from the last key to its paint, bytes per key."""
    seen = len(terminal.chunks)
    count = int(seconds * rate)
    sent = 0.0
    for _ in range(count):
        sent = terminal.send(key)
        terminal.settle(1 / rate, timeout=1 / rate)
    terminal.settle(0.08)
    last = terminal.chunks[-1].at
    written = sum(len(chunk.data) for chunk in terminal.chunks[seen:])
    return max(last - sent, 0.0) * 1000, written // count


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def main(argv: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trips", type=int, default=10_000)
    parser.add_argument("--keys", type=int, default=60)
    arguments = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="tsb-"))
    command = [sys.executable, "-m", "tripsage_tui", "--data-dir", str(folder / "data")]
    try:
        asyncio.run(fill(folder / "data", arguments.trips))
        print(f"| {arguments.trips:,} trips | first byte p50 / p95 | painted p50 / p95 | bytes p50 / max |")
        print("|---|---|---|---|")
        with Terminal(command) as terminal:
            terminal.wait_for("by date", 60)
            terminal.settle(0.5)
            started = terminal.first_seen("by date")
            measure(terminal, "cursor down", [b"j"], arguments.keys)
            measure(terminal, "cursor up", [b"k"], arguments.keys)
            measure(terminal, "page down, page up", [b"\x1b[6~", b"\x1b[5~"], arguments.keys // 2)
            measure(terminal, "last, first", [b"G", b"g"], arguments.keys // 2)
            measure(terminal, "next group, previous group", [b"]", b"["], arguments.keys // 3)
            measure(
                terminal, "type into the filter", [b"/", *(bytes([letter]) for letter in b"lisbon 07"), b"\x1b"], 11
            )
            measure(terminal, "sort", [b"o"], 5)
            measure(terminal, "help, close", [b"?", b"\x1b"], 6)
            measure(terminal, "palette, close", [b"\x10", b"\x1b"], 6)
            measure(terminal, "new trip, leave", [b"n", b"\x1b"], 6)
            lag, each = hold(terminal, b"j", 3)
            moment = terminal.now
            terminal.settle(3.0, timeout=3.0)
            idle = terminal.written(moment + 0.5)
        print(f"\nHeld down at 30 keys a second: the last is painted after {lag:.0f} ms, {each:,} bytes a key.")
        print(f"Idle for 3 s: {idle} bytes. Rows stand {started:.0f} ms after the start.")
    finally:
        subprocess.run([*command, "db", "stop"], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def measure(terminal: Terminal, name: str, keys: Sequence[bytes], times: int) -> None:
    """Press the keys in turn and print a line of the table."""
    found = [press(terminal, keys[number % len(keys)]) for number in range(times)]
    first, painted, written = (list(column) for column in zip(*found, strict=True))
    print(
        f"| {name} | {statistics.median(first):.1f} / {percentile(first, 0.95):.1f} ms "
        f"| {statistics.median(painted):.1f} / {percentile(painted, 0.95):.1f} ms "
        f"| {statistics.median(written):,.0f} / {max(written):,.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
