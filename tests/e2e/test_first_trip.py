"""A newcomer plans a trip by keyboard, in a real terminal, on an empty folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.tmux import Tmux

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed (.ci/run installs it)"),
]

TRIP = ("Japan in autumn", "Japan", "Tokyo, Kyoto, Osaka", "2027-10-02", "14 days", "", "2", "6000 EUR")
OUTBOUND = {"From": "FRA", "To": "HND", "Date": "2 oct 2027", "Departs": "12:15", "Arrives": "08:55+1", "Airline": "LH"}
RETURN = {"Date": "15 oct", "Departs": "12:30", "Arrives": "19:05", "Flight number": "LH717"}
CLEAR = "<clear>"


class Traveller:
    """Sits at the terminal."""

    def __init__(self, terminal: Tmux, data_dir: Path) -> None:
        self.terminal = terminal
        self.data_dir = data_dir

    def open(self, *words: str) -> None:
        program = [sys.executable, "-m", "tripsage_tui", "--data-dir", str(self.data_dir), *words]
        self.terminal.start(program, {"TEXTUAL_ANIMATIONS": "none"})

    def fill(self, *values: str) -> None:
        """Fill the fields of a form from the first one on, as fast as the keys can be typed."""
        for value in values:
            if value:
                self.terminal.type(value)
            self.terminal.press("Tab")

    def save(self, *expected: str) -> str:
        self.terminal.press("C-s")
        return self.terminal.wait_for(*expected, gone=["^s Save"])

    def fill_labelled(self, values: Mapping[str, str]) -> None:
        """Fill the fields with these labels, going from field to field; the labels stand in the order of the form."""
        for label, value in values.items():
            start = field = self._field()
            while field != label:
                self.terminal.press("Tab")
                field = self._field(after=field)
                assert field != start, f"there is no field {label!r}:\n{self.terminal.screen()}"
            if value == CLEAR:
                self.terminal.press("BSpace")
            else:
                self.terminal.type(value)

    def _field(self, after: str = "") -> str:
        """The label of the focused field, once it is another than `after`."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            terminal = self.terminal.screen()
            focused = re.search(r"▸ (\S[^*\n]*?) ?\*?(?: {2}|$)", terminal.partition("\n")[2], re.MULTILINE)
            if focused and focused[1] != after:
                return focused[1]
            time.sleep(0.02)
        raise AssertionError(f"the focus stays:\n{self.terminal.screen()}")

    def add(self, kind: str, values: Mapping[str, str]) -> None:
        """Add a booking to the open trip: `kind` is f, s, t or i."""
        self.terminal.press("a")
        self.terminal.wait_for("Add to the trip")
        self.terminal.press(kind)
        self.terminal.wait_for("^s Save")
        self.fill_labelled(values)
        self.save("Added the")

    def shell(self, *words: str) -> str:
        program = [sys.executable, "-m", "tripsage_tui", "--data-dir", str(self.data_dir), *words]
        return subprocess.run(program, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def traveller(tmp_path: Path) -> Iterator[Traveller]:
    data_dir = tmp_path / "data"
    with Tmux(tmp_path) as terminal:
        traveller = Traveller(terminal, data_dir)
        yield traveller
    traveller.shell("db", "stop")


def test_a_whole_trip_by_keyboard(traveller: Traveller) -> None:
    terminal = traveller.terminal
    traveller.open()
    terminal.wait_for("name", timeout=30)
    terminal.type("Anna")
    terminal.press("Enter")
    terminal.wait_for("No trips yet", "Anna")

    terminal.press("n")
    terminal.wait_for("new trip")
    traveller.fill(*TRIP)
    traveller.save("Sat 2 Oct", "Fri 15 Oct")

    terminal.press("a")
    terminal.wait_for("Add to the trip")
    terminal.press("f")
    terminal.wait_for("^s Save")
    traveller.fill_labelled(OUTBOUND)
    traveller.fill_labelled(RETURN)
    traveller.save("Added the")
    # It leaves at noon and lands on the next day, by the clocks of two zones.
    terminal.wait_for("12:15–08:55+1", "JST", "Sun 3 Oct")
    traveller.add("s", {"Name": "Hotel Gracery", "Check in": "3 oct 2027", "Check out": "7 oct 2027"})
    traveller.add("s", {"Name": "Ryokan Shiraume", "Check in": "7 oct 2027", "Check out": "5 nights"})
    train = {"From": "Tokyo", "To": "Kyoto", "Date": "7 oct 2027", "Departs": "09:03", "Arrives": "11:15"}
    traveller.add("t", train)
    traveller.add("i", {"What": "Senso-ji at dawn", "Day": "4 oct 2027", "From": "07:00"})
    traveller.add("i", {"What": "Nara day trip", "Day": "11 oct 2027"})
    traveller.add("i", {"What": "Onsen in Kinosaki", "Day": CLEAR})
    terminal.press("q")
    assert terminal.wait_for_exit() == 0

    before = _plan(traveller)
    assert before["trip"]["travelers"] == 2
    assert [stop["place"] for stop in before["stops"]] == ["Tokyo", "Kyoto", "Osaka"]
    assert (before["trip"]["budget"], before["trip"]["currency"]) == ("6000.00", "EUR")
    legs = [(leg["direction"], leg["departure_time"], leg["arrival_time"]) for leg in before["flights"][0]["legs"]]
    assert legs == [
        ("outbound", "2027-10-02T10:15:00Z", "2027-10-02T23:55:00Z"),
        ("return", "2027-10-15T03:30:00Z", "2027-10-15T17:05:00Z"),
    ]
    assert [len(before[kind]) for kind in ("flights", "accommodations", "transportation", "items")] == [1, 2, 1, 3]

    traveller.open()
    terminal.wait_for("Japan in autumn")
    terminal.press("Enter")
    terminal.wait_for("Hotel Gracery", "Ryokan Shiraume", "Senso-ji", "Kinosaki")
    _go_to(terminal, "Hotel Gracery 4 nights")
    terminal.press("d")
    terminal.wait_for("Press u", gone=["Hotel Gracery  "])
    terminal.press("u")
    terminal.wait_for("Undone", "Hotel Gracery")
    terminal.press("q")
    assert terminal.wait_for_exit() == 0
    after = _plan(traveller)
    for stays in (before["accommodations"], after["accommodations"]):
        for stay_row in stays:
            stay_row.pop("updated_at")
    assert after == before


def test_a_killed_program_offers_what_was_typed(traveller: Traveller) -> None:
    terminal = traveller.terminal
    traveller.open("--profile", "Anna")
    terminal.wait_for("No trips yet", timeout=30)
    terminal.press("n")
    terminal.wait_for("new trip")
    traveller.fill("Half a trip", "Nowhere")
    terminal.wait_for("Half a trip", "Nowhere")
    _wait_for_draft(traveller.data_dir, "Half a trip")
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.wait_for_exit()
    traveller.open()
    terminal.wait_for("adding a trip", timeout=20)
    terminal.press("r")
    terminal.wait_for("new trip", "Half a trip", "Nowhere")


def test_two_programs_see_each_others_changes_within_a_second(traveller: Traveller) -> None:
    traveller.open("--profile", "Anna")
    traveller.terminal.wait_for("No trips yet", "live", timeout=30)
    traveller.shell(
        "trips",
        "new",
        "From outside",
        "--destination",
        "Rome",
        "--from",
        "2031-01-01",
        "--to",
        "2031-01-03",
        "--budget",
        "9",
    )
    traveller.terminal.wait_for("From outside", timeout=1)


@pytest.mark.parametrize("name", ["TERM", "HUP"])
def test_signals_leave_a_clean_terminal(traveller: Traveller, name: str) -> None:
    traveller.open("--profile", "Anna")
    traveller.terminal.wait_for("No trips yet", timeout=30)
    number = getattr(signal, f"SIG{name}")
    os.kill(traveller.terminal.pid, number)
    assert traveller.terminal.wait_for_exit(4) == 128 + number
    assert "No trips yet" not in traveller.terminal.screen()


def _plan(traveller: Traveller) -> dict[str, object]:
    plan: dict[str, object] = json.loads(traveller.shell("trips", "show", "Japan in autumn", "--json"))
    return plan


def _go_to(terminal: Tmux, text: str) -> None:
    """Move the cursor of a list down to the line with `text`."""
    before, line = "", _cursor_line(terminal)
    deadline = time.monotonic() + 20
    while text not in line:
        assert time.monotonic() < deadline, f"no line {text!r}:\n{terminal.screen()}"
        if line != before:
            before = line
            terminal.press("j")
        line = _cursor_line(terminal)


def _cursor_line(terminal: Tmux) -> str:
    """The line under the cursor, once it is painted: the same twice, and with something on it.

    Without what comes a moment later and would look like another line: the checker's marks, sun and holidays of a day.
    """
    lines = ["", "-"]
    while lines[-1] != lines[-2] or not lines[-1]:
        time.sleep(0.03)
        marked = [line for line in terminal.screen().splitlines() if line.startswith("▸")]
        words = [word for word in marked[0].split() if word not in {"i", "!", "!!"}] if len(marked) == 1 else []
        lines.append(" ".join(words).partition(" · sun")[0])
    return lines[-1]


def _wait_for_draft(data_dir: Path, text: str) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if any(text in path.read_text() for path in (data_dir / "state" / "drafts").rglob("*.json")):
            return
        time.sleep(0.02)
    raise AssertionError("no draft was written")
