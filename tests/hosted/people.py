"""Who has an account in the project, and their sessions: rows in auth.users and auth.sessions, the rest in memory."""

from __future__ import annotations

import json
import secrets
import string
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from tests.hosted.project import HostedProject

_LETTERS = string.ascii_lowercase + string.digits


@dataclass
class Factor:
    """A TOTP factor."""

    id: str
    name: str
    secret: str
    verified: bool = False
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def told(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "friendly_name": self.name,
            "factor_type": "totp",
            "status": "verified" if self.verified else "unverified",
            "created_at": self.created_at.isoformat(),
            "updated_at": self.created_at.isoformat(),
        }


@dataclass
class Account:
    """A row of auth.users, its password and its factors."""

    id: UUID
    email: str
    password: str | None
    data: dict[str, Any]
    confirmed: bool
    providers: list[str] = field(default_factory=lambda: ["email"])
    factors: dict[str, Factor] = field(default_factory=dict)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def name(self) -> str:
        return str(self.data.get("name", ""))

    @property
    def has_factor(self) -> bool:
        return any(factor.verified for factor in self.factors.values())

    def told(self) -> dict[str, Any]:
        """As the Auth server shows a user."""
        since = self.created_at.isoformat()
        confirmed = {"email_confirmed_at": since, "confirmed_at": since} if self.confirmed else {}
        factors = {"factors": [factor.told() for factor in self.factors.values()]} if self.factors else {}
        return {
            "id": str(self.id),
            "aud": "authenticated",
            "role": "authenticated",
            "email": self.email,
            "phone": "",
            **confirmed,
            "app_metadata": {"provider": self.providers[0], "providers": self.providers},
            "user_metadata": self.data,
            "identities": [],
            "created_at": since,
            "updated_at": since,
            "is_anonymous": False,
            **factors,
        }


@dataclass
class RefreshToken:
    value: str
    parent: str | None
    spent_at: float | None = None
    """On the monotonic clock; None as long as it has not been used or revoked."""


@dataclass
class Session:
    """A row of auth.sessions with its refresh tokens, the newest last."""

    id: UUID
    account: Account
    amr: list[dict[str, Any]]
    aal: str = "aal1"
    tokens: list[RefreshToken] = field(default_factory=list)


class ReusedToken(Exception):
    """A refresh token was spent twice: its whole family is revoked."""


class People:
    """Accounts and sessions of one project."""

    def __init__(self, project: HostedProject) -> None:
        self._project = project
        self.accounts: dict[UUID, Account] = {}
        self.sessions: dict[UUID, Session] = {}

    def by_email(self, email: str) -> Account | None:
        return next((each for each in self.accounts.values() if each.email == email.strip().lower()), None)

    async def create(
        self, email: str, password: str | None, data: dict[str, Any], *, confirmed: bool, provider: str = "email"
    ) -> Account:
        account = Account(uuid4(), email.strip().lower(), password, data, confirmed, [provider])
        await self._project.auth_admin.execute(
            "insert into auth.users (id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data) "
            "values ($1, 'authenticated', 'authenticated', $2, case when $3 then now() end, $4, $5)",
            account.id,
            account.email,
            confirmed,
            json.dumps({"provider": provider, "providers": [provider]}),
            json.dumps(data),
        )
        self.accounts[account.id] = account
        if password:
            self._project.plant(password)
        return account

    async def confirm(self, account: Account) -> None:
        account.confirmed = True
        await self._project.auth_admin.execute(
            "update auth.users set email_confirmed_at = now() where id = $1", account.id
        )

    async def begin(self, account: Account, method: str) -> dict[str, Any]:
        """A new session; what the client is told."""
        session = Session(uuid4(), account, [_entry(method)])
        await self._project.auth_admin.execute(
            "insert into auth.sessions (id, user_id, created_at, updated_at) values ($1, $2, now(), now())",
            session.id,
            account.id,
        )
        self.sessions[session.id] = session
        return self.issue(session)

    async def end(self, *sessions: UUID) -> None:
        for each in sessions:
            self.sessions.pop(each, None)
        await self._project.auth_admin.execute("delete from auth.sessions where id = any($1)", list(sessions))

    async def end_all(self, account: Account, *, but: UUID | None = None, below: str | None = None) -> None:
        """The account's sessions, all of them, or all `but` one, or those whose assurance level is below."""
        chosen = [
            each.id
            for each in self.sessions.values()
            if each.account is account and each.id != but and (below is None or each.aal < below)
        ]
        await self.end(*chosen)

    def upgrade(self, session: Session) -> None:
        """A second factor was shown."""
        session.aal = "aal2"
        session.amr.insert(0, _entry("totp"))

    def with_token(self, value: str) -> tuple[Session, RefreshToken] | None:
        for session in self.sessions.values():
            for token in session.tokens:
                if token.value == value:
                    return session, token
        return None

    def refresh(self, session: Session, token: RefreshToken) -> dict[str, Any]:
        """Spend a refresh token. Raises ReusedToken when it has been spent before, outside of what is tolerated."""
        now = time.monotonic()
        if token.spent_at is not None:
            active = next((each for each in reversed(session.tokens) if each.spent_at is None), None)
            if active is not None and active.parent == token.value and self._project.parent_tolerated:
                return self.told(session, active)
            if active is None or now - token.spent_at >= self._project.reuse_interval:
                for each in session.tokens:
                    each.spent_at = now if each.spent_at is None else each.spent_at
                raise ReusedToken
        token.spent_at = now
        if not session.account.has_factor:
            session.aal = "aal1"
        return self.issue(session, token.value)

    def issue(self, session: Session, parent: str | None = None) -> dict[str, Any]:
        """A new pair of tokens; what the client is told."""
        if parent is None and session.tokens:
            parent = session.tokens[-1].value
            session.tokens[-1].spent_at = time.monotonic()
        token = RefreshToken("".join(secrets.choice(_LETTERS) for _ in range(22)), parent)
        session.tokens.append(token)
        return self.told(session, token)

    def told(self, session: Session, token: RefreshToken) -> dict[str, Any]:
        project, account = self._project, session.account
        now = round(time.time() + project.skew)
        claims = {
            "iss": f"{project.url}/auth/v1",
            "sub": str(account.id),
            "aud": "authenticated",
            "exp": now + project.token_lifetime,
            "iat": now,
            "email": account.email,
            "phone": "",
            "app_metadata": {"provider": account.providers[0], "providers": account.providers},
            "user_metadata": account.data,
            "role": "authenticated",
            "aal": session.aal,
            "amr": session.amr,
            "session_id": str(session.id),
            "is_anonymous": False,
            "jti": secrets.token_hex(4),
        }
        access = project.signer.sign(claims)
        project.plant(access, token.value)
        return {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": project.token_lifetime,
            "expires_at": claims["exp"],
            "refresh_token": token.value,
            "user": account.told(),
        }


def _entry(method: str) -> dict[str, Any]:
    return {"method": method, "timestamp": round(time.time())}
