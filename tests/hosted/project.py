"""A hosted project on loopback: Auth and REST over a test's real database, driven by the real supabase-py.

    async with HostedProject(database) as project:
        ada = await project.create_user("ada@example.org", "correct horse", name="Ada")
        project.faults.add("POST", "/auth/v1/token", Fault(503))

Rows in auth.users and auth.sessions are real, so are the roles and claims behind every RPC. What a part serves is in
the module of its name: each has `routes(project)`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType

import asyncpg
from aiohttp import web

from tests.database import Database
from tests.hosted import auth, realtime, rest, storage
from tests.hosted.faults import Fault, Faults, rate_limited
from tests.hosted.people import Account, People
from tests.hosted.tokens import Signer
from tests.hosted.vault import take_any_text

__all__ = ["Account", "Fault", "HostedProject", "Mail", "rate_limited"]

Part = Callable[["HostedProject"], list[web.RouteDef]]
PARTS: Sequence[Part] = (auth.routes, rest.routes, realtime.routes, storage.routes)
"""Add yours here: every project serves all of them."""


@dataclass(frozen=True)
class Mail:
    """What somebody finds in their inbox."""

    to: str
    kind: str
    code: str
    link: str


class HostedProject:
    """`url` and `publishable_key` are what a client needs. The settings may be changed at any time."""

    def __init__(self, database: Database, *, parts: Sequence[Part] = PARTS) -> None:
        self.database = database
        self.publishable_key = f"sb_publishable_{secrets.token_urlsafe(16)}"
        self.secret_key = f"sb_secret_{secrets.token_urlsafe(16)}"
        self.signer = Signer()
        self.faults = Faults()
        self.people = People(self)
        self.realtime = realtime.Realtime(self)
        self.mails: list[Mail] = []
        self.requests: list[str] = []
        """Method and path of everything that was asked, in order."""
        self.secrets: set[str] = set()
        """Every password, token, ticket and code that was sent either way: none may appear in a log."""
        self.tickets = 0
        """How many were bought."""

        self.token_lifetime = 3600
        """Seconds that an access token lasts."""
        self.ticket_lifetime: float | None = None
        """Seconds that a database ticket lasts; None: as long as the token that bought it."""
        self.reuse_interval = 10.0
        """Seconds in which a spent refresh token is taken once more; afterwards its family is revoked."""
        self.parent_tolerated = True
        """Whether the token before the active one is answered with the active one, whenever it comes."""
        self.skew = 0.0
        """Seconds that the server's clock, as clients see it, is ahead of this machine's."""
        self.confirm_emails = False
        """Whether who signs up has to confirm the address first."""
        self.sign_up_allowed = True
        self.shortest_password = 6
        self.providers: dict[str, str] = {}
        """OAuth providers that are enabled, and the address of whoever presses "Allow" there ("": presses "Deny")."""
        self.redirects = ["http://127.0.0.1:*/**"]
        """The allow list of redirect addresses."""

        self.storage: storage.Storage
        """Set by that part."""
        self.url = ""
        self.auth_admin: asyncpg.Pool
        self.authenticator: asyncpg.Pool
        self.owner: asyncpg.Pool
        self._parts = parts
        self._news = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> HostedProject:
        where = {"host": self.database.host, "port": self.database.port, "database": self.database.name}
        self.auth_admin = await asyncpg.create_pool(user="supabase_auth_admin", min_size=0, max_size=3, **where)
        self.authenticator = await asyncpg.create_pool(user="authenticator", min_size=0, max_size=10, **where)
        self.owner = await asyncpg.create_pool(user="postgres", min_size=0, max_size=2, **where)
        await take_any_text(self.database)
        application = web.Application(middlewares=[self._gate, self.faults.middleware], client_max_size=64 * 2**20)
        for part in self._parts:
            application.add_routes(part(self))
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.realtime.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self.auth_admin.terminate()
        self.authenticator.terminate()
        self.owner.terminate()

    async def create_user(
        self, email: str, password: str | None = None, *, name: str = "", confirmed: bool = True
    ) -> Account:
        """An account that can sign in; `id`, `email`, `name`."""
        return await self.people.create(email, password, {"name": name} if name else {}, confirmed=confirmed)

    async def until(self, condition: Callable[[], bool], patience: float = 30.0) -> None:
        """Wait until something holds that a request can bring about."""
        async with asyncio.timeout(patience):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def plant(self, *texts: str) -> None:
        """Remember secrets that must not appear anywhere."""
        self.secrets.update(text for text in texts if len(text) >= 6)

    def last_code(self, email: str) -> str:
        """The newest code that was sent to that address."""
        return next(mail.code for mail in reversed(self.mails) if mail.to == email.lower())

    async def told(self, text: str) -> str:
        """An RPC's answer as the client sees it: tickets noted and shortened, instants by the server's clock."""
        found = json.loads(text)
        if isinstance(found, dict) and "ticket" in found:
            self.plant(str(found["ticket"]))
            self.tickets += 1
            if self.ticket_lifetime is not None:
                found["expires_at"] = await self._shorten(found["ticket"], self.ticket_lifetime)
            text = json.dumps(found)
        return auth.skewed(text, self.skew) if self.skew else text

    async def _shorten(self, ticket: str, seconds: float) -> str:
        until: datetime = await self.owner.fetchval(
            "update private.database_sessions set expires_at = clock_timestamp() + $2 "
            "where ticket_hash = sha256(convert_to($1, 'UTF8')) returning expires_at",
            ticket,
            timedelta(seconds=seconds),
        )
        return until.isoformat()

    @web.middleware
    async def _gate(self, request: web.Request, handler: Callable[[web.Request], object]) -> web.StreamResponse:
        """The gateway: counts, and asks for the project's key."""
        self.requests.append(f"{request.method} {request.path}")
        self._news.set()
        key = request.headers.get("apikey") or request.query.get("apikey")
        open_to_all = request.path.startswith(("/auth/v1/authorize", "/auth/v1/verify", "/auth/v1/.well-known/"))
        if key is None and not (open_to_all and request.method == "GET"):
            hint = "No `apikey` request header or url param was found."
            return web.json_response({"message": "No API key found in request", "hint": hint}, status=401)
        if key is not None and key not in {self.publishable_key, self.secret_key}:
            return web.json_response({"message": "Invalid API key"}, status=401)
        try:
            return await handler(request)  # type: ignore[misc,no-any-return]  # aiohttp's own handler
        finally:
            self._news.set()
