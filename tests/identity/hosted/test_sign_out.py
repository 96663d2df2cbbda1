"""Leaving: what ends, where, at once, and what is said when the project cannot be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosted.machine import Machine
from tests.hosted.project import Fault, HostedProject
from tests.identity.hosted import EMAIL, PASSWORD
from tripsage_tui.identity.hosted.errors import SignInNeeded, Unreachable
from tripsage_tui.identity.hosted.outcomes import Scope

WHO = "select private.current_user_id()"


async def test_signing_out_here_makes_every_connection_nobody_at_once(
    hosted: HostedProject, machine: Machine, tmp_path: Path
) -> None:
    account = await machine.enter(EMAIL, PASSWORD)
    ticket = await (await machine.session()).ticket()
    raw = [await hosted.database.client(ticket=ticket.value.get_secret_value()) for _ in range(3)]
    program = await machine.database()
    assert await program.fetchval(WHO, name="who") == account.user_id
    async with Machine(hosted, tmp_path / "laptop") as laptop:
        await laptop.enter(EMAIL, PASSWORD)
        there = await laptop.database()
        assert await there.fetchval(WHO, name="who") == account.user_id
        # The tickets go first, and would be gone if the rest failed.
        hosted.faults.add("POST", "/auth/v1/logout", Fault(reset=True))
        said = await machine.sign_in.sign_out(Scope.HERE)
        assert said.left is not None
        assert "not told" in said.left
        assert [await each.fetchval(WHO) for each in raw] == [None] * 3
        with pytest.raises(SignInNeeded):
            await program.fetch("select id from trips", name="trips")
        assert await there.fetchval(WHO, name="who") == account.user_id
    assert await machine.accounts.list() == []
    assert list(machine.folder.rglob("*.session")) == []


@pytest.mark.parametrize("scope", [Scope.HERE, Scope.OTHERS, Scope.EVERYWHERE])
async def test_each_scope_ends_what_it_says(
    hosted: HostedProject, machine: Machine, tmp_path: Path, scope: Scope
) -> None:
    account = await machine.enter(EMAIL, PASSWORD)
    here = await machine.database()
    async with Machine(hosted, tmp_path / "laptop") as laptop:
        await laptop.enter(EMAIL, PASSWORD)
        there = await laptop.database()
        for database in (here, there):
            assert await database.fetchval(WHO, name="who") == account.user_id
        assert (await machine.sign_in.sign_out(scope)).left is None
        for database, ends in ((here, scope is not Scope.OTHERS), (there, scope is not Scope.HERE)):
            if ends:
                with pytest.raises(SignInNeeded):
                    await database.fetch("select id from trips", name="trips")
            else:
                assert await database.fetchval(WHO, name="who") == account.user_id
    assert (await machine.accounts.current() is None) is (scope is not Scope.OTHERS)


async def test_without_a_network_this_machine_forgets_and_says_what_it_could_not_do(
    hosted: HostedProject, machine: Machine
) -> None:
    for scope, word in ((Scope.HERE, "session there goes on"), (Scope.EVERYWHERE, "any other machine")):
        await machine.enter(EMAIL, PASSWORD)
        hosted.faults.add("*", "/", Fault(reset=True, times=None))
        with pytest.raises(Unreachable):
            await machine.sign_in.sign_out(Scope.OTHERS)
        said = await machine.sign_in.sign_out(scope)
        assert said.left is not None
        assert word in said.left
        assert await machine.accounts.current() is None
        assert list(machine.folder.rglob("*.session")) == []
        hosted.faults.clear()


async def test_an_expired_token_is_renewed_to_sign_out_with(hosted: HostedProject, machine: Machine) -> None:
    await machine.enter(EMAIL, PASSWORD)
    hosted.skew = 7200  # whatever the machine thinks, the server calls the token expired
    assert (await machine.sign_in.sign_out(Scope.EVERYWHERE)).left is None
    assert hosted.people.sessions == {}


async def test_who_was_signed_out_elsewhere_learns_that_others_were_not(
    hosted: HostedProject, machine: Machine
) -> None:
    await machine.enter(EMAIL, PASSWORD)
    await hosted.people.end(*hosted.people.sessions)
    said = await machine.sign_in.sign_out(Scope.EVERYWHERE)
    assert said.left is not None
    assert "had ended already" in said.left
    assert await machine.accounts.current() is None
    assert (await machine.sign_in.sign_out(Scope.HERE)).left is None


async def test_a_new_sign_in_takes_the_place_of_the_old_one(hosted: HostedProject, machine: Machine) -> None:
    account = await machine.enter(EMAIL, PASSWORD)
    running = await machine.database()
    assert await running.fetchval(WHO, name="who") == account.user_id
    async with Machine(hosted, machine.folder) as again:
        await again.enter(EMAIL, PASSWORD)
    assert len(hosted.people.sessions) == 1
    assert await running.fetchval(WHO, name="who") == account.user_id
