"""The four kinds of booking through their repositories, each in the same ways."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tests.data.booking_samples import FLIGHT, KINDS, OUTBOUND, RETURN, STAY, TRIP
from tests.data.conftest import SignIn
from tests.database import Database as Cluster
from tests.database import User
from tests.hostile import HOSTILE
from tripsage_tui.data.accommodations import AccommodationRepository
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import Forbidden, InvalidValue, NotFound, StaleRow
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.models.bookings import BookingFields, LegFields
from tripsage_tui.models.trips import Trip


class Scene:
    """One kind of booking, a trip to put it in, and its owner's repository."""

    def __init__(self, kind: str, session: Database, trip: Trip, database: Cluster) -> None:
        self.table = kind
        self.repository, self.booking, self.legs, self.changes = KINDS[kind]
        self.mine: Any = self.repository(session)
        self.session = session
        self.trip = trip
        self.database = database

    async def add(self, **changes: Any) -> Any:
        return await self.mine.add(self.trip.id, self.booking.model_copy(update=changes), legs=self.legs, key=uuid4())

    async def share(self, user: User, level: str) -> None:
        await (await self.database.owner()).execute(
            """
            insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by)
            values ($1, $2, $3, $4)
            on conflict (trip_id, user_id) do update set permission_level = excluded.permission_level
            """,
            self.trip.id, user.id, level, self.trip.user_id,
        )  # fmt: skip


@pytest.fixture
async def ann(database: Cluster) -> User:
    return await database.create_user("Ann")


@pytest.fixture
async def bob(database: Cluster) -> User:
    return await database.create_user("Bob")


@pytest.fixture(params=list(KINDS))
async def scene(request: pytest.FixtureRequest, sign_in: SignIn, ann: User, database: Cluster) -> Scene:
    session = await sign_in(ann)
    trip = await TripRepository(session).create(TRIP, key=uuid4())
    return Scene(request.param, session, trip, database)


def fields(model: BookingFields, like: BookingFields) -> BookingFields:
    """The settable part of a stored booking."""
    return type(like)(**{name: getattr(model, name) for name in type(like).model_fields})


def leg_fields(legs: tuple[LegFields, ...]) -> list[LegFields]:
    return [LegFields(**{name: getattr(leg, name) for name in LegFields.model_fields}) for leg in legs]


async def test_what_goes_in_comes_out(scene: Scene) -> None:
    added = await scene.add()
    assert fields(added, scene.booking) == scene.booking
    assert added.trip_id == scene.trip.id
    assert added.created_at.utcoffset() == timedelta(0)
    if scene.legs:
        assert leg_fields(added.legs) == list(scene.legs)
    assert await scene.mine.get(added.id) == added
    assert await scene.mine.by_trip(scene.trip.id) == [added]
    assert type(added).model_validate(added.model_dump()) == added


async def test_the_least_that_is_needed_is_enough(scene: Scene) -> None:
    needed = {name: getattr(scene.booking, name) for name, field in type(scene.booking).model_fields.items()
              if field.is_required()}  # fmt: skip
    least = type(scene.booking)(**needed)
    added = await scene.mine.add(scene.trip.id, least, key=uuid4())
    assert fields(added, least) == least


async def test_the_same_key_adds_once(scene: Scene) -> None:
    key = uuid4()
    added = await asyncio.gather(
        *(scene.mine.add(scene.trip.id, scene.booking, legs=scene.legs, key=key) for _ in range(8))
    )
    assert all(each == added[0] for each in added)
    assert len(await scene.mine.by_trip(scene.trip.id)) == 1


async def test_changing_on_top_of_what_one_saw(scene: Scene) -> None:
    added = await scene.add()
    changed = await scene.mine.update(added.id, scene.changes, based_on=added.updated_at)
    assert changed == added.model_copy(update={**scene.changes, "updated_at": changed.updated_at})
    assert changed.updated_at > added.updated_at
    with pytest.raises(StaleRow) as stale:
        await scene.mine.update(added.id, {"notes": "late"}, based_on=added.updated_at)
    assert stale.value.current == changed


