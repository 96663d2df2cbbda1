"""A person's machine, as far as a hosted project is concerned: a folder in which sign-ins are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import SecretStr

from tests.hosted.project import HostedProject
from tripsage_tui.data.database import ConnectionTarget, Database, PoolMode
from tripsage_tui.identity.hosted.accounts import Accounts
from tripsage_tui.identity.hosted.outcomes import Account, SignedIn
from tripsage_tui.identity.hosted.session import HostedSession
from tripsage_tui.identity.hosted.sign_in import SignIn
from tripsage_tui.identity.keeping import Keeping, Place
from tripsage_tui.identity.projects import Project


def project_of(server: HostedProject, name: str = "team") -> Project:
    """The project as a connection file describes it."""
    where = server.database
    return Project(
        name=name,
        url=server.url,
        publishable_key=server.publishable_key,
        target=ConnectionTarget(host=where.host, port=where.port, database=where.name, password=SecretStr("any")),
        pool_mode=PoolMode.SESSION,
    )


class Machine:
    """What is opened here is closed with it. Another `Machine` on the same folder is another program of that user."""

    def __init__(self, server: HostedProject, folder: Path, *, wall: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.project = project_of(server)
        self.keeping = Keeping(folder)
        self.accounts = Accounts(self.project, self.keeping, folder)
        self.sign_in = SignIn(self.project, self.accounts)
        self._wall = wall
        self._opened: list[Any] = [self.sign_in]

    async def __aenter__(self) -> Machine:
        if self.keeping.place is None:
            await self.keeping.choose(Place.FILE)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in reversed(self._opened):
            await each.close()

    async def enter(self, email: str, password: str) -> Account:
        """Sign in with a password."""
        outcome = await self.sign_in.password(email, SecretStr(password))
        assert isinstance(outcome, SignedIn)
        return outcome.account

    async def session(self, account: Account | None = None) -> HostedSession:
        """The session of an account (None: of the current one)."""
        chosen = account or await self.accounts.current()
        assert chosen is not None
        session = HostedSession(self.project, self.accounts, chosen, wall=self._wall)
        self._opened.append(session)
        return session

    async def database(self, session: HostedSession | None = None, **options: Any) -> Database:
        """The program's data layer with that session."""
        made = Database(self.project.target, session or await self.session(), **options)
        await made.start()
        self._opened.append(made)
        return made
