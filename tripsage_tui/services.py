"""The services of one signed-in user, built from a database, tickets and a folder: the same in every world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tripsage_tui.answer_journals import AnswerJournals
from tripsage_tui.data.accommodations import AccommodationRepository
from tripsage_tui.data.api_keys import ApiKeyRepository
from tripsage_tui.data.database import Database
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.itinerary import ItineraryRepository
from tripsage_tui.data.memories import MemoryRepository
from tripsage_tui.data.outbox import Outbox
from tripsage_tui.data.people import PeopleRepository
from tripsage_tui.data.ticket_source import TicketSource
from tripsage_tui.data.transportation import TransportationRepository
from tripsage_tui.data.travellers import TravellerRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.drafts import DraftStore
from tripsage_tui.identity.keeping import Keeping
from tripsage_tui.identity.profiles import Profile
from tripsage_tui.later import later, made
from tripsage_tui.memory.link import WorkerLink
from tripsage_tui.memory.orders import Start
from tripsage_tui.memory.service import MemoryService
from tripsage_tui.model_choices import ChoicesFile
from tripsage_tui.model_windows import ModelWindows
from tripsage_tui.places.airports import Airports
from tripsage_tui.planner import Planner
from tripsage_tui.preferences import Preferences
from tripsage_tui.stored_keys import StoredKeys
from tripsage_tui.typed_lines import TypedLines
from tripsage_tui.undo import UndoStack

if TYPE_CHECKING:
    from tripsage_tui.attachments.service import Attachments
    from tripsage_tui.data.bookings_everywhere import BookingsEverywhere
    from tripsage_tui.data.chats import ChatRepository
    from tripsage_tui.data.expenses import ExpenseRepository
    from tripsage_tui.data.search import SearchRepository
    from tripsage_tui.data.settlements import SettlementRepository
    from tripsage_tui.identity.hosted_user import HostedUser
    from tripsage_tui.presence import Presence
    from tripsage_tui.search_providers import SearchProviders


Progress = Callable[[str], None]
"""Told what the program is doing; may be called from any thread."""


class ProfileUnknown(Exception):
    """There is no profile or account of the name that was asked for; the text names those that exist."""


def local_clock() -> datetime:
    """The present instant, in the zone of this computer."""
    return datetime.now().astimezone()


@dataclass(frozen=True, kw_only=True)
class World:
    """What the services need besides a database: the embedded one and each hosted project are worlds of their own.

    `folder` takes what the program remembers of this world's users; `address` turns what was typed into the address
    of a person to invite; `attachments` imports and makes the service for files; `minimum_connection`, `place` and
    `account` are the planner's; `wire` is that of the settings; `vault` names the project whose Vault takes keys of
    services as they are, empty where the program has to seal them first.
    """

    folder: Path
    address: Callable[[str], Awaitable[str]]
    attachments: Callable[[Database, Profile], Attachments]
    clock: Callable[[], datetime]
    minimum_connection: Mapping[str, int]
    place: str = "embedded"
    wire: str = "auto"
    account: HostedUser | None = None
    vault: str = ""


def build_planner(world: World, profile: Profile, database: Database, tickets: TicketSource) -> Planner:
    """The services of a user. `tickets` is asked by the memory's worker, which has a ticket of its own."""
    folder, clock = world.folder, world.clock
    keys = StoredKeys(
        ApiKeyRepository(database),
        profile.id,
        Keeping(folder),
        ChoicesFile(folder / "models" / f"{profile.id}.json"),
        wire=world.wire,
        vault=world.vault,
    )
    airports = Airports()
    return Planner(
        profile=profile,
        database=database,
        trips=TripRepository(database),
        flights=FlightRepository(database),
        accommodations=AccommodationRepository(database),
        transportation=TransportationRepository(database),
        items=ItineraryRepository(database),
        chats=later(lambda: _chats(database)),
        memory=_memory(folder, database, profile, tickets, keys),
        people=PeopleRepository(database, world.address),
        travellers=TravellerRepository(database),
        expenses=later(lambda: _expenses(database)),
        settlements=later(lambda: _settlements(database)),
        bookings_everywhere=later(lambda: _bookings(database)),
        search=later(lambda: _search(database)),
        providers=later(lambda: _providers(airports, database, clock)),
        attachments=later(lambda: world.attachments(database, profile)),
        keys=keys,
        windows=ModelWindows(folder / "models" / "windows.json"),
        stored_keys=keys,
        undo=UndoStack(),
        drafts=DraftStore(folder / "drafts" / str(profile.id)),
        airports=airports,
        lines=TypedLines(folder / "lines" / f"{profile.id}.json"),
        journals=AnswerJournals(folder / "answers" / str(profile.id)),
        questions=TypedLines(folder / "questions" / f"{profile.id}.json"),
        minimum_connection=world.minimum_connection,
        clock=clock,
        preferences=Preferences(folder / "preferences.json"),
        place=world.place,
        account=world.account,
        presence=later(lambda: _presence(database)),
    )


async def leave(planner: Planner) -> None:
    """Give back what the services hold: transfers, the worker, the lock of the drafts, the connections."""
    if (files := made(planner.attachments)) is not None:
        await files.close()
    planner.drafts.close()
    await planner.memory.close()
    await planner.database.close()


def _memory(
    folder: Path, database: Database, profile: Profile, tickets: TicketSource, keys: StoredKeys
) -> MemoryService:
    async def prepare() -> Start | None:
        access = keys.current()
        if access is None:
            return None
        return Start(
            target=database.target,
            ticket=await tickets.ticket(),
            user_id=profile.id,
            access=access,
            folder=folder / "mem0",
            pool_mode=database.pool_mode,
        )

    link = WorkerLink(prepare, tickets)
    keys.on_change(link.renew)
    return MemoryService(MemoryRepository(database), Outbox(database), keys, link)


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


def _presence(database: Database) -> Presence:
    from tripsage_tui.data.viewers import ViewerRepository
    from tripsage_tui.presence import Presence

    return Presence(ViewerRepository(database), database)
