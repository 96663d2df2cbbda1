"""The composition root: settings, identity and database become the services that screens and commands are given."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from uuid import UUID

from tripsage_tui.data.accommodations import AccommodationRepository
from tripsage_tui.data.api_keys import ApiKeyRepository
from tripsage_tui.data.database import ConnectionTarget, Database
from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import NotAuthorized
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.itinerary import ItineraryRepository
from tripsage_tui.data.memories import MemoryRepository
from tripsage_tui.data.outbox import Outbox
from tripsage_tui.data.people import PeopleRepository
from tripsage_tui.data.transportation import TransportationRepository
from tripsage_tui.data.travellers import TravellerRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.drafts import DraftStore
from tripsage_tui.identity.keeping import Keeping
from tripsage_tui.identity.profiles import LocalProfiles, Profile
from tripsage_tui.identity.tickets import LocalTickets
from tripsage_tui.later import later
from tripsage_tui.memory.link import WorkerLink
from tripsage_tui.memory.orders import Start
from tripsage_tui.memory.service import MemoryService
from tripsage_tui.model_choices import ChoicesFile
from tripsage_tui.model_windows import ModelWindows
from tripsage_tui.places.airports import Airports
from tripsage_tui.planner import Planner
from tripsage_tui.preferences import Preferences
from tripsage_tui.settings import Settings
from tripsage_tui.stored_keys import StoredKeys
from tripsage_tui.typed_lines import TypedLines
from tripsage_tui.undo import UndoStack

if TYPE_CHECKING:
    from tripsage_tui.data.bookings_everywhere import BookingsEverywhere
    from tripsage_tui.data.chats import ChatRepository
    from tripsage_tui.data.expenses import ExpenseRepository
    from tripsage_tui.data.search import SearchRepository
    from tripsage_tui.data.settlements import SettlementRepository
    from tripsage_tui.search_providers import SearchProviders

Progress = Callable[[str], None]


class ProfileUnknown(Exception):
    """There is no profile of the name that was asked for; the text names those that exist."""


def _quiet(_: str) -> None:
    """Progress that nobody wants to see."""


def _local_clock() -> datetime:
    return datetime.now().astimezone()


def _chats(database: Database) -> ChatRepository:
    from tripsage_tui.data.chats import ChatRepository

    return ChatRepository(database)


def _expenses(database: Database) -> ExpenseRepository:
    from tripsage_tui.data.expenses import ExpenseRepository

    return ExpenseRepository(database)


def _settlements(database: Database) -> SettlementRepository:
    from tripsage_tui.data.settlements import SettlementRepository

    return SettlementRepository(database)


def _bookings(database: Database) -> BookingsEverywhere:
    from tripsage_tui.data.bookings_everywhere import BookingsEverywhere

    return BookingsEverywhere(database)


def _search(database: Database) -> SearchRepository:
    from tripsage_tui.data.search import SearchRepository

    return SearchRepository(database)


def _providers(airports: Airports, database: Database, clock: Callable[[], datetime]) -> SearchProviders:
    from tripsage_tui.data.search_caches import SearchCaches
    from tripsage_tui.search_providers import SearchProviders

    return SearchProviders(airports, SearchCaches(database), clock)


class Workspace:
    """One program's hold on the embedded database: start it, choose a profile, enter, close.

    `start` -> `choose` (or `create_profile`) -> `enter` -> `close`; also an async context manager that closes.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] = _local_clock) -> None:
        self.settings = settings
        self.server = EmbeddedServer(settings.data_dir)
        self.planner: Planner | None = None
        self._clock = clock
        self._last = LastProfile(settings.state_dir / "last-profile.json")
        self._tickets: LocalTickets | None = None

    @classmethod
    async def open(cls, settings: Settings, progress: Progress = _quiet) -> Workspace:
        """A workspace that has been started: `choose` and `enter` are next."""
        workspace = cls(settings)
        try:
            await workspace.start(progress)
        except BaseException:
            await workspace.close()
            raise
        return workspace

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
        keys = StoredKeys(
            ApiKeyRepository(database),
            profile.id,
            Keeping(self.settings.state_dir),
            ChoicesFile(self.settings.state_dir / "models" / f"{profile.id}.json"),
        )
        airports = Airports()
        self.planner = Planner(
            profile=profile,
            database=database,
            trips=TripRepository(database),
            flights=FlightRepository(database),
            accommodations=AccommodationRepository(database),
            transportation=TransportationRepository(database),
            items=ItineraryRepository(database),
            chats=later(lambda: _chats(database)),
            memory=self._memory(database, profile, self._tickets, keys),
            people=PeopleRepository(database, LocalProfiles(self.server).address),
            travellers=TravellerRepository(database),
            expenses=later(lambda: _expenses(database)),
            settlements=later(lambda: _settlements(database)),
            bookings_everywhere=later(lambda: _bookings(database)),
            search=later(lambda: _search(database)),
            providers=later(lambda: _providers(airports, database, self._clock)),
            keys=keys,
            windows=ModelWindows(self.settings.state_dir / "models" / "windows.json"),
            stored_keys=keys,
            undo=UndoStack(),
            drafts=DraftStore(self.settings.state_dir / "drafts" / str(profile.id)),
            airports=airports,
            lines=TypedLines(self.settings.state_dir / "lines" / f"{profile.id}.json"),
            questions=TypedLines(self.settings.state_dir / "questions" / f"{profile.id}.json"),
            minimum_connection=self.settings.minimum_connection,
            clock=self._clock,
            preferences=Preferences(self.settings.state_dir / "preferences.json"),
        )
        self._last.write(profile)
        return self.planner

    def _memory(self, database: Database, profile: Profile, tickets: LocalTickets, keys: StoredKeys) -> MemoryService:
        async def prepare() -> Start | None:
            access = keys.current()
            if access is None:
                return None
            return Start(
                target=database.target,
                ticket=await tickets.ticket(),
                user_id=profile.id,
                access=access,
                folder=self.settings.state_dir / "mem0",
                pool_mode=database.pool_mode,
            )

        link = WorkerLink(prepare, tickets)
        keys.on_change(link.renew)
        return MemoryService(MemoryRepository(database), Outbox(database), keys, link)

    async def open_ticket(self) -> str:
        """A fresh ticket in plain text for the profile of the settings, created if it is new."""
        profile = await self.create_profile(self.settings.profile or "")
        return (await LocalTickets(self.server, profile).ticket()).value.get_secret_value()

    async def close(self) -> None:
        """Give back the ticket, the connections and the hold on the server."""
        if self.planner is not None:
            await self.planner.memory.close()
            await self.planner.database.close()
        if self._tickets is not None:
            await self._tickets.close()
        self.server.detach()

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
