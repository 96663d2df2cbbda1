"""Live changes behind a transaction pooler: through Supabase Realtime, and nothing is missed without being said."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr
from realtime import AsyncRealtimeClient

from tests.data.booking_samples import FLIGHT, TRIP
from tests.data.conftest import SignIn, target
from tests.data.test_live import Ear
from tests.database import Database as Cluster
from tests.hosted.project import Account, Fault, HostedProject
from tests.poolers import needs_pgbouncer, pgbouncer
from tripsage_tui.data.database import Database, PoolMode, Ticket, Tls
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.health import Reachability
from tripsage_tui.data.realtime import RealtimeSource
from tripsage_tui.data.trips import TripRepository


class Visitor:
    """Somebody who signed in: tokens and tickets as the project gives them."""

    def __init__(self, project: HostedProject, account: Account) -> None:
        self._project = project
        self._account = account
        self._told: dict[str, Any] = {}
        self.asked = 0
        self.instead = ""
        """A token to show to Realtime instead of the good one."""

    async def sign_in(self) -> Visitor:
        self._told = await self._project.people.begin(self._account, "password")
        return self

    def refresh(self) -> None:
        found = self._project.people.with_token(self._told["refresh_token"])
        assert found is not None
        self._told = self._project.people.refresh(*found)

    async def access_token(self) -> SecretStr:
        self.asked += 1
        return SecretStr(self.instead or self._told["access_token"])

    async def ticket(self) -> Ticket:
        headers = {"apikey": self._project.publishable_key, "Authorization": f"Bearer {self._told['access_token']}"}
        async with httpx.AsyncClient(headers=headers) as http:
            answer = await http.post(f"{self._project.url}/rest/v1/rpc/open_database_session")
        told = answer.raise_for_status().json()
        return Ticket(SecretStr(told["ticket"]), datetime.fromisoformat(told["expires_at"]))


Enter = Callable[..., Awaitable[tuple[Database, Visitor]]]


@pytest.fixture
async def project(database: Cluster) -> AsyncIterator[HostedProject]:
    async with HostedProject(database) as project:
        yield project


@pytest.fixture
async def ann(project: HostedProject) -> Account:
    return await project.create_user("ann@example.org", "correct horse", name="Ann")


@pytest.fixture
async def enter(project: HostedProject, sign_in: SignIn) -> Enter:
    """`await enter(account)` opens a program's data layer as behind a transaction pooler."""

    async def enter(account: Account, **options: Any) -> tuple[Database, Visitor]:
        visitor = await Visitor(project, account).sign_in()
        source = RealtimeSource(project.url, project.publishable_key, visitor)
        options = {"pool_mode": PoolMode.TRANSACTION, "realtime": source, "tickets": visitor} | options
        return await sign_in(account, **options), visitor

    return enter


async def listening(session: Database) -> Ear:
    """From the moment on when news arrives."""
    ear = Ear()
    await session.listen(ear.changes.put_nowait)
    await session.fetchval("select 1", name="first")
    async with asyncio.timeout(20):
        await session.settled()
    await asyncio.sleep(0)
    while not ear.changes.empty():
        assert ear.changes.get_nowait().table == "*"
    return ear


async def add_trip(session: Database) -> int:
    return (await TripRepository(session).create(TRIP, key=uuid4())).id


@needs_pgbouncer
async def test_news_arrives_behind_a_transaction_pooler(project: HostedProject, enter: Enter, ann: Account) -> None:
    bob, eve = [await project.create_user(f"{name}@example.org", name=name) for name in ("Bob", "Eve")]
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        async with pgbouncer(project.database, Path(name), pool_mode="transaction", default_pool_size=3) as port:
            where = target(project.database, host="127.0.0.1", port=port, ssl=Tls.DISABLE)
            sessions = [(await enter(person, target=where))[0] for person in (ann, bob, eve)]
            ears = [await listening(session) for session in sessions]
            assert all(session.health.live for session in sessions)
            trip = await add_trip(sessions[0])
            assert (await ears[0].hears("trips", "INSERT")).trip_id == trip
            await (await project.database.owner()).execute(
                "insert into public.trip_collaborators (trip_id, user_id, added_by) values ($1, $2, $3)",
                trip, bob.id, ann.id,
            )  # fmt: skip
            await ears[1].hears("trip_collaborators", "INSERT")
            flight = await FlightRepository(sessions[0]).add(trip, FLIGHT, key=uuid4())
            for ear in ears[:2]:
                heard = await ear.hears("flights", "INSERT")
                assert (heard.id, heard.trip_id) == (str(flight.id), trip)
            assert ears[2].changes.empty()
            for session in sessions:
                await session.close()


async def test_what_was_missed_is_read_again_after_every_gap(
    project: HostedProject, enter: Enter, ann: Account
) -> None:
    session, _ = await enter(ann, heartbeat=0.1)
    ear = await listening(session)
    realtime = project.realtime

    async def trouble(name: str) -> None:
        match name:
            case "crash":
                realtime.drop()
            case "restart":
                await realtime.restart()
            case "channel ends":
                await realtime.shut(realtime.channels[0], "Token has expired 0 seconds ago")
            case "signed out everywhere":
                await (await project.database.owner()).execute("delete from private.user_channels")

    for name in ("crash", "restart", "channel ends", "signed out everywhere"):
        await trouble(name)
        await ear.hears("*", "RELOAD", seconds=15)
        await add_trip(session)
        await ear.hears("trips", "INSERT", seconds=5)
    assert session.health.state is Reachability.UP


