"""`add`, `next` and `agenda` as scripts, prompts and status bars call them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.command_line.test_commands import Shell, complaint

pytestmark = pytest.mark.xdist_group("command_line")


class Prompt(Shell):
    """As a prompt calls it: the word first."""

    def program(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tripsage_tui", *words, "--data-dir", str(self.data_dir)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prompt]:
    shell = Prompt(tmp_path_factory.mktemp("lines"))
    dates = ("--from", "today", "--to", "14 days", "--budget", "900", "--currency", "EUR")
    shell.out("--profile", "Anna", "trips", "new", "Tour", "--destination", "Osaka", *dates)
    yield shell
    shell("db", "stop")


def test_nothing_is_coming_up_is_exit_code_one(shell: Prompt) -> None:
    done = shell("agenda", "--days", "3")
    assert (done.returncode, done.stdout) == (1, "Nothing happens in the next 3 days.\n")
    done = shell.program("next", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout) == {"now": [], "next": None, "deadline": None}
    assert shell.program("next", "--short").stdout == ""


def test_a_line_is_written_and_comes_up(shell: Prompt) -> None:
    plan = shell.out("add", "Tour", "--dry-run", "dinner tomorrow 19:30 Gion 40 EUR")
    assert plan.startswith("item, not written")
    assert json.loads(shell.out("trips", "show", "Tour", "--json"))["items"] == []
    written = json.loads(shell.out("add", "tour", "--json", "dinner", "tomorrow", "19:30", "Gion", "40", "EUR"))
    assert (written["kind"], written["title"], written["price"], written["item_type"]) == (
        "item",
        "dinner",
        "40.00",
        "meal",
    )
    (item,) = json.loads(shell.out("trips", "show", "Tour", "--json"))["items"]
    assert item["id"] == written["id"]
    shell.out("add", "Tour", "idea: teamLab")
    line = shell.program("next").stdout
    assert "meal dinner Gion" in line
    assert shell.out("next", "--short") == line.strip()  # the ordinary way, as options stand before the word
    found = json.loads(shell.program("next", "--json").stdout)["next"]
    assert (found["title"], found["in_days"], found["time"]) == ("dinner", 1, "19:30")
    assert "19:30  meal dinner Gion" in shell.out("agenda", "--days", "3", "--trip", "Tour")
    assert [row["title"] for row in json.loads(shell.out("agenda", "--json"))] == ["dinner"]


def test_a_line_that_is_not_understood_writes_nothing(shell: Prompt) -> None:
    before = shell.out("trips", "show", "Tour", "--json")
    for line, said in (
        ("hotel X day 3-5 5x180", "Not understood: “5” (the days make another number of nights)"),
        ("dinner \x1b[31m 19:30", "Which day?"),
        ("", "Say what to add"),
    ):
        assert said in complaint(shell("add", "Tour", line), 2)
    assert shell.out("trips", "show", "Tour", "--json") == before


def test_a_trip_that_is_not_there_and_days_that_are_too_many(shell: Prompt) -> None:
    complaint(shell("add", "Nowhere", "museum"), 4)
    complaint(shell("agenda", "--days", "0"), 2)
    complaint(shell.program("next", "--profile", "Nobody"), 4)


def test_a_prompt_loads_next_to_nothing(shell: Prompt) -> None:
    code = (
        "import sys\nfrom tripsage_tui.cli import main\n"
        f"main(['next', '--short', '--data-dir', {str(shell.data_dir)!r}])\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert not {"argparse", "asyncio", "asyncpg", "json", "pathlib", "pydantic", "re", "socket", "typing"} & set(
        done.stderr.split()
    )
