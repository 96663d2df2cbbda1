"""Several bookings of several kinds written together, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from tests.data.booking_samples import KINDS
from tests.database import Database as Cluster
from tests.screens.planning import a_trip, planner_of
from tripsage_tui.data.booking_batches import BookingBatches
from tripsage_tui.data.errors import NotFound, StaleRow
from tripsage_tui.models.bookings import Booking, BookingStatus, ItineraryItemFields
from tripsage_tui.planner import Planner


@pytest.fixture
async def planner(database: Cluster, tmp_path: Path) -> AsyncIterator[Planner]:
    async with planner_of(database, await database.create_user("Ann"), tmp_path) as planner:
        yield planner


def batches(planner: Planner) -> BookingBatches:
    kinds = (planner.flights, planner.accommodations, planner.transportation, planner.items)
    return BookingBatches(planner.database, kinds)


async def one_of_each(planner: Planner) -> list[Booking]:
    trip = await a_trip(planner)
    flight, legs = KINDS["flights"][1], KINDS["flights"][2]
    added: list[Booking] = [await planner.flights.add(trip.id, flight, legs=legs, key=uuid4())]
    added.append(await planner.accommodations.add(trip.id, KINDS["accommodations"][1], key=uuid4()))
    items = [await planner.items.add(trip.id, ItineraryItemFields(title=title), key=uuid4()) for title in "AB"]
    return [*added, *items]


async def test_each_gets_its_own_changes_and_nothing_else(planner: Planner) -> None:
    flight, stay, first, second = await one_of_each(planner)
    day = date(2027, 10, 5)
    edited = await batches(planner).edit(
        [
            (second, {"day": day, "stands_after": 600}),
            (flight, {"booking_status": BookingStatus.CANCELLED}),
            (first, {"position": 7}),
        ]
    )
    assert [booking.id for booking in edited] == [second.id, flight.id, first.id]
    assert await planner.items.get(second.id) == edited[0]
    assert edited[0].model_dump(exclude={"updated_at"}) == second.model_copy(
        update={"day": day, "stands_after": 600}
    ).model_dump(exclude={"updated_at"})
    assert edited[1].legs == flight.legs  # type: ignore[union-attr]
    assert edited[2].day is None
    assert await planner.accommodations.get(stay.id) == stay


async def test_one_that_someone_else_has_changed_keeps_all_from_being_written(planner: Planner) -> None:
    flight, _, first, second = await one_of_each(planner)
    await planner.items.update(second.id, {"title": "Theirs"}, based_on=second.updated_at)
    changes = {"position": 5}
    with pytest.raises(StaleRow):
        await batches(planner).edit([(flight, changes), (first, changes), (second, changes)])
    with pytest.raises(StaleRow):
        await batches(planner).delete([flight, first, second])
    assert await planner.flights.get(flight.id) == flight
    assert await planner.items.get(first.id) == first
    await planner.items.delete(first.id, based_on=first.updated_at)
    with pytest.raises(NotFound):
        await batches(planner).edit([(flight, changes), (first, changes)])


async def test_deleted_together_and_brought_back_with_their_legs(planner: Planner) -> None:
    added = await one_of_each(planner)
    graves = await batches(planner).delete(added)
    plan = await planner.trips.plan(added[0].trip_id)
    assert plan.bookings == ()
    for _ in range(2):
        await batches(planner).restore(graves)
    plan = await planner.trips.plan(added[0].trip_id)
    without = {"updated_at"}
    assert {booking.id: booking.model_dump(exclude=without) for booking in plan.items} == {
        booking.id: booking.model_dump(exclude=without) for booking in added[2:]
    }
    assert [leg.id for leg in plan.flights[0].legs] == [leg.id for leg in added[0].legs]  # type: ignore[union-attr]
