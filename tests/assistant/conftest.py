"""Ann, her trip to Japan, and an assistant that a script plays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from tests.database import Database, User
from tests.screens.planning import JAPAN, STOPS, a_trip, planner_of
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import Trip, TripStop
from tripsage_tui.planner import Planner


@pytest.fixture
async def ann(database: Database) -> User:
    return await database.create_user("Ann")


@pytest.fixture
async def planner(database: Database, ann: User, tmp_path: Path) -> AsyncIterator[Planner]:
    async with planner_of(database, ann, tmp_path / "drafts") as planner:
        yield planner


@pytest.fixture
async def plan(planner: Planner) -> TripPlan:
    trip = await a_trip(planner)
    return await planner.trips.plan(trip.id)


@pytest.fixture
def japan() -> TripPlan:
    """A plan that is in no database."""
    then = datetime(2027, 1, 1, tzinfo=UTC)
    trip = Trip(**JAPAN.model_dump(), id=1, user_id=uuid4(), created_at=then, updated_at=then)
    stops = tuple(TripStop(**stop.model_dump(), id=n, trip_id=1, position=n) for n, stop in enumerate(STOPS))
    return TripPlan(trip=trip, stops=stops)
