"""The sample trips, stored as a user stores them and read back as the screens read them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.data.conftest import SignIn
from tripsage_tui.data.accommodations import AccommodationRepository
from tripsage_tui.data.chats import ChatRepository
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.itinerary import ItineraryRepository
from tripsage_tui.data.memories import MemoryRepository
from tripsage_tui.data.outbox import Outbox
from tripsage_tui.data.transportation import TransportationRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.drafts import DraftStore
from tripsage_tui.identity.profiles import Profile
from tripsage_tui.memory.models_at_hand import EnvironmentKeys
from tripsage_tui.memory.service import MemoryService
from tripsage_tui.models.agenda import agenda, ideas
from tripsage_tui.models.booking_drafts import FormContext, edit_booking, values_of
from tripsage_tui.models.bookings import Booking, Flight
from tripsage_tui.models.costs import costs
from tripsage_tui.models.samples import samples
from tripsage_tui.models.trip_drafts import edit_trip, trip_values
from tripsage_tui.places.airports import Airports
from tripsage_tui.planner import Planner
from tripsage_tui.sample_trips import create_sample, create_samples
from tripsage_tui.undo import UndoStack

if TYPE_CHECKING:
    from tests.database import Database as TestDatabase

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


async def planner(database: TestDatabase, sign_in: SignIn, folder: Path) -> Planner:
    user = await database.create_user("Ada")
    session = await sign_in(user)
    return Planner(
        profile=Profile(user.id, "Ada"),
        database=session,
        trips=TripRepository(session),
        flights=FlightRepository(session),
        accommodations=AccommodationRepository(session),
        transportation=TransportationRepository(session),
        items=ItineraryRepository(session),
        chats=ChatRepository(session),
        memory=MemoryService(MemoryRepository(session), Outbox(session), EnvironmentKeys(dict)),
        undo=UndoStack(),
        drafts=DraftStore(folder),
        airports=Airports(),
        clock=lambda: NOW,
    )


async def test_all_samples_come_back_as_they_were_made(database: TestDatabase, sign_in: SignIn, tmp_path: Path) -> None:
    ada = await planner(database, sign_in, tmp_path)
    made = await create_samples(ada)
    listed = await ada.trips.list()
    assert {trip.id for trip in made} == {trip.id for trip in listed}
    assert len(made) == len(samples())
    for summary in listed:
        plan = await ada.trips.plan(summary.id)
        context = FormContext(ada.today, plan.trip, plan.stops, ada.airports.zone_of, ada.airports.distance_km)
        assert edit_trip(plan.trip, plan.stops, trip_values(plan.trip, plan.stops), ada.today).changes == {}
        for booking in plan.bookings:
            _assert_untouched(booking, context)
        assert sum(len(day.entries) for day in agenda(plan)) + len(ideas(plan)) >= len(plan.bookings)
        assert costs(plan).planned == summary.planned
        assert costs(plan).booked == summary.booked


def _assert_untouched(booking: Booking, context: FormContext) -> None:
    edit = edit_booking(booking, values_of(booking, context), context)
    assert edit.draft.errors == {}
    assert (edit.changes, edit.legs) == ({}, None)


async def test_the_first_start_makes_japan_and_may_do_so_again(
    database: TestDatabase, sign_in: SignIn, tmp_path: Path
) -> None:
    ada = await planner(database, sign_in, tmp_path)
    first, second = await create_sample(ada), await create_sample(ada)
    assert first.id != second.id
    plan = await ada.trips.plan(first.id)
    assert [stop.place for stop in plan.stops] == ["Tokyo", "Kyoto", "Osaka"]
    (ticket,) = plan.flights
    assert isinstance(ticket, Flight)
    assert [(leg.origin, leg.arrival_zone) for leg in ticket.legs] == [("FRA", "Asia/Tokyo"), ("HND", "Europe/Berlin")]
