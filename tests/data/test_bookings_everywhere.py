"""All bookings of all trips in one query, for whoever sees the trip."""

from __future__ import annotations

from uuid import uuid4

from tests.data.booking_samples import FLIGHT, ITEM, OUTBOUND, RETURN, RIDE, STAY, TRIP
from tests.data.conftest import SignIn
from tests.database import Database as Cluster
from tripsage_tui.data.accommodations import AccommodationRepository
from tripsage_tui.data.bookings_everywhere import BookingsEverywhere
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.itinerary import ItineraryRepository
from tripsage_tui.data.transportation import TransportationRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.models.booking_list import Kind
from tripsage_tui.models.trips import Access


async def test_everything_of_every_trip_that_one_sees(database: Cluster, sign_in: SignIn) -> None:
    ann, bob, eve = [await database.create_user(name) for name in ("Ann", "Bob", "Eve")]
    session = await sign_in(ann)
    trips = TripRepository(session)
    trip = await trips.create(TRIP, key=uuid4())
    flight = await FlightRepository(session).add(trip.id, FLIGHT, legs=[OUTBOUND, RETURN], key=uuid4())
    stay = await AccommodationRepository(session).add(trip.id, STAY, key=uuid4())
    ride = await TransportationRepository(session).add(trip.id, RIDE, key=uuid4())
    item = await ItineraryRepository(session).add(trip.id, ITEM, key=uuid4())
    other = await trips.create(TRIP.model_copy(update={"name": "In the trash"}), key=uuid4())
    await ItineraryRepository(session).add(other.id, ITEM, key=uuid4())
    await trips.delete(other.id, other.updated_at)
    await (await database.owner()).execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by) "
        "values ($1, $2, 'view', $3)",
        trip.id,
        bob.id,
        ann.id,
    )

    before = sum(query.count for query in session.metrics.snapshot().queries)
    rows = {row.kind: row for row in await BookingsEverywhere(session).list()}
    assert sum(query.count for query in session.metrics.snapshot().queries) == before + 1
    assert {kind: row.id for kind, row in rows.items()} == {
        Kind.FLIGHT: flight.id, Kind.STAY: stay.id, Kind.TRANSPORT: ride.id, Kind.ITEM: item.id,
    }  # fmt: skip
    assert {row.access for row in rows.values()} == {Access.OWNER}
    journey = rows[Kind.FLIGHT]
    assert (journey.starts_at, journey.start_zone) == (OUTBOUND.departure_time, OUTBOUND.departure_zone)
    assert (journey.ends_at, journey.end_zone) == (RETURN.arrival_time, RETURN.arrival_zone)
    assert (journey.title, journey.price, journey.updated_at) == (
        f"{FLIGHT.origin} → {FLIGHT.destination}", FLIGHT.price, flight.updated_at,
    )  # fmt: skip
    assert (rows[Kind.STAY].price, rows[Kind.STAY].reference) == (STAY.total_price, STAY.confirmation_code)

    shared = await BookingsEverywhere(await sign_in(bob)).list()
    assert {(row.id, row.kind, row.access) for row in shared} == {(r.id, r.kind, Access.VIEW) for r in rows.values()}
    assert await BookingsEverywhere(await sign_in(eve)).list() == []


async def test_archived_trips_only_on_request(database: Cluster, sign_in: SignIn) -> None:
    ann = await database.create_user("Ann")
    session = await sign_in(ann)
    trip = await TripRepository(session).create(TRIP, key=uuid4())
    await ItineraryRepository(session).add(trip.id, ITEM, key=uuid4())
    await (await database.owner()).execute("update public.trips set archived_at = now() where id = $1", trip.id)
    everywhere = BookingsEverywhere(session)
    assert await everywhere.list() == []
    assert [row.trip_id for row in await everywhere.list(archived=True)] == [trip.id]
