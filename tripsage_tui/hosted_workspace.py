"""The composition root of a hosted project: its connection, whose account it is, and the services built from both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING

from tripsage_tui.data.database import Database, PoolMode
from tripsage_tui.data.errors import InvalidValue
from tripsage_tui.identity.hosted.accounts import Accounts
from tripsage_tui.identity.hosted.outcomes import Account
from tripsage_tui.identity.hosted.session import HostedSession
from tripsage_tui.identity.hosted.sign_in import SignIn
from tripsage_tui.identity.hosted_user import HostedUser, WatchedTickets
from tripsage_tui.identity.keeping import Keeping
from tripsage_tui.identity.profiles import Profile
from tripsage_tui.identity.projects import Project
from tripsage_tui.planner import Planner
from tripsage_tui.services import ProfileUnknown, Progress, World, build_planner, leave, local_clock
from tripsage_tui.settings import Settings

if TYPE_CHECKING:
    from tripsage_tui.attachments.service import Attachments
    from tripsage_tui.data.realtime_channel import RealtimeSource


async def by_address(name: str) -> str:
    """Whom to invite: only an address names a person here. Raises InvalidValue."""
    raise InvalidValue("email", f"{name.strip()} is no e-mail address: people of a project are invited by theirs.")


class HostedWorkspace:
    """One program's hold on a hosted project; the same steps as `Workspace`, but there is nothing to start.

    Neither opening nor entering asks the network: the first query does.
    """

    def __init__(self, settings: Settings, project: Project, *, clock: Callable[[], datetime] = local_clock) -> None:
        self.settings = settings
        self.project = project
        self.folder = settings.state_dir / "projects" / project.name
        """Drafts, typed lines and what else is remembered of this project's users, apart from local profiles."""
        self.planner: Planner | None = None
        self._keeping = Keeping(settings.state_dir)
        accounts = Accounts(project, self._keeping, settings.state_dir)
        self.user = HostedUser(project, accounts, SignIn(project, accounts))
        self._clock = clock
        self._session: HostedSession | None = None

    async def __aenter__(self) -> HostedWorkspace:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self, progress: Progress) -> None:
        """Only says where the first query will go."""
        progress(f"Connecting to {self.project.name} …")

    async def profiles(self) -> list[Profile]:
        """Who has signed in here before."""
        return [_profile(account) for account in await self.user.accounts.list()]

    async def create_profile(self, name: str) -> Profile:
        """Accounts are made by signing up, never by a name. Raises ProfileUnknown."""
        raise ProfileUnknown(f"{name!r} has not signed in to {self.project.name}.")

    async def choose(self, *, create: bool = True) -> Profile | None:
        """The account that was named, else the one used last; None when somebody has to sign in first.

        Raises CannotKeep where the place that keeps the sign-in does not answer, ProfileUnknown.
        """
        accounts = self.user.accounts
        account = await accounts.current()
        if (wanted := self.settings.profile) is not None:
            known = await accounts.list()
            named = [each for each in known if wanted.casefold() in {each.email.casefold(), each.name.casefold()}]
            if not named:
                names = ", ".join(each.email for each in known) or "none yet"
                raise ProfileUnknown(f"Nobody called {wanted!r} has signed in to {self.project.name}: {names}.")
            account = next((each for each in named if each == account), named[0])
        self.user.account = account
        if account is None or not await accounts.signed_in(account):
            return None
        return _profile(account)

    async def enter(self, profile: Profile) -> Planner:
        """The services of an account that signed in."""
        account = next(each for each in await self.user.accounts.list() if each.user_id == profile.id)
        self._session = HostedSession(self.project, self.user.accounts, account)
        tickets = WatchedTickets(self._session, self.user)
        database = Database(
            self.project.target,
            tickets,
            pool_mode=self.project.pool_mode,
            realtime=self._realtime(self._session),
        )
        await database.start()
        self.user.signed_in(account)
        world = World(
            folder=self.folder,
            address=by_address,
            attachments=self._attachments(self._session),
            clock=self._clock,
            minimum_connection=self.settings.minimum_connection,
            wire=self.settings.wire,
            place=self.project.name,
            account=self.user,
            vault=self.project.name,
        )
        self.planner = build_planner(world, profile, database, tickets)
        return self.planner

    def _attachments(self, session: HostedSession) -> Callable[[Database, Profile], Attachments]:
        """Files over the project's Storage; imported when the first is asked for."""

        def made(database: Database, profile: Profile) -> Attachments:
            from tripsage_tui.attachments.building import hosted_attachments

            return hosted_attachments(
                database,
                profile.id,
                url=self.project.url,
                publishable_key=self.project.publishable_key,
                tokens=session,
                folder=self.folder,
                clamd=self.settings.clamd,
            )

        return made

    def _realtime(self, session: HostedSession) -> RealtimeSource | None:
        """Where news come from behind a pooler that lets nobody listen."""
        if self.project.pool_mode is not PoolMode.TRANSACTION:
            return None
        from tripsage_tui.data.realtime_channel import RealtimeSource

        return RealtimeSource(self.project.url, self.project.publishable_key, session)

    async def leave(self) -> None:
        """Give back what `enter` made: the worker, the connections, the tickets; the sign-in stays."""
        self.user.forget_listeners()
        if self.planner is not None:
            await leave(self.planner)
            self.planner = None
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def close(self) -> None:
        """The same: there is nothing else."""
        await self.leave()


def _profile(account: Account) -> Profile:
    return Profile(account.user_id, account.name or account.email)
