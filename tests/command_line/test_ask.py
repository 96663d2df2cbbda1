"""`tripsage-tui ask` as a script calls it, with the real SDK and a scripted model."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.assistant.scripted import Reply, ScriptedServer, called, refusal, said
from tests.assistant.test_answering import DINNER, call

pytestmark = pytest.mark.xdist_group("command_line")
NEW = (
    "--destination",
    "Tokyo, Kyoto",
    "--from",
    "2027-10-02",
    "--to",
    "2027-10-15",
    "--budget",
    "9",
    "--currency",
    "EUR",
)


async def shell(data_dir: Path, *words: str, url: str = "", stdin: str = "") -> tuple[int, str, str]:
    environ = {
        **os.environ,
        "OPENAI_BASE_URL": url,
        "OPENAI_API_KEY": "sk-test" if url else "",
        "TRIPSAGE_MODEL": "m-1",
    }
    command = (sys.executable, "-m", "tripsage_tui", "--data-dir", str(data_dir), *words)
    pipe = asyncio.subprocess.PIPE
    done = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=environ)
    out, error = await done.communicate(stdin.encode())
    assert done.returncode is not None
    return done.returncode, out.decode(), error.decode()


async def test_asking_from_the_shell(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    try:
        assert (await shell(folder, "--profile", "Anna", "trips", "new", "Japan", *NEW))[0] == 0

        code, out, error = await shell(folder, "ask", "hello?")
        assert (code, out) == (3, "")
        assert error.startswith("tripsage-tui: There is no model to ask. Set OPENAI_API_KEY")

        async with ScriptedServer(Reply(said("Kyoto\x1b[31m", " it is."))) as server:
            code, out, error = await shell(folder, "ask", "--trip", "Japan", url=server.url, stdin="Where to?")
            assert (code, out, error) == (0, "Kyoto it is.\n", "")
            body = server.requests[0].body
            assert body["messages"][-1]["content"] == "Where to?"
            assert "add_item" not in {tool["function"]["name"] for tool in body["tools"]}

        async with ScriptedServer(refusal(401, "bad key", "invalid_api_key")) as server:
            code, out, error = await shell(folder, "ask", "hello?", url=server.url)
            assert (code, out) == (3, "")
            assert "does not accept the key" in error

        replies = (
            Reply(called(call("add_item", DINNER), call("forget_memory", {"memory_id": 1}, "2"))),
            Reply(said("In.")),
        )
        async with ScriptedServer(*replies) as server:
            words = ("ask", "--trip", "Japan", "--allow-writes", "--json", "Add a dinner")
            code, out, _ = await shell(folder, *words, url=server.url)
            told = json.loads(out)
            assert (code, told["answer"], told["failure"]) == (0, "In.", None)
            assert [(each["tool_name"], each["status"]) for each in told["calls"]] == [
                ("add_item", "completed"),
                ("forget_memory", "failed"),
            ]
        plan = json.loads((await shell(folder, "trips", "show", "Japan", "--json"))[1])
        assert [item["title"] for item in plan["items"]] == ["Dinner in Gion"]
    finally:
        await shell(folder, "db", "stop")
