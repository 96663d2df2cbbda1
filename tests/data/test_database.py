"""The data layer against a real server: round trips, lost connections, cancelled and slow queries, secrets."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.data.conftest import LocalTickets, SignIn, target
from tests.database import Database as Cluster
from tests.database import User
from tests.proxy import Proxy
from tripsage_tui.data.database import Database, Tls
from tripsage_tui.data.errors import (
    DataError,
    Forbidden,
    InvalidValue,
    NotAuthorized,
    OutcomeUnknown,
    RateLimited,
    SchemaOutdated,
    Unavailable,
)
from tripsage_tui.data.health import DatabaseHealth, Reachability
from tripsage_tui.data.limits import RateLimit

ADD_TRIP = """
insert into public.trips (user_id, name, start_date, end_date, destination, budget, travelers)
values (private.current_user_id(), $1, '2027-10-02', '2027-10-16', 'Tokyo', 6000, 2)
"""
WHO = "select private.current_user_id()"
NAMES = "select name from public.trips order by name"


@pytest.fixture
async def ann(database: Cluster) -> User:
    return await database.create_user("Ann")


@pytest.fixture
async def proxy(database: Cluster) -> AsyncIterator[Proxy]:
    async with Proxy(database.host, database.port) as proxy:
        yield proxy


@pytest.fixture
async def distant(sign_in: SignIn, ann: User, database: Cluster, proxy: Proxy) -> Database:
    """Ann's data layer through the proxy."""
    return await sign_in(ann, target=through(proxy, database), statement_timeout=2.0, connect_timeout=2.0)


def through(proxy: Proxy, database: Cluster) -> Any:
    return target(database, host="127.0.0.1", port=proxy.port, ssl=Tls.DISABLE)


async def until(health: DatabaseHealth, state: Reachability) -> None:
    """Return when the health is that."""
    reached = asyncio.Event()
    forget = health.on_change(lambda now: reached.set() if now.state is state else None)
    try:
        if health.state is not state:
            async with asyncio.timeout(15):
                await reached.wait()
    finally:
        forget()


async def backends(database: Cluster) -> list[int]:
    """Process ids of the program's connections."""
    owner = await database.superuser()
    rows = await owner.fetch(
        "select pid from pg_stat_activity where usename = 'tripsage_client' and datname = current_database()"
    )
    return [row["pid"] for row in rows]


class TestRoundTrips:
    async def test_a_read_is_one_and_the_first_only_adds_connecting_and_preparing(
        self, distant: Database, proxy: Proxy
    ) -> None:
        distant.warm_up("select count(*) from public.flights where trip_id = $1", 0)
        assert await distant.fetchval("select count(*) from public.trips", name="count") == 0
        # Start-up, a look whether the ticket arrived (never needed through a socket), prepare, execute.
        assert (proxy.round_trips, proxy.connections) == (4, 1)
        await distant.settled()
        before = proxy.round_trips
        await distant.fetchval("select count(*) from public.trips", name="count")
        assert proxy.round_trips - before == 1
        await distant.fetchval("select count(*) from public.flights where trip_id = $1", 7, name="warm")
        assert proxy.round_trips - before == 2
        assert proxy.connections == 1

    async def test_after_a_lost_connection_the_registered_reads_are_prepared_again(
        self, distant: Database, proxy: Proxy
    ) -> None:
        distant.warm_up("select count(*) from public.flights where trip_id = $1", 0)
        await distant.fetchval("select 1", name="first")
        await distant.settled()
        proxy.refusing = True
        proxy.cut()
        with pytest.raises(Unavailable):
            await distant.fetchval("select 1", name="lost")
        proxy.refusing = False
        await until(distant.health, Reachability.UP)
        await distant.settled()
        before = proxy.round_trips
        await distant.fetchval("select count(*) from public.flights where trip_id = $1", 7, name="warm")
        assert proxy.round_trips - before == 1

    async def test_no_type_needs_looking_up(self, distant: Database, proxy: Proxy) -> None:
        await distant.fetchval("select 1", name="first")
        await distant.settled()
        before = proxy.round_trips
        await distant.fetchrow(
            """
            select 1::bigint, 1.5::numeric, 'x'::text, array['x']::text[], gen_random_uuid(), current_date, now(),
                   '{}'::jsonb, '[]'::json, true, 1.5::float8
            """,
            name="types",
        )
        assert proxy.round_trips - before == 2

    async def test_connections_are_reused_and_at_most_four(self, distant: Database, proxy: Proxy) -> None:
        await asyncio.gather(*(distant.fetchval("select pg_sleep(0.02)", name="nap") for _ in range(40)))
        assert proxy.connections <= 4
        await distant.settled()
        pool = distant.metrics.snapshot().pool
        assert pool is not None
        assert (pool.size, pool.idle, pool.limit) == (4, 4, 4)

    async def test_an_empty_answer_is_believed_after_asking_who_we_are(self, distant: Database, proxy: Proxy) -> None:
        await distant.fetch(NAMES, name="names")
        await distant.settled()
        before = proxy.round_trips
        assert await distant.fetch(NAMES, name="names") == []
        assert proxy.round_trips - before == 2


