"""`tripsage-tui next` for a prompt: beside `python -c pass`, on a running embedded server with all sample trips.

Interleaved in one run. Budget: at most 2.5 times `python -c pass` plus the query, whose connection is new each time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.startup import program, run_seconds
from tripsage_tui.data.next_up_query import ask_at_once
from tripsage_tui.sample_trips import create_samples
from tripsage_tui.settings import Settings
from tripsage_tui.workspace import Workspace

RATIO = 2.5


async def fill(data: Path) -> str:
    """Sample trips around today; returns the id of their owner."""
    async with Workspace(Settings(data_dir=data, profile="Bench")) as workspace:
        await workspace.start()
        profile = await workspace.create_profile("Bench")
        await create_samples(await workspace.enter(profile))
        return str(profile.id)


def main(argv: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args(argv).runs
    folder = Path(tempfile.mkdtemp(prefix="tsb-"))
    data = folder / "data"
    script = Path(sys.executable).with_name("tripsage-tui")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "tripsage_tui"]
    command = [*start, "next", "--short", "--data-dir", str(data)]
    try:
        owner = asyncio.run(fill(data))
        socket = json.loads((data / "server" / "state.json").read_text(encoding="utf-8"))["socket_dir"]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), file=sys.stderr)
        samples: dict[str, list[float]] = {"pass": [], "next": [], "query": []}
        for _ in range(runs):
            samples["pass"].append(run_seconds([sys.executable, "-c", "pass"]))
            samples["next"].append(run_seconds(command))
            began = time.perf_counter()
            ask_at_once(f"{socket}/.s.PGSQL.5432", owner)
            samples["query"].append((time.perf_counter() - began) * 1000)
        bare, whole, query = (statistics.median(samples[name]) for name in ("pass", "next", "query"))
        print("| what | measured | budget |\n|---|---|---|")
        print(f"| `python -c pass` | {bare:.0f} ms | |")
        print(f"| the query of `next`, connecting | {query:.0f} ms | |")
        without = (whole - query) / bare
        print(f"| `tripsage-tui next` | {whole:.0f} ms: {without:.1f}x pass + the query | {RATIO}x + the query |")
    finally:
        subprocess.run([*program(data), "db", "stop"], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
