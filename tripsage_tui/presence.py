"""Tells others that the user looks at a trip, and the user who else does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from tripsage_tui.live_feed import GATHER, PRESENCE
from tripsage_tui.models.company import ALONE, Company

if TYPE_CHECKING:
    from tripsage_tui.data.database import Database
    from tripsage_tui.data.live import Change
    from tripsage_tui.data.viewers import ViewerRepository

logger = logging.getLogger(__name__)

SETTLE = 1.0
"""Seconds before the first word: who only passes by does not look, and opening a screen comes first."""
PAUSE = 25.0
"""Seconds between two words; the database takes a minute of silence for a farewell."""
PAUSE_ALONE = 300.0
"""Seconds until a trip that is shared with nobody is asked about again, if no news comes before."""

Show = Callable[[Company], None]


class Presence:
    """One background task per trip that is looked at."""

    def __init__(
        self, viewers: ViewerRepository, database: Database, *, settle: float = SETTLE, pause: float = PAUSE
    ) -> None:
        self._viewers = viewers
        self._database = database
        self._settle = settle
        self._pause = pause
        self._farewells: set[asyncio.Task[None]] = set()

    def look(self, trip_id: int, show: Show) -> Callable[[], None]:
        """Look at a trip until the function that is returned is called; `show` gets the company whenever it changes."""
        look = _Look(self, trip_id, show)
        task = asyncio.create_task(look.run())

        def leave() -> None:
            if not task.done():
                task.cancel()
                farewell = asyncio.create_task(look.leave())
                self._farewells.add(farewell)
                farewell.add_done_callback(self._farewells.discard)

        return leave

    async def ask(self, trip_id: int, look: _Look, *, looking: bool = True) -> Company:
        """Who else looks; nobody as far as can be known while the database is away."""
        from tripsage_tui.data.errors import DataError

        try:
            return await self._viewers.look(trip_id, look.screen, looking=looking) or ALONE
        except DataError as error:
            logger.debug("presence: %s", error)
            return Company(shared=True)

    async def hear(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        return await self._database.listen(callback)

    @property
    def settle(self) -> float:
        return self._settle

    def pause(self, company: Company) -> float:
        return self._pause if company.shared else PAUSE_ALONE


class _Look:
    """One screen that shows one trip."""

    def __init__(self, presence: Presence, trip_id: int, show: Show) -> None:
        self.screen = uuid4()
        self._presence = presence
        self._trip_id = trip_id
        self._show = show
        self._news = asyncio.Event()
        self._asked = False

    async def run(self) -> None:
        await asyncio.sleep(self._presence.settle)
        forget = await self._presence.hear(self._heard)
        shown = ALONE.names
        try:
            while True:
                self._news.clear()
                self._asked = True
                company = await self._presence.ask(self._trip_id, self)
                if company.names != shown:
                    shown = company.names
                    self._show(company)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._presence.pause(company)):
                        await self._news.wait()
                        await asyncio.sleep(GATHER)
        finally:
            forget()

    async def leave(self) -> None:
        if self._asked:
            await self._presence.ask(self._trip_id, self, looking=False)

    def _heard(self, change: Change) -> None:
        """Somebody came or went, joined or left the trip, or something may have been missed."""
        if change.table == "*" or (
            change.trip_id == self._trip_id and change.table in {PRESENCE, "trip_collaborators", "trips"}
        ):
            self._news.set()