class TestTickets:
    async def test_reading_goes_on_when_a_ticket_expires(self, sign_in: SignIn, ann: User, database: Cluster) -> None:
        tickets = LocalTickets(database, ann)
        session = await sign_in(ann, tickets=tickets)
        await session.execute(ADD_TRIP, "Japan", name="add")
        # The server's clock is the one that counts; ours has not noticed.
        await (await database.owner()).execute("update private.database_sessions set expires_at = now()")
        assert [row["name"] for row in await session.fetch(NAMES, name="names")] == ["Japan"]
        assert len(tickets.issued) == 2
        assert session.metrics.snapshot().renewals == 1

    async def test_writing_goes_on_when_a_ticket_expires(self, sign_in: SignIn, ann: User, database: Cluster) -> None:
        session = await sign_in(ann)
        await session.fetch(NAMES, name="names")
        await (await database.owner()).execute("delete from private.database_sessions")
        await session.execute(ADD_TRIP, "Japan", name="add")
        assert [row["name"] for row in await session.fetch(NAMES, name="names")] == ["Japan"]

    async def test_short_tickets_are_renewed_in_time(self, sign_in: SignIn, ann: User, database: Cluster) -> None:
        tickets = LocalTickets(database, ann, timedelta(seconds=1))
        session = await sign_in(ann, tickets=tickets)
        await session.execute(ADD_TRIP, "Japan", name="add")
        for _ in range(12):
            assert len(await session.fetch(NAMES, name="names")) == 1
            await asyncio.sleep(0.2)
        assert 3 <= len(tickets.issued) <= 6

    async def test_the_next_ticket_is_fetched_while_everybody_goes_on(
        self, sign_in: SignIn, ann: User, database: Cluster
    ) -> None:
        class Slow(LocalTickets):
            asked, go_on = asyncio.Event(), asyncio.Event()

            async def ticket(self) -> Any:
                if self.issued:
                    self.asked.set()
                    await self.go_on.wait()
                return await super().ticket()

        gone = 0.0
        tickets = Slow(database, ann, timedelta(seconds=1000))
        session = await sign_in(ann, tickets=tickets, heartbeat=0.01, clock=lambda: time.monotonic() + gone)
        await session.fetch(WHO, name="who")
        gone = 850.0
        await session.fetch(WHO, name="who")
        assert not tickets.asked.is_set()
        gone = 885.0
        await tickets.asked.wait()
        async with asyncio.timeout(10):
            for _ in range(5):
                await asyncio.gather(*(session.fetch(WHO, name="who") for _ in range(4)))
        assert len(tickets.issued) == 1
        tickets.go_on.set()
        shown = "select current_setting('tripsage.ticket')"
        async with asyncio.timeout(10):
            while len(tickets.issued) == 1 or await session.fetchval(shown, name="shown") != tickets.issued[-1]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert len(tickets.issued) == 2

    async def test_a_next_ticket_that_cannot_be_had_yet_ends_nothing(
        self, sign_in: SignIn, ann: User, database: Cluster
    ) -> None:
        class Later(LocalTickets):
            refused = 0

            async def ticket(self) -> Any:
                if self.issued and self.refused < 3:
                    self.refused += 1
                    raise Unavailable
                return await super().ticket()

        gone = 0.0
        tickets = Later(database, ann, timedelta(seconds=1000))
        session = await sign_in(ann, tickets=tickets, heartbeat=0.01, clock=lambda: time.monotonic() + gone)
        await session.fetch(WHO, name="who")
        gone = 885.0
        async with asyncio.timeout(10):
            while len(tickets.issued) == 1:
                await session.fetch(WHO, name="who")
                await asyncio.sleep(0.01)
        assert tickets.refused == 3

    async def test_signed_out_is_said(self, sign_in: SignIn, ann: User, database: Cluster) -> None:
        class Once(LocalTickets):
            async def ticket(self) -> Any:
                if self.issued:
                    raise NotAuthorized
                return await super().ticket()

        session = await sign_in(ann, tickets=Once(database, ann))
        await session.execute(ADD_TRIP, "Japan", name="add")
        await (await database.owner()).execute("delete from private.database_sessions")
        for _ in range(2):
            with pytest.raises(NotAuthorized):
                await session.fetch(NAMES, name="names")
        with pytest.raises(NotAuthorized):
            await session.execute(ADD_TRIP, "Korea", name="add")

    async def test_a_source_that_repeats_itself_is_not_asked_for_ever(
        self, sign_in: SignIn, ann: User, database: Cluster
    ) -> None:
        class Same(LocalTickets):
            first: Any = None

            async def ticket(self) -> Any:
                self.first = self.first or await super().ticket()
                return self.first

        session = await sign_in(ann, tickets=Same(database, ann))
        await session.fetch(NAMES, name="names")
        await (await database.owner()).execute("delete from private.database_sessions")
        with pytest.raises(NotAuthorized):
            await session.fetch(NAMES, name="names")

    async def test_a_transaction_says_that_it_must_be_repeated(
        self, sign_in: SignIn, ann: User, database: Cluster
    ) -> None:
        session = await sign_in(ann)
        await session.fetch(NAMES, name="names")
        await (await database.owner()).execute("delete from private.database_sessions")
        with pytest.raises(Unavailable):
            async with session.transaction() as transaction:
                await transaction.execute(ADD_TRIP, "Japan")
        async with session.transaction() as transaction:
            await transaction.execute(ADD_TRIP, "Japan")
        await (await database.owner()).execute("delete from private.database_sessions")
        await session.transact(lambda transaction: transaction.execute(ADD_TRIP, "Korea"), name="add")
        assert [row["name"] for row in await session.fetch(NAMES, name="names")] == ["Japan", "Korea"]


