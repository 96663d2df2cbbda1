"""The embedded server: first start, restart, attaching, ten programs at once; and what it keeps in memory.

Every figure is of a process of its own, with nothing imported before the clock starts except Python itself.
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
from collections.abc import Sequence
from pathlib import Path

from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.postmaster import strays
from tripsage_tui.data.server_status import keeper_pid

_ATTACH = """
import sys, time
from pathlib import Path
start = time.perf_counter()
from tripsage_tui.data.embedded import EmbeddedServer
imported = time.perf_counter()
assert EmbeddedServer(Path(sys.argv[1])).attach()
print((imported - start) * 1000, (time.perf_counter() - imported) * 1000)
"""
_ENSURE = """
import asyncio, sys, time
from pathlib import Path
start = time.perf_counter()
from tripsage_tui.data.embedded import EmbeddedServer
asyncio.run(EmbeddedServer(Path(sys.argv[1])).ensure_running())
print((time.perf_counter() - start) * 1000)
"""


def _run(code: str, folder: Path) -> list[float]:
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def _stop(folder: Path) -> float:
    start = time.perf_counter()
    asyncio.run(EmbeddedServer(folder).stop())
    return (time.perf_counter() - start) * 1000


def _proportional_kilobytes(pid: int) -> int:
    """Memory with shared pages divided among those who share them. Linux only."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(text.split("\nPss:")[1].split()[0])


def _ten(folder: Path) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-c", _ENSURE, str(folder)]
    programs = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(10)]
    assert not any(program.wait() for program in programs)
    return (time.perf_counter() - start) * 1000


def main(argv: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args(argv).runs
    base = Path(tempfile.mkdtemp(prefix="tsb-"))
    try:
        firsts = []
        for number in range(max(2, runs // 2)):
            firsts += _run(_ENSURE, base / str(number))
            _stop(base / str(number))
        folder = base / "0"
        restarts, stops, attaches, imports = [], [], [], []
        for _ in range(runs):
            restarts += _run(_ENSURE, folder)
            sample = [_run(_ATTACH, folder) for _ in range(3)]
            imports += [imported for imported, _ in sample]
            attaches += [attached for _, attached in sample]
            stops.append(_stop(folder))
        ten_cold, ten_warm = _ten(folder), _ten(folder)
        files = EmbeddedServer(folder).files
        keeper, server = keeper_pid(files), strays(files.cluster)
        print("| what (median ms) | measured | budget |\n|---|---|---|")
        print(f"| first start ever | {statistics.median(firsts):.0f} | 4000 |")
        print(f"| start of a stopped server | {statistics.median(restarts):.0f} | 500 |")
        print(f"| attach to a running server | {statistics.median(attaches):.2f} | 10 |")
        print(f"| importing what attaching needs | {statistics.median(imports):.1f} | |")
        print(f"| ten programs at once: stopped / running server | {ten_cold:.0f} / {ten_warm:.0f} | |")
        print(f"| stop | {statistics.median(stops):.0f} | |")
        if keeper and Path("/proc/self/smaps_rollup").exists():
            whole = sum(map(_proportional_kilobytes, server))
            print(f"| memory (PSS, MB): keeper / idle server | {_proportional_kilobytes(keeper) / 1024:.1f}", end="")
            print(f" / {whole / 1024:.0f} in {len(server)} processes | |")
    finally:
        for folder in base.iterdir():
            _stop(folder)
        shutil.rmtree(base)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
