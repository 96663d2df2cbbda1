"""A session full of errors behind poolers, the server logging all it can: no secret in what anybody could read later.

What signing in alone leaves behind is in tests/identity/hosted/test_secrets.py, the memory's worker in tests/memory.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.database import Database as Cluster
from tests.hosted.machine import Machine
from tests.hosted.planted import everything_in, leaks
from tests.hosted.project import Fault, HostedProject
from tests.poolers import needs_pgbouncer, secure_pgbouncer
from tests.secure import PASSWORD, secure_place
from tests.tls import Authority
from tripsage_tui.crash_report import write_report
from tripsage_tui.data.api_keys import ApiKeyRepository
from tripsage_tui.data.database import Database
from tripsage_tui.data.target import ConnectionTarget, PoolMode
from tripsage_tui.identity.projects import as_toml
from tripsage_tui.model_choices import ChoicesFile
from tripsage_tui.stored_keys import StoredKeys

pytestmark = needs_pgbouncer
EMAIL, SIGN_IN = "ada@example.org", "correct horse battery"
KEY, OTHER_KEY = "sk-proj-planted-0815", "sk-proj-planted-4711"
WRONG = "planted-wrong-password"
STATEMENTS = "select string_agg(concat_ws(' ', query, application_name), E'\n') from pg_stat_activity"


class Gathered:
    """All that was said, by where."""

    def __init__(self, folder: Path) -> None:
        self.texts: dict[str, str] = {}
        self._report = folder / "report.log"

    async def failing(self, name: str, call: Awaitable[Any]) -> None:
        """Await what has to fail; note the error in all its forms and as a crash report."""
        (answer,) = await asyncio.gather(call, return_exceptions=True)
        assert isinstance(answer, BaseException), name
        self.texts[name] = everything_in(answer)
        write_report(self._report, answer)

    def finish(self, **texts: str) -> dict[str, str]:
        return self.texts | texts | {"the crash report": self._report.read_text()}


async def log_everything(secure: Cluster) -> int:
    """From now on the server's log has every statement with the values bound to it; how long the log is now."""
    superuser = await secure.superuser()
    for setting in ("log_statement = 'all'", "log_min_duration_statement = 0", "log_error_verbosity = verbose"):
        await superuser.execute(f'alter database "{secure.name}" set {setting}')
    return (secure.server.folder / "log").stat().st_size


def logged(secure: Cluster, since: int) -> str:
    return (secure.server.folder / "log").read_bytes()[since:].decode(errors="replace")


def processes() -> str:
    """Command lines and environments of this program's children and theirs."""
    texts, family = [], {os.getpid()}
    for process in sorted(int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()):
        try:
            folder = Path(f"/proc/{process}")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent in family:
                family.add(process)
                texts += [(folder / part).read_bytes().decode(errors="replace") for part in ("cmdline", "environ")]
        except OSError:
            continue  # it has ended
    return "\n".join(texts)


def files_in(folder: Path, *but: Path) -> dict[str, str]:
    """Every file there as text, without those that are meant to keep secrets."""
    return {
        str(file): file.read_text(errors="replace")
        for file in folder.rglob("*")
        if file.is_file() and file.parent not in but
    }


@pytest.fixture(params=list(PoolMode))
async def way(
    request: pytest.FixtureRequest, secure: Cluster, authority: Authority, folder: Path
) -> AsyncIterator[tuple[ConnectionTarget, PoolMode]]:
    """TLS and SCRAM to a pooler, and from there to the database."""
    mode: PoolMode = request.param
    async with secure_pgbouncer(secure, folder, authority, pool_mode=mode.value, default_pool_size=8) as port:
        yield secure_place(port=port, database=secure.name, ca_pem=authority.pem), mode