class TestLostConnections:
    async def test_reads_survive_the_end_of_every_connection(
        self, sign_in: SignIn, ann: User, database: Cluster
    ) -> None:
        session = await sign_in(ann)
        await session.execute(ADD_TRIP, "Japan", name="add")
        owner = await database.superuser()
        for _ in range(5):
            for pid in await backends(database):
                await owner.fetchval("select pg_terminate_backend($1, 1000)", pid)
            assert len(await session.fetch(NAMES, name="names")) == 1

    async def test_a_read_that_is_cut_is_repeated(self, distant: Database, proxy: Proxy) -> None:
        await distant.fetchval("select 1", name="first")
        reading = asyncio.create_task(distant.fetchval("select pg_sleep(0.2), 'done'", name="slow"))
        await asyncio.sleep(0.1)
        proxy.cut()
        await reading
        assert distant.metrics.snapshot().retries >= 1

    async def test_a_write_that_is_cut_has_an_unknown_outcome(
        self, distant: Database, proxy: Proxy, database: Cluster
    ) -> None:
        await distant.fetch(NAMES, name="names")
        slow = ADD_TRIP.replace("'Tokyo'", "(select 'Tokyo' from pg_sleep(0.3))")
        writing = asyncio.create_task(distant.execute(slow, "Japan", name="add"))
        await asyncio.sleep(0.1)
        proxy.cut()
        with pytest.raises(OutcomeUnknown):
            await writing

    async def test_an_idempotent_write_that_is_cut_is_repeated_and_happens_once(
        self, distant: Database, proxy: Proxy
    ) -> None:
        await distant.fetch(NAMES, name="names")
        slow = """
        insert into public.trips (user_id, name, start_date, end_date, destination, budget, travelers, idempotency_key)
        select private.current_user_id(), 'Japan', '2027-10-02', '2027-10-16', 'Tokyo', 6000, 2,
               '00000000-0000-0000-0000-000000000001' from pg_sleep(0.2)
        on conflict do nothing
        """
        writing = asyncio.create_task(distant.execute(slow, name="add", idempotent=True))
        await asyncio.sleep(0.1)
        proxy.cut()
        await writing
        assert len(await distant.fetch(NAMES, name="names")) == 1

    async def test_a_transaction_cut_in_the_middle_kept_nothing(self, distant: Database, proxy: Proxy) -> None:
        await distant.fetch(NAMES, name="names")

        async def work() -> None:
            async with distant.transaction() as transaction:
                await transaction.execute(ADD_TRIP, "Japan")
                proxy.cut()
                await transaction.execute(ADD_TRIP, "Korea")

        with pytest.raises(Unavailable, match="Nothing was saved"):
            await work()
        assert await distant.fetch(NAMES, name="names") == []

    async def test_a_repeatable_transaction_cut_in_the_middle_is_repeated(
        self, distant: Database, proxy: Proxy
    ) -> None:
        await distant.fetch(NAMES, name="names")
        attempts = 0

        async def work(transaction: Any) -> None:
            nonlocal attempts
            attempts += 1
            await transaction.execute(ADD_TRIP, "Japan")
            if attempts == 1:
                proxy.cut()
            await transaction.execute(ADD_TRIP, "Korea")

        await distant.transact(work, name="add")
        assert attempts == 2
        assert len(await distant.fetch(NAMES, name="names")) == 2

    async def test_silence_ends_with_an_error_and_the_next_call_works(self, distant: Database, proxy: Proxy) -> None:
        await distant.fetchval("select 1", name="first")
        await distant.settled()
        proxy.go_silent()
        waiting = asyncio.create_task(distant.execute(ADD_TRIP, "Japan", name="add"))
        with pytest.raises(OutcomeUnknown):
            await waiting
        assert distant.health.state is Reachability.DOWN
        assert distant.health.last_error == "The database does not answer."
        proxy.talk_again()
        await until(distant.health, Reachability.UP)
        assert await distant.fetchval("select 1", name="again") == 1


