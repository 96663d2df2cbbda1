"""The memory's calls on the embedded server, beside a worker that reads 20 turns from a model.

`python -m bench memory` starts an embedded server in a temporary folder (durability on, as people have it) and a
scripted model's server. Times in milliseconds; the lower quartile counts, because machines are shared. The second table
is taken while the worker reads; after it stands how long the program's event loop was held up at most meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from tests.memory.worker_runs import reads
from tests.openai_server import Answer, Body, OpenAIServer
from tripsage_tui.planner import Planner
from tripsage_tui.settings import Settings
from tripsage_tui.workspace import Workspace

BUDGET = 10.0
STALL = 50.0
TURNS = 20


async def _timed(name: str, count: int, call: Callable[[int], Awaitable[Any]]) -> float:
    times = []
    for number in range(count):
        started = time.perf_counter()
        await call(number)
        times.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(0.02)  # the data layer lets a user make 50 calls a second
    quartile, median, _ = statistics.quantiles(times, n=4)
    print(f"{name:<34}{quartile:>10.2f}{median:>10.2f}{statistics.quantiles(times, n=20)[-1]:>10.2f}", flush=True)
    return quartile


async def _calls(planner: Planner, chat: Any, label: str, count: int) -> list[float]:
    service = planner.memory
    print(f"\n{label:<34}{'p25 ms':>10}{'p50 ms':>10}{'p95 ms':>10}")
    known = await service.list()
    await _timed("beside them: select 1", count, lambda n: planner.database.fetchval("select 1", name="bench.one"))
    return [
        await _timed("remember", count, lambda n: service.remember(f"{label} fact number {n}")),
        await _timed("note_turn", count, lambda n: service.note_turn(chat, "assistant", f"answer {n}")),
        await _timed("recall (all of at most 100)", count, lambda n: service.recall("where to sit", patience=0)),
        await _timed("search", count, lambda n: service.search("a quiet hotel near the station")),
        await _timed("overview", count, lambda n: service.overview()),
        await _timed("pin", count, lambda n: service.pin([known[0].id], n % 2 == 0)),
    ]


async def _longest_stall(until: asyncio.Event) -> float:
    longest = 0.0
    while not until.is_set():
        started = time.perf_counter()
        await asyncio.sleep(0.002)
        longest = max(longest, (time.perf_counter() - started) * 1000 - 2)
    return longest


async def _chat(planner: Planner) -> Any:
    return await planner.database.fetchval(
        "insert into public.chat_sessions (user_id) values (private.current_user_id()) returning id",
        name="bench.chat",
        write=True,
    )


async def _run(folder: Path) -> bool:
    server = OpenAIServer()

    def slowly(body: Body) -> Answer:
        return Answer(reads(body).body, delay=0.2)

    server.chat = slowly
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        os.environ.pop(name, None)
    with server.running():
        async with Workspace(Settings(data_dir=folder, profile="Bench")) as workspace:
            await workspace.start()
            profile = await workspace.choose()
            if profile is None:
                raise RuntimeError("the profile was not created")
            planner = await workspace.enter(profile)
            service = planner.memory
            chat = await _chat(planner)
            for number in range(60):
                await service.remember(f"Likes thing number {number} in a quiet hotel by the station")
            quartiles = await _calls(planner, chat, "at rest", 40)
            # From here on there is a model.
            os.environ["OPENAI_BASE_URL"] = server.url
            chats = [await _chat(planner) for _ in range(TURNS)]
            for number, each in enumerate(chats):
                await service.note_turn(each, "user", f"I like stamp number {number}.")
            over = asyncio.Event()
            stall = asyncio.create_task(_longest_stall(over))
            started = time.perf_counter()
            quartiles += await _calls(planner, chat, "while 20 turns are read", 20)
            while (await service.backlog()).turns:  # noqa: ASYNC110 - another process reads them
                await asyncio.sleep(0.1)
            seconds = time.perf_counter() - started
            over.set()
            held_up = await stall
            print(
                f"\n{TURNS} turns of a model that takes 0.2 s were read in {seconds:.1f} s, from the worker's start on"
            )
            print(f"Longest stall of the event loop meanwhile: {held_up:.1f} ms")
    held = max(quartiles) <= BUDGET and held_up <= STALL
    budget = f"each call's lower quartile <= {BUDGET:.0f} ms, no stall above {STALL:.0f} ms"
    print(f"Budget: {budget}: {'held' if held else 'MISSED'}")
    return held


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables; 1 when a budget is missed."""
    argparse.ArgumentParser(prog="python -m bench memory", description=__doc__).parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="tripsage-memory-"))
    try:
        return 0 if asyncio.run(_run(folder)) else 1
    finally:
        from tripsage_tui.cli import main as shell

        shell(["db", "stop", "--data-dir", str(folder)])
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
