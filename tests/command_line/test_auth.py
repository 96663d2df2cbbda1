"""`tripsage-tui auth` on a hosted project: the real program in a shell, with exit codes for scripts."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.database import Database
from tests.hosted.factors import totp
from tests.hosted.machine import Machine, project_of
from tests.hosted.project import Fault, HostedProject
from tripsage_tui.identity.projects import as_toml

pytestmark = pytest.mark.xdist_group("command_line")
EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
Shell = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
async def hosted(database: Database) -> AsyncIterator[HostedProject]:
    async with HostedProject(database) as hosted:
        await hosted.create_user(EMAIL, PASSWORD, name="Ada")
        yield hosted


@pytest.fixture
async def shell(hosted: HostedProject, tmp_path: Path) -> Shell:
    """Run the program; nothing secret is ever in what it prints."""
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": f"{tmp_path}/config", "XDG_DATA_HOME": f"{tmp_path}/data"}
    environ = {**os.environ, **home, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}

    async def run(*words: str, stdin: str = "") -> tuple[int, str, str]:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "tripsage_tui", *words)
        done = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=environ)
        out, error = await done.communicate(stdin.encode())
        assert done.returncode is not None
        assert not [secret for secret in hosted.secrets if secret in f"{out.decode()}{error.decode()}"]
        return done.returncode, out.decode(), error.decode()

    project = project_of(hosted)
    file = as_toml(replace(project, target=replace(project.target, host="127.0.0.1")))
    assert (await run("connect", "-", stdin=file))[0] == 0
    return run


async def test_a_password_from_standard_input_and_out_again(hosted: HostedProject, shell: Shell) -> None:
    code, out, error = await shell("auth", "login", EMAIL, stdin=f"{PASSWORD}\n")
    assert (code, out) == (5, "")
    assert "--keep file" in error
    assert hosted.requests == []
    code, out, error = await shell("auth", "login", EMAIL, "--keep", "file", stdin="wrong\n")
    assert (code, out, error) == (5, "", "tripsage-tui: The e-mail address or the password is wrong.\n")
    assert (await shell("auth", "status"))[0] == 4
    code, out, error = await shell("auth", "login", EMAIL, stdin=f"{PASSWORD}\n")
    assert (code, out, error) == (0, f"Signed in as Ada <{EMAIL}>.\n", "")

    told = json.loads((await shell("auth", "status", "--json"))[1])
    assert (told["project"], told["email"], told["signed_in"], told["kept"]) == ("team", EMAIL, True, "file")
    assert told["kept_in"].startswith("Sign-ins are kept in")
    assert f"* {EMAIL}" in (await shell("auth", "accounts"))[1]
    assert (await shell("auth", "switch", "ben@example.org"))[0] == 4
    assert (await shell("auth", "switch", EMAIL.upper()))[0] == 0

    hosted.faults.add("*", "/", Fault(reset=True, times=None))
    code, out, error = await shell("auth", "logout", "--others")
    assert (code, error) == (3, "tripsage-tui: The project's sign-in service cannot be reached.\n")
    hosted.faults.clear()
    assert (await shell("auth", "logout"))[:2] == (0, f"Signed Ada <{EMAIL}> out here.\n")
    assert hosted.people.sessions == {}
    assert (await shell("auth", "logout"))[0] == 4


async def test_a_session_that_ended_elsewhere_is_seen_when_asked_for(hosted: HostedProject, shell: Shell) -> None:
    await shell("auth", "login", EMAIL, "--keep", "file", stdin=f"{PASSWORD}\n")
    assert (await shell("auth", "status", "--check"))[0] == 0
    await hosted.people.end(*hosted.people.sessions)
    assert (await shell("auth", "status"))[0] == 0
    code, out, _ = await shell("auth", "status", "--check")
    assert code == 4
    assert "has ended" in out


async def test_an_authenticator_is_asked_for_and_a_code_may_be_mistyped_by_people_only(
    hosted: HostedProject, tmp_path: Path, shell: Shell
) -> None:
    async with Machine(hosted, tmp_path / "phone") as machine:
        await machine.enter(EMAIL, PASSWORD)
        enrolment = await machine.sign_in.enroll("phone")
        secret = enrolment.secret.get_secret_value()
        await machine.sign_in.confirm(enrolment, totp(secret))
    code, _, error = await shell("auth", "login", EMAIL, "--keep", "file", stdin=f"{PASSWORD}\n12\n")
    assert (code, error) == (5, "tripsage-tui: This code is wrong, or too old.\n")
    assert (await shell("auth", "login", EMAIL, stdin=f"{PASSWORD}\n{totp(secret)}\n"))[0] == 0
    told = json.loads((await shell("auth", "status", "--check", "--json"))[1])
    assert told["authenticators"] == ["phone"]


async def test_a_code_by_mail_and_another_service_in_a_browser(
    hosted: HostedProject, tmp_path: Path, shell: Shell
) -> None:
    assert (await shell("auth", "login", "--code", "new@example.org", "--keep", "file", stdin="1\n"))[0] == 5
    hosted.providers["github"] = EMAIL
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": f"{tmp_path}/config", "XDG_DATA_HOME": f"{tmp_path}/data"}
    pipe = asyncio.subprocess.PIPE
    for pasted in (False, True):
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tripsage_tui", "auth", "login", "--oauth", "github"),
            stdin=pipe, stdout=pipe, stderr=pipe, env={**os.environ, **home, "SSH_CONNECTION": "here"},
        )  # fmt: skip
        assert program.stdout is not None
        address = (await program.stdout.readline()).decode().strip()
        assert re.match(r"http://127\.0\.0\.1:\d+/auth/v1/authorize\?", address)
        async with httpx.AsyncClient() as browser:
            back = (await browser.get(address)).headers["location"]
            if not pasted:
                assert urlsplit(back).path == "/callback"
                assert (await browser.get(back)).status_code == 200
        out, error = await program.communicate(f"{back}\n".encode() if pasted else b"")
        assert (program.returncode, out.decode()) == (0, f"Signed in as Ada <{EMAIL}>.\n")
        assert "Open this page in a browser:" in error.decode()


async def test_the_database_on_this_computer_needs_no_sign_in(shell: Shell) -> None:
    code, _, error = await shell("--project", "local", "auth", "login")
    assert code == 2
    assert "needs no sign-in" in error
