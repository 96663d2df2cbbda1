"""A planner on a test's database, a program that shows one screen, and a trip to show in it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.worker import WorkerFailed

from tests.database import Database as TestDatabase
from tests.database import User
from tripsage_tui.attachments.building import local_attachments
from tripsage_tui.data.accommodations import AccommodationRepository
from tripsage_tui.data.api_keys import ApiKeyRepository
from tripsage_tui.data.bookings_everywhere import BookingsEverywhere
from tripsage_tui.data.chats import ChatRepository
from tripsage_tui.data.database import ConnectionTarget, Database, Ticket
from tripsage_tui.data.expenses import ExpenseRepository
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.itinerary import ItineraryRepository
from tripsage_tui.data.memories import MemoryRepository
from tripsage_tui.data.outbox import Outbox
from tripsage_tui.data.people import PeopleRepository
from tripsage_tui.data.search import SearchRepository
from tripsage_tui.data.search_caches import SearchCaches
from tripsage_tui.data.settlements import SettlementRepository
from tripsage_tui.data.transportation import TransportationRepository
from tripsage_tui.data.travellers import TravellerRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.drafts import DraftStore
from tripsage_tui.identity.keeping import Keeping
from tripsage_tui.identity.keyring_store import SystemKeyring
from tripsage_tui.identity.profiles import Profile
from tripsage_tui.live_feed import LiveFeed
from tripsage_tui.memory.service import MemoryService
from tripsage_tui.model_choices import ChoicesFile
from tripsage_tui.models.trips import StopFields, Trip, TripFields
from tripsage_tui.places.airports import Airports
from tripsage_tui.planner import Planner
from tripsage_tui.search_providers import SearchProviders
from tripsage_tui.stored_keys import StoredKeys
from tripsage_tui.undo import UndoStack

NOW = datetime(2027, 9, 20, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
"""The frozen present: twelve days before the trip."""

JAPAN = TripFields(
    name="Japan in autumn",
    destination="Japan",
    start_date=date(2027, 10, 2),
    end_date=date(2027, 10, 15),
    budget=Decimal(6000),
    currency="EUR",
    travelers=2,
    time_zone="Asia/Tokyo",
)
STOPS = (
    StopFields(place="Tokyo", arrive_date=date(2027, 10, 3), depart_date=date(2027, 10, 7), time_zone="Asia/Tokyo"),
    StopFields(place="Kyoto", arrive_date=date(2027, 10, 7), depart_date=date(2027, 10, 12), time_zone="Asia/Tokyo"),
    StopFields(place="Osaka", arrive_date=date(2027, 10, 12), depart_date=date(2027, 10, 15), time_zone="Asia/Tokyo"),
)


async def _address(name: str) -> str:
    """What the test's users are called and what their address is."""
    return f"{name.strip().lower()}@local"


class _Tickets:
    def __init__(self, database: TestDatabase, user: User) -> None:
        self._database = database
        self._user = user

    async def ticket(self) -> Ticket:
        expires_at = datetime.now(UTC) + timedelta(hours=1)
        return Ticket(SecretStr(await self._database.ticket(self._user)), expires_at)


@asynccontextmanager
async def planner_of(
    database: TestDatabase,
    user: User,
    drafts: Path,
    *,
    clock: Callable[[], datetime] = lambda: NOW,
    live: bool = False,
    target: ConnectionTarget | None = None,
) -> AsyncIterator[Planner]:
    """The services of a user. `live` listens to changes of others, `target` is a detour to the database."""
    direct = ConnectionTarget(host=database.host, port=database.port, database=database.name)
    session = Database(target or direct, _Tickets(database, user))
    await session.start()
    store = DraftStore(drafts)
    # Neither the keyring nor the environment of whoever runs the tests.
    keeping = Keeping(drafts.parent / "state", SystemKeyring(allowed=()))
    keys = StoredKeys(ApiKeyRepository(session), user.id, keeping, ChoicesFile(), dict)
    airports = Airports()
    planner = Planner(
        profile=Profile(id=user.id, name=user.name),
        database=session,
        trips=TripRepository(session),
        flights=FlightRepository(session),
        accommodations=AccommodationRepository(session),
        transportation=TransportationRepository(session),
        items=ItineraryRepository(session),
        chats=ChatRepository(session),
        memory=MemoryService(MemoryRepository(session), Outbox(session), keys),
        people=PeopleRepository(session, _address),
        travellers=TravellerRepository(session),
        expenses=ExpenseRepository(session),
        settlements=SettlementRepository(session),
        bookings_everywhere=BookingsEverywhere(session),
        search=SearchRepository(session),
        providers=SearchProviders(airports, SearchCaches(session), clock),
        attachments=local_attachments(
            session, user.id, files=drafts.parent / "files", folder=drafts.parent / "state", clamd="off"
        ),
        keys=keys,
        stored_keys=keys,
        undo=UndoStack(),
        drafts=store,
        airports=airports,
        clock=clock,
        live=LiveFeed(),
    )
    if live:
        await session.listen(planner.live.push)
    try:
        yield planner
    finally:
        store.close()
        await session.close()


async def a_trip(planner: Planner, fields: TripFields = JAPAN) -> Trip:
    """A stored trip with its stops."""
    return await planner.trips.create(fields, stops=STOPS, key=uuid4())


class Host(App[None]):
    """Shows one screen and keeps what it returned."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, make: Callable[[], Screen[Any]]) -> None:
        super().__init__()
        self.animation_level = "none"
        self._make = make
        self.results: list[Any] = []

    async def on_mount(self) -> None:
        await self.open()

    async def open(self) -> None:
        """Show the screen."""
        self.push_screen(self._make(), self.results.append)


async def settled(pilot: Pilot[Any]) -> None:
    """Until no worker of the program runs and every message is dealt with; what failed is for the screen to say."""
    await pilot.pause()
    while workers := [worker for worker in pilot.app.workers if worker.is_running]:
        with suppress(WorkerFailed):
            await pilot.app.workers.wait_for_complete(workers)
        await pilot.pause()


def shown(app: App[Any]) -> str:
    """What stands on the screen, as text."""
    strips = app.screen._compositor.render_strips(app.size)
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def until(pilot: Pilot[Any], *texts: str, seconds: float = 10) -> str:
    """The screen as text, once all these stand on it."""
    ends = time.monotonic() + seconds
    while not all(text in (screen := shown(pilot.app)) for text in texts):
        assert time.monotonic() < ends, f"{texts} did not come:\n{screen}"
        await pilot.pause(0.01)
    return screen


async def at_rest(pilot: Pilot[Any], seconds: float = 0.3) -> str:
    """The screen as text, once it has not changed for that long: scroll bars come after what they scroll."""
    before, since = shown(pilot.app), time.monotonic()
    while time.monotonic() - since < seconds:
        await pilot.pause(0.03)
        if (screen := shown(pilot.app)) != before:
            before, since = screen, time.monotonic()
    return before


def said(app: App[Any]) -> str:
    """The messages in the corner."""
    return "\n".join(notification.message for notification in app._notifications)


def calls(planner: Planner) -> dict[str, int]:
    """How often each query was made so far."""
    return {query.name: query.count for query in planner.database.metrics.snapshot().queries}


async def type_into(pilot: Pilot[Any], text: str) -> None:
    """Type characters into whatever has the focus."""
    await pilot.press(*(_KEYS.get(character, character) for character in text))


_KEYS = {" ": "space"}
