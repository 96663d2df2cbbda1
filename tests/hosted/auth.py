"""`/auth/v1/...` as the Auth server (GoTrue) serves it: the ways in and out of a session."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID, uuid4

from aiohttp import web

from tests.hosted import factors
from tests.hosted.people import Account, ReusedToken, Session
from tests.hosted.refusals import Refused, answered
from tests.hosted.tokens import TokenRefused

if TYPE_CHECKING:
    from tests.hosted.project import HostedProject

Json = dict[str, Any]


def routes(project: HostedProject) -> list[web.RouteDef]:
    """The part of the server that GoTrue is."""
    auth = Auth(project)
    ways: list[tuple[str, str, Callable[[web.Request], Awaitable[Any]]]] = [
        ("POST", "token", auth.token),
        ("POST", "signup", auth.sign_up),
        ("POST", "otp", auth.send_code),
        ("POST", "recover", auth.recover),
        ("POST", "resend", auth.recover),
        ("POST", "verify", auth.verify),
        ("GET", "verify", auth.follow_link),
        ("GET", "authorize", auth.authorize),
        ("GET", "user", auth.show_user),
        ("PUT", "user", auth.change_user),
        ("POST", "logout", auth.log_out),
        ("GET", "settings", auth.settings),
        ("GET", ".well-known/jwks.json", auth.jwks),
        *factors.ways(project, auth.signed_in),
    ]
    return [web.route(method, f"/auth/v1/{path}", answered(way)) for method, path, way in ways]


@dataclass
class _Flow:
    """What a PKCE flow waits for."""

    challenge: str
    method: str
    account: Account
    way: str


@dataclass
class _Code:
    code: str
    kind: str
    flow: _Flow | None


class Auth:
    """The handlers. Each returns the body of a 200, a response, or raises Refused."""

    def __init__(self, project: HostedProject) -> None:
        self._project = project
        self._people = project.people
        self._codes: dict[str, _Code] = {}
        self._flows: dict[str, _Flow] = {}

    # Ways in ---------------------------------------------------------------------------------------------------------

    async def token(self, request: web.Request) -> Json:
        body = await request.json()
        match request.query.get("grant_type"):
            case "password":
                return await self._password(body)
            case "refresh_token":
                return self._refresh(body)
            case "pkce":
                return await self._exchange(body)
        raise Refused(400, "validation_failed", "unsupported_grant_type")

    async def _password(self, body: Json) -> Json:
        password = str(body.get("password", ""))
        self._project.plant(password)
        account = self._people.by_email(str(body.get("email", "")))
        if account is None or account.password is None or account.password != password:
            raise Refused(400, "invalid_credentials", "Invalid login credentials")
        if not account.confirmed:
            raise Refused(400, "email_not_confirmed", "Email not confirmed")
        return await self._people.begin(account, "password")

    def _refresh(self, body: Json) -> Json:
        found = self._people.with_token(str(body.get("refresh_token", "")))
        if found is None:
            raise Refused(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
        try:
            return self._people.refresh(*found)
        except ReusedToken:
            raise Refused(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used") from None

    async def _exchange(self, body: Json) -> Json:
        verifier = str(body.get("code_verifier") or "")
        self._project.plant(verifier)
        flow = self._flows.pop(str(body.get("auth_code", "")), None)
        if flow is None:
            raise Refused(404, "flow_state_not_found", "invalid flow state, no valid flow state found")
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if flow.challenge != (digest if flow.method == "s256" else verifier):
            raise Refused(400, "bad_code_verifier", "code challenge does not match previously saved code verifier")
        told = await self._people.begin(flow.account, flow.way)
        if flow.way == "oauth":
            told["provider_token"] = f"provider-{secrets.token_urlsafe(12)}"
            self._project.plant(told["provider_token"])
        return told

    async def sign_up(self, request: web.Request) -> Json:
        body = await request.json()
        if not self._project.sign_up_allowed:
            raise Refused(422, "signup_disabled", "Signups not allowed for this instance")
        email = _address(body)
        self._strong(str(body.get("password", "")))
        known = self._people.by_email(email)
        if known is not None and known.confirmed:
            if not self._project.confirm_emails:
                raise Refused(422, "user_already_exists", "User already registered")
            # Looks like any other answer, so that nobody learns who has an account.
            return Account(uuid4(), email, None, body.get("data") or {}, confirmed=False).told()
        confirmed = not self._project.confirm_emails
        account = known or await self._people.create(
            email, str(body["password"]), body.get("data") or {}, confirmed=confirmed
        )
        if confirmed:
            return await self._people.begin(account, "password")
        self._send(account.email, "signup", self._flow(body, account, "email/signup"))
        return account.told()

    async def send_code(self, request: web.Request) -> Json:
        body = await request.json()
        email = _address(body)
        account = self._people.by_email(email)
        if account is None:
            if not (body.get("create_user", True) and self._project.sign_up_allowed):
                raise Refused(422, "otp_disabled", "Signups not allowed for otp")
            account = await self._people.create(email, None, body.get("data") or {}, confirmed=False)
        self._send(email, "magiclink", self._flow(body, account, "magiclink"), request.query.get("redirect_to", ""))
        return {}

    async def recover(self, request: web.Request) -> Json:
        body = await request.json()
        account = self._people.by_email(_address(body))
        if account is not None:
            kind = "signup" if body.get("type") == "signup" else "recovery"
            flow = self._flow(body, account, kind)
            self._send(account.email, kind, flow, request.query.get("redirect_to", ""))
        return {}

    async def verify(self, request: web.Request) -> Json:
        body = await request.json()
        email = str(body.get("email", "")).strip().lower()
        waiting = self._codes.get(email)
        kinds = {"email": {"magiclink", "signup"}}.get(str(body.get("type")), {str(body.get("type"))})
        if waiting is None or waiting.code != str(body.get("token", "")) or waiting.kind not in kinds:
            raise Refused(403, "otp_expired", "Token has expired or is invalid")
        del self._codes[email]
        account = self._people.by_email(email)
        assert account is not None
        await self._people.confirm(account)
        return await self._people.begin(account, "recovery" if waiting.kind == "recovery" else "otp")

    async def follow_link(self, request: web.Request) -> web.Response:
        """A click on the link in a mail: back to the program with a code, by PKCE."""
        token = request.query.get("token", "")
        email = next((email for email, code in self._codes.items() if code.code == token), None)
        waiting = self._codes.pop(email) if email else None
        if waiting is None or waiting.flow is None:
            said = {"error": "access_denied", "error_code": "otp_expired"}
            said["error_description"] = "Email link is invalid or has expired"
            return self._back(request, said)
        await self._people.confirm(waiting.flow.account)
        return self._back(request, {"code": self._begin_flow(waiting.flow)})

    async def authorize(self, request: web.Request) -> web.Response:
        """The provider's page, on which somebody has pressed a button already."""
        email = self._project.providers.get(request.query.get("provider", ""))
        if email is None:
            raise Refused(400, "validation_failed", "Unsupported provider: provider is not enabled")
        if not email:
            said = {"error": "access_denied", "error_code": "access_denied", "error_description": "The user denied it"}
            return self._back(request, said)
        account = self._people.by_email(email) or await self._people.create(
            email, None, {"full_name": email.partition("@")[0]}, confirmed=True, provider=request.query["provider"]
        )
        flow = self._flow(dict(request.query), account, "oauth")
        if flow is None:
            raise Refused(400, "validation_failed", "PKCE flow requires code_challenge_method and code_challenge")
        return self._back(request, {"code": self._begin_flow(flow)})

    # Inside ----------------------------------------------------------------------------------------------------------

    async def signed_in(self, request: web.Request) -> Session:
        """The session of a request. Raises Refused."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "no_authorization", "This endpoint requires a valid Bearer token")
        try:
            claims = self._project.signer.verify(token, skew=self._project.skew)
        except TokenRefused as refused:
            raise Refused(403, "bad_jwt", f"invalid JWT: unable to parse or verify signature, {refused}") from None
        session = self._people.sessions.get(UUID(claims["session_id"]))
        if session is None:
            raise Refused(403, "session_not_found", "Session from session_id claim in JWT does not exist")
        return session

    async def show_user(self, request: web.Request) -> Json:
        return (await self.signed_in(request)).account.told()

    async def change_user(self, request: web.Request) -> Json:
        session = await self.signed_in(request)
        account, body = session.account, await request.json()
        if (password := body.get("password")) is not None:
            self._strong(password)
            if account.has_factor and session.aal != "aal2":
                needed = "AAL2 session is required to update email or password when MFA is enabled."
                raise Refused(401, "insufficient_aal", needed)
            if password == account.password:
                raise Refused(422, "same_password", "New password should be different from the old password.")
            account.password = password
            await self._people.end_all(account, but=session.id)
        account.data |= body.get("data") or {}
        return account.told()

    async def log_out(self, request: web.Request) -> web.Response:
        session = await self.signed_in(request)
        match request.query.get("scope", "global"):
            case "local":
                await self._people.end(session.id)
            case "others":
                await self._people.end_all(session.account, but=session.id)
            case _:
                await self._people.end_all(session.account)
        return web.Response(status=204)

    async def settings(self, _: web.Request) -> Json:
        return {
            "external": {"email": True, **dict.fromkeys(self._project.providers, True)},
            "disable_signup": not self._project.sign_up_allowed,
            "mailer_autoconfirm": not self._project.confirm_emails,
        }

    async def jwks(self, _: web.Request) -> Json:
        return self._project.signer.jwks()

    # -----------------------------------------------------------------------------------------------------------------

    def _strong(self, password: str) -> None:
        self._project.plant(password)
        if len(password) < self._project.shortest_password:
            shortest = self._project.shortest_password
            said = f"Password should be at least {shortest} characters."
            raise Refused(422, "weak_password", said, weak_password={"reasons": ["length"]})

    def _send(self, email: str, kind: str, flow: _Flow | None, redirect_to: str = "") -> None:
        from tests.hosted.project import Mail

        code = f"{secrets.randbelow(10**6):06}"
        self._project.plant(code)
        self._codes[email] = _Code(code, kind, flow)
        query = urlencode({"token": code, "type": kind, "redirect_to": redirect_to})
        self._project.mails.append(Mail(email, kind, code, f"{self._project.url}/auth/v1/verify?{query}"))

    def _flow(self, asked: Json, account: Account, way: str) -> _Flow | None:
        challenge = asked.get("code_challenge")
        return (
            _Flow(challenge, str(asked.get("code_challenge_method", "")).lower(), account, way) if challenge else None
        )

    def _begin_flow(self, flow: _Flow) -> str:
        code = str(uuid4())
        self._flows[code] = flow
        self._project.plant(code)
        return code

    def _back(self, request: web.Request, said: dict[str, str]) -> web.Response:
        wanted = request.query.get("redirect_to", "")
        allowed = any(fnmatch.fnmatchcase(wanted, pattern) for pattern in self._project.redirects)
        parts = urlsplit(wanted if allowed else "http://localhost:3000")
        query = urlencode([*parse_qsl(parts.query), *said.items()])
        return web.Response(status=302, headers={"Location": urlunsplit(parts._replace(query=query))})


def _address(body: Json) -> str:
    email = str(body.get("email", "")).strip().lower()
    if "@" not in email or email.startswith("@"):
        raise Refused(400, "validation_failed", "Unable to validate email address: invalid format")
    return email


def skewed(text: str, seconds: float) -> str:
    """An answer whose `expires_at` is by a clock that is so much ahead."""
    body = json.loads(text)
    if isinstance(body, dict) and isinstance(body.get("expires_at"), str):
        body["expires_at"] = (datetime.fromisoformat(body["expires_at"]) + timedelta(seconds=seconds)).isoformat()
    return json.dumps(body)


def at(seconds_from_now: float, skew: float) -> int:
    """An instant by the server's clock, in whole seconds since the epoch."""
    return round(time.time() + skew + seconds_from_now)
