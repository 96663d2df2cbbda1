"""What doctor says about the way to a hosted project's database and API: one sentence per finding, with its remedy."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.database import Database
from tests.hosted.faults import Fault
from tests.hosted.project import HostedProject
from tests.poolers import needs_pgbouncer, pgbouncer, secure_pgbouncer
from tests.secure import secure_place
from tests.tls import DAY, Authority, TlsFront
from tripsage_tui.data.project_checks import FUNCTIONS, TABLES, database_findings, version_finding
from tripsage_tui.data.reaching import CannotReach, explained
from tripsage_tui.data.target import ConnectionTarget, PoolMode, Tls
from tripsage_tui.identity.project_api import api_findings
from tripsage_tui.identity.projects import Project
from tripsage_tui.models.diagnosis import Finding

ADDRESS = "127.0.0.1"


async def found(target: ConnectionTarget, mode: PoolMode = PoolMode.SESSION, **options: float) -> list[Finding]:
    findings = await database_findings(target, mode, **options)
    for finding in findings:
        assert finding.sentence.endswith((".", "?")), finding
        assert "correct-horse" not in finding.sentence
    return findings


async def trouble(target: ConnectionTarget, mode: PoolMode = PoolMode.SESSION, **options: float) -> tuple[str, str]:
    """Topic and sentence of the only finding that is not ok."""
    (wrong,) = [finding for finding in await found(target, mode, **options) if finding.level != "ok"]
    return wrong.topic, wrong.sentence


async def test_nothing_is_wrong(place: ConnectionTarget) -> None:
    findings = await found(place)
    assert {finding.level for finding in findings} == {"ok"}
    assert [finding.topic for finding in findings] == [
        "TLS", "database", "clock", "schema", "security", "grants", "security", "pooler"
    ]  # fmt: skip


async def test_what_is_expected_is_what_there_is(secure: Database) -> None:
    owner = await secure.owner()
    for table in TABLES:
        assert await owner.fetchval("select has_table_privilege('tripsage_client', $1, 'select')", f"public.{table}")
    for function in FUNCTIONS:
        assert await owner.fetchval("select has_function_privilege('tripsage_client', $1, 'execute')", function)


# The way there --------------------------------------------------------------------------------------------------------


async def test_a_name_that_is_none() -> None:
    assert "cannot be resolved" in (await trouble(secure_place(host="nowhere.invalid")))[1]


async def test_nobody_listens(place: ConnectionTarget) -> None:
    async with TlsFront("/nowhere") as gone:
        port = gone.port
    topic, sentence = await trouble(replace(place, host=ADDRESS, port=port))
    assert topic == "network"
    assert "refuses connections" in sentence
    assert "localhost, port 1," in (await trouble(replace(place, port=1)))[1]
    assert "No server listens in /nowhere" in (await trouble(ConnectionTarget("/nowhere")))[1]


async def test_only_ipv6() -> None:
    # From the block for documentation: reached from nowhere.
    topic, sentence = await trouble(secure_place(host="2001:db8::1"), limit=0.3)
    assert topic == "network"
    assert "only IPv6" in sentence


@asynccontextmanager
async def answering(reply: bytes) -> AsyncIterator[int]:
    """A server that says the same to everybody, whatever is asked, and then nothing; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(reply)
        await reader.read()
        left.set()
        writer.close()

    left = asyncio.Event()
    server = await asyncio.start_server(serve, ADDRESS, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await left.wait()


async def test_it_is_silent_or_speaks_something_else() -> None:
    async with answering(b"") as port:
        assert "says nothing" in (await trouble(secure_place(host=ADDRESS, port=port), limit=0.3))[1]
    async with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert "does not offer TLS" in (await trouble(secure_place(host=ADDRESS, port=port)))[1]


# TLS ------------------------------------------------------------------------------------------------------------------


async def test_certificates_that_do_not_do(
    secure: Database, place: ConnectionTarget, authority: Authority, tmp_path: Path
) -> None:
    assert "issuer that is not trusted" in (await trouble(replace(place, ca_pem=None)))[1]
    other = Authority(tmp_path, "Somebody else")
    assert "issuer that is not trusted" in (await trouble(replace(place, ca_pem=other.pem)))[1]
    assert "not one for 127.0.0.1" in (await trouble(replace(place, host=ADDRESS)))[1]
    for begins, ends, said in (
        (-2 * DAY, -DAY, "has expired"),
        (DAY, 2 * DAY, "not valid yet"),
        (timedelta(days=-2), timedelta(days=2), ""),
    ):
        certificate = authority.issue("localhost", begins=begins, ends=ends)
        async with TlsFront(secure.host, secure.port, certificate=certificate) as front:
            if said:
                topic, sentence = await trouble(replace(place, port=front.port))
                assert topic == "TLS"
                assert said in sentence
            else:
                assert {each.level for each in await found(replace(place, port=front.port))} == {"ok"}


async def test_no_tls_and_less_tls(secure: Database, place: ConnectionTarget) -> None:
    async with TlsFront(secure.host, secure.port) as plain:
        without = replace(place, port=plain.port)
        assert "does not offer TLS" in (await trouble(without))[1]
        assert "Nothing is encrypted" in (await trouble(replace(without, ssl=Tls.DISABLE)))[1]
    assert "proves nothing" in (await trouble(replace(place, ssl=Tls.REQUIRE)))[1]


# Logging in -----------------------------------------------------------------------------------------------------------


async def test_logins_that_fail(place: ConnectionTarget) -> None:
    topic, sentence = await trouble(replace(place, password=SecretStr("wrong")))
    assert topic == "login"
    assert "admin setup --rotate" in sentence
    assert "no database other" in (await trouble(replace(place, database="other")))[1]
    assert "does not let stranger in" in (await trouble(replace(place, user="stranger")))[1]


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        ("XX000", "Tenant or user not found", "ends with the project's ref"),
        ("XX000", "MaxClientsInSessionMode: max clients reached", "port 6543"),
        ("53300", "remaining connection slots are reserved", "All connections are taken"),
        ("57P03", "the database system is starting up", "in a minute"),
        ("08P01", "no such user: tripsage_client", "does not let tripsage_client.abc in"),
        ("42000", "mysterious", "code 42000"),
    ],
)  # fmt: skip
async def test_what_poolers_say(code: str, message: str, said: str) -> None:
    # Supavisor does not run here: this is its answer to the start-up packet, on the wire.
    fields = b"SFATAL\0VFATAL\0C" + code.encode() + b"\0M" + message.encode() + b"\0\0"
    async with answering(b"E" + struct.pack("!I", len(fields) + 4) + fields) as port:
        target = secure_place(host=ADDRESS, port=port, ssl=Tls.DISABLE, user="tripsage_client.abc")
        assert said in (await trouble(target))[1]


