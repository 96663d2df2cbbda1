"""A hosted session as the data layer and the file store need it: database tickets and access tokens.

Neither keeps a clock of its own: the data layer asks for the next ticket in the background before the last one ends,
and a ticket is bought with an access token that is renewed where less than a fifth of its life is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import SecretStr

from tripsage_tui.data.errors import DataError, Unavailable
from tripsage_tui.data.ticket_source import Ticket
from tripsage_tui.identity.hosted.accounts import Accounts, ProjectAddress
from tripsage_tui.identity.hosted.errors import RateLimited, SessionEnded, SignInError, SignInNeeded
from tripsage_tui.identity.hosted.gate import Gate, TokenRefused
from tripsage_tui.identity.hosted.outcomes import Account
from tripsage_tui.identity.hosted.renewal import Renewal
from tripsage_tui.identity.keeping import CannotKeep


class HostedSession:
    """The `TicketSource` of one account; also hands out access tokens. Raises SignInError for an unsafe address."""

    def __init__(
        self,
        project: ProjectAddress,
        accounts: Accounts,
        account: Account,
        *,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.account = account
        self._gate = Gate(project, wall=wall)
        self._renewal = Renewal(self._gate, accounts, account, wall)

    async def ticket(self) -> Ticket:
        """A ticket nobody has been given yet; its end is by this machine's clock.

        Raises SignInNeeded when the session has ended, Unavailable when that cannot be told now, SchemaOutdated.
        """
        try:
            kept = await self._renewal.fresh()
            try:
                value, until = await self._gate.open_ticket(kept.access_token)
            except TokenRefused:
                kept = await self._renewal.fresh(refused=kept.access_token)
                value, until = await self._gate.open_ticket(kept.access_token)
        except TokenRefused:
            raise SignInNeeded from None
        except (SignInError, CannotKeep) as error:
            raise _as_data_error(error) from None
        return Ticket(value, datetime.fromtimestamp(until.timestamp() - kept.ahead, UTC))

    async def access_token(self, refused: SecretStr | None = None) -> SecretStr:
        """An access token that is good for half a minute at least, and another one than the server has `refused`.

        Raises SignInNeeded, Unavailable.
        """
        try:
            return (await self._renewal.fresh(30.0, refused=refused)).access_token
        except (SignInError, CannotKeep) as error:
            raise _as_data_error(error) from None

    async def close(self) -> None:
        """Carry a renewal that has begun to its end, and close connections; the session stays."""
        await self._renewal.close()
        await self._gate.close()


def _as_data_error(error: Exception) -> DataError:
    if isinstance(error, SessionEnded):
        return SignInNeeded()
    if isinstance(error, RateLimited):
        return Unavailable(str(error), retry_in=error.seconds)
    if isinstance(error, SignInError) and not error.retry:
        return SignInNeeded(str(error))  # the same again would bring the same
    return Unavailable(str(error))
