"""The HTTP doors of a project: the calls that keep a session alive, and the client for all others.

Renewing, tickets and signing out are one POST each and go through httpx alone. Their errors are ours from the start:
neither an exception nor what it chains to holds a token, a password or a body.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from tripsage_tui.data.errors import SchemaOutdated
from tripsage_tui.identity.hosted.accounts import ProjectAddress
from tripsage_tui.identity.hosted.errors import SessionEnded, SignInError, Unreachable
from tripsage_tui.identity.hosted.kept import Kept
from tripsage_tui.identity.hosted.outcomes import Scope
from tripsage_tui.identity.hosted.refusals import refusal, unclear

if TYPE_CHECKING:
    import httpx

LONGEST_ANSWER = 256 * 1024


class TokenRefused(Exception):
    """The access token is expired, or its session is gone; another token may do. Never leaves this package."""


class Gate:
    """One project's Auth and REST endpoints. `patience` is how many seconds one call may take altogether."""

    def __init__(
        self, project: ProjectAddress, *, patience: float = 15.0, wall: Callable[[], float] = time.time
    ) -> None:
        """Raises SignInError for an address to which no secret may be sent."""
        self._url = project.url.rstrip("/")
        parts = urlsplit(self._url)
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
            raise SignInError("The project's address must begin with https://: anything else could be overheard.")
        self._key = project.publishable_key
        self._patience = patience
        self._wall = wall
        self._making = asyncio.Lock()
        self._http: httpx.AsyncClient | None = None

    @property
    def auth_url(self) -> str:
        return f"{self._url}/auth/v1"

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"apikey": self._key, "X-Supabase-Api-Version": "2024-01-01"}

    async def refresh(self, token: SecretStr) -> Kept:
        """Spend a refresh token. Raises SessionEnded, Unreachable, RateLimited."""
        asked_at = self._wall()
        _, answer = await self._post(
            "/auth/v1/token?grant_type=refresh_token", {"refresh_token": token.get_secret_value()}
        )
        try:
            return Kept.from_answer(answer, asked_at)
        except ValueError:
            raise unclear() from None

    async def open_ticket(self, token: SecretStr) -> tuple[SecretStr, datetime]:
        """A database ticket and its end by the server's clock. Raises TokenRefused, SignInError, SchemaOutdated."""
        answer = await self._call("open_database_session", token)
        try:
            ticket, until = answer["ticket"], datetime.fromisoformat(answer["expires_at"])
        except (KeyError, TypeError, ValueError):
            raise unclear() from None
        if not isinstance(ticket, str) or not ticket or until.tzinfo is None:
            raise unclear()
        return SecretStr(ticket), until

    async def close_tickets(self, token: SecretStr) -> None:
        """End every ticket of the token's session. Raises TokenRefused, SignInError, SchemaOutdated."""
        await self._call("close_database_session", token)

    async def log_out(self, token: SecretStr, scope: Scope) -> None:
        """End sessions at the Auth server. Raises SessionEnded when this one has ended, TokenRefused, SignInError."""
        try:
            await self._post(f"/auth/v1/logout?scope={scope.value}", None, token)
        except SessionEnded as ended:
            if ended.code == "bad_jwt":
                raise TokenRefused from None
            raise

    async def http(self) -> httpx.AsyncClient:
        """The one client, made at its first use and off the event loop: importing and certificates take 0.1 s."""
        async with self._making:
            if self._http is None:
                self._http = await asyncio.to_thread(self._make)
        return self._http

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    def _make(self) -> httpx.AsyncClient:
        import httpx

        context = ssl.create_default_context()
        if not context.cert_store_stats()["x509_ca"]:  # a system that keeps its certificates elsewhere
            import certifi

            context.load_verify_locations(certifi.where())
        # Redirects are not followed: they would take passwords and tokens elsewhere.
        return httpx.AsyncClient(verify=context, follow_redirects=False, timeout=httpx.Timeout(10.0, connect=5.0))

    async def _call(self, function: str, token: SecretStr) -> Any:
        """An RPC of the schema."""
        status, answer = await self._post(f"/rest/v1/rpc/{function}", {}, token, rest=True)
        if status < 300:
            return answer
        told: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
        code = str(told.get("code", ""))
        if code in {"PGRST301", "PGRST302", "PGRST303", "42501"}:
            raise TokenRefused
        if code in {"PGRST202", "42883"}:
            raise SchemaOutdated
        raise refusal(status, {"code": code}, {})

    async def _post(
        self, path: str, body: Mapping[str, str] | None, token: SecretStr | None = None, *, rest: bool = False
    ) -> tuple[int, Any]:
        """Status and body. Failures are raised as SignInError, except refusals of `rest`, whose codes are others."""
        client = await self.http()
        import httpx  # by now it is there: `http` has imported it in a thread

        headers = self.headers
        if token is not None:
            headers["Authorization"] = f"Bearer {token.get_secret_value()}"
        response: httpx.Response | None = None
        failure = Unreachable()
        try:
            async with asyncio.timeout(self._patience):
                response = await client.post(f"{self._url}{path}", headers=headers, json=body)
        except TimeoutError:
            pass
        except (httpx.RequestError, httpx.InvalidURL) as error:
            failure = unreachable(error)
        if response is None:
            raise failure  # outside: even an error behind it that is not shown would hold what was sent
        answer = _read(response.content)
        if response.is_success:
            if answer is None and response.content:
                raise unclear()
            return response.status_code, answer
        if rest and isinstance(answer, Mapping) and "code" in answer and response.status_code != 429:
            return response.status_code, answer
        raise refusal(response.status_code, answer, response.headers)


def unreachable(error: BaseException) -> Unreachable:
    """Why there is no answer, as far as that helps."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unreachable("The project's certificate is not trusted: somebody may be in between.")
        cause = cause.__cause__ or cause.__context__
    return Unreachable()


def _read(content: bytes) -> Any:
    if len(content) > LONGEST_ANSWER:
        return None
    try:
        return json.loads(content)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