def test_what_nobody_thought_of_has_a_sentence_too() -> None:
    assert isinstance(explained(ValueError("secret"), secure_place()), CannotReach)
    assert "secret" not in str(explained(ValueError("secret"), secure_place()))


# What is found there --------------------------------------------------------------------------------------------------


async def test_the_schema_is_missing_or_of_another_time(
    server: object, secure: Database, place: ConnectionTarget
) -> None:
    owner = await secure.owner()
    await owner.execute("insert into supabase_migrations.schema_migrations (version) values ('29990101000000')")
    assert await trouble(place) == (
        "schema", version_finding("29990101000000").sentence
    )  # fmt: skip
    assert "newer than this program" in version_finding("29990101000000").sentence
    await owner.execute("delete from supabase_migrations.schema_migrations where version > '20261122090000'")
    assert "Migrations are missing (the newest there is 20261122090000" in (await trouble(place))[1]
    await owner.execute("drop function private.schema_version()")
    assert "tables of the program are missing" in (await trouble(place))[1]


async def test_a_grant_is_missing_or_too_much(secure: Database, place: ConnectionTarget) -> None:
    owner = await secure.owner()
    await owner.execute("revoke all on public.trips, public.flights from tripsage_client")
    topic, sentence = await trouble(place)
    assert topic == "grants"
    assert "table trips, table flights: the operator runs" in sentence
    await owner.execute("grant select on public.trips, public.flights to tripsage_client")
    await owner.execute("create table public.leaks (id int); grant select on public.leaks to tripsage_client")
    assert "without row level security: leaks" in (await trouble(place))[1]
    await owner.execute("drop table public.leaks; create policy everybody on public.trips for select using (true)")
    ann = await secure.create_user("Ann")
    await owner.execute(
        "insert into public.trips (user_id, name, start_date, end_date, destination, budget, travelers) "
        "values ($1, 'T', '2027-01-01', '2027-01-02', 'X', 1, 1)",
        ann.id,
    )
    assert "read without signing in" in (await trouble(place))[1]


async def test_the_login_may_too_much(secure: Database, place: ConnectionTarget) -> None:
    superuser = await secure.superuser()
    await superuser.execute("grant temporary on database " + secure.name + " to tripsage_client")
    assert "temporary tables" in (await trouble(place))[1]
    await superuser.execute("alter role tripsage_client createdb; grant service_role to tripsage_client")
    try:
        sentence = (await trouble(place))[1]
        assert "CREATEDB" in sentence
        assert "membership in other roles" in sentence
    finally:
        await superuser.execute("alter role tripsage_client nocreatedb; revoke service_role from tripsage_client")


