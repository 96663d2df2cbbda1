"""The wheel alone is enough: what it brings works without the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_wheel_works_without_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)

    # The dependencies come from this environment, the program from the wheel: its folder is searched first.
    program = (
        f"import sys; sys.path[:0] = [{str(site)!r}]; sys.path.append({sysconfig.get_path('purelib')!r});"
        "import tripsage_tui; assert tripsage_tui.__file__.startswith(sys.path[0]), tripsage_tui.__file__;"
        "from tripsage_tui.cli import main; sys.exit(main(sys.argv[1:]))"
    )

    def run(*words: str) -> str:
        command = [sys.executable, "-I", "-S", "-c", program, "--data-dir", str(tmp_path / "data"), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path).stdout

    try:
        dates = ("--from", "2031-05-01", "--to", "2031-05-04", "--budget", "500")
        trip = run("--profile", "Anna", "trips", "new", "From the wheel", "--destination", "Rome", *dates)
        assert json.loads(run("trips", "list", "--json"))[0]["id"] == int(trip)
        source = ROOT / "supabase" / "migrations"
        assert json.loads(run("db", "status", "--json"))["schema"] == max(
            path.name[:14] for path in source.glob("*.sql")
        )
    finally:
        run("db", "stop")


def test_importing_the_program_loads_nothing_heavy() -> None:
    code = "import sys, threading, tripsage_tui.app; print(*sys.modules); assert threading.active_count() == 1"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    heavy = {"openai", "supabase", "mem0", "keyring", "numpy", "icalendar", "babel", "holidays", "opentelemetry"}
    assert not (heavy | {"airportsdata", "textual_autocomplete", "asyncpg"}) & set(done.stdout.split())
