"""Trips through their repository: reading, creating once, changing on top of what one saw, trash, copies, stops."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from tests.data.booking_samples import FLIGHT, ITEM, OUTBOUND, RETURN, RIDE, STAY, STOPS, TRIP, at
from tests.data.conftest import SignIn
from tests.database import Database as Cluster
from tests.database import User
from tripsage_tui.data.accommodations import AccommodationRepository
from tripsage_tui.data.constraints import CONSTRAINTS
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import Forbidden, InvalidValue, NotFound, StaleRow
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.itinerary import ItineraryRepository
from tripsage_tui.data.transportation import TransportationRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.models.bookings import BookingStatus, ItemStatus, PaymentStatus
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rates import converted
from tripsage_tui.models.trips import Access, StopFields, Trip, TripFields, TripStatus, TripSummary


@pytest.fixture
async def ann(database: Cluster) -> User:
    return await database.create_user("Ann")


@pytest.fixture
async def bob(database: Cluster) -> User:
    return await database.create_user("Bob")


@pytest.fixture
async def session(sign_in: SignIn, ann: User) -> Database:
    return await sign_in(ann)


@pytest.fixture
async def trips(session: Database) -> TripRepository:
    return TripRepository(session)


@pytest.fixture
async def trip(trips: TripRepository) -> Trip:
    return await trips.create(TRIP, stops=STOPS, key=uuid4())


async def fill(session: Database, trip: Trip) -> None:
    """Bookings of all four kinds."""
    await FlightRepository(session).add(trip.id, FLIGHT, legs=(OUTBOUND, RETURN), key=uuid4())
    await AccommodationRepository(session).add(trip.id, STAY, key=uuid4())
    await TransportationRepository(session).add(trip.id, RIDE, legs=(OUTBOUND,), key=uuid4())
    await ItineraryRepository(session).add(trip.id, ITEM, key=uuid4())


async def share(database: Cluster, trip: Trip, user: User, level: str) -> None:
    await (await database.owner()).execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by) values ($1, $2, $3, $4)",
        trip.id, user.id, level, trip.user_id,
    )  # fmt: skip


class TestCreating:
    async def test_what_goes_in_comes_out(self, trips: TripRepository, trip: Trip, ann: User) -> None:
        assert TripFields(**trip.model_dump(include=set(TripFields.model_fields))) == TRIP
        assert (trip.user_id, trip.access, trip.deleted_at) == (ann.id, Access.OWNER, None)
        assert trip.created_at.utcoffset() == timedelta(0)
        assert trip == await trips.get(trip.id)
        plan = await trips.plan(trip.id)
        assert plan.trip == trip
        assert [StopFields(**stop.model_dump(include=set(StopFields.model_fields))) for stop in plan.stops] == list(
            STOPS
        )
        assert [stop.position for stop in plan.stops] == [0, 1, 2]
        # The fast way of making models makes the same models.
        assert Trip.model_validate(trip.model_dump()) == trip
        assert trip.model_copy(update={"name": "x"}).name == "x"

    async def test_the_same_key_makes_one_trip(self, trips: TripRepository) -> None:
        key = uuid4()
        made = await asyncio.gather(*(trips.create(TRIP, stops=STOPS, key=key) for _ in range(6)))
        made += await asyncio.gather(*(trips.create(TRIP, key=key) for _ in range(6)))
        assert len({each.id for each in made}) == 1
        assert len((await trips.plan(made[0].id)).stops) == 3
        assert len(await trips.list()) == 1

    async def test_the_same_key_of_two_users_makes_two_trips(
        self, trips: TripRepository, sign_in: SignIn, bob: User
    ) -> None:
        key = uuid4()
        other = TripRepository(await sign_in(bob))
        assert (await trips.create(TRIP, key=key)).id != (await other.create(TRIP, key=key)).id

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"end_date": date(2027, 10, 1)}, "end_date"),
            ({"budget": Decimal(0)}, "budget"),
            ({"budget": Decimal("NaN")}, "budget"),
            ({"budget": Decimal("Infinity")}, "budget"),
            ({"travelers": 0}, "travelers"),
            ({"name": "a\0b"}, "name"),
            ({"notes": ("half \ud83d",)}, "notes"),
        ],
    )
    async def test_what_is_refused_names_the_field(
        self, trips: TripRepository, changes: dict[str, object], field: str
    ) -> None:
        with pytest.raises(InvalidValue) as refusal:
            await trips.create(TRIP.model_copy(update=changes), key=uuid4())
        assert refusal.value.field == field
        assert await trips.list() == []


class TestListing:
    async def test_costs_are_per_currency_and_do_not_multiply(
        self, trips: TripRepository, trip: Trip, session: Database
    ) -> None:
        await fill(session, trip)
        await fill(session, trip)
        cancelled = FLIGHT.model_copy(update={"booking_status": BookingStatus.CANCELLED, "price": Decimal(7)})
        await FlightRepository(session).add(trip.id, cancelled, key=uuid4())
        empty = await trips.create(TRIP.model_copy(update={"start_date": date(2027, 1, 1)}), key=uuid4())
        first, second = await trips.list()
        assert isinstance(first, TripSummary)
        assert (first.id, first.planned, first.booked, first.bookings, first.items) == (empty.id, {}, {}, 0, 0)
        in_euros = [converted(each.price, each.currency, each.exchange_rate, "EUR") for each in (RIDE, ITEM)]
        assert second.planned == {"EUR": 2 * (FLIGHT.price + STAY.total_price + sum(filter(None, in_euros)))}
        assert second.booked == {"EUR": 2 * (FLIGHT.price + STAY.total_price)}
        assert (second.bookings, second.items) == (6, 2)
        assert second.model_dump(include=set(Trip.model_fields)) == trip.model_dump()
        assert TripSummary.model_validate(second.model_dump()) == second

    async def test_what_has_a_rate_is_counted_in_the_trips_currency(
        self, trips: TripRepository, trip: Trip, session: Database
    ) -> None:
        yen = ITEM.model_copy(update={"currency": "JPY", "price": Decimal(9000), "exchange_rate": Decimal("0.0062")})
        without = yen.model_copy(update={"exchange_rate": None})
        euro = without.model_copy(update={"currency": "EUR", "price": Decimal(1)})
        for item in (yen, without, euro):
            await ItineraryRepository(session).add(trip.id, item, key=uuid4())
        (listed,) = await trips.list()
        assert listed.planned == {"EUR": Decimal("56.80"), "JPY": Decimal(9000)}

    async def test_shared_trips_are_listed_with_their_level(
        self, trips: TripRepository, trip: Trip, sign_in: SignIn, database: Cluster
    ) -> None:
        for level in ("view", "edit", "admin"):
            user = await database.create_user(level)
            await share(database, trip, user, level)
            theirs = TripRepository(await sign_in(user))
            assert [(each.id, each.access) for each in await theirs.list()] == [(trip.id, Access(level))]
            assert (await theirs.plan(trip.id)).trip.access is Access(level)
            assert (await theirs.get(trip.id)).access is Access(level)

    async def test_odd_rows_of_other_programs_hide_nothing(
        self, trips: TripRepository, trip: Trip, session: Database, database: Cluster
    ) -> None:
        await fill(session, trip)
        owner = await database.owner()
        await owner.execute(
            """
            update public.trips set start_date = '-infinity', end_date = '20000-01-01', budget = 'NaN', notes = null,
                   tags = array['a', null], created_at = null, updated_at = null;
            update public.flights set price = 'Infinity', departure_date = '0044-03-15 BC', currency = E'A\n B|"',
                   metadata = null, created_at = null;
            update public.accommodations set total_price = ('1' || repeat('0', 5000))::numeric, amenities = null;
            update public.legs set departure_time = 'infinity', arrival_time = '20000-01-01';
            update public.itinerary_items set price = 'NaN', start_time = '-infinity';
            """
        )
        (summary,) = await trips.list()
        assert summary.start_date == date.min
        assert summary.end_date.year == 9999
        assert summary.tags == ("a",)
        plan = await trips.plan(trip.id)
        assert plan.trip.start_date == date.min
        assert plan.flights[0].departure_date == date.min
        assert plan.accommodations[0].total_price == plan.flights[0].price == Decimal(10) ** 15
        assert plan.flights[0].legs[0].departure_time is not None
        assert plan.items[0].price == 0
        # Such a row can still be changed, on top of the missing timestamp.
        changed = await trips.update(trip.id, {"budget": Decimal(5)}, based_on=plan.trip.updated_at)
        assert changed.budget == 5

    async def test_a_long_list_lets_others_work(
        self, trips: TripRepository, database: Cluster, ann: User, session: Database
    ) -> None:
        await (await database.owner()).execute(
            """
            insert into public.trips (user_id, name, start_date, end_date, destination, budget, travelers)
            select $1, 'Trip ' || n, '2027-10-02', '2027-10-16', 'Tokyo', n, 2 from generate_series(1, 5000) n
            """,
            ann.id,
        )
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        counting = asyncio.create_task(count())
        listed = await trips.list()
        counting.cancel()
        assert [each.budget for each in listed] == list(range(1, 5001))
        assert turns > 10


class TestPlan:
    async def test_is_the_whole_trip_in_one_query(self, trips: TripRepository, trip: Trip, session: Database) -> None:
        await fill(session, trip)
        before = session.metrics.snapshot()
        plan = await trips.plan(trip.id)
        after = session.metrics.snapshot()
        assert sum(each.count for each in after.queries) - sum(each.count for each in before.queries) == 1
        assert list(plan.flights) == await FlightRepository(session).by_trip(trip.id)
        assert list(plan.accommodations) == await AccommodationRepository(session).by_trip(trip.id)
        assert list(plan.transportation) == await TransportationRepository(session).by_trip(trip.id)
        assert list(plan.items) == await ItineraryRepository(session).by_trip(trip.id)
        assert TripPlan.model_validate(plan.model_dump()) == plan
        assert plan.items[0].price == Decimal("0.005")
        assert str(plan.flights[0].price) == "1834.50"

    async def test_of_a_stranger_or_of_nothing_is_not_found(
        self, trips: TripRepository, trip: Trip, sign_in: SignIn, bob: User
    ) -> None:
        theirs = TripRepository(await sign_in(bob))
        for repository, trip_id in ((theirs, trip.id), (trips, trip.id + 1000)):
            with pytest.raises(NotFound):
                await repository.plan(trip_id)
            with pytest.raises(NotFound):
                await repository.get(trip_id)


class TestChanging:
    async def test_on_top_of_what_one_saw(self, trips: TripRepository, trip: Trip) -> None:
        changed = await trips.update(
            trip.id,
            {"name": "Nippon", "budget": Decimal("7000.55"), "tags": (), "status": TripStatus.PLANNING},
            based_on=trip.updated_at,
        )
        assert changed == trip.model_copy(
            update={
                "name": "Nippon",
                "budget": Decimal("7000.55"),
                "tags": (),
                "status": TripStatus.PLANNING,
                "updated_at": changed.updated_at,
            }
        )
        assert changed.updated_at > trip.updated_at
        with pytest.raises(StaleRow) as stale:
            await trips.update(trip.id, {"name": "Korea"}, based_on=trip.updated_at)
        assert stale.value.current == changed
        assert (await trips.get(trip.id)).name == "Nippon"

    async def test_of_two_at_once_one_wins(self, trips: TripRepository, trip: Trip) -> None:
        results = await asyncio.gather(
            *(trips.update(trip.id, {"travelers": n}, based_on=trip.updated_at) for n in range(1, 9)),
            return_exceptions=True,
        )
        won = [result for result in results if isinstance(result, Trip)]
        assert len(won) == 1
        assert all(isinstance(result, StaleRow) for result in results if result is not won[0])
        assert await trips.get(trip.id) == won[0]

    async def test_names_what_may_be_changed(self, trips: TripRepository, trip: Trip, bob: User) -> None:
        for name, value in {"user_id": bob.id, "id": 7, "name = 'x', budget": 1, "created_at": at(1, 1, 1)}.items():
            with pytest.raises(InvalidValue):
                await trips.update(trip.id, {name: value}, based_on=trip.updated_at)
        assert await trips.get(trip.id) == trip

    async def test_refusals_tell_apart_gone_forbidden_and_invalid(
        self, trips: TripRepository, trip: Trip, sign_in: SignIn, bob: User, database: Cluster
    ) -> None:
        theirs = TripRepository(await sign_in(bob))
        with pytest.raises(NotFound):
            await theirs.update(trip.id, {"name": "x"}, based_on=trip.updated_at)
        await share(database, trip, bob, "view")
        with pytest.raises(Forbidden):
            await theirs.update(trip.id, {"name": "x"}, based_on=trip.updated_at)
        with pytest.raises(InvalidValue, match="before the start"):
            await trips.update(trip.id, {"end_date": date(2020, 1, 1)}, based_on=trip.updated_at)
        with pytest.raises(InvalidValue, match="must not be empty"):
            await trips.update(trip.id, {"name": None}, based_on=trip.updated_at)


class TestTrash:
    async def test_hides_and_gives_back(self, trips: TripRepository, trip: Trip, session: Database) -> None:
        await fill(session, trip)
        before = await trips.plan(trip.id)
        deleted = await trips.delete(trip.id, trip.updated_at)
        assert deleted.deleted_at is not None
        assert await trips.list() == []
        assert [each.id for each in await trips.list(include_deleted=True)] == [trip.id]
        restored = await trips.restore(trip.id)
        assert restored.deleted_at is None
        assert await trips.restore(trip.id) == restored
        after = await trips.plan(trip.id)
        assert after.model_copy(update={"trip": before.trip}) == before

    async def test_is_the_owners(self, trip: Trip, sign_in: SignIn, bob: User, database: Cluster) -> None:
        await share(database, trip, bob, "admin")
        theirs = TripRepository(await sign_in(bob))
        with pytest.raises(Forbidden):
            await theirs.delete(trip.id, trip.updated_at)

    async def test_needs_the_current_version(self, trips: TripRepository, trip: Trip) -> None:
        changed = await trips.update(trip.id, {"name": "x"}, based_on=trip.updated_at)
        with pytest.raises(StaleRow):
            await trips.delete(trip.id, trip.updated_at)
        await trips.delete(trip.id, changed.updated_at)


class TestStops:
    async def test_are_replaced_together(self, trips: TripRepository, trip: Trip, database: Cluster) -> None:
        await (await database.owner()).execute(
            "update public.trip_stops set latitude = 35, longitude = 135.77 where place = 'Kyoto'"
        )
        stored = await trips.set_stops(trip.id, [StopFields(place="Osaka"), StopFields(place="Kyoto")])
        assert [(stop.position, stop.place) for stop in stored] == [(0, "Osaka"), (1, "Kyoto")]
        assert (await trips.plan(trip.id)).stops == stored
        rows = await (await database.owner()).fetch("select place, longitude from public.trip_stops order by place")
        assert [tuple(row) for row in rows] == [("Kyoto", Decimal("135.77")), ("Osaka", None)]
        assert await trips.set_stops(trip.id, []) == ()

    async def test_are_not_a_strangers_or_viewers(
        self, trips: TripRepository, trip: Trip, sign_in: SignIn, bob: User, database: Cluster
    ) -> None:
        theirs = TripRepository(await sign_in(bob))
        for stops in ([], [StopFields(place="Osaka")]):
            with pytest.raises((Forbidden, NotFound)):
                await theirs.set_stops(trip.id, stops)
        await share(database, trip, bob, "view")
        for stops in ([], [StopFields(place="Osaka")]):
            with pytest.raises(Forbidden):
                await theirs.set_stops(trip.id, stops)
        assert len((await trips.plan(trip.id)).stops) == 3

    async def test_say_what_is_wrong(self, trips: TripRepository, trip: Trip) -> None:
        bad = StopFields(place="Osaka", arrive_date=date(2027, 10, 5), depart_date=date(2027, 10, 4))
        with pytest.raises(InvalidValue):
            await trips.set_stops(trip.id, [bad])


class TestCopying:
    @pytest.fixture
    async def full(self, trip: Trip, session: Database) -> Trip:
        await fill(session, trip)
        return trip

    async def test_shifts_everything_and_books_nothing(self, trips: TripRepository, full: Trip) -> None:
        # From summer time in Frankfurt to winter time there; Tokyo has none.
        start = date(2028, 11, 4)
        days = (start - full.start_date).days
        copy = await trips.duplicate(full.id, start_date=start, name="Again", key=uuid4())
        source, plan = await trips.plan(full.id), await trips.plan(copy.id)
        assert (copy.name, copy.start_date, copy.days, copy.status) == ("Again", start, full.days, TripStatus.PLANNING)
        assert (copy.budget, copy.notes, copy.tags) == (full.budget, full.notes, full.tags)
        assert [stop.place for stop in plan.stops] == ["Tokyo", "Kyoto", "Osaka"]
        assert plan.stops[0].arrive_date == STOPS[0].arrive_date + timedelta(days)  # type: ignore[operator]
        (flight,), (stay,), (ride,), (item,) = plan.flights, plan.accommodations, plan.transportation, plan.items
        assert flight.departure_date == start
        outbound, back = flight.legs
        assert outbound.departure_time == at(11, 4, 12, 10, year=2028)  # 13:10 in Frankfurt, as before
        assert outbound.arrival_time == at(11, 5, 0, 35, year=2028)  # 09:35 in Tokyo, as before
        assert back.departure_zone == "Asia/Tokyo"
        assert stay.check_in_at == STAY.check_in_at + timedelta(days)  # type: ignore[operator]
        assert ride.departure_time == RIDE.departure_time + timedelta(days)  # type: ignore[operator]
        assert len(ride.legs) == 1
        assert item.start_time == ITEM.start_time + timedelta(days)  # type: ignore[operator]
        for booking in plan.bookings:
            assert booking.booking_status in {BookingStatus.AVAILABLE, ItemStatus.PLANNED}
            assert booking.confirmation_code is None
            assert booking.payment_status is PaymentStatus.UNPAID
            assert booking.pay_by is None
            assert booking.cancel_free_until is None
            assert booking.notes == "aisle, please"
        assert flight.seat is None
        assert all(leg.seat is None for leg in flight.legs)
        assert source == await trips.plan(full.id)

    async def test_the_same_key_copies_once(self, trips: TripRepository, full: Trip) -> None:
        key = uuid4()
        copies = await asyncio.gather(
            *(trips.duplicate(full.id, start_date=date(2028, 4, 1), name="Again", key=key) for _ in range(5))
        )
        assert len({copy.id for copy in copies}) == 1
        assert len((await trips.plan(copies[0].id)).bookings) == 4
        assert len(await trips.list()) == 2

    async def test_a_copy_of_a_shared_trip_is_ones_own(
        self, full: Trip, sign_in: SignIn, bob: User, database: Cluster
    ) -> None:
        theirs = TripRepository(await sign_in(bob))
        with pytest.raises(NotFound):
            await theirs.duplicate(full.id, start_date=date(2028, 4, 1), name="Mine", key=uuid4())
        await share(database, full, bob, "view")
        copy = await theirs.duplicate(full.id, start_date=date(2028, 4, 1), name="Mine", key=uuid4())
        assert (copy.user_id, copy.access) == (bob.id, Access.OWNER)
        assert len((await theirs.plan(copy.id)).bookings) == 4

    async def test_zones_that_nobody_knows_do_not_stop_it(
        self, trips: TripRepository, full: Trip, database: Cluster
    ) -> None:
        await (await database.owner()).execute("update public.legs set departure_zone = 'Mars/Olympus Mons'")
        copy = await trips.duplicate(full.id, start_date=date(2028, 10, 2), name="Again", key=uuid4())
        assert (await trips.plan(copy.id)).flights[0].legs[0].departure_zone == "Mars/Olympus Mons"

    async def test_the_end_of_the_calendar_is_said(self, trips: TripRepository, full: Trip) -> None:
        with pytest.raises(InvalidValue) as refusal:
            await trips.duplicate(full.id, start_date=date(9999, 12, 30), name="Late", key=uuid4())
        assert refusal.value.field == "start_date"


async def test_instants_keep_their_microseconds(trips: TripRepository, trip: Trip, session: Database) -> None:
    moment = datetime(2027, 10, 2, 11, 10, 0, 123456, tzinfo=UTC)
    item = await ItineraryRepository(session).add(
        trip.id, ITEM.model_copy(update={"start_time": moment}), key=UUID(int=1)
    )
    assert item.start_time == moment
    assert (await trips.plan(trip.id)).items[0].start_time == moment


async def test_every_constraint_of_trips_and_bookings_has_a_sentence(database: Cluster) -> None:
    rows = await (await database.owner()).fetch(
        """
        select conname from pg_constraint
        where contype = 'c' and conrelid = any (array['public.trips', 'public.trip_stops', 'public.flights',
          'public.accommodations', 'public.transportation', 'public.itinerary_items', 'public.legs',
          'public.trip_collaborators']::regclass[])
        """
    )
    assert {row["conname"] for row in rows} <= set(CONSTRAINTS)
    assert all(sentence.endswith(".") for _, sentence in CONSTRAINTS.values())
