"""Whatever a repository offers, it never tells one user about another's rows, and never changes them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.data.booking_samples import KINDS, STOPS, TRIP
from tests.data.conftest import SignIn
from tests.database import Database as Cluster
from tripsage_tui.data.errors import Forbidden, NotFound
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.models.plans import TripPlan

# How a stranger would try each method on somebody's row.
ON_TRIPS: dict[str, Callable[[TripRepository, Any], Any]] = {
    "list": lambda mine, trip: mine.list(include_deleted=True),
    "plan": lambda mine, trip: mine.plan(trip.id),
    "get": lambda mine, trip: mine.get(trip.id),
    "create": lambda mine, trip: mine.create(TRIP, key=trip.key),
    "update": lambda mine, trip: mine.update(trip.id, {"name": "x"}, based_on=trip.updated_at),
    "delete": lambda mine, trip: mine.delete(trip.id, trip.updated_at),
    "restore": lambda mine, trip: mine.restore(trip.id),
    "archive": lambda mine, trip: mine.archive(trip.id, trip.updated_at),
    "unarchive": lambda mine, trip: mine.unarchive(trip.id, trip.updated_at),
    "purge": lambda mine, trip: mine.purge(trip.id),
    "know": lambda mine, trip: mine.know(trip.id, "no-stay"),
    "trash": lambda mine, trip: mine.trash(),
    "duplicate": lambda mine, trip: mine.duplicate(trip.id, start_date=date(2028, 1, 1), name="x", key=uuid4()),
    "reschedule": lambda mine, trip: mine.reschedule(TripPlan(trip=trip.model), TripPlan(trip=trip.model), stops=STOPS),
    "set_stops": lambda mine, trip: mine.set_stops(trip.id, STOPS),
}
ON_BOOKINGS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "by_trip": lambda mine, row, fields: mine.by_trip(row.trip_id),
    "get": lambda mine, row, fields: mine.get(row.id),
    "add": lambda mine, row, fields: mine.add(row.trip_id, fields, key=row.key),
    "update": lambda mine, row, fields: mine.update(row.id, {"notes": "x"}, based_on=row.updated_at),
    "delete": lambda mine, row, fields: mine.delete(row.id, based_on=row.updated_at),
    "restore": lambda mine, row, fields: mine.restore(row.model),
    "explain": lambda mine, row, fields: _raised(mine.explain(row.id, row.updated_at)),
}


async def _raised(explanation: Awaitable[Exception]) -> None:
    raise await explanation


# What may succeed without telling or touching anything of somebody else's.
HARMLESS = {"list", "trash", "create", "by_trip"}
COUNTS = """
select (select md5(string_agg(t::text, '' order by t.id)) from public.trips t where user_id = $1),
       (select md5(string_agg(s::text, '' order by s.id)) from public.trip_stops s),
       (select md5(string_agg(f::text, '' order by f.id)) from public.flights f),
       (select md5(string_agg(a::text, '' order by a.id)) from public.accommodations a),
       (select md5(string_agg(r::text, '' order by r.id)) from public.transportation r),
       (select md5(string_agg(i::text, '' order by i.id)) from public.itinerary_items i),
       (select md5(string_agg(l::text, '' order by l.id)) from public.legs l)
"""


class Known:
    """All that a stranger could have found out about a row: everything."""

    def __init__(self, model: Any, key: Any) -> None:
        self.model = model
        self.key = key

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)


def methods(repository: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(repository, inspect.iscoroutinefunction) if not name.startswith("_")}


def test_every_method_is_tried() -> None:
    assert methods(TripRepository) == set(ON_TRIPS)
    for repository, *_ in KINDS.values():
        assert methods(repository) == set(ON_BOOKINGS)


@pytest.mark.parametrize("in_trash", [False, True])
async def test_strangers(sign_in: SignIn, database: Cluster, in_trash: bool) -> None:
    ann, eve = await database.create_user("Ann"), await database.create_user("Eve")
    hers, eves = await sign_in(ann), await sign_in(eve)
    key = uuid4()
    trips = TripRepository(hers)
    trip = await trips.create(TRIP, stops=STOPS, key=key)
    rows = {}
    for kind, (repository, fields, legs, _) in KINDS.items():
        booking_key = uuid4()
        added = await repository(hers).add(trip.id, fields, legs=legs, key=booking_key)
        rows[kind] = Known(added, booking_key)
    if in_trash:
        trip = await trips.delete(trip.id, trip.updated_at)
    owner = await database.owner()
    before = await owner.fetchrow(COUNTS, ann.id)

    for name, attempt in ON_TRIPS.items():
        if name in HARMLESS:
            result = await attempt(TripRepository(eves), Known(trip, key))
            found = result if isinstance(result, list) else [result]
            assert all(each.user_id == eve.id for each in found)
        else:
            with pytest.raises((NotFound, Forbidden)):
                await attempt(TripRepository(eves), Known(trip, key))
    for kind, (repository, fields, _, _) in KINDS.items():
        for name, attempt in ON_BOOKINGS.items():
            if name in HARMLESS:
                assert await attempt(repository(eves), rows[kind], fields) == []
            else:
                with pytest.raises((NotFound, Forbidden)):
                    await attempt(repository(eves), rows[kind], fields)
    assert await owner.fetchrow(COUNTS, ann.id) == before
