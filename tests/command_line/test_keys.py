"""`tripsage-tui keys` and `auth`: a key comes from standard input and is never seen again."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.assistant.scripted import ScriptedServer
from tests.screens.test_settings import models

pytestmark = pytest.mark.xdist_group("command_line")
KEY = "sk-from-stdin-7"


async def shell(folder: Path, *words: str, stdin: str = "") -> tuple[int, str, str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    environ |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    command = (sys.executable, "-m", "tripsage_tui", "--data-dir", str(folder), *words)
    pipe = asyncio.subprocess.PIPE
    done = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=environ)
    out, error = await done.communicate(stdin.encode())
    assert done.returncode is not None
    assert KEY not in f"{out!r}{error!r}"
    return done.returncode, out.decode(), error.decode()


async def test_a_key_from_standard_input(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    try:
        code, out, error = await shell(folder, "--profile", "Anna", "keys", "set", stdin=KEY)
        assert (code, out) == (5, "")
        assert "null.Keyring. --keep file" in error
        async with ScriptedServer(models("m-1", "m-2")) as server:
            words = ("keys", "set", "openai", "--keep", "file", "--url", server.url)
            code, out, error = await shell(folder, *words, stdin=f"{KEY}\n")
            assert (code, error) == (0, "")
            assert "secrets.key" in out
            assert await shell(folder, "keys", "test") == (0, "m-1\nm-2\n", "")
            assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
            assert (await shell(folder, "memory", "add", "Hates red-eye flights"))[0] == 0
            server.requests.clear()
            assert "red-eye" in (await shell(folder, "memory", "search", "flights"))[1]
            assert server.requests[0].path == "/v1/embeddings"
        told = json.loads((await shell(folder, "auth", "status", "--json"))[1])
        assert (told["profile"], told["kept"], told["key"]) == ("Anna", "file", "stored")
        assert (await shell(folder, "keys", "remove"))[0] == 0
        assert (await shell(folder, "keys", "remove"))[0] == 4
        assert "two words" not in (await shell(folder, "keys", "set", stdin="two words"))[2]
    finally:
        await shell(folder, "db", "stop")
