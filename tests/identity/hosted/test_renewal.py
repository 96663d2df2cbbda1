"""Sessions that go on: tickets in time, one refresh among many programs, and an end that is noticed at once."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from tests.hosted.faults import trouble
from tests.hosted.machine import Machine
from tests.hosted.project import Fault, HostedProject
from tests.identity.hosted import EMAIL, PASSWORD
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import SchemaOutdated, Unavailable
from tripsage_tui.identity.hosted.errors import SignInNeeded
from tripsage_tui.identity.hosted.outcomes import Scope

WHO = "select private.current_user_id()"
REFRESH = "/auth/v1/token?grant_type=refresh_token"


class Clock:
    """A machine's clock that can be set."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def refreshes(hosted: HostedProject) -> int:
    """How often a token was asked for, the sign-in not counted."""
    return hosted.requests.count("POST /auth/v1/token") - 1


async def start(hosted: HostedProject, folder: Path) -> Process:
    """Another program of the same user."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.hosted.program", stdin=PIPE, stdout=PIPE, limit=2**20
    )
    assert process.stdin is not None
    given = {"url": hosted.url, "key": hosted.publishable_key, "folder": str(folder)}
    process.stdin.write(json.dumps(given).encode() + b"\n")
    return process


async def said(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def test_programs_that_refresh_at_the_same_moment_all_stay_signed_in(
    hosted: HostedProject, machine: Machine
) -> None:
    hosted.reuse_interval, hosted.parent_tolerated = 0.0, False
    await machine.enter(EMAIL, PASSWORD)
    programs = [await start(hosted, machine.folder) for _ in range(3)]
    assert [await said(program) for program in programs] == ["ready"] * 3
    for turn in range(1, 5):
        for program in programs:
            assert program.stdin is not None
            program.stdin.write(b"%d\n" % (turn * 3590))
        tokens = {await said(program) for program in programs}
        assert len(tokens) == 1, tokens
        assert refreshes(hosted) == turn
    for program in programs:
        assert program.stdin is not None
        program.stdin.close()
        assert await program.wait() == 0


@pytest.mark.slow
async def test_a_thousand_tickets_under_load_and_no_query_fails(hosted: HostedProject, machine: Machine) -> None:
    """Each lasts for a second; the data layer, whose clock runs fast, replaces it long before or only just in time."""
    hosted.ticket_lifetime = 1.0
    account = await machine.enter(EMAIL, PASSWORD)
    session = await machine.session()
    paces = (1.0, 30.0, 200.0, 200.0, 200.0)
    databases = [
        await machine.database(session, pool_size=1, clock=lambda pace=pace: time.monotonic() * pace) for pace in paces
    ]
    asked = 0

    async def ask(database: Database) -> None:
        nonlocal asked
        while hosted.tickets < 1000:
            assert await database.fetchval(WHO, name="who") == account.user_id
            asked += 1
            await asyncio.sleep(0.002)  # or the queries would take the machine's whole time

    async with asyncio.timeout(150), asyncio.TaskGroup() as group:
        for database in databases * 2:
            group.create_task(ask(database))
    assert asked > 1000
    assert refreshes(hosted) == 0


async def test_token_and_ticket_are_replaced_in_the_background(hosted: HostedProject, machine: Machine) -> None:
    clock = Clock()
    account = await machine.enter(EMAIL, PASSWORD)
    async with Machine(hosted, machine.folder, wall=clock) as program:
        database = await program.database(heartbeat=0.01, clock=lambda: time.monotonic() + clock.ahead)
        assert await database.fetchval(WHO, name="who") == account.user_id
        trouble = hosted.faults.add("POST", REFRESH, Fault(503, {}, times=None))
        clock.ahead = 3500
        await hosted.until(lambda: trouble.met >= 2)
        assert await database.fetchval(WHO, name="who") == account.user_id
        hosted.faults.clear()
        await hosted.until(lambda: hosted.tickets == 2)
        assert refreshes(hosted) == trouble.met + 1
        assert await database.fetchval(WHO, name="who") == account.user_id
        assert hosted.tickets == 2


async def test_what_another_program_renewed_is_taken_at_once(hosted: HostedProject, machine: Machine) -> None:
    await machine.enter(EMAIL, PASSWORD)
    session = await machine.session()
    first = await session.access_token()
    assert await session.access_token() is first
    expired = {"code": "PGRST303", "message": "JWT expired", "details": None, "hint": None}
    hosted.faults.add("POST", "/rest/v1/rpc/open_database_session", Fault(401, expired))
    async with Machine(hosted, machine.folder) as other:
        there = await other.session()
        await there.ticket()
        second = await there.access_token()
    assert second != first
    assert await session.access_token() == second
    assert refreshes(hosted) == 1


async def test_a_refresh_is_done_once_for_many_who_ask_and_for_those_who_gave_up(
    hosted: HostedProject, machine: Machine
) -> None:
    hosted.reuse_interval, hosted.parent_tolerated = 0.0, False
    clock = Clock()
    await machine.enter(EMAIL, PASSWORD)
    clock.ahead = 3590
    async with Machine(hosted, machine.folder, wall=clock) as later:
        session = await later.session()
        go_on = asyncio.Event()
        hosted.faults.add("POST", REFRESH, Fault(hold=go_on))
        asking = [asyncio.create_task(session.access_token()) for _ in range(5)]
        await hosted.until(lambda: refreshes(hosted) == 1)
        asking[0].cancel()
        go_on.set()
        tokens = await asyncio.gather(*asking[1:])
        assert len({token.get_secret_value() for token in tokens}) == 1
        assert refreshes(hosted) == 1
        clock.ahead += 3590
        assert await session.access_token() not in tokens
        assert refreshes(hosted) == 2


async def test_clocks_that_differ_do_no_harm(hosted: HostedProject, tmp_path: Path) -> None:
    for skew in (-7200.0, -1800.0, 1800.0, 7200.0):
        hosted.skew = skew
        hosted.tickets = 0
        hosted.requests.clear()
        async with Machine(hosted, tmp_path / str(skew)) as machine:
            account = await machine.enter(EMAIL, PASSWORD)
            database = await machine.database()
            for _ in range(5):
                assert await database.fetchval(WHO, name="who") == account.user_id
        assert (hosted.tickets, refreshes(hosted)) == (1, 0), skew


async def test_a_clock_that_was_set_while_the_program_was_away(hosted: HostedProject, machine: Machine) -> None:
    await machine.enter(EMAIL, PASSWORD)
    for ahead in (10 * 86400.0, -10 * 86400.0):
        clock = Clock()
        clock.ahead = ahead
        async with Machine(hosted, machine.folder, wall=clock) as later:
            before = refreshes(hosted)
            await (await later.session()).ticket()
            assert refreshes(hosted) == before + 1


async def test_a_token_that_the_server_calls_expired_is_renewed(hosted: HostedProject, machine: Machine) -> None:
    account = await machine.enter(EMAIL, PASSWORD)
    expired = {"code": "PGRST303", "message": "JWT expired", "details": None, "hint": None}
    hosted.faults.add("POST", "/rest/v1/rpc/open_database_session", Fault(401, expired))
    assert await (await machine.database()).fetchval(WHO, name="who") == account.user_id
    assert refreshes(hosted) == 1


async def test_revoked_elsewhere_the_next_query_fails_closed(
    hosted: HostedProject, machine: Machine, tmp_path: Path
) -> None:
    account = await machine.enter(EMAIL, PASSWORD)
    database = await machine.database()
    assert await database.fetchval(WHO, name="who") == account.user_id
    async with Machine(hosted, tmp_path / "other") as other:
        await other.enter(EMAIL, PASSWORD)
        assert await (await other.database()).fetchval(WHO, name="who") == account.user_id
        assert (await other.sign_in.sign_out(Scope.OTHERS)).left is None
        for _ in range(2):
            with pytest.raises(SignInNeeded, match="Sign in again"):
                await database.fetch("select id from trips", name="trips")
        assert await (await other.database()).fetchval(WHO, name="who") == account.user_id
    assert await machine.accounts.list() == [account]
    assert not await machine.accounts.signed_in(account)
    await machine.enter(EMAIL, PASSWORD)
    assert await database.fetchval(WHO, name="who") == account.user_id


async def test_a_spent_family_ends_at_the_next_refresh(hosted: HostedProject, machine: Machine) -> None:
    account = await machine.enter(EMAIL, PASSWORD)
    hosted.reuse_interval, hosted.parent_tolerated = 0.0, False
    kept = await machine.accounts.read(account)
    assert kept is not None
    await machine.sign_in._gate.refresh(kept.refresh_token)  # a thief was faster
    clock = Clock()
    clock.ahead = 3590
    async with Machine(hosted, machine.folder, wall=clock) as later:
        session = await later.session()
        with pytest.raises(SignInNeeded):
            await session.access_token()
        with pytest.raises(SignInNeeded):
            await session.ticket()


async def test_trouble_on_the_way_is_told_and_passes(hosted: HostedProject, machine: Machine) -> None:
    """Also when the answer to a refresh is lost: the server gives it again to who presents the token before it."""
    account = await machine.enter(EMAIL, PASSWORD)
    clock = Clock()
    clock.ahead = 3590
    async with Machine(hosted, machine.folder, wall=clock) as later:
        for fault in trouble():
            session = await later.session()
            for path in ("/rest/v1/rpc/open_database_session", REFRESH):
                if (fault.cut or 0) > 350 and path != REFRESH:
                    continue  # that answer is shorter
                fault.met = 0
                hosted.faults.add("POST", path, fault)
                with pytest.raises(Unavailable) as told:
                    await session.ticket()
                assert fault.met == 1
                assert str(told.value).endswith("."), fault
                if fault.status == 429:
                    assert told.value.retry_in == 7
                clock.ahead += 3590
            await session.ticket()
            assert await later.accounts.signed_in(account)
            clock.ahead += 3590


async def test_an_answer_that_does_not_come_is_waited_for_so_long_and_no_longer(
    hosted: HostedProject, machine: Machine
) -> None:
    await machine.enter(EMAIL, PASSWORD)
    session = await machine.session()
    session._gate._patience = 0.2
    go_on = asyncio.Event()
    hosted.faults.add("POST", "/rest/v1/rpc/open_database_session", Fault(hold=go_on))
    with pytest.raises(Unavailable, match="cannot be reached"):
        await session.ticket()
    go_on.set()
    session._gate._patience = 20
    await session.ticket()


async def test_a_schema_without_our_functions_is_named(hosted: HostedProject, machine: Machine) -> None:
    await machine.enter(EMAIL, PASSWORD)
    await hosted.owner.execute("drop function public.open_database_session()")
    with pytest.raises(SchemaOutdated):
        await (await machine.session()).ticket()
