"""`tripsage-tui transfer` into a hosted project and back, as a person types it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.database import Database
from tests.hosted.machine import project_of
from tests.hosted.project import HostedProject
from tripsage_tui.identity.projects import as_toml

pytest.importorskip("tripsage_tui.hosted_workspace", reason="projects cannot be opened yet")
pytestmark = pytest.mark.xdist_group("command_line")


async def test_into_a_project_and_back(database: Database, tmp_path: Path) -> None:
    folders = {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}

    async def shell(*words: str, typed: str = "", code: int = 0) -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tripsage_tui", "--data-dir", str(tmp_path / "data"), *words,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **folders, "HOME": str(tmp_path)},
        )  # fmt: skip
        out, err = await process.communicate(typed.encode())
        assert process.returncode == code, (words, out, err)
        return out.decode() + err.decode() if code else out.decode()

    async with HostedProject(database) as project:
        await project.create_user("ada@example.org", "correct horse", name="Ada")
        connection = tmp_path / "team.toml"
        connection.write_text(as_toml(project_of(project)))
        await shell("connect", str(connection))
        days = ("--from", "2027-10-02", "--to", "2027-10-15")
        await shell("--project", "local", "--profile", "Ada", "trips", "new", "Japan", "--destination", "Tokyo", *days,
                    "--budget", "6000")  # fmt: skip
        try:
            over = ("transfer", "--from", "local", "--to", "team", "--yes", "--json")
            assert "auth login" in await shell(*over, code=5)
            await shell("auth", "login", "ada@example.org", "--keep", "file", typed="correct horse\n")
            moved = json.loads(await shell(*over))
            assert (moved["complete"], moved["written"], moved["to"]["place"]) == (True, 1, "team")
            assert [trip["name"] for trip in json.loads(await shell("trips", "list", "--json"))] == ["Japan"]
            back = json.loads(await shell("transfer", "--from", "team", "--to", "local", "--yes", "--json"))
            assert (back["complete"], back["written"], back["verified"]) == (True, 0, 1)
        finally:
            await shell("--project", "local", "db", "stop")