async def test_the_log_would_get_values(secure: Database, place: ConnectionTarget) -> None:
    superuser = await secure.superuser()
    await superuser.execute(f"alter database \"{secure.name}\" set log_statement = 'all'")
    assert {each.level for each in await found(place)} == {"ok"}, "the migration saw to it"
    await superuser.execute("alter role tripsage_client reset log_parameter_max_length")
    try:
        assert "tickets and keys among them" in (await trouble(place))[1]
    finally:
        await superuser.execute("alter role tripsage_client set log_parameter_max_length = 0")


async def test_a_clock_that_is_wrong(place: ConnectionTarget) -> None:
    findings = await database_findings(place, PoolMode.SESSION, clock=lambda: time.time() - 600)
    (wrong,) = [finding for finding in findings if finding.level != "ok"]
    assert "600 seconds behind" in wrong.sentence


@needs_pgbouncer
@pytest.mark.parametrize(("real", "said"), [("transaction", "is a transaction pooler"), ("session", "keeps sessions")])
async def test_the_pooler_is_of_the_other_mode(database: Database, folder: Path, real: str, said: str) -> None:
    async with pgbouncer(database, folder, pool_mode=real, default_pool_size=4) as port:
        target = ConnectionTarget(ADDRESS, port, database.name, ssl=Tls.DISABLE)
        fits, other = PoolMode(real), (set(PoolMode) - {PoolMode(real)}).pop()
        assert [each.level for each in await found(target, fits) if each.topic == "pooler"] == ["ok"]
        assert [said in each.sentence for each in await found(target, other) if each.topic == "pooler"] == [True]


@needs_pgbouncer
async def test_a_wrong_password_behind_a_pooler(secure: Database, authority: Authority, folder: Path) -> None:
    async with secure_pgbouncer(secure, folder, authority, pool_mode="session") as port:
        place = secure_place(port=port, database=secure.name, ca_pem=authority.pem)
        assert {each.level for each in await found(place)} == {"ok"}
        topic, sentence = await trouble(replace(place, password=SecretStr("wrong")))
    assert topic == "login"
    assert "admin setup --rotate" in sentence


# Auth and the API -----------------------------------------------------------------------------------------------------


def project_at(url: str, key: str) -> Project:
    return Project(
        name="team", url=url, publishable_key=key, target=secure_place(), pool_mode=PoolMode.SESSION
    )  # fmt: skip


async def test_auth_and_api(database: Database) -> None:
    async with HostedProject(database) as hosted:

        async def ask(key: str = hosted.publishable_key, **options: object) -> tuple[str, str]:
            *_, last = await api_findings(project_at(hosted.url, key), **options)  # type: ignore[arg-type]
            assert key not in last.sentence
            return last.level, last.sentence

        assert await ask() == ("ok", "The API knows the function that opens database sessions.")
        assert "does not take the publishable key" in (await ask("sb_publishable_wrong"))[1]
        for method, path, fault, said in (
            ("GET", "/auth", Fault(503, "down"), "Auth of the project is down (HTTP 503)"),
            ("GET", "/auth", Fault(429, {}), "too often"),
            ("GET", "/auth", Fault(200, "<html>"), "is not a Supabase project"),
            ("GET", "/auth", Fault(200, []), "is not a Supabase project"),
            ("GET", "/auth", Fault(reset=True), "cannot be reached"),
            ("GET", "/auth", Fault(delay=1.0), "does not answer in time"),
            ("POST", "/rest", Fault(406, {"code": "PGRST106"}), "does not expose the schema"),
            ("POST", "/rest", Fault(200, {"ticket": "x"}), "for anybody"),
            ("POST", "/rest", Fault(500, "[" * 9999), "does not work (HTTP 500)"),
        ):
            hosted.faults.add(method, path, fault)
            level, sentence = await ask(limit=0.5)
            assert said in sentence
            assert level != "ok"
        behind = await api_findings(project_at(hosted.url, hosted.publishable_key), clock=lambda: time.time() + 300)
        assert "300 seconds ahead" in " ".join(each.sentence for each in behind).replace("299", "300").replace(
            "301", "300"
        )
        await (await database.owner()).execute("drop function public.open_database_session()")
        assert "notify pgrst" in (await ask())[1]
    assert "cannot be reached" in (await ask())[1]
    (gone,) = await api_findings(project_at("https://nowhere.invalid", "sb_publishable_key"))
    assert "cannot be resolved" in gone.sentence
