"""Each way into an account, with the real client, and what is said where one does not lead in."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from tests.hosted.factors import totp
from tests.hosted.faults import trouble
from tests.hosted.machine import Machine
from tests.hosted.project import Fault, HostedProject
from tests.identity.hosted import EMAIL, PASSWORD
from tripsage_tui.identity.hosted.errors import (
    EmailNotConfirmed,
    RateLimited,
    SignInError,
    Unreachable,
    WeakPassword,
    WrongCode,
    WrongCredentials,
)
from tripsage_tui.identity.hosted.outcomes import ConfirmByEmail, NeedsFactor, SignedIn

SECRET = SecretStr(PASSWORD)


async def who(machine: Machine) -> object:
    """The user whom the database sees."""
    return await (await machine.database()).fetchval("select private.current_user_id()", name="who")


async def test_a_password_leads_to_the_database(hosted: HostedProject, machine: Machine) -> None:
    outcome = await machine.sign_in.password(f" {EMAIL.upper()} ", SECRET)
    assert isinstance(outcome, SignedIn)
    assert (outcome.account.email, outcome.account.name) == (EMAIL, "Ada")
    assert await machine.accounts.current() == outcome.account
    assert await who(machine) == outcome.account.user_id


async def test_a_wrong_password_is_one_sentence(machine: Machine) -> None:
    for email, password in ((EMAIL, "wrong"), ("nobody@example.org", PASSWORD)):
        with pytest.raises(WrongCredentials, match="address or the password is wrong"):
            await machine.sign_in.password(email, SecretStr(password))
    with pytest.raises(SignInError, match="not an e-mail address"):
        await machine.sign_in.password("ada", SECRET)
    assert await machine.accounts.current() is None


async def test_trouble_on_the_way_in_is_told_and_passes(hosted: HostedProject, machine: Machine) -> None:
    for fault in trouble():
        hosted.faults.add("POST", "/auth/v1/token", fault)
        with pytest.raises(SignInError) as told:
            await machine.sign_in.password(EMAIL, SECRET)
        assert told.value.retry, fault
        assert isinstance(told.value, Unreachable | RateLimited), fault
    assert await machine.accounts.list() == []
    assert isinstance(await machine.sign_in.password(EMAIL, SECRET), SignedIn)


async def test_what_was_lost_on_the_way_back_is_asked_for_again(hosted: HostedProject, machine: Machine) -> None:
    await machine.sign_in.send_code(EMAIL)
    code = hosted.last_code(EMAIL)
    hosted.faults.add("POST", "/auth/v1/verify", Fault(cut=100))
    with pytest.raises(Unreachable):
        await machine.sign_in.verify_code(EMAIL, code)
    with pytest.raises(WrongCode):
        await machine.sign_in.verify_code(EMAIL, code)
    hosted.providers["github"] = EMAIL
    attempt = await machine.sign_in.start_oauth("github")
    hosted.faults.add("POST", "/auth/v1/token?grant_type=pkce", Fault(cut=100))
    async with httpx.AsyncClient() as browser:
        address = (await browser.get(attempt.url)).headers["location"]
    with pytest.raises(Unreachable):
        await attempt.paste(address)
    with pytest.raises(SignInError, match="begin again"):
        await attempt.paste(address)
    await attempt.close()
    assert await machine.accounts.list() == []


async def test_a_code_from_the_mail(hosted: HostedProject, machine: Machine) -> None:
    await machine.sign_in.send_code(EMAIL)
    code = hosted.last_code(EMAIL)
    with pytest.raises(WrongCode):
        await machine.sign_in.verify_code(EMAIL, "000000" if code != "000000" else "111111")
    outcome = await machine.sign_in.verify_code(EMAIL, f" {code[:3]} {code[3:]}")
    assert isinstance(outcome, SignedIn)
    assert await who(machine) == outcome.account.user_id
    with pytest.raises(SignInError, match="may be no account"):
        await machine.sign_in.send_code("new@example.org")


async def test_signing_up_with_and_without_confirmation(hosted: HostedProject, machine: Machine) -> None:
    with pytest.raises(WeakPassword, match="too short"):
        await machine.sign_in.sign_up("ben@example.org", SecretStr("short"), "Ben")
    outcome = await machine.sign_in.sign_up("ben@example.org", SecretStr("a long enough one"), " Ben ")
    assert isinstance(outcome, SignedIn)
    assert outcome.account.name == "Ben"
    with pytest.raises(SignInError, match="sign in instead"):
        await machine.sign_in.sign_up("ben@example.org", SecretStr("a long enough one"), "Ben")

    hosted.confirm_emails = True
    asked = await machine.sign_in.sign_up("cem@example.org", SecretStr("a long enough one"), "Cem")
    assert asked == ConfirmByEmail("cem@example.org")
    with pytest.raises(EmailNotConfirmed):
        await machine.sign_in.password("cem@example.org", SecretStr("a long enough one"))
    outcome = await machine.sign_in.verify_code("cem@example.org", hosted.last_code("cem@example.org"))
    assert isinstance(outcome, SignedIn)
    assert [account.name for account in await machine.accounts.list()] == ["Ben", "Cem"]
    hosted.sign_up_allowed = False
    with pytest.raises(SignInError, match="takes no new accounts"):
        await machine.sign_in.sign_up("dan@example.org", SecretStr("a long enough one"), "Dan")


async def test_a_forgotten_password(hosted: HostedProject, machine: Machine) -> None:
    await machine.sign_in.reset(EMAIL)
    await machine.sign_in.reset("nobody@example.org")
    assert isinstance(await machine.sign_in.verify_code(EMAIL, hosted.last_code(EMAIL)), SignedIn)
    with pytest.raises(SignInError, match="have already"):
        await machine.sign_in.new_password(SECRET)
    await machine.sign_in.new_password(SecretStr("a new and better one"))
    with pytest.raises(WrongCredentials):
        await machine.sign_in.password(EMAIL, SECRET)
    assert isinstance(await machine.sign_in.password(EMAIL, SecretStr("a new and better one")), SignedIn)


async def test_a_second_factor_is_asked_for_before_anything_is_kept(
    hosted: HostedProject, machine: Machine, tmp_path: Path
) -> None:
    await machine.sign_in.password(EMAIL, SECRET)
    enrolment = await machine.sign_in.enroll("phone")
    secret = enrolment.secret.get_secret_value()
    assert secret in enrolment.uri.get_secret_value()
    assert secret not in repr(enrolment)
    with pytest.raises(WrongCode):
        await machine.sign_in.confirm(enrolment, "12345")
    assert await machine.sign_in.factors() == ()
    await machine.sign_in.confirm(enrolment, totp(secret))
    assert await machine.sign_in.factors() == (enrolment.factor,)
    assert await who(machine) is not None

    async with Machine(hosted, tmp_path / "other") as other:
        outcome = await other.sign_in.password(EMAIL, SECRET)
        assert isinstance(outcome, NeedsFactor)
        assert await other.accounts.list() == []
        with pytest.raises(WrongCode):
            await other.sign_in.verify_factor(outcome.factors[0], "12345")
        assert isinstance(await other.sign_in.verify_factor(outcome.factors[0], totp(secret)), SignedIn)
        assert await who(other) is not None
        await other.sign_in.remove_factor(outcome.factors[0])
    assert isinstance(await machine.sign_in.password(EMAIL, SECRET), SignedIn)


async def test_a_token_that_is_late_by_the_servers_clock_is_renewed_for_what_was_asked(
    hosted: HostedProject, machine: Machine
) -> None:
    await machine.sign_in.password(EMAIL, SECRET)
    enrolment = await machine.sign_in.enroll("phone")
    hosted.skew = 4000
    await machine.sign_in.confirm(enrolment, totp(enrolment.secret.get_secret_value()))
    hosted.skew = 8000
    assert await machine.sign_in.factors() == (enrolment.factor,)
    assert hosted.requests.count("POST /auth/v1/token") == 3
    assert await who(machine) is not None


async def test_a_second_factor_that_is_not_shown_leaves_no_session(hosted: HostedProject, tmp_path: Path) -> None:
    async with Machine(hosted, tmp_path / "one") as one:
        await one.sign_in.password(EMAIL, SECRET)
        enrolment = await one.sign_in.enroll("phone")
        await one.sign_in.confirm(enrolment, totp(enrolment.secret.get_secret_value()))
    async with Machine(hosted, tmp_path / "two") as two:
        assert isinstance(await two.sign_in.password(EMAIL, SECRET), NeedsFactor)
        assert len(hosted.people.sessions) == 2
    assert len(hosted.people.sessions) == 1


async def browse(url: str) -> httpx.Response:
    """What a browser does with the address: it follows the way to the provider and back."""
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        return await browser.get(url)


async def test_another_services_account_through_the_browser(hosted: HostedProject, machine: Machine) -> None:
    hosted.providers["github"] = EMAIL
    attempt = await machine.sign_in.start_oauth("github")
    waiting = asyncio.create_task(attempt.finished())
    async with httpx.AsyncClient() as stranger:
        for path in ("/", "/favicon.ico", "/callback", "/callback?code=12345678&state=guess"):
            assert (await stranger.get(f"http://127.0.0.1:{attempt.port}{path}")).status_code == 404
        elsewhere = {"Host": "evil.example.org"}
        assert (await stranger.get(f"http://127.0.0.1:{attempt.port}/", headers=elsewhere)).status_code == 404
    page = await browse(attempt.url)
    assert (page.status_code, "signed in" in page.text) == (200, True)
    assert page.headers["referrer-policy"] == "no-referrer"
    outcome = await waiting
    assert isinstance(outcome, SignedIn)
    assert await who(machine) == outcome.account.user_id
    with pytest.raises(httpx.TransportError):
        await browse(attempt.url)


async def test_the_address_or_the_code_can_be_pasted(hosted: HostedProject, machine: Machine) -> None:
    hosted.providers["github"] = EMAIL

    async def came_back(url: str) -> str:
        async with httpx.AsyncClient() as browser:
            return (await browser.get(url)).headers["location"]

    first, second = await machine.sign_in.start_oauth("github"), await machine.sign_in.start_oauth("github")
    address = await came_back(first.url)
    with pytest.raises(WrongCode, match="another attempt"):
        await second.paste(address)
    for nonsense in ("", "two words", "http://127.0.0.1/callback?code=", "x" * 300):
        with pytest.raises(WrongCode):
            await first.paste(nonsense)
    assert isinstance(await first.paste(f"  <{address}> \n"), SignedIn)
    code = parse_qs(urlsplit(await came_back(second.url)).query)["code"][0]
    third = await machine.sign_in.start_oauth("github")
    with pytest.raises(SignInError, match="belongs to another attempt"):
        await third.paste(code)
    await third.close()
    await second.close()


async def test_a_refusal_in_the_browser_and_nobody_coming_back(hosted: HostedProject, machine: Machine) -> None:
    hosted.providers["github"] = ""
    attempt = await machine.sign_in.start_oauth("github")
    waiting = asyncio.create_task(attempt.finished())
    assert "refused" in (await browse(attempt.url)).text
    with pytest.raises(SignInError, match="refused in the browser"):
        await waiting
    attempt = await machine.sign_in.start_oauth("github")
    with pytest.raises(SignInError, match="Nobody came back"):
        await attempt.finished(patience=0.01)
    with pytest.raises(SignInError, match="one word"):
        await machine.sign_in.start_oauth("git hub")
