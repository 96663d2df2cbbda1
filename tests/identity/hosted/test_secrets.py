"""A session full of errors, and no secret in what it leaves behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from tests.hosted.factors import totp
from tests.hosted.machine import Machine
from tests.hosted.planted import everything_in, leaks
from tests.hosted.project import Fault, HostedProject, rate_limited
from tests.identity.hosted import EMAIL, PASSWORD
from tripsage_tui.crash_report import write_report
from tripsage_tui.identity.hosted.outcomes import NeedsFactor, Scope

SECRET = SecretStr(PASSWORD)


class Notes:
    """Everything that anything said."""

    def __init__(self, folder: Path) -> None:
        self.texts: dict[str, str] = {}
        self._report = folder / "report.log"

    async def failing(self, name: str, call: Awaitable[Any], *, surely: bool = True) -> None:
        """Await what has to fail, and note the error in all its forms."""
        (answer,) = await asyncio.gather(call, return_exceptions=True)
        if isinstance(answer, BaseException):
            self.texts[name] = everything_in(answer)
            write_report(self._report, answer)
        else:
            assert not surely, name

    def note(self, name: str, thing: object) -> None:
        self.texts[name] = f"{thing!r} {thing} {getattr(thing, '__dict__', '')!r}"

    def all(self, log: str) -> dict[str, str]:
        return {**self.texts, "the report": self._report.read_text(), "the log": log}


async def test_a_session_full_of_errors_leaves_no_secret_behind(
    hosted: HostedProject, machine: Machine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in (None, "httpcore", "httpx"):  # other clients may have made these quiet
        caplog.set_level(logging.DEBUG, logger)
    notes = Notes(tmp_path)
    door = machine.sign_in
    answer = {"access_token": "planted-in-an-answer", "refresh_token": "planted-too-0815", "user": "nobody"}
    hosted.plant("planted-in-an-answer", "planted-too-0815", "planted wrong password", "planted new one")
    hosted.providers["github"] = EMAIL

    await notes.failing("wrong password", door.password(EMAIL, SecretStr("planted wrong password")))
    for path in ("/auth/v1/token?grant_type=password", "/auth/v1/otp", "/auth/v1/signup", "/auth/v1/recover"):
        for number, fault in enumerate(
            [
                Fault(reset=True),
                Fault(cut=0),
                Fault(cut=300),
                Fault(500, "planted-in-an-answer"),
                Fault(400, {"code": "planted-in-an-answer", "message": "planted wrong password"}),
                Fault(
                    422, {"code": "weak_password", "message": "x", "weak_password": {"reasons": ["planted new one"]}}
                ),
                Fault(200, {**answer, "expires_in": "x"}),
                Fault(200, [answer]),
                Fault(401, {"message": "Invalid API key"}),
                rate_limited(3),
            ]
        ):
            hosted.faults.add("POST", path, fault)
            match path.rpartition("/")[2]:
                case "otp":
                    call: Awaitable[Any] = door.send_code(EMAIL)
                case "signup":
                    call = door.sign_up("ben@example.org", SecretStr("planted new one"), "Ben")
                case "recover":
                    call = door.reset(EMAIL)
                case _:
                    call = door.password(EMAIL, SECRET)
            # Some do not look at the answer, and some answers are shorter.
            await notes.failing(f"{path} {number}", call, surely=fault.status != 200 and fault.cut != 300)
            hosted.faults.clear()

    await door.send_code(EMAIL)
    await notes.failing("wrong code", door.verify_code(EMAIL, "000000x"))
    attempt = await door.start_oauth("github")
    hosted.plant(parse_qs(urlsplit(parse_qs(urlsplit(attempt.url).query)["redirect_to"][0]).query)["state"][0])
    notes.note("attempt", repr(attempt))
    await notes.failing("pasted", attempt.paste("http://127.0.0.1/callback?code=planted-new-one&state=x"))
    await notes.failing("wrong attempt", attempt.paste("planted-in-an-answer"))
    await attempt.close()

    notes.note("outcome", await door.password(EMAIL, SECRET))
    enrolment = await door.enroll("phone")
    notes.note("enrolment", enrolment)
    await notes.failing("wrong digits", door.confirm(enrolment, "12"))
    await door.confirm(enrolment, totp(enrolment.secret.get_secret_value()))
    session, account = await machine.session(), await machine.accounts.current()
    assert account is not None
    kept = await machine.accounts.read(account)
    for name, thing in (("session", session), ("kept", kept), ("door", door), ("ticket", await session.ticket())):
        notes.note(name, thing)
    database = await machine.database(session)
    await notes.failing("query", database.fetch("select nonsense", name="nonsense"))
    for number, fault in enumerate(
        [Fault(cut=200), Fault(200, answer), Fault(403, answer), Fault(500, "planted-too-0815")]
    ):
        hosted.faults.add("POST", "/rest/v1/rpc/open_database_session", fault)
        await notes.failing(f"ticket {number}", session.ticket())
    async with Machine(hosted, tmp_path / "other") as other:
        outcome = await other.sign_in.password(EMAIL, SECRET)
        assert isinstance(outcome, NeedsFactor)
        notes.note("half in", outcome)
        await notes.failing("half in, wrong digits", other.sign_in.verify_factor(outcome.factors[0], "12"))
    hosted.faults.add("*", "/", Fault(reset=True, times=None))
    notes.note("left", await door.sign_out(Scope.EVERYWHERE))
    hosted.faults.clear()
    await notes.failing("ended", session.access_token())
    await hosted.owner.execute("delete from auth.sessions")
    await notes.failing("query after the end", database.fetch("select id from trips", name="trips"))

    assert len(hosted.secrets) > 20
    found = leaks(hosted.secrets, notes.all(caplog.text))
    assert not found, "\n".join(found)
    assert "httpcore" in caplog.text  # it was listened to


def test_what_is_looked_for_would_be_found() -> None:
    hidden = RuntimeError("no")
    hidden.__context__, hidden.__suppress_context__ = ValueError("hunter22"), True
    assert leaks({"hunter22"}, {"error": everything_in(hidden)})
    assert leaks({"123456"}, {"log": "code=123456."})
    assert leaks({"a b/c?d"}, {"log": "to http://x/?q=a%20b%2Fc%3Fd"})
    assert not leaks({"123456"}, {"log": "at 0x7f1234567"})
