"""What comes next, on PostgreSQL: groups, order, local clocks, what is left out, and the way a prompt asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from tests.database import Database, User
from tests.screens.planning import JAPAN, planner_of
from tripsage_tui.data.coming_up import ComingUpRepository
from tripsage_tui.data.next_up_query import NoAnswer, ask_at_once
from tripsage_tui.models.bookings import (
    AccommodationFields,
    FlightFields,
    ItemStatus,
    ItineraryItemFields,
    LegFields,
    PaymentStatus,
    TransportationFields,
    TransportType,
)
from tripsage_tui.models.next_up import NextUp, countdown, read, sentence
from tripsage_tui.models.trips import TripFields
from tripsage_tui.planner import Planner

NOON = datetime(2027, 10, 5, 3, 0, tzinfo=UTC)
"""Noon in Tokyo, on the fourth day."""
DAY = timedelta(days=1)


@pytest.fixture
async def planner(database: Database, tmp_path: Path) -> AsyncIterator[Planner]:
    ann = await database.create_user("Ann")
    async with planner_of(database, ann, tmp_path / "drafts") as planner:
        yield planner


async def fill(planner: Planner, trip: TripFields = JAPAN) -> int:
    stored = await planner.trips.create(trip, key=uuid4())
    flight = FlightFields(
        origin="FRA",
        destination="HND",
        departure_date=date(2027, 10, 14),
        price=Decimal(1),
        pay_by=date(2027, 10, 6),
        check_in_opens_at=NOON + 8 * DAY,
    )
    legs = [
        LegFields(
            origin="HND",
            destination="PEK",
            departure_time=NOON + 9 * DAY,
            departure_zone="Asia/Tokyo",
            arrival_time=NOON + 9 * DAY + timedelta(hours=4),
            arrival_zone="Asia/Shanghai",
            number="CA184",
        ),
        LegFields(origin="PEK", destination="FRA", departure_time=NOON + 9 * DAY + timedelta(hours=6)),
    ]
    await planner.flights.add(stored.id, flight, legs=legs, key=uuid4())
    stay = AccommodationFields(
        name="Granvia",
        check_in_date=date(2027, 10, 3),
        check_out_date=date(2027, 10, 7),
        price_per_night=Decimal(1),
        total_price=Decimal(4),
        cancel_free_until=NOON - DAY,
        pay_by=date(2027, 10, 1),
        payment_status=PaymentStatus.PAID,
    )
    await planner.accommodations.add(stored.id, stay, key=uuid4())
    ride = TransportationFields(
        transport_type=TransportType.TRAIN,
        origin="Tokyo",
        destination="Kyoto",
        departure_time=NOON - timedelta(hours=1),
        departure_zone="Asia/Tokyo",
        arrival_time=NOON + timedelta(hours=1),
        arrival_zone="Asia/Tokyo",
    )
    await planner.transportation.add(stored.id, ride, key=uuid4())
    for title, changes in (
        ("Dinner", {"start_time": NOON + timedelta(hours=7, minutes=30), "start_zone": "Asia/Tokyo"}),
        ("Market", {"day": date(2027, 10, 5)}),
        ("Yesterday", {"day": date(2027, 10, 4)}),
        ("Gone", {"day": date(2027, 10, 5), "booking_status": ItemStatus.CANCELLED}),
        ("Idea", {}),
        ("Odd zone", {"start_time": NOON + 2 * DAY + timedelta(hours=1), "start_zone": "Mars/Olympus"}),
    ):
        await planner.items.add(stored.id, ItineraryItemFields(title=title, **changes), key=uuid4())
    return stored.id


async def look(planner: Planner, now: datetime = NOON, most: int = 9) -> NextUp:
    return await ComingUpRepository(planner.database).next(now, most)


async def test_what_comes_in_its_order(planner: Planner) -> None:
    await fill(planner)
    found = await look(planner)
    assert [moment.what for moment in found.now] == ["staying at Granvia", "on the way Tokyo → Kyoto"]
    assert [moment.title for moment in found.events] == [
        *("Market", "Dinner", "Granvia", "Odd zone", "HND → PEK", "PEK → FRA"),
    ]
    assert [moment.what for moment in found.deadlines] == ["pay by: FRA → HND", "check-in opens: FRA → HND"]
    dinner = next(moment for moment in found.events if moment.title == "Dinner")
    assert (dinner.time, dinner.day, dinner.in_days) == ("19:30", "2027-10-05", 0)
    assert countdown(dinner, NOON.timestamp()) == "in 7 h 30 min"
    assert sentence(dinner, NOON.timestamp()).endswith("Tue 5 Oct 2027 19:30 Tokyo · Japan in autumn")
    odd = next(moment for moment in found.events if moment.title == "Odd zone")
    assert odd.time == "04:00"
    assert countdown(found.now[1], NOON.timestamp()) == "until Tue 5 Oct 2027 13:00"
    assert [moment.title for moment in (await look(planner, most=1)).events] == [found.events[0].title]


async def test_trips_that_are_cancelled_put_away_or_in_the_trash_are_silent(planner: Planner) -> None:
    for _ in range(3):
        await fill(planner)
    first, second, third = await planner.trips.list()
    await planner.trips.update(first.id, {"status": "cancelled"}, based_on=first.updated_at)
    await planner.database.execute("update trips set archived_at = now() where id = $1", second.id, name="test")
    found = await look(planner, most=99)
    assert {moment.trip_id for moment in (*found.now, *found.events, *found.deadlines)} == {third.id}
    await planner.trips.delete(third.id, based_on=third.updated_at)
    assert not await look(planner)


async def test_the_days_of_one_trip(planner: Planner) -> None:
    trip = await fill(planner)
    await fill(planner)
    repository = ComingUpRepository(planner.database)
    found = await repository.between(NOON, NOON + DAY, trip_id=trip)
    assert {moment.trip_id for moment in found.events} == {trip}
    assert {moment.title for moment in found.events} == {"Dinner", "Market"}
    assert not (await repository.between(NOON, NOON + DAY, trip_id=10**9)).events


async def test_endless_and_absurd_dates_break_nothing(planner: Planner, database: Database) -> None:
    trip = await fill(planner)
    owner = await database.owner()
    for day in ("'infinity'", "'-infinity'", "'4000-01-01 BC'", "'9999-12-31'"):
        await owner.execute(
            "insert into itinerary_items (trip_id, title, item_type, day, pay_by) "
            f"values ({trip}, 'x', 'other', {day}, {day})"
        )
        await owner.execute(
            f"insert into itinerary_items (trip_id, title, item_type, start_time, end_time) "
            f"values ({trip}, 'y', 'other', now(), {day}::date)"
        )
    assert (await look(planner, most=99)).events


async def test_a_prompt_asks_the_same_and_sees_no_more(planner: Planner, database: Database) -> None:
    await fill(planner)
    stranger: User = await database.create_user("Eve")
    path = f"{database.host}/.s.PGSQL.{database.port}"
    whole = await ComingUpRepository(planner.database).next(datetime.now(UTC))
    quick = read(await asyncio.to_thread(ask_at_once, path, str(planner.profile.id), database.name))
    assert [moment.as_json() for moment in quick.events] == [moment.as_json() for moment in whole.events]
    assert len(quick.events) == 3
    assert await asyncio.to_thread(ask_at_once, path, str(stranger.id), database.name) == []
    for where, who in (("/nowhere/.s.PGSQL.5432", str(stranger.id)), (path, 'x"} nobody'), (path, "")):
        with pytest.raises(NoAnswer):
            await asyncio.to_thread(ask_at_once, where, who, database.name)