async def test_of_two_changes_at_once_one_wins(scene: Scene) -> None:
    added = await scene.add()
    results = await asyncio.gather(
        *(scene.mine.update(added.id, {"position": n}, based_on=added.updated_at) for n in range(8)),
        return_exceptions=True,
    )
    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 1
    assert sum(isinstance(result, StaleRow) for result in results) == 7
    assert await scene.mine.get(added.id) == won[0]


async def test_only_own_columns_can_be_named(scene: Scene) -> None:
    added = await scene.add()
    for name in ("id", "trip_id", "updated_at", "notes = 'x', position", "metadata"):
        with pytest.raises(InvalidValue):
            await scene.mine.update(added.id, {name: 1}, based_on=added.updated_at)
    assert await scene.mine.get(added.id) == added


async def test_deleting_and_undoing_keeps_id_legs_and_what_only_others_know(scene: Scene) -> None:
    added = await scene.add()
    owner = await scene.database.owner()
    await owner.execute(
        f"""
        update public.{scene.table} set external_id = 'offer 7', metadata = '{{"score": 1.50}}' where id = $1
        """,
        added.id,
    )
    current = await scene.mine.get(added.id)
    whole = f"select to_jsonb(b)::text from public.{scene.table} b where id = $1"
    before = await owner.fetchval(whole, added.id)
    deleted = await scene.mine.delete(added.id, based_on=current.updated_at)
    assert deleted == current
    with pytest.raises(NotFound):
        await scene.mine.get(added.id)
    with pytest.raises(NotFound):
        await scene.mine.delete(added.id, based_on=current.updated_at)
    assert await scene.mine.restore(deleted) == deleted
    assert await owner.fetchval(whole, added.id) == before
    assert await scene.mine.restore(deleted) == deleted
    assert await scene.mine.by_trip(scene.trip.id) == [deleted]


async def test_undoing_what_another_program_deleted(scene: Scene) -> None:
    added = await scene.add()
    await scene.mine.delete(added.id, based_on=added.updated_at)
    elsewhere = scene.repository(scene.session)
    assert await elsewhere.restore(added) == added


async def test_deleting_needs_the_current_version(scene: Scene) -> None:
    added = await scene.add()
    changed = await scene.mine.update(added.id, {"notes": "x"}, based_on=added.updated_at)
    with pytest.raises(StaleRow) as stale:
        await scene.mine.delete(added.id, based_on=added.updated_at)
    assert stale.value.current == changed
    assert await scene.mine.get(added.id) == changed


async def test_strangers_find_nothing_and_viewers_only_look(scene: Scene, sign_in: SignIn, bob: User) -> None:
    added = await scene.add()
    theirs: Any = scene.repository(await sign_in(bob))
    assert await theirs.by_trip(scene.trip.id) == []
    for attempt in (
        lambda: theirs.get(added.id),
        lambda: theirs.update(added.id, {"notes": "x"}, based_on=added.updated_at),
        lambda: theirs.delete(added.id, based_on=added.updated_at),
    ):
        with pytest.raises(NotFound):
            await attempt()
    with pytest.raises(Forbidden):
        await theirs.add(scene.trip.id, scene.booking, legs=scene.legs, key=uuid4())
    await scene.share(bob, "view")
    assert await theirs.by_trip(scene.trip.id) == [added]
    for attempt in (
        lambda: theirs.add(scene.trip.id, scene.booking, legs=scene.legs, key=uuid4()),
        lambda: theirs.update(added.id, {"notes": "x"}, based_on=added.updated_at),
        lambda: theirs.delete(added.id, based_on=added.updated_at),
    ):
        with pytest.raises(Forbidden):
            await attempt()
    assert await scene.mine.by_trip(scene.trip.id) == [added]
    await scene.share(bob, "edit")
    changed = await theirs.update(added.id, {"notes": "x"}, based_on=added.updated_at)
    deleted = await theirs.delete(added.id, based_on=changed.updated_at)
    assert await scene.mine.restore(deleted) == deleted


