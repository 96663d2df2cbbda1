"""Start-up: from the spawn to the trips table with rows, beside a bare Textual program with a 1,000-row table.

Interleaved in one run, so that ratios count. Budgets: warm <= 1.4x the bare program; on an empty folder rows <= 4 s
after the frame; with the server stopped rows <= 0.5 s after the frame; `--version` <= 60 ms above `python -c pass`.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.terminal import Terminal, resident_megabytes

FRAME = "Trips"
EMPTY = "sample trip"


def program(data_dir: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "tripsage_tui", "--data-dir", str(data_dir), *words]


def painted(command: Sequence[str], text: str, *, timeout: float = 60) -> tuple[float, float, int]:
    """Milliseconds to `text`, resident MB one second later, bytes written until it settled."""
    with Terminal(command) as terminal:
        terminal.wait_for(text, timeout)
        terminal.settle(1.0)
        return terminal.first_seen(text), resident_megabytes(terminal.pid), terminal.written()


def run_seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def command_lines(runs: int) -> None:
    """`--version` and `--help` above an interpreter that does nothing."""
    script = str(Path(sys.executable).with_name("tripsage-tui"))
    rows: dict[str, list[float]] = {"python -c pass": [], "--version": [], "--help": []}
    for _ in range(runs * 2):
        rows["python -c pass"].append(run_seconds([sys.executable, "-c", "pass"]))
        rows["--version"].append(run_seconds([script, "--version"]))
        rows["--help"].append(run_seconds([script, "--help"]))
    base = statistics.median(rows["python -c pass"])
    for name in ("--version", "--help"):
        print(f"| {name} above `python -c pass` | {statistics.median(rows[name]) - base:.0f} ms | <= 60 ms |")


def main(argv: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args(argv).runs
    folder = Path(tempfile.mkdtemp(prefix="tsb-"))
    data = folder / "data"
    bare = [sys.executable, "-m", "bench.bare_textual"]
    print("| what | measured | budget |\n|---|---|---|")
    try:
        first = program(data, "--profile", "Bench")
        with Terminal(first) as terminal:
            terminal.wait_for(EMPTY, 60)
            frame, rows = terminal.first_seen(FRAME), terminal.first_seen(EMPTY)
        print(f"| first start ever: frame / ready | {frame:.0f} / {rows:.0f} ms | ready <= frame + 4000 ms |")
        for number in range(30):
            words = f"--destination Kyoto --from 2031-05-{number % 28 + 1:02} --to 2031-06-20 --budget 1000".split()
            new = [*program(data, "--profile", "Bench"), "trips", "new", f"Trip {number:02}", *words]
            subprocess.run(new, check=True, stdout=subprocess.DEVNULL)
        samples: dict[str, list[tuple[float, float, int]]] = {"bare": [], "warm": []}
        for number in range(runs + 1):
            bare_sample, warm_sample = painted(bare, "Name 0010"), painted(program(data), "Trip 05")
            if number:
                samples["bare"].append(bare_sample)
                samples["warm"].append(warm_sample)
        bare_ms = statistics.median(sample[0] for sample in samples["bare"])
        warm_ms = statistics.median(sample[0] for sample in samples["warm"])
        print(f"| bare Textual, 1,000-row DataTable | {bare_ms:.0f} ms | |")
        print(f"| trips table with rows, warm | {warm_ms:.0f} ms = {warm_ms / bare_ms:.2f}x | <= 1.4x, goal 1.1x |")
        print(f"| resident memory, Trips mode | {max(s[1] for s in samples['warm']):.0f} MB | <= 60 MB |")
        print(f"| bytes written at start | {samples['warm'][0][2] / 1000:.0f} kB | |")
        stopped: list[float] = []
        for _ in range(max(3, runs // 2)):
            subprocess.run([*program(data), "db", "stop"], check=True, stdout=subprocess.DEVNULL)
            with Terminal(program(data)) as terminal:
                terminal.wait_for("Trip 05", 60)
                stopped.append(terminal.first_seen("Trip 05") - terminal.first_seen(FRAME))
        print(f"| server not running: rows after the frame | {statistics.median(stopped):.0f} ms | <= 500 ms |")
        command_lines(runs)
    finally:
        subprocess.run([*program(data), "db", "stop"], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