class TestDown:
    async def test_nothing_there_is_said_quickly_and_comes_back_by_itself(
        self, distant: Database, proxy: Proxy
    ) -> None:
        states: list[str] = []
        distant.health.on_change(lambda health: states.append(health.state))
        proxy.refusing = True
        with pytest.raises(Unavailable):
            await distant.fetchval("select 1", name="first")
        assert distant.health.state is Reachability.DOWN
        assert distant.health.last_error
        proxy.refusing = False
        await until(distant.health, Reachability.UP)
        assert await distant.fetchval("select 1", name="again") == 1
        assert states[0] == "down"
        assert states[-1] == "up"

    async def test_the_breaker_answers_at_once_and_says_when(self, distant: Database, proxy: Proxy) -> None:
        proxy.refusing = True
        for _ in range(5):
            with pytest.raises(Unavailable):
                await distant.fetchval("select 1", name="first")
        before = proxy.connections
        async with asyncio.timeout(0.1):
            with pytest.raises(Unavailable) as refusal:
                await distant.fetchval("select 1", name="first")
        assert refusal.value.retry_in is not None
        assert 0 < refusal.value.retry_in <= 5
        assert proxy.connections == before

    async def test_reviving_is_tried_and_its_errors_do_no_harm(
        self, sign_in: SignIn, ann: User, database: Cluster, proxy: Proxy, caplog: pytest.LogCaptureFixture
    ) -> None:
        revived = 0

        async def revive() -> None:
            nonlocal revived
            revived += 1
            if revived == 1:
                raise RuntimeError("no luck")
            proxy.refusing = False

        session = await sign_in(ann, target=through(proxy, database), revive=revive)
        proxy.refusing = True
        with pytest.raises(Unavailable):
            await session.fetchval("select 1", name="first")
        await until(session.health, Reachability.UP)
        assert revived == 2
        assert "could not be started" in caplog.text

    async def test_an_answer_closes_the_breaker_and_latency_is_known(self, distant: Database) -> None:
        await distant.fetchval("select 1", name="first")
        await distant.settled()
        assert distant.health.latency_ms is not None
        assert 0 < distant.health.latency_ms < 1000


