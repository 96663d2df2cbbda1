"""`tripsage-tui connect` and `tripsage-tui projects`, as a shell sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.identity.test_projects import TEXT
from tripsage_tui.cli import main
from tripsage_tui.settings import load_settings


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / "config.toml"
    monkeypatch.setenv("TRIPSAGE_CONFIG", str(path))
    monkeypatch.delenv("TRIPSAGE_PROJECT", raising=False)
    return path


def test_a_project_is_connected_listed_left_and_removed(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "team.toml"
    file.write_text(TEXT)
    assert main(["connect", str(file), "--name", "team"]) == 0
    assert "--project local" in capsys.readouterr().out
    assert load_settings().project == "team"
    assert load_settings({"project": "local"}).project is None

    assert main(["projects", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(each["name"], each["opens"], each["pool_mode"]) for each in listed] == [("team", True, "transaction")]

    (config.parent / "projects" / "broken.toml").write_text("url = ")
    assert main(["projects"]) == 0
    out = capsys.readouterr().out
    assert "* team" in out
    assert "chmod 600" in out
    assert "correct horse" not in out

    assert main(["projects", "use", "nobody"]) == 4
    assert main(["projects", "use", "local"]) == 0
    assert load_settings().project is None
    assert main(["projects", "use", "team"]) == 0
    assert main(["projects", "remove", "team"]) == 0
    assert load_settings().project is None


def test_a_broken_file_changes_nothing(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "team.toml"
    file.write_bytes(TEXT.encode().replace(b"correct horse", b"\xff\xfe"))
    assert main(["connect", str(file)]) == 2
    said = capsys.readouterr().err
    assert "not UTF-8 text: see line 10" in said
    assert main(["connect", str(tmp_path / "nowhere.toml")]) == 4
    assert "No such file" in capsys.readouterr().err
    assert not config.exists()
    assert not (config.parent / "projects").exists()
