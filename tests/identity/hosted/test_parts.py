"""The small parts of signing in: what a server's refusal becomes, kept sessions, the lock, the browser."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from supabase_auth.errors import ErrorCode

from tripsage_tui.identity.hosted.browser import can_open, open_page
from tripsage_tui.identity.hosted.errors import RateLimited, SessionEnded, SignInError, Unreachable, WeakPassword
from tripsage_tui.identity.hosted.kept import Kept, account_of
from tripsage_tui.identity.hosted.lock import Busy, locked
from tripsage_tui.identity.hosted.outcomes import Account
from tripsage_tui.identity.hosted.refusals import refusal

USER = {"id": str(uuid4()), "email": "ada@example.org", "user_metadata": {"name": "Ada"}}
ANSWER = {"access_token": "a.b.c", "refresh_token": "r", "expires_in": 3600, "expires_at": 5000, "user": USER}
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_every_code_of_the_auth_server_is_a_sentence(code: str) -> None:
    told = str(refusal(422, {"code": code, "message": "you typed hunter22"}, {}))
    assert told[0].isupper()
    assert told.endswith(".")
    assert "hunter22" not in told


@given(st.integers(400, 599), JSON | st.dictionaries(st.sampled_from(["code", "error_code", "weak_password"]), JSON))
def test_no_answer_is_too_strange_to_refuse_with(status: int, body: object) -> None:
    error = refusal(status, body, {"retry-after": "soon"})
    assert isinstance(error, SignInError)
    assert str(error).endswith(".")
    assert len(str(error)) < 200


def test_waiting_times_and_reasons_are_passed_on() -> None:
    limited = refusal(429, {}, {"retry-after": "42"})
    assert isinstance(limited, RateLimited)
    assert (limited.seconds, limited.retry) == (42, True)
    weak = refusal(422, {"code": "weak_password", "weak_password": {"reasons": ["pwned", "hunter22"]}}, {})
    assert isinstance(weak, WeakPassword)
    assert (weak.reasons, str(weak)) == (("pwned",), "This password is too weak: it is known from a leak.")
    assert isinstance(refusal(503, None, {}), Unreachable)
    assert isinstance(refusal(400, {"error_code": "refresh_token_not_found"}, {}), SessionEnded)


def test_a_session_is_counted_from_the_answer_by_this_clock() -> None:
    kept = Kept.from_answer(ANSWER, asked_at=1000)
    assert (kept.good_until, kept.ahead) == (4600, 400)
    assert (kept.left(1000), kept.left(4000), kept.left(5000)) == (3600, 600, -400)
    assert kept.left(1000 - 86_400) == 0, "the clock went back by a day: it may be long over"
    again = Kept.from_text(kept.as_text())
    assert again == kept
    assert "a.b.c" not in repr(kept)
    assert kept.claims == {}


@given(JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(ANSWER, JSON)))
def test_no_answer_is_taken_for_a_session_that_is_none(answer: Any) -> None:
    for make in (lambda: Kept.from_answer(answer, 0.0), lambda: Kept.from_text(json.dumps(answer))):
        said = ""
        try:
            assert make().access_token.get_secret_value()
        except ValueError as error:
            said = str(error)
        assert said in {"", "not a session", "not a kept session"}


def test_lifetimes_that_cannot_be_are_no_session() -> None:
    for lifetime in (0, -1, 10**400, float("inf"), float("nan"), 10**10, None, "", "x", []):
        with pytest.raises(ValueError, match="not a session"):
            Kept.from_answer({**ANSWER, "expires_in": lifetime}, 0.0)
    for until in (10**400, float("inf"), "x", [1]):
        with pytest.raises(ValueError, match="not a session"):
            Kept.from_answer({**ANSWER, "expires_at": until}, 0.0)


@pytest.mark.parametrize(
    ("given_names", "shown"),
    [
        ({"name": " Ada \n Lovelace "}, "Ada Lovelace"),
        ({"name": 7, "full_name": "A\x1b[31mda\u202e"}, "A [31mda"),
        ({"name": "x" * 500}, "x" * 60),
        ({}, "ada"),
        (None, "ada"),
    ],
)
def test_a_name_is_one_line_that_can_be_shown(given_names: Any, shown: str) -> None:
    assert account_of({**USER, "user_metadata": given_names}) == Account(account_of(USER).user_id, USER["email"], shown)  # type: ignore[arg-type]


async def test_the_lock_is_for_one_and_gives_up(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.lock"
    order: list[int] = []

    async def hold(number: int) -> None:
        async with locked(path):
            order.append(number)
            await asyncio.sleep(0)
            order.append(number)

    await asyncio.gather(*(hold(number) for number in range(5)))
    assert order[::2] == order[1::2]
    async with locked(path):
        with pytest.raises(Busy):
            async with locked(path, patience=0.05):
                pass
    async with locked(path, patience=0.05):
        pass
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        async with locked(path):
            pass


async def test_no_browser_is_opened_over_ssh_or_without_a_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = tmp_path / "opened"
    program = tmp_path / "xdg-open"
    program.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {opened}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not await open_page("https://example.org/")
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"):
        assert not can_open({"DISPLAY": ":0", name: "x"})
    for url in ("file:///etc/passwd", "javascript:x", "-x"):
        assert not await open_page(url)
    assert not opened.exists()
    assert await open_page("https://example.org/?a=b&c")
    assert opened.read_text() == "https://example.org/?a=b&c"


def test_secrets_are_not_shown() -> None:
    kept = Kept(Account(uuid4(), "a@b", "A"), SecretStr("aaa.bbb"), SecretStr("rrr"), 0.0, 0.0, 0.0)
    assert "aaa" not in f"{kept} {kept!r}"
    assert "rrr" not in f"{kept} {kept!r}"