async def test_a_network_that_swallows_everything_is_noticed(
    project: HostedProject, enter: Enter, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tripsage_tui.data.realtime._PATIENCE", 0.2)
    monkeypatch.setattr("tripsage_tui.data.realtime_channel._JOINING", 1)
    session, _ = await enter(ann, heartbeat=0.1)
    ear = await listening(session)
    offline = asyncio.Event()
    session.health.on_change(lambda health: None if health.live else offline.set())
    project.realtime.silent = True
    async with asyncio.timeout(10):
        await offline.wait()
    await add_trip(session)  # the database is none the wiser
    project.realtime.silent = False
    await ear.hears("*", "RELOAD", seconds=25)


async def test_another_token_is_sent_on_the_open_channel(project: HostedProject, enter: Enter, ann: Account) -> None:
    session, visitor = await enter(ann, heartbeat=0.1)
    ear = await listening(session)
    visitor.refresh()
    async with asyncio.timeout(5):
        await project.realtime.renewed.wait()
    await add_trip(session)
    assert (await ear.changes.get()).table == "trips"
    assert project.realtime.joined == [f"tripsage:user:{ann.id}"]


async def test_a_token_that_ended_is_replaced_and_what_was_missed_is_read_again(
    project: HostedProject, enter: Enter, ann: Account
) -> None:
    project.token_lifetime = 2
    session, visitor = await enter(ann, heartbeat=60.0)
    ear = await listening(session)
    project.token_lifetime = 3600
    visitor.refresh()
    await ear.hears("*", "RELOAD", seconds=10)
    await add_trip(session)
    await ear.hears("trips", "INSERT", seconds=5)
    assert project.realtime.joined == [f"tripsage:user:{ann.id}"] * 2


@pytest.mark.parametrize("trouble", ["refused", "no service", "broken answer", "expired token"])
async def test_without_realtime_everything_else_works(
    project: HostedProject, enter: Enter, ann: Account, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    faults = {"no service": Fault(503, times=None), "broken answer": Fault(200, "<html>", times=None)}
    if trouble in faults:
        project.faults.add("GET", "/realtime", faults[trouble])
    session, visitor = await enter(ann)
    if trouble == "refused":
        project.realtime.refuse = "ConnectionRateLimitReached: Too many connected users"
    elif trouble == "expired token":
        ended = {"sub": str(ann.id), "aud": "authenticated", "role": "authenticated", "exp": 1}
        visitor.instead = project.signer.sign(ended)
    ear = Ear()
    await session.listen(ear.changes.put_nowait)
    await session.fetchval("select 1", name="first")
    async with asyncio.timeout(10):
        while visitor.asked < 2:  # it has failed once, and goes on trying
            await session.fetchval("select 1", name="next")
    assert not session.health.live
    assert session.health.state is Reachability.UP
    assert await add_trip(session)
    project.faults.clear()
    project.realtime.refuse = visitor.instead = ""
    await ear.hears("*", "RELOAD", seconds=15)
    assert session.health.live
    for secret in project.secrets:
        assert secret not in caplog.text


async def test_a_project_without_realtime_is_asked_once(project: HostedProject, enter: Enter, ann: Account) -> None:
    await (await project.database.superuser()).execute("drop function realtime.send")
    session, visitor = await enter(ann)
    await session.listen(lambda _: None)
    for _ in range(3):
        await session.fetchval("select 1", name="first")
    assert await add_trip(session)
    assert not session.health.live
    assert visitor.asked == 0


async def test_a_stranger_joins_nothing_and_nobody_forges_news(
    project: HostedProject, enter: Enter, ann: Account
) -> None:
    session, visitor = await enter(ann)
    ear = await listening(session)
    eve = await Visitor(project, await project.create_user("eve@example.org")).sign_in()
    topic = f"tripsage:user:{ann.id}"
    config: Any = {"config": {"private": True, "broadcast": {"ack": False, "self": False}, "presence": None}}
    states: dict[str, list[str]] = {}
    for name, sign_in in {"Eve": eve, "Ann": visitor}.items():
        states[name] = []
        client = AsyncRealtimeClient(
            f"{project.url}/realtime/v1", project.publishable_key, auto_reconnect=False, timeout=5
        )
        await client.set_auth((await sign_in.access_token()).get_secret_value())
        channel = client.channel(topic, config)
        await channel.subscribe(lambda state, _, told=states[name]: told.append(state.value))
        if states[name] == ["SUBSCRIBED"]:
            await channel.send_broadcast("change", {"table": "trips", "op": "DELETE", "id": "1", "trip_id": 1})
            # The server takes messages in their order.
            await client.set_auth((await sign_in.access_token()).get_secret_value())
            async with asyncio.timeout(5):
                await project.realtime.renewed.wait()
        channel.rejoin_timer.reset()
        await client.close()
    assert states == {"Eve": ["CHANNEL_ERROR"], "Ann": ["SUBSCRIBED"]}
    assert project.realtime.joined == [topic, topic]
    await add_trip(session)
    assert (await ear.changes.get()).table == "trips"
