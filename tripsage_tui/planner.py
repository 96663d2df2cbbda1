"""What screens and commands are given: the repositories and helpers of one signed-in user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from tripsage_tui.answer_journals import AnswerJournals
from tripsage_tui.live_feed import LiveFeed
from tripsage_tui.memory.models_at_hand import EnvironmentKeys, Keys
from tripsage_tui.model_windows import ModelWindows
from tripsage_tui.preferences import Preferences
from tripsage_tui.typed_lines import TypedLines

if TYPE_CHECKING:
    from tripsage_tui.attachments.service import Attachments
    from tripsage_tui.data.accommodations import AccommodationRepository
    from tripsage_tui.data.bookings_everywhere import BookingsEverywhere
    from tripsage_tui.data.chats import ChatRepository
    from tripsage_tui.data.database import Database
    from tripsage_tui.data.expenses import ExpenseRepository
    from tripsage_tui.data.flights import FlightRepository
    from tripsage_tui.data.itinerary import ItineraryRepository
    from tripsage_tui.data.people import PeopleRepository
    from tripsage_tui.data.search import SearchRepository
    from tripsage_tui.data.settlements import SettlementRepository
    from tripsage_tui.data.transportation import TransportationRepository
    from tripsage_tui.data.travellers import TravellerRepository
    from tripsage_tui.data.trips import TripRepository
    from tripsage_tui.drafts import DraftStore
    from tripsage_tui.identity.hosted_user import HostedUser
    from tripsage_tui.identity.profiles import Profile
    from tripsage_tui.memory.service import MemoryService
    from tripsage_tui.places.airports import Airports
    from tripsage_tui.presence import Presence
    from tripsage_tui.search_providers import SearchProviders
    from tripsage_tui.stored_keys import StoredKeys
    from tripsage_tui.undo import UndoStack


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Everything that belongs to one user's session, built by the workspace."""

    profile: Profile
    database: Database
    trips: TripRepository
    flights: FlightRepository
    accommodations: AccommodationRepository
    transportation: TransportationRepository
    items: ItineraryRepository
    chats: ChatRepository
    memory: MemoryService
    people: PeopleRepository
    travellers: TravellerRepository
    expenses: ExpenseRepository
    settlements: SettlementRepository
    bookings_everywhere: BookingsEverywhere
    search: SearchRepository
    providers: SearchProviders
    attachments: Attachments
    stored_keys: StoredKeys
    undo: UndoStack
    drafts: DraftStore
    airports: Airports
    clock: Callable[[], datetime]
    """The present instant, with a zone."""
    place: str = "embedded"
    """Where the database is, in a word for the status bar: `embedded`, or the name of the project."""
    account: HostedUser | None = None
    """Who signed in to a hosted project; None of the embedded database."""
    lines: TypedLines = field(default_factory=TypedLines)
    """What was typed into quick add."""
    questions: TypedLines = field(default_factory=TypedLines)
    """What was typed to the assistant, per trip (0: about none)."""
    keys: Keys = field(default_factory=EnvironmentKeys)
    """Which model may be asked."""
    minimum_connection: Mapping[str, int] = field(default_factory=dict)
    """Minutes between two flights by airport, where the user knows better than the checker."""
    windows: ModelWindows = field(default_factory=ModelWindows)
    """How many tokens models read."""
    journals: AnswerJournals = field(default_factory=AnswerJournals)
    """Answers of which the database may not have all."""
    live: LiveFeed = field(default_factory=LiveFeed)
    presence: Presence | None = None
    """Who else looks at a trip."""
    preferences: Preferences = field(default_factory=Preferences)

    @property
    def today(self) -> date:
        """The calendar day where the user is: the clock's own zone."""
        return self.clock().date()
