"""`tripsage-tui bookings` as a script calls it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.command_line.test_commands import NEW, Shell, complaint

pytestmark = pytest.mark.xdist_group("command_line")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    shell = Shell(tmp_path_factory.mktemp("cli"))
    shell.out("--profile", "Anna", "trips", "new", "Japan", *NEW, "--budget", "6000", "--currency", "EUR")
    shell.out("add", "Japan", "hotel Granvia 5-8 oct 3x180")
    shell.out("add", "Japan", "flight LH716 FRA 13:40 > HND 08:55+1 2 oct 890 EUR ref X7K2QM")
    yield shell
    shell("db", "stop")


def test_all_bookings_and_what_is_asked_for(shell: Shell) -> None:
    flight, stay = json.loads(shell.out("bookings", "--json"))
    assert (flight["kind"], flight["title"], flight["trip_name"]) == ("flight", "FRA → HND", "Japan")
    assert (stay["title"], stay["price"], stay["currency"]) == ("Granvia", "540.00", "EUR")
    assert "reference" not in flight
    assert flight["has_reference"] is True
    assert [row["kind"] for row in json.loads(shell.out("bookings", "--kind", "stay", "--unpaid", "--json"))] == [
        "stay"
    ]
    assert shell.out("bookings", "--state", "cancelled") == "No bookings."
    text = shell.out("bookings", "--trip", "japan")
    assert "13:40" in text
    assert "X7K2QM" not in text
    assert "X7K2QM" in shell.out("bookings", "--codes")


def test_deadlines_and_bad_words(shell: Shell) -> None:
    assert shell.out("bookings", "--deadlines") == "No deadlines."
    assert json.loads(shell.out("bookings", "--deadlines", "--json")) == []
    assert shell.out("bookings", "--trip", "apa", "--state", "cancelled") == "No bookings."
    assert "no trip 'Mars'" in complaint(shell("bookings", "--trip", "Mars"), 4)
    assert "invalid choice" in complaint(shell("bookings", "--kind", "boat"), 2)


def test_trips_are_put_away_and_brought_back(shell: Shell) -> None:
    assert shell.out("trips", "archive", "japan").startswith("Archived Japan")
    assert json.loads(shell.out("trips", "list", "--json")) == []
    assert [trip["name"] for trip in json.loads(shell.out("trips", "list", "--archived", "--json"))] == ["Japan"]
    assert shell.out("bookings") == "No bookings."
    assert shell.out("trips", "unarchive", "japan").startswith("Unarchived Japan")
    assert "Japan" in shell.out("trips", "list")
    assert shell.out("trips", "list", "--trash") == "The trash is empty."
    assert "in the trash" in complaint(shell("trips", "restore", "Japan"), 4)


def test_search_finds_words_and_whole_codes(shell: Shell) -> None:
    (stay,) = json.loads(shell.out("search", "granv", "japan", "--json"))
    assert (stay["kind"], stay["title"], stay["trip_name"]) == ("stay", "Granvia", "Japan")
    text = shell.out("search", "x7k2qm")
    assert "FRA → HND" in text
    assert "X7K2QM" not in text
    nothing = shell("search", "zanzibar")
    assert (nothing.returncode, nothing.stdout.strip()) == (1, "Nothing found.")
    assert json.loads(shell("search", "zanzibar", "--json").stdout) == []
    assert "letters or digits" in complaint(shell("search", "--", "%"), 2)
