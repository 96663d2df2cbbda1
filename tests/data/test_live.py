"""Changes of other programs arrive, and nothing is missed without being said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from tests.data.booking_samples import FLIGHT, OUTBOUND, TRIP
from tests.data.conftest import LocalTickets, SignIn, target
from tests.data.test_database_parts import Clock
from tests.database import Database as Cluster
from tests.database import User
from tests.proxy import Proxy
from tripsage_tui.data.database import Database, PoolMode, Tls
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.live import Change
from tripsage_tui.data.trips import TripRepository


class Ear:
    """Collects changes and waits for the one that is expected."""

    def __init__(self) -> None:
        self.changes: asyncio.Queue[Change] = asyncio.Queue()

    async def hears(self, table: str, op: str, seconds: float = 1.0) -> Change:
        """The next change of that kind; what comes before it is dropped. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                change = await self.changes.get()
                if (change.table, change.op) == (table, op):
                    return change


async def listening(session: Database) -> Ear:
    ear = Ear()
    await session.listen(ear.changes.put_nowait)
    await session.fetchval("select 1", name="first")
    await session.settled()
    return ear


@pytest.fixture
async def ann(database: Cluster) -> User:
    return await database.create_user("Ann")


@pytest.fixture
async def proxy(database: Cluster) -> AsyncIterator[Proxy]:
    async with Proxy(database.host, database.port) as proxy:
        yield proxy


def through(proxy: Proxy, database: Cluster) -> object:
    return target(database, host="127.0.0.1", port=proxy.port, ssl=Tls.DISABLE)


async def test_what_another_program_does_is_heard_within_a_second(sign_in: SignIn, ann: User) -> None:
    session, elsewhere = await sign_in(ann), await sign_in(ann)
    ear = await listening(session)
    assert session.health.live
    trips, flights = TripRepository(elsewhere), FlightRepository(elsewhere)
    trip = await trips.create(TRIP, key=uuid4())
    heard = await ear.hears("trips", "INSERT")
    assert (heard.id, heard.trip_id) == (str(trip.id), trip.id)
    flight = await flights.add(trip.id, FLIGHT, legs=(OUTBOUND,), key=uuid4())
    assert (await ear.hears("flights", "INSERT")).id == str(flight.id)
    flight = await flights.update(flight.id, {"notes": "x"}, based_on=flight.updated_at)
    assert (await ear.hears("flights", "UPDATE")).trip_id == trip.id
    await flights.delete(flight.id, based_on=flight.updated_at)
    assert (await ear.hears("flights", "DELETE")).trip_id == trip.id


async def test_collaborators_hear_and_strangers_do_not(sign_in: SignIn, ann: User, database: Cluster) -> None:
    bob, eve = await database.create_user("Bob"), await database.create_user("Eve")
    session = await sign_in(ann)
    trip = await TripRepository(session).create(TRIP, key=uuid4())
    await (await database.owner()).execute(
        "insert into public.trip_collaborators (trip_id, user_id, added_by) values ($1, $2, $3)",
        trip.id, bob.id, ann.id,
    )  # fmt: skip
    bobs, eves = await listening(await sign_in(bob)), await listening(await sign_in(eve))
    await FlightRepository(session).add(trip.id, FLIGHT, key=uuid4())
    await bobs.hears("flights", "INSERT")
    assert eves.changes.empty()


async def test_after_a_lost_connection_everything_is_to_be_read_again(
    sign_in: SignIn, ann: User, database: Cluster, proxy: Proxy
) -> None:
    session, elsewhere = await sign_in(ann, target=through(proxy, database)), await sign_in(ann)
    ear = await listening(session)
    for name in ("first", "second"):
        proxy.cut()
        await ear.hears("*", "RELOAD", seconds=5)
        assert session.health.live
        await TripRepository(elsewhere).create(TRIP.model_copy(update={"name": name}), key=uuid4())
        await ear.hears("trips", "INSERT")