class TestCancelling:
    async def test_a_cancelled_query_is_over_at_once_and_its_connection_is_used_again(
        self, sign_in: SignIn, ann: User, database: Cluster
    ) -> None:
        session = await sign_in(ann, pool_size=1)
        await session.fetchval("select 1", name="first")
        pids = await backends(database)
        for _ in range(10):
            slow = asyncio.create_task(session.fetchval("select pg_sleep(30)", name="slow"))
            await asyncio.sleep(0.01)
            slow.cancel()
            with pytest.raises(asyncio.CancelledError):
                async with asyncio.timeout(1):
                    await slow
            assert await session.fetchval("select 1", name="next") == 1
        assert await backends(database) == pids
        assert session.health.state is Reachability.UP

    async def test_cancelling_at_any_moment_poisons_nothing(self, sign_in: SignIn, ann: User) -> None:
        session = await sign_in(ann, limit=RateLimit(1e6, 1e6))
        await session.execute(ADD_TRIP, "Japan", name="add")

        async def work(number: int) -> None:
            if number % 3 == 0:
                async with session.transaction() as transaction:
                    await transaction.execute("select pg_sleep(0.001)")
                    await transaction.fetch(NAMES)
            else:
                await session.fetch("select pg_sleep(0.001), name from public.trips", name="names")

        for number in range(300):
            task = asyncio.create_task(work(number))
            for _ in range(number % 17):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        rows = await asyncio.gather(*(session.fetch(NAMES, name="names") for _ in range(20)))
        assert all(len(row) == 1 for row in rows)
        pool = session.metrics.snapshot().pool
        assert pool is not None
        assert pool.size <= 4

    async def test_waiting_for_a_connection_can_be_cancelled(self, sign_in: SignIn, ann: User) -> None:
        session = await sign_in(ann, pool_size=1)
        busy = asyncio.create_task(session.fetchval("select pg_sleep(0.3)", name="busy"))
        await asyncio.sleep(0.05)
        waiting = [asyncio.create_task(session.fetchval("select 1", name="waiting")) for _ in range(10)]
        await asyncio.sleep(0.05)
        for task in waiting[::2]:
            task.cancel()
        await busy
        assert await asyncio.gather(*waiting[1::2]) == [1] * 5

    async def test_a_slow_statement_is_stopped_by_the_server(self, sign_in: SignIn, ann: User) -> None:
        session = await sign_in(ann, statement_timeout=0.3)
        with pytest.raises(Unavailable, match="too long"):
            await session.fetchval("select pg_sleep(30)", name="slow")
        assert await session.fetchval("select 1", name="next") == 1
        assert session.health.state is Reachability.UP


class TestTransactions:
    async def test_all_or_nothing(self, sign_in: SignIn, ann: User) -> None:
        session = await sign_in(ann)

        async def refused() -> None:
            async with session.transaction() as transaction:
                await transaction.execute(ADD_TRIP, "Japan")
                await transaction.execute("update public.trips set budget = -1")

        async def given_up() -> None:
            async with session.transaction() as transaction:
                await transaction.execute(ADD_TRIP, "Japan")
                raise KeyError

        with pytest.raises(InvalidValue):
            await refused()
        with pytest.raises(KeyError):
            await given_up()
        assert await session.fetch(NAMES, name="names") == []
        async with session.transaction() as transaction:
            await transaction.execute(ADD_TRIP, "Japan")
            assert await transaction.fetchval("select count(*) from public.trips") == 1
        assert len(await session.fetch(NAMES, name="names")) == 1

    async def test_contention_is_repeated(self, sign_in: SignIn, ann: User) -> None:
        session = await sign_in(ann)
        for name in ("a", "b"):
            await session.execute(ADD_TRIP, name, name="add")
        ready = asyncio.Barrier(2)
        attempts = 0

        async def swap(first: str, second: str) -> None:
            async def work(transaction: Any) -> None:
                nonlocal attempts
                attempts += 1
                await transaction.execute("update public.trips set travelers = travelers + 1 where name = $1", first)
                if attempts <= 2:
                    await ready.wait()
                await transaction.execute("update public.trips set travelers = travelers + 1 where name = $1", second)

            await session.transact(work, name="swap")

        await asyncio.gather(swap("a", "b"), swap("b", "a"))
        assert attempts >= 3
        assert [row[0] for row in await session.fetch("select travelers from public.trips", name="check")] == [4, 4]

    async def test_a_lost_answer_to_the_commit_is_unknown(self, distant: Database, proxy: Proxy) -> None:
        await distant.fetch(NAMES, name="names")

        async def work() -> None:
            async with distant.transaction() as transaction:
                await transaction.execute(ADD_TRIP, "Japan")
                proxy.go_silent()

        with pytest.raises(OutcomeUnknown):
            await work()
        proxy.cut()
        proxy.talk_again()


