"""An access token that is fresh, whatever other programs do with the same session.

A refresh token is good for one use. Whoever needs a new access token takes the lock that all programs of this user
share, looks whether another one has renewed in the meantime, and only then spends the token and keeps the answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from pydantic import SecretStr

from tripsage_tui.identity.hosted.accounts import Accounts
from tripsage_tui.identity.hosted.errors import SessionEnded, Unreachable
from tripsage_tui.identity.hosted.gate import Gate
from tripsage_tui.identity.hosted.kept import Kept
from tripsage_tui.identity.hosted.lock import Busy
from tripsage_tui.identity.hosted.outcomes import Account
from tripsage_tui.identity.keeping import CannotKeep

logger = logging.getLogger(__name__)


class Renewal:
    """The session of one account, as fresh as somebody needs it."""

    def __init__(self, gate: Gate, accounts: Accounts, account: Account, wall: Callable[[], float] = time.time) -> None:
        self._gate = gate
        self._accounts = accounts
        self._account = account
        self._wall = wall
        self._kept: Kept | None = None
        self._stamp: object = None
        self._unsaved: Kept | None = None
        self._renewing: asyncio.Task[Kept] | None = None

    async def fresh(self, left: float | None = None, *, refused: SecretStr | None = None) -> Kept:
        """A session good for `left` seconds at least (None: for a fifth of its life, 5 minutes at most).

        `refused` is an access token that the server does not take, so that it must be another. Raises SessionEnded,
        Unreachable, RateLimited, CannotKeep.
        """
        stamp = self._accounts.stamp(self._account)
        if stamp is None:
            raise SessionEnded  # signed out here, by whichever program
        if stamp != self._stamp and self._unsaved is None:
            self._kept = None  # another program has renewed it, or signed in anew
        while self._kept is None or not self._good(self._kept, left, refused):
            if self._renewing is not None:
                await asyncio.wait({self._renewing})  # for somebody else, who may need less than we do
                continue
            self._renewing = asyncio.create_task(self._renew(left, refused))
            self._renewing.add_done_callback(self._renewed)
            # Not ended with whoever waits: the token would be spent and the answer lost.
            return await asyncio.shield(self._renewing)
        return self._kept

    async def close(self) -> None:
        """Wait for a renewal that is on its way, as its answer must be kept."""
        if self._renewing is not None:
            await asyncio.gather(self._renewing, return_exceptions=True)

    def _renewed(self, task: asyncio.Task[Kept]) -> None:
        self._renewing = None
        self._kept = None if task.cancelled() or task.exception() else task.result()

    def _good(self, kept: Kept, left: float | None, refused: SecretStr | None) -> bool:
        needed = min(300.0, kept.lifetime * 0.2) if left is None else min(left, kept.lifetime * 0.5)
        return kept.left(self._wall()) > needed and kept.access_token != refused

    async def _renew(self, left: float | None, refused: SecretStr | None) -> Kept:
        try:
            async with self._accounts.lock(self._account):
                self._stamp = self._accounts.stamp(self._account)
                kept = await self._accounts.read(self._account)
                if kept is None:
                    raise SessionEnded
                if self._unsaved is not None and self._unsaved.good_until > kept.good_until:
                    kept = self._unsaved
                if self._good(kept, left, refused):
                    return kept
                return await self._spend(kept)
        except (Busy, OSError):
            raise Unreachable("Another program is busy with this sign-in.") from None

    async def _spend(self, kept: Kept) -> Kept:
        try:
            renewed = await self._gate.refresh(kept.refresh_token)
        except SessionEnded:
            await self._accounts.end(self._account)
            raise
        if renewed.account.user_id != self._account.user_id:
            raise SessionEnded
        self._unsaved = renewed
        try:
            await self._accounts.write(renewed)
            self._unsaved = None
            self._stamp = self._accounts.stamp(self._account)
        except CannotKeep:
            # Good for as long as this program runs; the next renewal tries to keep it again.
            logger.warning("a renewed sign-in could not be kept")
        return renewed
