"""`tripsage-tui attach` and `tripsage-tui attachments` as a script calls them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line.test_commands import NEW, Shell, complaint

pytestmark = pytest.mark.xdist_group("command_line")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    shell = Shell(tmp_path_factory.mktemp("cli"))
    shell.out("--profile", "Anna", "trips", "new", "Japan", *NEW, "--budget", "6000", "--currency", "EUR")
    yield shell
    shell("db", "stop")


def test_files_come_and_go(shell: Shell, tmp_path: Path) -> None:
    menu, script = tmp_path / "menu.csv", tmp_path / "run.sh"
    menu.write_text("dish,yen\nramen,900\n")
    script.write_text("#!/bin/sh\n")
    assert ".sh cannot be attached" in complaint(shell("attach", "--trip", "Japan", str(menu), str(script)), 1)
    assert shell.out("attachments", "list") == "No files."
    made = shell.out("attach", "--trip", "Japan", str(menu))
    (listed,) = json.loads(shell.out("attachments", "list", "--trip", "Japan", "--json"))
    assert (listed["id"], listed["filename"], listed["upload_status"]) == (made, "menu.csv", "completed")
    assert str(tmp_path) not in json.dumps(listed)
    saved = Path(shell.out("attachments", "save", "menu", "--to", str(tmp_path)))
    assert (saved.name, saved.read_text()) == ("menu (2).csv", menu.read_text())
    shell.out("attachments", "delete", "menu")
    assert shell.out("attachments", "delete", "--undo", made) == "Brought back menu.csv."