class TestRefusals:
    async def test_what_the_server_refuses_has_a_kind_and_a_sentence(self, sign_in: SignIn, ann: User) -> None:
        session = await sign_in(ann)
        cases: list[tuple[str, type[DataError]]] = [
            ("select * from private.database_sessions", Forbidden),
            ("select * from public.nothing", SchemaOutdated),
            ("select public.nothing()", SchemaOutdated),
            ("insert into public.trips (user_id) values (gen_random_uuid())", Forbidden),
            ("select 1 / 0", InvalidValue),
        ]
        for sql, kind in cases:
            with pytest.raises(kind) as refusal:
                await session.fetch(sql, name="refused")
            assert str(refusal.value).endswith(".")
        assert session.health.state is Reachability.UP
        (statistics,) = [each for each in session.metrics.snapshot().queries if each.name == "refused"]
        assert statistics.errors == {"Forbidden": 2, "SchemaOutdated": 2, "InvalidValue": 1}

    async def test_a_flood_is_refused(self, sign_in: SignIn, ann: User) -> None:
        session = await sign_in(ann, limit=RateLimit(per_second=1, burst=3, patience=0.01))
        for _ in range(3):
            await session.fetchval("select 1", name="flood")
        with pytest.raises(RateLimited):
            await session.fetchval("select 1", name="flood")

    async def test_no_secret_gets_out(
        self, sign_in: SignIn, ann: User, database: Cluster, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        tickets = LocalTickets(database, ann)
        session = await sign_in(ann, tickets=tickets)
        argument = "my diagnosis"
        texts: list[str] = []
        for sql in ("select $1::text::int", "select 1 / length($1::text) * 0 / 0", "insert into nothing values ($1)"):
            with pytest.raises(DataError) as refusal:
                await session.fetch(sql, argument, name="refused")
            texts += [str(refusal.value), repr(refusal.value), repr(vars(refusal.value))]
        owner = await database.superuser()
        for pid in await backends(database):
            await owner.fetchval("select pg_terminate_backend($1, 1000)", pid)
        await session.fetchval("select 1", name="again")
        shown = "\n".join([*texts, caplog.text, repr(session.metrics.snapshot()), repr(session.health.__dict__)])
        assert argument not in shown
        assert all(ticket not in shown for ticket in tickets.issued)
        seen = await owner.fetch("select query from pg_stat_activity where usename = 'tripsage_client'")
        assert all(ticket not in row["query"] for row in seen for ticket in tickets.issued)


async def test_closing_waits_for_what_runs_and_then_refuses(sign_in: SignIn, ann: User, database: Cluster) -> None:
    session = await sign_in(ann)
    running = asyncio.create_task(session.fetchval("select 42 from pg_sleep(0.2)", name="slow"))
    await asyncio.sleep(0.1)
    await session.close()
    assert await running == 42
    with pytest.raises(Unavailable):
        await session.fetchval("select 1", name="late")
    owner = await database.superuser()
    for pid in await backends(database):
        # Waits for the end of the process, and does nothing to one that has ended.
        await owner.fetchval("select pg_terminate_backend($1, 5000)", pid)
    assert session.metrics.snapshot().pool is None


async def test_two_users_do_not_share_connections(sign_in: SignIn, ann: User, database: Cluster) -> None:
    bob = await database.create_user("Bob")
    sessions = [await sign_in(ann), await sign_in(bob)]
    await sessions[0].execute(ADD_TRIP, "Japan", name="add")
    for _ in range(3):
        rows = await asyncio.gather(*(session.fetch(NAMES, name="names") for session in sessions * 5))
        assert [len(row) for row in rows] == [1, 0] * 5