async def test_when_the_network_goes_silent_it_is_noticed(
    sign_in: SignIn, ann: User, database: Cluster, proxy: Proxy
) -> None:
    session = await sign_in(
        ann, target=through(proxy, database), heartbeat=0.2, connect_timeout=0.5, statement_timeout=0.5
    )
    ear = await listening(session)
    offline = asyncio.Event()
    session.health.on_change(lambda health: None if health.live else offline.set())
    proxy.go_silent()
    async with asyncio.timeout(10):
        await offline.wait()
    proxy.talk_again()
    await ear.hears("*", "RELOAD", seconds=15)


async def test_signing_out_elsewhere_moves_to_the_new_channel(sign_in: SignIn, ann: User, database: Cluster) -> None:
    session = await sign_in(ann, heartbeat=0.1)
    ear = await listening(session)
    # All tickets end, and with the last one the channel.
    await (await database.owner()).execute("delete from private.database_sessions")
    await ear.hears("*", "RELOAD", seconds=5)
    await TripRepository(session).create(TRIP, key=uuid4())
    await ear.hears("trips", "INSERT")


async def looked(database: Cluster) -> None:
    """Until whoever listens has asked once more for its channels."""
    superuser = await database.superuser()
    asked = """
        select max(query_start) from pg_stat_activity
        where query like '%live_channels() as%' and pid <> pg_backend_pid()
    """
    async with asyncio.timeout(10):
        before = await superuser.fetchval(asked)
        while await superuser.fetchval(asked) == before:
            pass


async def test_another_ticket_is_taken_without_a_gap(sign_in: SignIn, ann: User, database: Cluster) -> None:
    clock, tickets = Clock(), LocalTickets(database, ann)
    session = await sign_in(ann, tickets=tickets, heartbeat=0.05, clock=clock)
    ear = await listening(session)
    clock.now += 3600  # the ticket is about to end, while nobody asks anything
    async with asyncio.timeout(10):
        while len(tickets.issued) < 2:
            await looked(database)
    await looked(database)
    await (await database.owner()).execute(
        "delete from private.database_sessions where ticket_hash <> sha256(convert_to($1, 'UTF8'))", tickets.issued[-1]
    )
    await looked(database)
    await looked(database)
    assert session.health.live
    await TripRepository(session).create(TRIP, key=uuid4())
    assert (await ear.changes.get()).table == "trips"
    assert len(tickets.issued) == 2


async def test_signing_out_elsewhere_changes_nothing_here(sign_in: SignIn, ann: User, database: Cluster) -> None:
    session = await sign_in(ann, heartbeat=0.05)
    ear = await listening(session)
    elsewhere = await database.client(ann)
    await elsewhere.execute("select close_database_session()")
    await looked(database)
    await looked(database)
    await TripRepository(session).create(TRIP, key=uuid4())
    assert (await ear.changes.get()).table == "trips"


async def test_nothing_is_opened_before_it_is_wanted(
    sign_in: SignIn, ann: User, database: Cluster, proxy: Proxy
) -> None:
    session = await sign_in(ann, target=through(proxy, database))
    await session.fetchval("select 1", name="first")
    await session.settled()
    assert proxy.connections == 1
    await listening(session)
    assert proxy.connections == 2


async def test_listeners_come_and_go_and_may_fail(sign_in: SignIn, ann: User, caplog: pytest.LogCaptureFixture) -> None:
    session = await sign_in(ann)

    def broken(change: Change) -> None:
        raise RuntimeError(change.table)

    gone = Ear()
    forget = await session.listen(gone.changes.put_nowait)
    await session.listen(broken)
    ear = await listening(session)
    forget()
    await TripRepository(session).create(TRIP, key=uuid4())
    await ear.hears("trips", "INSERT")
    assert gone.changes.empty()
    assert "a listener for live changes failed" in caplog.text


async def test_a_transaction_pooler_has_no_live_updates(sign_in: SignIn, ann: User) -> None:
    session = await sign_in(ann, pool_mode=PoolMode.TRANSACTION)
    await session.listen(lambda _: None)
    await session.fetchval("select 1", name="first")
    await session.settled()
    assert not session.health.live


@pytest.mark.parametrize("payload", ["", "x", "[]", "{}", '{"table": 1}', '{"table": "a", "op": "b", "trip_id": "x"}'])
def test_payloads_that_cannot_be_read_mean_that_something_changed(payload: str) -> None:
    assert Change.parse(payload) == Change.missed()
