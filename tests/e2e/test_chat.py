"""The assistant in a real terminal: it proposes, the traveller decides; what came before a kill is there afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assistant.scripted import HANG, Reply, ScriptedServer, called, chunk, refusal, said, sse
from tests.assistant.test_answering import DINNER
from tests.e2e.tmux import Tmux

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed (.ci/run installs it)"),
]

JAPAN = (
    *("trips", "new", "Japan in autumn", "--destination", "Kyoto", "--budget", "6000"),
    *("--from", "2027-10-07", "--to", "2027-10-12"),
)
SCRIPT = (
    Reply(called(("c1", "recall_memories", json.dumps({"query": "dinner"})))),
    Reply(called(("c2", "read_trip", json.dumps({"trip_id": 0})))),
    Reply(called(("c3", "add_item", json.dumps({**DINNER, "time_zone": "Asia/Tokyo"})))),
    Reply(said("Dinner in Gion ", "is on your second evening.")),
    Reply([*sse(chunk({"content": "Half of an answer"})), HANG]),
    Reply(said(" and the other half.")),
)

WRITER = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('and then?\\nfrom an editor\\n')"
"""An editor that writes a question of two lines."""


class Model:
    """A scripted model in a thread of its own."""

    def __init__(self) -> None:
        self.server = ScriptedServer(*SCRIPT, aside=refusal(404, "not here"))
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def __enter__(self) -> Model:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        async with self.server:
            self._ready.set()
            await self._end.wait()


class Traveller:
    def __init__(self, terminal: Tmux, folder: Path, model: Model) -> None:
        self.terminal = terminal
        self._program = [sys.executable, "-m", "tripsage_tui", "--data-dir", str(folder / "data")]
        self._environment = {
            "TEXTUAL_ANIMATIONS": "none",
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": model.server.url,
            "TRIPSAGE_MODEL": "m-1",
            "VISUAL": shlex.join([sys.executable, "-c", WRITER]),
        }

    def opens_the_trip(self) -> None:
        self.terminal.start([*self._program, "--profile", "Anna"], self._environment)
        self.terminal.wait_for("Japan in autumn", "live", timeout=30)
        self.terminal.press("Enter")
        self.terminal.wait_for("Thu 7 Oct", "day 1")

    def opens_the_chat(self) -> None:
        self.terminal.press("i")
        self.terminal.wait_for("Ask about your trips")

    def asks(self, text: str) -> None:
        self.terminal.type(text)
        self.terminal.press("Enter")

    def shell(self, *words: str) -> str:
        done = subprocess.run([*self._program, *words], check=True, capture_output=True, text=True, timeout=60)
        return done.stdout

    def items(self) -> list[tuple[str, str]]:
        plan = json.loads(self.shell("trips", "show", "Japan in autumn", "--json"))
        return [(item["title"], item["start_time"]) for item in plan["items"]]


@pytest.fixture
def traveller(tmp_path: Path) -> Iterator[Traveller]:
    with Model() as model, Tmux(tmp_path, columns=100, rows=30) as terminal:
        traveller = Traveller(terminal, tmp_path, model)
        traveller.shell("--profile", "Anna", *JAPAN)
        yield traveller
        traveller.shell("db", "stop")


def test_a_proposal_an_approval_an_undo_and_a_kill(traveller: Traveller) -> None:
    terminal = traveller.terminal
    traveller.opens_the_trip()
    traveller.opens_the_chat()
    traveller.asks("add a dinner in Gion on our second evening in Kyoto")
    terminal.wait_for("? Add Dinner in Gion to Japan in autumn", "Fri 8 Oct 2027 19:30 JST", "9000", "a once")
    assert traveller.items() == []
    terminal.press("a")
    terminal.wait_for("✓ recall_memories", "✓ add_item", "is on your second evening.", gone=["a once"])
    assert traveller.items() == [("Dinner in Gion", "2027-10-08T10:30:00Z")]
    terminal.press("Escape", "Escape")
    terminal.wait_for("Dinner in Gion", "19:30", "Fri 8 Oct")
    terminal.press("u")
    terminal.wait_for("Undone: adding the meal Dinner in Gion", gone=["19:30"])
    assert traveller.items() == []

    traveller.opens_the_chat()
    terminal.press("F4")
    terminal.wait_for("and then?", "from an editor")
    terminal.press("Enter")
    terminal.wait_for("Half of an answer", "answering")
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.wait_for_exit()
    traveller.opens_the_trip()
    terminal.press("u")
    terminal.wait_for("nothing to undo")
    traveller.opens_the_chat()
    terminal.press("C-o")
    terminal.wait_for("Conversations", "and then?")
    terminal.press("Enter")
    terminal.wait_for("and then?", "Half of an answer", "interrupted", timeout=10)
    terminal.press("Tab", "c")
    terminal.wait_for("and the other half.", gone=["asking"])
