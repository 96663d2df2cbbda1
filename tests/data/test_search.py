"""Search over everything on PostgreSQL: words, codes, what is found where, and whose rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from tests.database import Database, User
from tests.hostile import HOSTILE
from tests.screens.planning import JAPAN, a_trip, planner_of
from tripsage_tui.models.bookings import (
    AccommodationFields,
    FlightFields,
    ItineraryItemFields,
    LegFields,
    TransportationFields,
    TransportType,
)
from tripsage_tui.models.chats import Role
from tripsage_tui.models.expenses import ExpenseCategory, ExpenseFields
from tripsage_tui.models.found import MASKED_CODE, Found, FoundKind
from tripsage_tui.models.memories import MemoryType
from tripsage_tui.models.trips import Trip
from tripsage_tui.planner import Planner

DAY = date(2027, 10, 7)


@pytest.fixture
async def ann(database: Database) -> User:
    return await database.create_user("Ann")


@pytest.fixture
async def planner(database: Database, ann: User, tmp_path: Path) -> AsyncIterator[Planner]:
    async with planner_of(database, ann, tmp_path / "drafts") as planner:
        yield planner


@pytest.fixture
async def trip(planner: Planner) -> Trip:
    fields = JAPAN.model_copy(update={"notes": ("Bring Ōmiyage for the hosts",), "tags": ("food",)})
    trip = await a_trip(planner, fields)
    flight = FlightFields(
        origin="FRA", destination="HND", departure_date=DAY, price=Decimal(1), confirmation_code="X7K 2QM",
        notes="window seats\nExtra luggage of Bjørn",
    )  # fmt: skip
    leg = LegFields(origin="FRA", destination="HND", carrier="Lufthansa", number="LH716")
    await planner.flights.add(trip.id, flight, legs=[leg], key=uuid4())
    stay = AccommodationFields(
        name="Hôtel Granvia", address="Karasuma-dōri, Kyōto", check_in_date=DAY, check_out_date=date(2027, 10, 9),
        price_per_night=Decimal(1), total_price=Decimal(2),
    )  # fmt: skip
    await planner.accommodations.add(trip.id, stay, key=uuid4())
    ride = TransportationFields(
        transport_type=TransportType.TRAIN, origin="Tokyo", destination="Kyoto", price=Decimal(1),
        departure_time=datetime(2027, 10, 6, 22, 0, tzinfo=UTC), departure_zone="Asia/Tokyo",
    )  # fmt: skip
    await planner.transportation.add(trip.id, ride, key=uuid4())
    item = ItineraryItemFields(title="Dinner at 東京都庁", item_type="meal", location="Gion", day=DAY)
    await planner.items.add(trip.id, item, key=uuid4())
    expense = ExpenseFields(title="Regenmäntel", category=ExpenseCategory.SHOPPING, amount=Decimal(20), currency="EUR")
    await planner.expenses.add(trip.id, expense, shares=(), key=uuid4())
    return trip


async def kinds(planner: Planner, text: str) -> dict[str, str]:
    return {found.kind.value: found.title for found in await planner.search.find(text)}


async def one(planner: Planner, text: str) -> Found:
    (found,) = await planner.search.find(text)
    return found


@pytest.mark.parametrize(
    ("text", "kind", "title"),
    [
        ("granv hot", "stay", "Hôtel Granvia"),
        ("HÔTEL", "stay", "Hôtel Granvia"),
        ("karasuma", "stay", "Hôtel Granvia"),
        ("dori karas", "stay", "Hôtel Granvia"),
        ("granvia japan", "stay", "Hôtel Granvia"),
        ("lh716", "flight", "FRA → HND"),
        ("luft", "flight", "FRA → HND"),
        ("bjørn", "flight", "FRA → HND"),
        ("train kyo", "transport", "Tokyo → Kyoto"),
        ("gion din", "item", "Dinner at 東京都庁"),
        ("都庁", "item", "Dinner at 東京都庁"),
        ("regenmantel", "expense", "Regenmäntel"),
        ("omiyage", "note", "Bring Ōmiyage for the hosts"),
        ("food", "trip", "Japan in autumn"),
        ("osaka", "stop", "Osaka"),
    ],
)
async def test_words_in_any_order_begin_words_of_what_is_found(
    planner: Planner, trip: Trip, text: str, kind: str, title: str
) -> None:
    assert await kinds(planner, text) == {kind: title}


@pytest.mark.parametrize(
    "text", ["anvia", "granvia nothing", "x7k", "x7k2q", "%", "_", "", " - ", "\0", "' | !x", "japan xyz"]
)
async def test_what_is_not_there_is_not_found(planner: Planner, trip: Trip, text: str) -> None:
    assert await planner.search.find(text) == []


async def test_a_whole_confirmation_code_is_found_and_not_told(planner: Planner, trip: Trip) -> None:
    for text in ("X7K2QM", "x7k 2qm"):
        found = await one(planner, text)
        assert (found.kind, found.place) == (FoundKind.FLIGHT, MASKED_CODE)
        assert "x7k" not in found.model_dump_json().lower()


async def test_place_and_day_of_a_match(planner: Planner, trip: Trip) -> None:
    assert (await one(planner, "karasuma")).place == "Karasuma-dōri, Kyōto"
    assert (await one(planner, "luggage")).place == "Extra luggage of Bjørn"
    assert (await one(planner, "train")).day == DAY, "on the clocks of Tokyo"
    assert (await one(planner, "granvia")).place == ""


async def test_conversations_and_memories(planner: Planner, trip: Trip) -> None:
    session = await planner.chats.create(trip_id=trip.id, title="Temples")
    long = "word " * 300 + "the Fushimi Inari shrine " + "word " * 300
    await planner.chats.add(session.id, Role.USER, long)
    await planner.memory.remember("Prefers aisle seats", MemoryType.PREFERENCE)
    found = await one(planner, "inari fush")
    assert (found.kind, found.id, found.title) == (FoundKind.CONVERSATION, str(session.id), "Temples")
    assert "Fushimi Inari" in found.place
    assert len(found.place) < 100
    assert (await one(planner, "temples")).trip_id == trip.id
    assert (await one(planner, "aisle")).kind is FoundKind.MEMORY
    await planner.chats.delete(session.id)
    assert await planner.search.find("inari") == []


async def test_only_what_the_user_sees(planner: Planner, trip: Trip, database: Database, tmp_path: Path) -> None:
    ben = await database.create_user("Ben")
    await planner.memory.remember("Granvia was loud", MemoryType.OTHER)
    session = await planner.chats.create(trip_id=trip.id, title="Granvia?")
    async with planner_of(database, ben, tmp_path / "ben") as his:
        assert await his.search.find("granvia") == []
        owner = await database.owner()
        await owner.execute(
            "insert into trip_collaborators (trip_id, user_id, permission_level, added_by) values ($1, $2, 'view', $3)",
            trip.id, ben.id, planner.profile.id,
        )  # fmt: skip
        assert await kinds(his, "granvia") == {"stay": "Hôtel Granvia"}
        assert len(await kinds(planner, "granvia")) == 3
        await owner.execute("update trips set deleted_at = now() where id = $1", trip.id)
        assert await his.search.find("granvia") == []
        assert set(await kinds(planner, "granvia")) == {"conversation", "memory"}
    assert session.trip_id == trip.id


async def test_titles_first_and_few_of_each_kind(planner: Planner, trip: Trip) -> None:
    for number in range(12):
        item = ItineraryItemFields(title=f"Walk {number}", item_type="activity", location="Museum quarter")
        await planner.items.add(trip.id, item, key=uuid4())
    await planner.items.add(trip.id, ItineraryItemFields(title="The museum", item_type="activity"), key=uuid4())
    found = await planner.search.find("museum", most=5)
    assert len(found) == 5
    assert found[0].title == "The museum"


async def test_odd_texts_do_no_harm(planner: Planner, trip: Trip) -> None:
    for text in HOSTILE:
        item = ItineraryItemFields(title=f"needle {text}"[:190].replace("\0", ""), item_type="activity")
        await planner.items.add(trip.id, item, key=uuid4())
        await planner.search.find(text)
    assert len(await planner.search.find("needle", most=99)) == len(list(HOSTILE))


async def test_one_round_trip(planner: Planner, trip: Trip) -> None:
    before = sum(query.count for query in planner.database.metrics.snapshot().queries)
    await planner.search.find("granvia")
    assert sum(query.count for query in planner.database.metrics.snapshot().queries) == before + 1
