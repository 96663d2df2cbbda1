"""`tripsage-tui admin setup` against a new project: TLS, SCRAM, migrations by two tools, twice, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.database import Database, drop, prepare
from tests.hosted.project import HostedProject
from tests.poolers import needs_pgbouncer, pgbouncer
from tests.postgres import Server
from tests.secure import ask_for_passwords
from tests.tls import Authority, TlsFront
from tripsage_tui.cli import main
from tripsage_tui.data.migrations import MigrationRunner
from tripsage_tui.data.operator import CannotSetUp, client_target, read_url, storage_sql
from tripsage_tui.data.scram import verifier
from tripsage_tui.data.target import PoolMode, Tls
from tripsage_tui.identity.projects import Project, read_project

_numbers = count(1)
Setup = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def new(server: Server, template: str) -> AsyncIterator[Database]:
    """A project as it comes: nothing of ours in it. (The cluster's login exists; it has no password and no note.)"""
    await ask_for_passwords(server)
    database = await prepare(server, f"secure_new_{next(_numbers)}", migrate=False)
    superuser = await database.superuser()
    await superuser.execute("alter role tripsage_client password null; comment on role tripsage_client is null")
    yield database
    await drop(database)


@pytest.fixture
async def setup(
    new: Database,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> AsyncIterator[Setup]:
    """Runs the command against that project; exit code and everything it said."""
    async with (
        HostedProject(new) as hosted,
        TlsFront(new.host, new.port, certificate=authority.issue("localhost")) as front,
    ):
        monkeypatch.setenv("TRIPSAGE_ADMIN_DATABASE_URL", f"postgresql://postgres@localhost:{front.port}/{new.name}")
        monkeypatch.setenv("PGPASSWORD", "the owner's password")
        monkeypatch.setenv("TRIPSAGE_PUBLISHABLE_KEY", hosted.publishable_key)
        monkeypatch.setenv("TRIPSAGE_CONFIG", str(tmp_path / "config.toml"))

        async def run(*words: str) -> tuple[int, str]:
            given = ["--project-url", hosted.url, "--ca", str(authority.file), "--out", str(tmp_path / "team.toml")]
            code = await asyncio.to_thread(main, ["admin", "setup", *given, *words])
            said = capsys.readouterr()
            assert "the owner's password" not in said.out + said.err
            return code, said.out + said.err

        yield run


def written(folder: Path) -> Project:
    return read_project((folder / "team.toml").read_text())


async def test_a_new_project_is_ready_for_its_users(
    setup: Setup, new: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = await setup()
    assert code == 0, said
    assert "✗" not in said
    project = written(tmp_path)
    password = project.target.password
    assert password is not None
    assert len(password.get_secret_value()) >= 40
    assert password.get_secret_value() not in said
    assert (tmp_path / "team.toml").stat().st_mode & 0o777 == 0o600
    assert project.target.user == "tripsage_client"
    assert project.target.ssl is None, "verify-full"

    # What the server keeps and logs is what proves the password, not the password.
    stored = await (await new.superuser()).fetchval(
        "select rolpassword from pg_authid where rolname = 'tripsage_client'"
    )
    assert stored.startswith("SCRAM-SHA-256$4096:")
    assert password.get_secret_value() not in (new.server.folder / "log").read_text(errors="replace")

    code, again = await setup()
    assert code == 0
    assert "nothing to apply" in again
    assert "still works and stays" in again
    assert written(tmp_path) == project

    code, rotated = await setup("--rotate")
    assert code == 0
    assert "A new one was set" in rotated
    assert written(tmp_path).target.password != password

    # A user takes the file.
    assert await asyncio.to_thread(main, ["connect", str(tmp_path / "team.toml"), "--name", "team"]) == 0
    assert await asyncio.to_thread(main, ["doctor"]) == 0, capsys.readouterr().out


async def test_a_password_that_is_in_use_is_not_taken_away(setup: Setup, tmp_path: Path) -> None:
    assert (await setup())[0] == 0
    code, said = await setup("--out", str(tmp_path / "another.toml"))
    assert code == 1
    assert "cannot be read back" in said
    assert "--rotate" in said
    assert not (tmp_path / "another.toml").exists()

    text = (tmp_path / "team.toml").read_text()
    (tmp_path / "team.toml").write_text(text.replace('password = "', 'password = "x'))
    code, said = await setup()
    assert code == 1
    assert "is not the login's" in said


async def test_migrations_that_are_there_stay(setup: Setup, new: Database) -> None:
    """The Supabase CLI writes the same history; tests/supabase_cli takes turns with the real one."""
    applied = await MigrationRunner(await new.owner()).migrate()
    code, said = await setup()
    assert code == 0, said
    assert f"nothing to apply, {len(applied)} were there before" in said


async def test_what_it_refuses(setup: Setup, new: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, said = await setup("--publishable-key", "sb_secret_0123456789")
    assert (code, "secret key" in said) == (2, True)
    code, said = await setup("--database-url", "mysql://root:hunter22@localhost/x")
    assert (code, "postgresql://user" in said) == (1, True)
    assert "hunter22" not in said
    code, said = await setup("--database-url", "postgresql://postgres:hunter22@localhost:1/x")
    assert "process list" in said
    assert "refuses connections" in said
    assert "hunter22" not in said
    monkeypatch.setenv("TRIPSAGE_ADMIN_DATABASE_URL", f"postgresql://anon@/{new.name}?host={new.host}")
    await (await new.superuser()).execute("alter role anon login")
    try:
        code, said = await setup()
        assert "anon may not create roles" in said
    finally:
        await (await new.superuser()).execute("alter role anon nologin")
    (tmp_path / "team.toml").write_text("something else")
    code, said = await setup()
    assert "is there and no connection file" in said
    assert (tmp_path / "team.toml").read_text() == "something else"


async def test_a_role_that_may_not_touch_storage_is_told_who_may(setup: Setup, new: Database) -> None:
    """On some self-hosted projects Storage's tables belong to a role that postgres is no member of."""
    superuser = await new.superuser()
    await superuser.execute("alter table storage.objects owner to supabase_storage_admin")
    await superuser.execute("alter table storage.buckets owner to supabase_storage_admin")
    code, said = await setup()
    assert code == 0, said
    assert "could not make the policy for reading" in said
    assert "storage-sql" in said
    await superuser.execute(storage_sql())
    code, said = await setup()
    assert "The bucket and its policies are there" in said


@needs_pgbouncer
async def test_set_up_wants_a_session(setup: Setup, new: Database, folder: Path) -> None:
    accounts = folder / "accounts.txt"
    accounts.write_text('"postgres" ""\n')
    async with pgbouncer(new, folder, pool_mode="transaction", default_pool_size=2, auth_file=accounts) as port:
        code, said = await setup("--database-url", f"postgresql://postgres@127.0.0.1:{port}/{new.name}?sslmode=disable")
    assert code == 1
    assert "transaction pooler" in said


def test_connection_strings_of_the_dashboard_are_understood() -> None:
    shared = read_url(
        SecretStr("postgresql://postgres.abcdefgh:[YOUR-PASSWORD]@aws-1-eu-west-1.pooler.supabase.com:6543/postgres")
    )
    assert (shared.host, shared.port, shared.password) == ("aws-1-eu-west-1.pooler.supabase.com", 6543, None)
    assert client_target(shared, SecretStr("x")).user == "tripsage_client.abcdefgh"
    direct = read_url(SecretStr("postgres://postgres:p%40ss@db.abcdefgh.supabase.co/postgres?sslmode=verify-full"))
    assert direct.password is not None
    assert (direct.port, direct.ssl, direct.password.get_secret_value()) == (5432, Tls.VERIFY_FULL, "p@ss")
    assert client_target(direct, SecretStr("x")).user == "tripsage_client"
    for wrong in (
        "",
        "postgresql://",
        "postgresql://host/db",
        "postgresql://u@h:port/x",
        "http://u@h/x",
        "postgresql://[u@h",
    ):
        with pytest.raises(CannotSetUp):
            read_url(SecretStr(wrong))


@pytest.mark.parametrize(
    ("words", "host", "port", "user", "mode", "url"),
    [
        ([], "aws-0-x.pooler.supabase.com", 5432, "tripsage_client.abc", PoolMode.SESSION, "https://abc.supabase.co"),
        (["--port", "6543"], "aws-0-x.pooler.supabase.com", 6543, "tripsage_client.abc", PoolMode.TRANSACTION, "https://abc.supabase.co"),
        (
            ["--pooler-url", "postgresql://postgres@pool.example.org:7000/postgres", "--project-url",
             "https://example.org", "--mode", "transaction"],
            "pool.example.org", 7000, "tripsage_client", PoolMode.TRANSACTION, "https://example.org",
        ),
    ],
)  # fmt: skip
def test_what_users_are_given(
    words: list[str], host: str, port: int, user: str, mode: PoolMode, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tripsage_tui.cli import _parser
    from tripsage_tui.command_line.admin import planned

    monkeypatch.setenv(
        "TRIPSAGE_ADMIN_DATABASE_URL", "postgresql://postgres.abc:secret@aws-0-x.pooler.supabase.com:5432/postgres"
    )
    draft = planned(
        _parser().parse_args(["admin", "setup", "--publishable-key", "sb_publishable_1234567890", *words])
    ).draft
    target = draft.target
    assert (target.host, target.port, target.user, draft.pool_mode, draft.url) == (host, port, user, mode, url)


def test_a_verifier_has_its_form() -> None:
    """Its use is shown by logging in, above; this is its form."""
    salt = bytes(range(16))
    made = verifier(SecretStr("pencil"), salt=salt)
    assert made.startswith("SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$")
    assert made == verifier(SecretStr("pencil"), salt=salt) != verifier(SecretStr("pencil"))
    with pytest.raises(ValueError, match="ASCII"):
        verifier(SecretStr("pässword"))
