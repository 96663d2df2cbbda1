"""Who works in a hosted project with this program, and whether that sign-in still holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tripsage_tui.data.errors import NotAuthorized

if TYPE_CHECKING:
    from tripsage_tui.data.ticket_source import Ticket, TicketSource
    from tripsage_tui.identity.hosted.accounts import Accounts
    from tripsage_tui.identity.hosted.outcomes import Account
    from tripsage_tui.identity.hosted.sign_in import SignIn
    from tripsage_tui.identity.projects import Project


class HostedUser:
    """The accounts of a project at hand, the ways in, and the sentence that says why a sign-in is needed."""

    def __init__(self, project: Project, accounts: Accounts, ways: SignIn) -> None:
        self.project = project
        self.accounts = accounts
        self.ways = ways
        self.account: Account | None = None
        """Whose data the program shows."""
        self.why = ""
        """Why a sign-in is needed, as one sentence; empty while signed in."""
        self.leaving = False
        """Whether the user is signing out: then tickets that are refused are no news."""
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when the sign-in has ended and when it holds again; returns what ends that."""
        self._listeners.append(listener)

        def forget() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return forget

    def forget_listeners(self) -> None:
        """Whoever listened is gone: another user comes."""
        self._listeners.clear()

    def signed_in(self, account: Account) -> None:
        """The sign-in holds again."""
        self.account = account
        self.leaving = False
        self._say("")

    def signed_out(self, why: str) -> None:
        """A ticket was refused; `why` is a sentence."""
        self._say(why)

    def _say(self, why: str) -> None:
        if why != self.why:
            self.why = why
            for listener in tuple(self._listeners):
                listener()


class WatchedTickets:
    """A `TicketSource` that tells the user of a project when there are no tickets to be had any more."""

    def __init__(self, source: TicketSource, user: HostedUser) -> None:
        self._source = source
        self._user = user

    async def ticket(self) -> Ticket:
        """Raises what the source raises."""
        try:
            ticket = await self._source.ticket()
        except NotAuthorized as error:
            self._user.signed_out(str(error))
            raise
        if self._user.why and self._user.account is not None:
            self._user.signed_in(self._user.account)
        return ticket
