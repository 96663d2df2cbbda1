"""Behind a real pgbouncer, in session and in transaction mode, with few server connections for several users."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.data.booking_samples import KINDS, STOPS, TRIP
from tests.data.conftest import SignIn, target
from tests.database import Database as Cluster
from tests.database import User
from tripsage_tui.data.database import Database, PoolMode, Tls
from tripsage_tui.data.errors import DataError, Forbidden, NotFound, StaleRow, Unavailable
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.live import Change
from tripsage_tui.data.trips import TripRepository

BINARY = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
pytestmark = pytest.mark.skipif(BINARY is None, reason="pgbouncer is not installed (apt-get install pgbouncer)")

OURS = "tripsage.ticket,timezone,jit,statement_timeout,idle_in_transaction_session_timeout"


def lend(folder: Path) -> dict[str, Any]:
    """Give the folder to an account without rights when we are root: pgbouncer refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.iterdir()):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


@asynccontextmanager
async def pgbouncer(database: Cluster, folder: Path, **settings: object) -> AsyncIterator[int]:
    """A running pgbouncer in front of the database; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Everybody is let in without a password: this is about pooling.
    (folder / "users.txt").write_text('"tripsage_client" ""\n')
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "trust",
        "auth_file": folder / "users.txt",
        "server_reset_query": "DISCARD ALL",
        **settings,
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    where = f"* = host={database.host} port={database.port}"
    (folder / "pgbouncer.ini").write_text("\n".join(["[databases]", where, "[pgbouncer]", *lines, ""]))
    account = lend(folder)
    process = await asyncio.create_subprocess_exec(
        str(BINARY), str(folder / "pgbouncer.ini"), stderr=subprocess.PIPE, **account
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(10):
            async for line in process.stderr:
                if b"process up" in line:
                    break
        drain = asyncio.create_task(process.stderr.read())
        yield port
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    await drain


OpenThrough = Callable[[User], Awaitable[Database]]


@pytest.fixture(params=["session, refuses parameters", "session, ignores parameters", "transaction"])
async def pooled(request: pytest.FixtureRequest, database: Cluster, sign_in: SignIn) -> AsyncIterator[OpenThrough]:
    """Opens sessions through a pooler with room for four of session mode's connections, two in transaction mode."""
    transaction = request.param == "transaction"
    mode = PoolMode.TRANSACTION if transaction else PoolMode.SESSION
    ignores = OURS if "ignores" in request.param else ""
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        async with pgbouncer(
            database,
            Path(name),
            pool_mode=mode.value,
            default_pool_size=2 if transaction else 12,
            ignore_startup_parameters=ignores,
        ) as port:

            async def through(user: User) -> Database:
                where = target(database, host="127.0.0.1", port=port, ssl=Tls.DISABLE)
                return await sign_in(user, target=where, pool_mode=mode, limit=RateLimit(1e6, 1e6))

            yield through


async def test_every_repository_works(pooled: OpenThrough, database: Cluster) -> None:
    session = await pooled(await database.create_user("Ann"))
    trips = TripRepository(session)
    assert await trips.list() == []
    trip = await trips.create(TRIP, stops=STOPS, key=uuid4())
    for repository, booking, legs, changes in KINDS.values():
        mine: Any = repository(session)
        added = await mine.add(trip.id, booking, legs=legs, key=uuid4())
        changed = await mine.update(added.id, changes, based_on=added.updated_at)
        with pytest.raises(StaleRow):
            await mine.update(added.id, changes, based_on=added.updated_at)
        deleted = await mine.delete(added.id, based_on=changed.updated_at)
        assert await mine.restore(deleted) == deleted == changed
        assert await mine.by_trip(trip.id) == [changed]
    plan = await trips.plan(trip.id)
    assert len(plan.bookings) == 4
    copy = await trips.duplicate(trip.id, start_date=TRIP.start_date, name="Again", key=uuid4())
    assert len((await trips.plan(copy.id)).bookings) == 4
    assert [each.id for each in await trips.list()] == [trip.id, copy.id]


