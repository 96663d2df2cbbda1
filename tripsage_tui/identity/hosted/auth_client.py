"""supabase_auth's client for what a person does: the ways in, passwords, second factors.

Imported at the first of these, in a thread, because it takes 0.25 s. The client never gets a refresh token that it
could spend by itself, keeps nothing, and sees a session that does not expire: renewing is `renewal`'s business.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import httpx
from supabase_auth import AsyncGoTrueClient, AsyncSupportedStorage
from supabase_auth.constants import STORAGE_KEY
from supabase_auth.errors import (
    AuthApiError,
    AuthError,
    AuthRetryableError,
    AuthUnknownError,
    AuthWeakPasswordError,
)

from tripsage_tui.identity.hosted.errors import SignInError, Unreachable, WeakPassword
from tripsage_tui.identity.hosted.gate import Gate, unreachable
from tripsage_tui.identity.hosted.kept import Kept
from tripsage_tui.identity.hosted.outcomes import Factor
from tripsage_tui.identity.hosted.refusals import refusal, unclear

T = TypeVar("T")
_PATIENCE = 20.0
"""Seconds for one call."""


class AuthClient:
    """One conversation with the Auth server: signed in as `kept`, or as nobody yet."""

    def __init__(self, gate: Gate, http: httpx.AsyncClient, kept: Kept | None = None) -> None:
        self._desk = _Desk(kept)
        self._client = AsyncGoTrueClient(
            url=gate.auth_url,
            headers=gate.headers,
            storage=self._desk,
            auto_refresh_token=False,
            persist_session=True,
            flow_type="pkce",
            http_client=http,
        )
        self._asked_at = time.time()

    async def ask(self, call: Callable[[AsyncGoTrueClient], Awaitable[T]]) -> T:
        """The client's answer. Raises SignInError; nothing of what was sent or answered is chained to it."""
        self._asked_at = time.time()
        failure: SignInError
        try:
            async with asyncio.timeout(_PATIENCE):
                return await call(self._client)
        except TimeoutError:
            failure = Unreachable()
        except (AuthError, httpx.InvalidURL) as error:
            failure = _translated(error)
        except ValueError:  # pydantic's quotes the answer
            failure = unclear()
        raise failure  # outside: even an error behind it that is not shown would hold what was sent

    def arrived(self) -> tuple[Kept, tuple[Factor, ...]]:
        """The session that the last answer brought, and the account's authenticators. Raises SignInError."""
        try:
            answer = json.loads(self._desk.brought or "null")
            kept = Kept.from_answer(answer, self._asked_at)
            return kept, factors_of(answer["user"].get("factors"))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise unclear() from None


def factors_of(listed: object) -> tuple[Factor, ...]:
    """The authenticators that are in use, from a user's list of factors."""
    rows: list[Mapping[str, Any]] = listed if isinstance(listed, list) else []
    return tuple(
        Factor(str(row["id"]), str(row.get("friendly_name") or "authenticator"))
        for row in rows
        if row.get("factor_type") == "totp" and row.get("status") == "verified"
    )


class _Desk(AsyncSupportedStorage):
    """What the client reads and writes while it works; in memory only."""

    def __init__(self, kept: Kept | None) -> None:
        self._texts: dict[str, str] = {} if kept is None else {STORAGE_KEY: _shown(kept)}
        self.brought: str | None = None

    async def get_item(self, key: str) -> str | None:
        return self._texts.get(key)

    async def set_item(self, key: str, value: str) -> None:
        if key == STORAGE_KEY:
            self.brought, value = value, _unending(value)
        self._texts[key] = value

    async def remove_item(self, key: str) -> None:
        self._texts.pop(key, None)


def _unending(session: str) -> str:
    """A session as the client reads it: never about to expire, and without a refresh token."""
    return json.dumps({**json.loads(session), "refresh_token": "", "expires_at": round(time.time()) + 10**6})


def _shown(kept: Kept) -> str:
    user = {"id": str(kept.account.user_id), "email": kept.account.email, "aud": "authenticated"}
    session = {
        "access_token": kept.access_token.get_secret_value(),
        "expires_in": 3600,
        "token_type": "bearer",
        "user": {**user, "app_metadata": {}, "user_metadata": {}, "created_at": "1970-01-01T00:00:00Z"},
    }
    return _unending(json.dumps(session))


def _translated(error: Exception) -> SignInError:
    if isinstance(error, AuthWeakPasswordError):
        return WeakPassword(list(error.reasons))
    if isinstance(error, AuthRetryableError):
        return refusal(error.status, {}, {}) if error.status else unreachable(error)
    cause = error.__cause__
    response = cause.response if isinstance(cause, httpx.HTTPStatusError) else None
    headers = {} if response is None else response.headers
    if isinstance(error, AuthApiError):
        return refusal(error.status, {"code": error.code, "message": error.message}, headers)
    if isinstance(error, AuthUnknownError):
        return unclear() if response is None else refusal(response.status_code, {}, headers)
    return SignInError()