async def test_a_strangers_delete_cannot_be_undone_by_oneself(scene: Scene, sign_in: SignIn, bob: User) -> None:
    added = await scene.add()
    deleted = await scene.mine.delete(added.id, based_on=added.updated_at)
    theirs: Any = scene.repository(await sign_in(bob))
    with pytest.raises(Forbidden):
        await theirs.restore(deleted)


async def test_text_comes_back_as_it_was_or_is_refused(scene: Scene) -> None:
    named = [name for name, value in scene.booking if type(value) is str and name != "currency"]
    for text in HOSTILE.values():
        if "\0" in text or any(0xD800 <= ord(character) < 0xE000 for character in text):
            for name in named:
                with pytest.raises(InvalidValue) as refusal:
                    await scene.add(**{name: text})
                assert refusal.value.field == name
            continue
        everywhere = dict.fromkeys(named, text)
        added = await scene.add(**everywhere)
        assert {name: getattr(added, name) for name in named} == everywhere
        assert await scene.mine.get(added.id) == added
        changed = await scene.mine.update(added.id, {"notes": f"{text}!"}, based_on=added.updated_at)
        assert changed.notes == f"{text}!"


class TestLegs:
    @pytest.fixture
    async def flights(self, sign_in: SignIn, ann: User) -> FlightRepository:
        return FlightRepository(await sign_in(ann))

    @pytest.fixture
    async def trip(self, sign_in: SignIn, ann: User) -> Trip:
        return await TripRepository(await sign_in(ann)).create(TRIP, key=uuid4())

    async def test_are_replaced_with_their_flight(self, flights: FlightRepository, trip: Trip) -> None:
        flight = await flights.add(trip.id, FLIGHT, legs=(OUTBOUND, RETURN), key=uuid4())
        via = [
            OUTBOUND.model_copy(update={"destination": "ICN"}),
            OUTBOUND.model_copy(update={"origin": "ICN", "number": "718"}),
        ]
        changed = await flights.update(flight.id, {"price": Decimal(900)}, legs=via, based_on=flight.updated_at)
        assert leg_fields(changed.legs) == via
        assert changed.price == 900
        kept = await flights.update(flight.id, {"notes": "x"}, based_on=changed.updated_at)
        assert kept.legs == changed.legs
        only = await flights.update(flight.id, {}, legs=(), based_on=kept.updated_at)
        assert only.legs == ()
        assert only.updated_at > kept.updated_at
        assert await flights.get(flight.id) == only

    async def test_of_a_stale_change_stay_as_they_are(self, flights: FlightRepository, trip: Trip) -> None:
        flight = await flights.add(trip.id, FLIGHT, legs=(OUTBOUND,), key=uuid4())
        await flights.update(flight.id, {"notes": "x"}, based_on=flight.updated_at)
        with pytest.raises(StaleRow):
            await flights.update(flight.id, {}, legs=(RETURN,), based_on=flight.updated_at)
        assert leg_fields((await flights.get(flight.id)).legs) == [OUTBOUND]

    async def test_come_in_order_of_travel(self, flights: FlightRepository, trip: Trip) -> None:
        flight = await flights.add(trip.id, FLIGHT, legs=(RETURN, OUTBOUND, OUTBOUND), key=uuid4())
        assert [leg.direction for leg in flight.legs] == ["outbound", "outbound", "return"]
        assert [leg.position for leg in flight.legs] == [1, 2, 0]

    async def test_belong_to_what_moves(self, sign_in: SignIn, ann: User, trip: Trip) -> None:
        stays = AccommodationRepository(await sign_in(ann))
        stay = await stays.add(trip.id, STAY, key=uuid4())
        with pytest.raises(InvalidValue):
            await stays.update(stay.id, {}, legs=(OUTBOUND,), based_on=stay.updated_at)

    async def test_a_time_without_zone_is_refused(self, flights: FlightRepository, trip: Trip) -> None:
        naive = OUTBOUND.departure_time.replace(tzinfo=None)  # type: ignore[union-attr]
        with pytest.raises(InvalidValue):
            await flights.add(
                trip.id, FLIGHT, legs=(OUTBOUND.model_copy(update={"departure_time": naive}),), key=uuid4()
            )
