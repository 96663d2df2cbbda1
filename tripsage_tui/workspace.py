"""The composition root of the embedded database: a running server, a profile, and the services built from both."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from uuid import UUID

from tripsage_tui.data.database import ConnectionTarget, Database
from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import NotAuthorized
from tripsage_tui.identity.profiles import LocalProfiles, Profile
from tripsage_tui.identity.tickets import LocalTickets
from tripsage_tui.planner import Planner
from tripsage_tui.services import ProfileUnknown, Progress, World, build_planner, leave, local_clock
from tripsage_tui.settings import Settings

if TYPE_CHECKING:
    from tripsage_tui.attachments.service import Attachments

__all__ = ["ProfileUnknown", "Workspace"]


def _quiet(_: str) -> None:
    """Progress that nobody wants to see."""


class Workspace:
    """One program's hold on the embedded database: start it, choose a profile, enter, close.

    `start` -> `choose` (or `create_profile`) -> `enter` -> `close`; also an async context manager that closes.
    """

    user = None
    """Nobody signs in here."""

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] = local_clock) -> None:
        self.settings = settings
        self.server = EmbeddedServer(settings.data_dir)
        self.planner: Planner | None = None
        self._clock = clock
        self._last = LastProfile(settings.state_dir / "last-profile.json")
        self._tickets: LocalTickets | None = None

    async def __aenter__(self) -> Workspace:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self, progress: Progress = _quiet) -> None:
        """A running server with the current schema. Raises `Unavailable` with a sentence that names the remedy."""
        await self.server.ensure_running(progress)

    async def profiles(self) -> list[Profile]:
        """The local profiles, by name."""
        return await LocalProfiles(self.server).list()

    async def create_profile(self, name: str) -> Profile:
        """A new profile, or the one that has this name already. Raises `InvalidValue` for an unusable name."""
        return await LocalProfiles(self.server).ensure(name)

    async def choose(self, *, create: bool = True) -> Profile | None:
        """Who travels: the profile that was named, else the one used last, else the only one; None when unclear.

        A named profile that is new is created, unless `create` is False: that raises `ProfileUnknown`.
        """
        wanted = self.settings.profile
        last = self._last.read()
        if last and (wanted is None or wanted.casefold() == last.name.casefold()):
            return last
        if wanted is not None and create:
            return await self.create_profile(wanted)
        known = await self.profiles()
        if wanted is None:
            return known[0] if len(known) == 1 else None
        for profile in known:
            if profile.name.casefold() == wanted.casefold():
                return profile
        names = ", ".join(profile.name for profile in known) or "none yet"
        raise ProfileUnknown(f"There is no profile {wanted!r}. Profiles: {names}.")

    async def enter(self, profile: Profile) -> Planner:
        """Sign the profile in and build its services."""
        self._tickets = LocalTickets(self.server, profile)
        try:
            await self._tickets.open_ahead()
        except NotAuthorized:
            # The note of who was here last can outlive the profile (a restored or replaced data folder).
            profile = await self.create_profile(profile.name)
            self._tickets = LocalTickets(self.server, profile)
            await self._tickets.open_ahead()
        address = self.server.address
        database = Database(
            ConnectionTarget(host=address.socket_dir, port=address.port), self._tickets, revive=self._revive
        )
        await database.start()
        world = World(
            folder=self.settings.state_dir,
            address=LocalProfiles(self.server).address,
            attachments=self._attachments,
            clock=self._clock,
            minimum_connection=self.settings.minimum_connection,
            wire=self.settings.wire,
        )
        self.planner = build_planner(world, profile, database, self._tickets)
        self._last.write(profile)
        return self.planner

    async def open_ticket(self) -> str:
        """A fresh ticket in plain text for the profile of the settings, created if it is new."""
        profile = await self.create_profile(self.settings.profile or "")
        return (await LocalTickets(self.server, profile).ticket()).value.get_secret_value()

    async def leave(self) -> None:
        """Give back what `enter` made: the worker, the connections and the tickets."""
        if self.planner is not None:
            await leave(self.planner)
            self.planner = None
        if self._tickets is not None:
            await self._tickets.close()
            self._tickets = None

    async def close(self) -> None:
        """Give back the ticket, the connections and the hold on the server."""
        await self.leave()
        self.server.detach()

    def _attachments(self, database: Database, profile: Profile) -> Attachments:
        from tripsage_tui.attachments.building import local_attachments

        settings = self.settings
        return local_attachments(
            database,
            profile.id,
            files=settings.data_dir / "attachments",
            folder=settings.state_dir,
            clamd=settings.clamd,
        )

    async def _revive(self) -> None:
        await self.server.revive()


class LastProfile:
    """Remembers who used the data folder last, so that the next start asks nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Profile | None:
        """The profile used last, or None when there is no usable note of it."""
        try:
            note = json.loads(self._path.read_text(encoding="utf-8"))
            return Profile(id=UUID(note["id"]), name=str(note["name"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, profile: Profile) -> None:
        """Keep a note; a folder that cannot be written only costs the convenience."""
        if self.read() == profile:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = self._path.with_suffix(".part")
            partial.write_text(json.dumps({"id": str(profile.id), "name": profile.name}), encoding="utf-8")
            partial.replace(self._path)