async def test_users_never_see_each_other(pooled: OpenThrough, database: Cluster) -> None:
    people = [await database.create_user(name) for name in ("Ann", "Bob", "Eve")]
    sessions = [await pooled(person) for person in people]
    for person, session in zip(people, sessions, strict=True):
        await TripRepository(session).create(TRIP.model_copy(update={"name": person.name}), key=uuid4())

    async def look(number: int) -> None:
        session, person = sessions[number % 3], people[number % 3]
        assert [trip.name for trip in await TripRepository(session).list()] == [person.name]
        if number % 5 == 0:
            async with session.transaction() as transaction:
                assert await transaction.fetchval("select private.current_user_id()") == person.id

    for number in range(30):
        await look(number)
    await asyncio.gather(*(look(number) for number in range(60)))
    with pytest.raises(NotFound):
        await TripRepository(sessions[0]).get((await TripRepository(sessions[1]).list())[0].id)
    # Nothing stays behind on a server connection that comes without a ticket.
    for _ in range(5):
        assert await sessions[0].fetchval("select current_user = session_user", name="plain")


async def test_an_expired_ticket_is_renewed(pooled: OpenThrough, database: Cluster) -> None:
    session = await pooled(await database.create_user("Ann"))
    trips = TripRepository(session)
    await trips.create(TRIP, key=uuid4())
    await (await database.owner()).execute("delete from private.database_sessions")
    assert len(await trips.list()) == 1
    await (await database.owner()).execute("delete from private.database_sessions")
    await trips.create(TRIP, stops=STOPS, key=uuid4())
    assert len(await trips.list()) == 2


async def test_cancelling_leaves_nothing_behind(pooled: OpenThrough, database: Cluster) -> None:
    session = await pooled(await database.create_user("Ann"))
    for number in range(30):
        task = asyncio.create_task(session.fetchval("select pg_sleep(0.01)", name="nap"))
        await asyncio.sleep(number / 3000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await session.fetchval("select private.current_user_id() is not null", name="who") is True


async def test_refusals_are_the_same(pooled: OpenThrough, database: Cluster) -> None:
    session = await pooled(await database.create_user("Ann"))
    with pytest.raises(Forbidden):
        await session.fetch("select * from private.database_sessions", name="refused")
    with pytest.raises(DataError):
        await session.fetch("select 1 / 0", name="refused")
    assert await session.fetchval("select 1", name="next") == 1


async def test_live_updates_are_there_in_session_mode_only(pooled: OpenThrough, database: Cluster) -> None:
    session = await pooled(await database.create_user("Ann"))
    changes: asyncio.Queue[Change] = asyncio.Queue()
    await session.listen(changes.put_nowait)
    await session.fetchval("select 1", name="first")
    await session.settled()
    await TripRepository(session).create(TRIP, key=uuid4())
    assert session.health.live is (session.pool_mode is PoolMode.SESSION)
    if session.health.live:
        async with asyncio.timeout(1):
            assert (await changes.get()).table == "trips"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
async def test_a_host_must_prove_who_it_is(database: Cluster, sign_in: SignIn) -> None:
    ann = await database.create_user("Ann")
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        folder = Path(name)
        certificate, key = folder / "server.crt", folder / "server.key"
        make = (
            f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
            f"-addext subjectAltName=DNS:localhost -keyout {key} -out {certificate}"
        )
        assert await (await asyncio.create_subprocess_exec(*make.split(), stderr=subprocess.DEVNULL)).wait() == 0
        async with pgbouncer(
            database,
            folder,
            pool_mode="session",
            client_tls_sslmode="require",
            client_tls_key_file=key,
            client_tls_cert_file=certificate,
        ) as port:

            async def reach(**where: Any) -> Database:
                session = await sign_in(ann, target=target(database, port=port, **where))
                assert await session.fetchval("select 1", name="first") == 1
                return session

            await reach(host="localhost", ca_file=certificate)
            await reach(host="localhost", ssl=Tls.REQUIRE)
            for refused in (
                {"host": "localhost"},
                {"host": "127.0.0.1", "ca_file": certificate},
                {"host": "localhost", "ssl": Tls.DISABLE},
            ):
                with pytest.raises(Unavailable):
                    await reach(**refused)
            with pytest.raises(Unavailable, match="trusted certificates"):
                await reach(host="localhost", ca_file=folder / "nothing.crt")
