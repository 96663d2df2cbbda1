"""Behind a real pgbouncer, in session and in transaction mode, with few server connections for several users.

What TLS refuses is in tests/projects/test_doctor.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from tests.data.booking_samples import KINDS, STOPS, TRIP
from tests.data.conftest import LocalTickets, target
from tests.database import Database as Cluster
from tests.database import User
from tests.poolers import needs_pgbouncer, pgbouncer, secure_pgbouncer
from tests.secure import give_password, secure_place
from tests.tls import Authority, TlsFront
from tripsage_tui.data.database import Database, PoolMode, TicketSource, Tls
from tripsage_tui.data.errors import DataError, Forbidden, NotAuthorized, NotFound, StaleRow
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.live import Change
from tripsage_tui.data.trips import TripRepository

pytestmark = needs_pgbouncer

OURS = "tripsage.ticket,timezone,jit,statement_timeout,idle_in_transaction_session_timeout"
LOGIN = "tripsage_client.abcdefgh"
"""As Supabase's pooler wants it: the login and the project's ref."""

OpenThrough = Callable[..., Awaitable[Database]]


@pytest.fixture(params=["session, refuses parameters", "session, ignores parameters", "transaction"])
async def pooled(
    request: pytest.FixtureRequest, secure: Cluster, authority: Authority, folder: Path
) -> AsyncIterator[OpenThrough]:
    """Opens sessions through a pooler with room for four of session mode's connections, two in transaction mode.

    TLS and SCRAM lie between client and pooler, and between pooler and server.
    """
    transaction = request.param == "transaction"
    mode = PoolMode.TRANSACTION if transaction else PoolMode.SESSION
    async with secure_pgbouncer(
        secure,
        folder,
        authority,
        user=LOGIN,
        pool_mode=mode.value,
        default_pool_size=2 if transaction else 12,
        ignore_startup_parameters=OURS if "ignores" in request.param else "",
    ) as port:
        where = secure_place(port=port, database=secure.name, user=LOGIN, ca_pem=authority.pem)

        opened: list[Database] = []

        async def through(user: User, *, tickets: TicketSource | None = None, **options: Any) -> Database:
            session = Database(
                where, tickets or LocalTickets(secure, user), pool_mode=mode, limit=RateLimit(1e6, 1e6), **options
            )
            await session.start()
            opened.append(session)
            return session

        yield through
        for session in opened:
            await session.close()


async def test_every_repository_works(pooled: OpenThrough, secure: Cluster) -> None:
    session = await pooled(await secure.create_user("Ann"))
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


async def test_users_never_see_each_other(pooled: OpenThrough, secure: Cluster) -> None:
    people = [await secure.create_user(name) for name in ("Ann", "Bob", "Eve")]
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


async def test_an_expired_ticket_is_renewed(pooled: OpenThrough, secure: Cluster) -> None:
    session = await pooled(await secure.create_user("Ann"))
    trips = TripRepository(session)
    await trips.create(TRIP, key=uuid4())
    await (await secure.owner()).execute("delete from private.database_sessions")
    assert len(await trips.list()) == 1
    await (await secure.owner()).execute("delete from private.database_sessions")
    await trips.create(TRIP, stops=STOPS, key=uuid4())
    assert len(await trips.list()) == 2


async def test_cancelling_leaves_nothing_behind(pooled: OpenThrough, secure: Cluster) -> None:
    session = await pooled(await secure.create_user("Ann"))
    for number in range(30):
        task = asyncio.create_task(session.fetchval("select pg_sleep(0.01)", name="nap"))
        await asyncio.sleep(number / 3000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await session.fetchval("select private.current_user_id() is not null", name="who") is True


async def test_refusals_are_the_same(pooled: OpenThrough, secure: Cluster) -> None:
    session = await pooled(await secure.create_user("Ann"))
    with pytest.raises(Forbidden):
        await session.fetch("select * from private.database_sessions", name="refused")
    with pytest.raises(DataError):
        await session.fetch("select 1 / 0", name="refused")
    assert await session.fetchval("select 1", name="next") == 1


async def test_live_updates_are_there_in_session_mode_only(pooled: OpenThrough, secure: Cluster) -> None:
    session = await pooled(await secure.create_user("Ann"))
    changes: asyncio.Queue[Change] = asyncio.Queue()
    await session.listen(changes.put_nowait)
    await session.fetchval("select 1", name="first")
    await session.settled()
    await TripRepository(session).create(TRIP, key=uuid4())
    assert session.health.live is (session.pool_mode is PoolMode.SESSION)
    if session.health.live:
        async with asyncio.timeout(1):
            assert (await changes.get()).table == "trips"


@pytest.mark.parametrize("mode", PoolMode)
async def test_a_thousand_renewals_under_load(mode: PoolMode, database: Cluster, folder: Path) -> None:
    """Four tasks read and write while no ticket lasts longer than a query; not one query fails."""
    ann = await database.create_user("Ann")
    tickets = LocalTickets(database, ann)
    hour = count(0, 3600)
    now = [0.0]
    async with pgbouncer(database, folder, pool_mode=mode.value, default_pool_size=8) as port:
        where = target(database, host="127.0.0.1", port=port, ssl=Tls.DISABLE)
        session = Database(where, tickets, pool_mode=mode, limit=RateLimit(1e6, 1e6), clock=lambda: now[0])
        await session.start()
        add = "insert into public.memories (user_id, memory_type, content) values ($1, 'other', $2)"

        async def work(number: int) -> None:
            while len(tickets.issued) < 1000:
                now[0] = next(hour)
                if len(tickets.issued) % 10 == number:
                    await session.execute(add, ann.id, str(number), name="write")
                else:
                    assert await session.fetchval("select private.current_user_id()", name="read") == ann.id

        await asyncio.gather(*(work(number) for number in range(4)))
        snapshot = session.metrics.snapshot()
        await session.close()
    assert {each.name for each in snapshot.queries} == {"read", "write"}
    assert not any(each.errors for each in snapshot.queries)


async def test_a_wrong_password_is_called_so(secure: Cluster, authority: Authority, folder: Path) -> None:
    """pgbouncer calls it a violation of the protocol."""
    tickets = LocalTickets(secure, await secure.create_user("Ann"))
    async with secure_pgbouncer(secure, folder, authority, pool_mode="session") as port:
        where = secure_place(port=port, database=secure.name, ca_pem=authority.pem, password=SecretStr("wrong"))
        session = Database(where, tickets)
        await session.start()
        with pytest.raises(NotAuthorized, match="refused the program's login"):
            await session.fetchval("select 1", name="first")
        await session.close()


async def test_a_new_password_reaches_the_pooler_a_moment_later(secure: Cluster, authority: Authority) -> None:
    """The first login after a change may be refused; it is tried once more, and never again."""
    ann = await secure.create_user("Ann")
    async with TlsFront(secure.host, secure.port, certificate=authority.issue("localhost")) as front:
        where = secure_place(port=front.port, database=secure.name, ca_pem=authority.pem)
        session = Database(where, LocalTickets(secure, ann))
        await session.start()
        await give_password(secure, SecretStr("still the old one"))
        first = asyncio.create_task(session.fetchval("select 1", name="first"))
        await front.left.wait()
        await give_password(secure)
        assert await first == 1
        await session.close()

        await give_password(secure, SecretStr("another one"))
        session = Database(where, LocalTickets(secure, ann))
        await session.start()
        before = front.conversations
        for tries in (2, 3):
            with pytest.raises(NotAuthorized, match="refused the program's login"):
                await session.fetchval("select 1", name="first")
            assert front.conversations - before == tries
        await session.close()
