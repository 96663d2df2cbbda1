"""The second factor: time-based codes (RFC 6238) as the Auth server enrols, asks for and removes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

from aiohttp import web

from tests.hosted.people import Account, Factor, Session
from tests.hosted.refusals import Refused

if TYPE_CHECKING:
    from tests.hosted.project import HostedProject

STEP = 30
"""Seconds that a code lasts."""


def totp(secret: str, when: float | None = None) -> str:
    """The six digits that an authenticator shows at that time. Source: RFC 6238, RFC 4226 section 5.3."""
    counter = int((time.time() if when is None else when) // STEP).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def ways(
    project: HostedProject, signed_in: Callable[[web.Request], Awaitable[Session]]
) -> list[tuple[str, str, Callable[[web.Request], Awaitable[Any]]]]:
    factors = Factors(project, signed_in)
    return [
        ("POST", "factors", factors.enroll),
        ("POST", "factors/{factor}/challenge", factors.challenge),
        ("POST", "factors/{factor}/verify", factors.verify),
        ("DELETE", "factors/{factor}", factors.unenroll),
    ]


class Factors:
    """The handlers below /factors."""

    def __init__(self, project: HostedProject, signed_in: Callable[[web.Request], Awaitable[Session]]) -> None:
        self._project = project
        self._signed_in = signed_in
        self._challenges: dict[str, tuple[Factor, float]] = {}

    async def enroll(self, request: web.Request) -> dict[str, Any]:
        session, body = await self._signed_in(request), await request.json()
        account = session.account
        name = str(body.get("friendly_name") or "")
        if account.has_factor and session.aal != "aal2":
            raise Refused(403, "insufficient_aal", "AAL2 required to enroll a new factor")
        if len(account.factors) >= 10:
            raise Refused(422, "too_many_enrolled_mfa_factors", "Maximum number of verified factors reached")
        account.factors = {key: each for key, each in account.factors.items() if each.verified}
        if any(each.name == name for each in account.factors.values()):
            said = f'A factor with the friendly name "{name}" for this user already exists'
            raise Refused(422, "mfa_factor_name_conflict", said)
        secret = base64.b32encode(secrets.token_bytes(20)).decode()
        self._project.plant(secret)
        factor = Factor(str(uuid4()), name, secret)
        account.factors[factor.id] = factor
        await self._project.auth_admin.execute(
            "insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status) "
            "values ($1, $2, $3, 'totp', 'unverified')",
            factor.id,
            account.id,
            name,
        )
        issuer = str(body.get("issuer") or "127.0.0.1")
        uri = f"otpauth://totp/{quote(issuer)}:{quote(account.email)}?algorithm=SHA1&digits=6&issuer={quote(issuer)}"
        uri += f"&period={STEP}&secret={secret}"
        told = {"qr_code": "<svg></svg>", "secret": secret, "uri": uri}
        return {"id": factor.id, "type": "totp", "friendly_name": name, "totp": told}

    async def challenge(self, request: web.Request) -> dict[str, Any]:
        factor = self._factor(request, (await self._signed_in(request)).account)
        number, until = str(uuid4()), time.time() + 300
        self._challenges[number] = factor, until
        return {"id": number, "type": "totp", "expires_at": round(until + self._project.skew)}

    async def verify(self, request: web.Request) -> dict[str, Any]:
        session, body = await self._signed_in(request), await request.json()
        factor = self._factor(request, session.account)
        waiting = self._challenges.get(str(body.get("challenge_id", "")))
        if waiting is None or waiting[0] is not factor:
            raise Refused(422, "mfa_factor_not_found", "MFA factor with the provided challenge ID not found")
        if waiting[1] < time.time():
            raise Refused(422, "mfa_challenge_expired", "MFA challenge has expired, verify against another challenge")
        now = time.time()
        if str(body.get("code")) not in {totp(factor.secret, now + drift) for drift in (-STEP, 0, STEP)}:
            raise Refused(422, "mfa_verification_failed", "Invalid TOTP code entered")
        del self._challenges[str(body["challenge_id"])]
        factor.verified = True
        await self._project.auth_admin.execute(
            "update auth.mfa_factors set status = 'verified' where id = $1", factor.id
        )
        self._project.people.upgrade(session)
        await self._project.people.end_all(session.account, below="aal2")
        return self._project.people.issue(session)

    async def unenroll(self, request: web.Request) -> dict[str, Any]:
        session = await self._signed_in(request)
        factor = self._factor(request, session.account)
        if factor.verified and session.aal != "aal2":
            raise Refused(422, "insufficient_aal", "AAL2 required to unenroll verified factor")
        del session.account.factors[factor.id]
        await self._project.auth_admin.execute("delete from auth.mfa_factors where id = $1", factor.id)
        return {"id": factor.id}

    def _factor(self, request: web.Request, account: Account) -> Factor:
        factor = account.factors.get(request.match_info["factor"])
        if factor is None:
            raise Refused(404, "mfa_factor_not_found", "Factor not found")
        return factor
