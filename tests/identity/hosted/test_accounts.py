"""Accounts and kept sessions: where they lie, for whom they open, and what an unusable place does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backends import null
from pydantic import SecretStr

from tests.hosted.machine import Machine
from tests.hosted.project import HostedProject
from tests.identity import keyrings
from tests.identity.hosted import EMAIL, PASSWORD
from tripsage_tui.data.database import ConnectionTarget, PoolMode
from tripsage_tui.identity.hosted.accounts import Accounts
from tripsage_tui.identity.hosted.errors import SignInError, SignInNeeded
from tripsage_tui.identity.hosted.gate import Gate
from tripsage_tui.identity.hosted.outcomes import Scope
from tripsage_tui.identity.hosted.sign_in import SignIn
from tripsage_tui.identity.keeping import CannotKeep, Keeping, MustChoose, Place
from tripsage_tui.identity.keyring_store import SystemKeyring
from tripsage_tui.identity.projects import Project


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SystemKeyring]:
    """A keyring in a file."""
    before = keyring.get_keyring()
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring.json"))
    keyring.set_keyring(keyrings.FileKeyring())
    yield SystemKeyring(allowed=[f"{keyrings.__name__}.FileKeyring"])
    keyring.set_keyring(before)


async def test_several_accounts_and_switching_between_them(hosted: HostedProject, machine: Machine) -> None:
    await hosted.create_user("ben@example.org", "battery staple", name="Ben")
    ada, ben = await machine.enter(EMAIL, PASSWORD), await machine.enter("ben@example.org", "battery staple")
    assert await machine.accounts.list() == [ada, ben]
    assert await machine.accounts.current() == ben
    await machine.accounts.switch(ada)
    async with Machine(hosted, machine.folder) as next_program:
        assert await next_program.accounts.current() == ada
        for account in (ada, ben):
            database = await next_program.database(await next_program.session(account))
            assert await database.fetchval("select private.current_user_id()", name="who") == account.user_id
        await next_program.accounts.forget(ada)
    assert await machine.accounts.list() == [ben]
    assert not await machine.accounts.signed_in(ada)


async def test_a_program_keeps_its_account_whatever_others_switch_to(hosted: HostedProject, machine: Machine) -> None:
    await hosted.create_user("ben@example.org", "battery staple", name="Ben")
    ada, ben = await machine.enter(EMAIL, PASSWORD), await machine.enter("ben@example.org", "battery staple")
    async with Machine(hosted, machine.folder) as running, Machine(hosted, machine.folder) as named:
        assert await running.accounts.current() == ben
        named.accounts.use(ada)
        await machine.accounts.switch(ada)
        await running.sign_in.sign_out(Scope.HERE)
        assert await machine.accounts.list() == [ada]
        assert await named.accounts.current() == ada
        assert await running.accounts.current() == ada  # which is what opens now


async def test_files_are_sealed_and_their_owners_alone(hosted: HostedProject, machine: Machine) -> None:
    await machine.enter(EMAIL, PASSWORD)
    await (await machine.session()).ticket()
    files = [file for file in machine.folder.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} >= {".session", ".json", ".lock", ".key"}
    for file in files:
        text = file.read_text()
        assert not [secret for secret in hosted.secrets if secret in text], file
        if file.name != "secrets-kept-in":
            assert file.stat().st_mode & 0o077 == 0, file
    assert (machine.folder / "accounts" / "team").stat().st_mode & 0o777 == 0o700


async def test_a_session_opens_for_its_project_only(hosted: HostedProject, machine: Machine) -> None:
    """Whoever puts another address into the connection file gets no token sent there."""
    account = await machine.enter(EMAIL, PASSWORD)
    moved = replace(machine.project, url="http://127.0.0.1:9")
    assert await Accounts(moved, machine.keeping, machine.folder).read(account) is None
    assert await machine.accounts.read(account) is not None


async def test_damaged_files_mean_signing_in_again(hosted: HostedProject, machine: Machine) -> None:
    account = await machine.enter(EMAIL, PASSWORD)
    (file,) = machine.folder.rglob("*.session")
    for damage in ("", "aesgcm1:", "x" * 500, "\x00", "\xe9", file.read_text()[:-5]):
        file.write_text(damage, encoding="latin-1")
        with pytest.raises(SignInNeeded):
            await (await machine.session(account)).ticket()
        (machine.folder / "accounts" / "team" / "accounts.json").write_text(
            json.dumps({"current": 7, "accounts": [7, {"user_id": "x"}, {}, None]})
        )
        assert await machine.accounts.list() == []
        assert await machine.enter(EMAIL, PASSWORD) == account
        assert await machine.accounts.current() == account


async def test_the_keyring_holds_the_key_and_no_session_is_too_long_for_it(
    hosted: HostedProject, tmp_path: Path, backend: SystemKeyring
) -> None:
    folder = tmp_path / "state"
    machine = Machine(hosted, folder)
    machine.accounts = Accounts(machine.project, Keeping(folder, backend), folder)
    sign_in = SignIn(machine.project, machine.accounts)
    await sign_in.password(EMAIL, SecretStr(PASSWORD))
    await sign_in.close()
    held = json.loads((tmp_path / "keyring.json").read_text())
    assert all(len(text) < 100 for text in held.values())
    assert "keyring" in await machine.accounts.described()
    later = Accounts(machine.project, Keeping(folder, backend), folder)
    current = await later.current()
    assert current is not None
    assert await later.signed_in(current)
    keyring.set_keyring(null.Keyring())
    locked = Accounts(machine.project, Keeping(folder, backend), folder)
    with pytest.raises(CannotKeep):
        await locked.read(current)
    await machine.sign_in.close()


async def test_without_a_place_nothing_is_sent(hosted: HostedProject, tmp_path: Path, backend: SystemKeyring) -> None:
    keyring.set_keyring(null.Keyring())
    folder = tmp_path / "state"
    machine = Machine(hosted, folder)
    accounts = Accounts(machine.project, Keeping(folder, backend), folder)
    sign_in = SignIn(machine.project, accounts)
    with pytest.raises(MustChoose):
        await sign_in.password(EMAIL, SecretStr(PASSWORD))
    assert hosted.requests == []

    await accounts.keeping.choose(Place.SESSION)
    await sign_in.password(EMAIL, SecretStr(PASSWORD))
    account = await accounts.current()
    assert account is not None
    assert await accounts.list() == [account]
    assert await accounts.signed_in(account)
    assert "as long as this program runs" in await accounts.described()
    assert [file.name for file in folder.rglob("*") if file.is_file() and file.suffix != ".lock"] == ["secrets-kept-in"]
    assert await Accounts(machine.project, Keeping(folder, backend), folder).list() == []
    await sign_in.close()
    await machine.sign_in.close()


def test_no_secret_goes_where_it_could_be_overheard() -> None:
    where = ConnectionTarget(host="db.example.org")
    for url in ("http://project.example.org", "ftp://127.0.0.1", "http://127.0.0.1.example.org"):
        project = Project(name="x", url=url, publishable_key="k", target=where, pool_mode=PoolMode.SESSION)
        with pytest.raises(SignInError, match="https"):
            Gate(project)