async def test_a_session_full_of_errors(
    secure: Cluster, way: tuple[ConnectionTarget, PoolMode], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place, mode = way
    for logger in (None, "httpcore", "httpx"):
        caplog.set_level(logging.DEBUG, logger)
    gathered = Gathered(tmp_path)
    since = await log_everything(secure)
    async with HostedProject(secure) as hosted, Machine(hosted, tmp_path / "state") as machine:
        hosted.plant(PASSWORD.get_secret_value(), KEY, OTHER_KEY, WRONG)
        await hosted.create_user(EMAIL, SIGN_IN, name="Ada")
        machine.project = replace(machine.project, target=place, pool_mode=mode)
        account = await machine.enter(EMAIL, SIGN_IN)
        session = await machine.session()
        database = await machine.database(session, pool_mode=mode, pool_size=2)

        # A key is set, replaced, used, removed.
        keys = StoredKeys(
            ApiKeyRepository(database), account.user_id, machine.keeping, ChoicesFile(), dict, vault="team"
        )
        await keys.set(SecretStr(KEY))
        await keys.set(SecretStr(OTHER_KEY))
        await keys.used()
        await keys.reload()
        assert keys.current() is not None

        # Broken statements, also with a secret bound to them, and one that is stopped halfway.
        await gathered.failing("broken", database.fetch("select nonsense", name="broken"))
        await gathered.failing("refused", database.fetch("select * from private.database_sessions", name="refused"))
        broken = "select public.put_api_key('', $1)"
        await gathered.failing("broken key", database.fetch(broken, OTHER_KEY, name="broken key"))
        nap = asyncio.create_task(database.fetchval("select pg_sleep(20)", name="nap"))
        superuser = await secure.superuser()
        while "pg_sleep" not in (statements := await superuser.fetchval(STATEMENTS)):
            pass
        nap.cancel()
        await gathered.failing("stopped", nap)

        # Tickets that expired, one that could not be bought, and transactions that fail.
        await hosted.owner.execute("delete from private.database_sessions")
        assert await database.fetchval("select private.current_user_id()", name="who") == account.user_id
        await hosted.owner.execute("delete from private.database_sessions")
        hosted.faults.add("POST", "/rest", Fault(403, {"message": WRONG}, times=None))
        await gathered.failing("no ticket", database.fetchval("select private.current_user_id()", name="who"))
        hosted.faults.clear()

        # Ways that do not work: TLS, name, password.
        for name, there in (
            ("not trusted", replace(place, ca_pem=None)),
            ("another host", replace(place, host="127.0.0.1")),
            ("wrong password", replace(place, password=SecretStr(WRONG))),
        ):
            elsewhere = Database(there, session, pool_mode=mode, connect_timeout=2)
            await elsewhere.start()
            await gathered.failing(name, elsewhere.fetchval("select 1", name="first"))
            gathered.texts[f"{name}, shown"] = f"{elsewhere!r} {there!r} {there}"
            await elsewhere.close()

        assert await keys.remove() is not None
        await hosted.owner.execute("delete from auth.sessions")
        await gathered.failing("ended", database.fetch("select id from trips", name="trips"))
        found = leaks(
            hosted.secrets,
            gathered.finish(
                log=caplog.text,
                server=(server := logged(secure, since)),
                activity=statements,
                activity_later=await superuser.fetchval(STATEMENTS),
                processes=processes(),
                keys=f"{keys!r} {vars(keys)!r}",
            ),
        )
    assert len(hosted.secrets) > 8
    assert not found, "\n".join(found)
    assert "select nonsense" in server
    assert "put_api_key" in server
    assert "httpcore" in caplog.text


async def test_the_program_in_a_shell(secure: Cluster, authority: Authority, folder: Path, tmp_path: Path) -> None:
    """Its command line, environment, output and every file that it writes but those that are meant to keep secrets."""
    since = await log_everything(secure)
    home = {"HOME": f"{tmp_path}", "XDG_CONFIG_HOME": f"{tmp_path}/config", "XDG_DATA_HOME": f"{tmp_path}/data"}
    environ = {**os.environ, **home, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    texts: dict[str, str] = {}

    async def run(*words: str, stdin: str = "") -> int:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "tripsage_tui", *words)
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=environ)
        texts[f"process list during {words}"] = processes()
        out, error = await process.communicate(stdin.encode())
        texts[f"output of {words}"] = out.decode() + error.decode()
        assert process.returncode is not None
        return process.returncode

    async with HostedProject(secure) as hosted, secure_pgbouncer(
        secure, folder, authority, pool_mode="transaction", default_pool_size=8
    ) as port:  # fmt: skip
        hosted.plant(PASSWORD.get_secret_value(), KEY, WRONG)
        await hosted.create_user(EMAIL, SIGN_IN, name="Ada")
        async with Machine(hosted, tmp_path / "unused") as machine:
            project = replace(
                machine.project,
                target=secure_place(port=port, database=secure.name, ca_pem=authority.pem),
                pool_mode=PoolMode.TRANSACTION,
            )
        assert await run("connect", "-", stdin=as_toml(project)) == 0
        assert await run("auth", "login", EMAIL, "--keep", "file", stdin=f"{WRONG}\n") != 0
        assert await run("auth", "login", EMAIL, "--keep", "file", stdin=f"{SIGN_IN}\n") == 0
        assert await run("keys", "set", "openai", stdin=f"{KEY}\n") == 0
        await hosted.owner.execute("delete from auth.sessions")
        assert await run("trips", "list") != 0
        broken = replace(project, name="broken", target=replace(project.target, password=SecretStr(WRONG)))
        assert await run("connect", "-", stdin=as_toml(broken)) == 0
        assert await run("doctor") == 1
        texts |= files_in(tmp_path, tmp_path / "config" / "tripsage_tui" / "projects")
        texts["the server's log"] = logged(secure, since)
        found = leaks(hosted.secrets, texts)
    assert not found, "\n".join(found)
    assert "tripsage_tui" in texts["process list during ('keys', 'set', 'openai')"]
    assert "Vault of team" in texts["output of ('keys', 'set', 'openai')"]
