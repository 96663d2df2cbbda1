"""`tripsage-tui transfer` as a person calls it: out of one profile into a file, and into another profile."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line.test_commands import NEW, Shell, complaint

pytestmark = pytest.mark.xdist_group("command_line")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    shell = Shell(tmp_path_factory.mktemp("cli"))
    yield shell
    shell("db", "stop")


def test_into_a_file_and_out_of_it(shell: Shell, tmp_path: Path) -> None:
    shell.out("--profile", "Ada", "trips", "new", "Japan", *NEW, "--budget", "6000", "--currency", "EUR")
    shell.out("people", "Japan", "invite", "ben@example.com", "--level", "edit")
    path = tmp_path / "all of it.zip"
    wrote = shell.out("transfer", "--from", "local", "--to", str(path))
    assert wrote.endswith(f"Wrote 4 rows to {path}.")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "--replace" in complaint(shell("transfer", "--from", "local", "--to", str(path)), 1)

    here = ("--profile", "Cem", "transfer", "--from", str(path), "--to", "local")
    shell.out("--profile", "Cem", "memory", "add", "Prefers window seats")
    looked = json.loads(shell.out(*here, "--dry-run", "--json"))
    assert (looked["new"], looked["tables"]["trip_stops"]["new"]) == (4, 3)
    assert shell.out("--profile", "Cem", "trips", "list", "--json") == "[]"
    asked = shell(*here)
    assert (asked.returncode, "--yes" in asked.stderr) == (2, True)
    moved = shell.out(*here, "--yes", "--invite")
    assert "stops  3     3" in moved
    assert "ben@example.com is invited to Japan.\nMoved 4 rows" in moved
    again = json.loads(shell.out(*here, "--yes", "--json"))
    assert (again["complete"], again["written"], again["verified"]) == (True, 0, 4)
    assert [trip["name"] for trip in json.loads(shell.out("--profile", "Cem", "trips", "list", "--json"))] == ["Japan"]


def test_a_place_that_is_none_is_said(shell: Shell, tmp_path: Path) -> None:
    assert "Places: local" in complaint(shell("transfer", "--from", "mars", "--to", "local"), 4)
    assert "same place" in complaint(shell("transfer", "--from", "local", "--to", "local"), 2)
    both = ("--from", str(tmp_path / "a.zip"), "--to", str(tmp_path / "b.zip"))
    assert "begins or ends in a database" in complaint(shell("transfer", *both), 2)
    (tmp_path / "a.zip").write_bytes(b"PK")
    complaint(shell("--profile", "Ada", "transfer", "--from", str(tmp_path / "a.zip"), "--to", "local"), 1)
