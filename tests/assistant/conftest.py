"""Ann, her trip to Japan, and an assistant that a script plays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.database import Database, User
from tests.screens.planning import a_trip, planner_of
from tripsage_tui.models.plans import TripPlan
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
