"""Two people at two terminals on one database: an invitation, live changes, a conflict, and being shut out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.tmux import Tmux

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed (.ci/run installs it)"),
]


class People:
    """Anna and Ben, each at a terminal of their own, on one data folder."""

    def __init__(self, folder: Path, terminals: ExitStack) -> None:
        self.program = [sys.executable, "-m", "tripsage_tui", "--data-dir", str(folder / "data")]
        self.terminals: dict[str, Tmux] = {}
        for name in ("Anna", "Ben"):
            place = folder / name
            place.mkdir()
            self.terminals[name] = terminals.enter_context(Tmux(place, columns=100, rows=30))

    def sits_down(self, name: str) -> Tmux:
        """Open the program at that person's terminal."""
        terminal = self.terminals[name]
        terminal.start([*self.program, "--profile", name], {"TEXTUAL_ANIMATIONS": "none"})
        return terminal

    def shell(self, *words: str) -> str:
        done = subprocess.run([*self.program, *words], check=True, capture_output=True, text=True, timeout=60)
        return done.stdout


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    with ExitStack() as terminals:
        people = People(tmp_path, terminals)
        yield people
    people.shell("db", "stop")


def test_two_people_plan_one_trip(people: People) -> None:
    people.shell(
        *("--profile", "Anna", "trips", "new", "Japan", "--destination", "Tokyo", "--budget", "6000"),
        *("--from", "2027-10-02", "--to", "2027-10-04"),
    )
    anna, ben = people.sits_down("Anna"), people.sits_down("Ben")
    ben.wait_for("No trips yet", "live", timeout=30)
    anna.wait_for("Japan", "live")

    anna.press("Enter")
    anna.wait_for("Sat 2 Oct")
    anna.press("S")
    anna.wait_for("Share this trip (1)")
    anna.press("i")
    anna.wait_for("Invite to Japan")
    anna.type("Ben")
    anna.press("C-s")
    anna.wait_for("Invited (1)")
    ben.wait_for("Anna invites you to Japan (edit)")
    ben.press("i")
    ben.wait_for("You are invited")
    ben.press("Enter")
    ben.wait_for("Upcoming (1)", gone=["invites you"])
    anna.wait_for("Share this trip (2)", "Ben")

    ben.press("Enter")
    ben.wait_for("Sat 2 Oct")
    ben.press("a")
    ben.wait_for("Add to the trip")
    ben.press("i")
    ben.wait_for("^s Save")
    ben.type("Tea ceremony")
    ben.press("C-s")
    ben.wait_for("• Tea ceremony", gone=["^s Save"])
    anna.press("Escape")
    anna.wait_for("• Tea ceremony")

    ben.press("e")
    ben.wait_for("^s Save")
    anna.press("e")
    anna.wait_for("^s Save")
    anna.type("Tea with Keiko")
    anna.press("C-s")
    anna.wait_for("• Tea with Keiko", gone=["^s Save"])
    ben.wait_for("was just changed by someone else")
    ben.type("Tea at noon")
    ben.press("C-s")
    ben.wait_for("Someone changed", "Tea at noon", "Tea with Keiko")
    ben.press("t", "Enter")
    ben.wait_for("• Tea with Keiko", gone=["^s Save"])

    anna.press("S")
    anna.wait_for("Share this trip (2)")
    anna.press("j", "d")
    anna.wait_for("Remove Ben?")
    anna.press("Enter")
    anna.wait_for("Share this trip (1)")
    ben.wait_for("Japan is no longer shared with you", gone=["Keiko"])
    ben.press("Escape")
    ben.wait_for("No trips yet")
    for terminal in (anna, ben):
        terminal.press("q")
    assert [people.terminals[name].wait_for_exit() for name in ("Anna", "Ben")] == [0, 0]
