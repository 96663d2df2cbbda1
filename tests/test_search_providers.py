"""Search providers: found by entry point, asked side by side, their answers kept until they expire."""

from __future__ import annotations

import asyncio
import sys
import tomllib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.database import Database
from tests.screens.planning import NOW, planner_of
from tripsage_tui.data.search_caches import SearchCaches
from tripsage_tui.models.searches import (
    ActivityOffer,
    ActivityQuery,
    Destination,
    DestinationQuery,
    FlightQuery,
    HotelOffer,
    HotelQuery,
    Query,
    Result,
    SearchKind,
)
from tripsage_tui.places.airports import Airports
from tripsage_tui.places.destinations import OfflineDestinations
from tripsage_tui.planner import Planner
from tripsage_tui.search_providers import GROUP, OWN, SearchContext, SearchProvider

HOTELS = HotelQuery(destination="Kyoto", check_in_date=date(2027, 10, 7), check_out_date=date(2027, 10, 9))


class Inn:
    """Counts how often it is asked."""

    kind = SearchKind.HOTEL
    expensive = True
    timeout = 5.0
    asked = 0

    async def search(self, query: Query, context: SearchContext) -> Sequence[Result]:
        Inn.asked += 1
        return [HotelOffer(name=f"Inn {Inn.asked}", price=Decimal("90.50"), currency="EUR")]


class Broken(Inn):
    async def search(self, query: Query, context: SearchContext) -> Sequence[Result]:
        raise RuntimeError("secret")


class Slow(Inn):
    timeout = 0.01

    async def search(self, query: Query, context: SearchContext) -> Sequence[Result]:
        await asyncio.Event().wait()
        return ()


class Wrong(Inn):
    async def search(self, query: Query, context: SearchContext) -> Sequence[Result]:
        return [Destination(name="Kyoto")]


class Half:
    kind = SearchKind.HOTEL


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with providers of its own, as it lies on a path of Python."""
    info = tmp_path / "inns-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: inns\nVersion: 1.0\n", encoding="utf-8")
    lines = [f"{name.lower()} = {__name__}:{name}" for name in ("Inn", "Broken", "Slow", "Wrong", "Half")]
    text = "\n".join([f"[{GROUP}]", *lines, "gone = no_such_module:Provider", ""])
    (info / "entry_points.txt").write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    Inn.asked = 0


@pytest.fixture
async def planner(database: Database, tmp_path: Path) -> AsyncIterator[Planner]:
    ann = await database.create_user("Ann")
    async with planner_of(database, ann, tmp_path / "drafts") as planner:
        yield planner


async def test_no_provider_stops_another(planner: Planner, offered: None) -> None:
    answers = await planner.providers.search(HOTELS)
    assert [result.name for result in answers.results if isinstance(result, HotelOffer)] == ["Inn 1"]
    said = "\n".join(answers.problems)
    for name, why in (
        ("gone", "cannot be loaded (ModuleNotFoundError)"),
        ("half", "lacks kind, expensive, timeout or search"),
        ("broken", "failed (RuntimeError)"),
        ("slow", "did not answer within 0.01 seconds"),
        ("wrong", "an answer of the wrong form"),
    ):
        assert f"The search provider {name} " in said
        assert why in said
    assert "secret" not in said
    places = await planner.providers.search(DestinationQuery(query="osaka"))
    assert places.results


async def test_an_expensive_answer_is_asked_for_once_until_it_expires(planner: Planner, offered: None) -> None:
    once = await planner.providers.search(HOTELS)
    again = await planner.providers.search(HOTELS.model_copy(update={"destination": " kyoto"}))
    assert again.results == once.results
    assert Inn.asked == 1
    caches = SearchCaches(planner.database)
    await caches.put(HOTELS, "inn", once.results, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert await caches.get(HOTELS, "inn") is None
    await planner.providers.search(HOTELS)
    assert Inn.asked == 2
    await planner.providers.search(HOTELS.model_copy(update={"guests": 2}))
    assert Inn.asked == 3


async def test_answers_of_every_kind_are_kept_for_their_user_alone(
    planner: Planner, database: Database, tmp_path: Path
) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    caches = SearchCaches(planner.database)
    flights = FlightQuery(origin="FRA", destination="HND", departure_date=date(2027, 10, 2))
    offer = ActivityOffer(title="Tea", price=Decimal("12.30"), currency="JPY")
    for query, results in (
        (DestinationQuery(query="kyoto"), [Destination(name="Kyoto")]),
        (flights, []),
        (ActivityQuery(destination="Kyoto", activity_type="tea"), [offer]),
    ):
        await caches.put(query, "test", results, expires_at=later)
        await caches.put(query, "test", results, expires_at=later)
        assert await caches.get(query, "test") == results
        assert await caches.get(query, "other") is None
    owner = await database.owner()
    row = await owner.fetchrow("select origin, departure_date, passengers, cabin_class from search_flights")
    assert tuple(row or ()) == ("FRA", date(2027, 10, 2), 1, "economy")
    ben = await database.create_user("Ben")
    async with planner_of(database, ben, tmp_path / "ben") as his:
        assert await SearchCaches(his.database).get(flights, "test") is None


async def test_places_that_are_known_offline() -> None:
    context = SearchContext(Airports(), NOW)

    async def first(text: str) -> Destination:
        return (await OfflineDestinations().search(DestinationQuery(query=text), context))[0]

    kyoto = await first("osak")
    assert (kyoto.name, kyoto.what, kyoto.country, kyoto.time_zone, kyoto.currency) == (
        "Osaka", "city", "Japan", "Asia/Tokyo", "JPY",
    )  # fmt: skip
    assert (await first("icel")).model_dump(include={"name", "what", "currency"}) == {
        "name": "Iceland", "what": "country", "currency": "ISK",
    }  # fmt: skip
    assert (await first("hnd")).what == "airport"
    assert (await first("são p")).country == "Brazil"
    assert await OfflineDestinations().search(DestinationQuery(query="x"), context) == []


def test_the_first_provider_is_declared_like_any_other() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["entry-points"][GROUP][OWN].partition(":")
    assert getattr(sys.modules[module], name) is OfflineDestinations
    assert isinstance(OfflineDestinations(), SearchProvider)
