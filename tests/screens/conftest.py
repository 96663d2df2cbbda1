"""A signed-in user and her trip."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension

from tests.database import Database, User
from tests.screens.planning import a_trip, planner_of
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner

# The plugin names this as older versions of syrupy did; without it the pictures are called .raw and nothing opens them.
SVGImageExtension.file_extension = "svg"


@pytest.fixture
async def ann(database: Database) -> User:
    """Who travels."""
    return await database.create_user("Ann")


@pytest.fixture
async def planner(database: Database, ann: User, tmp_path: Path) -> AsyncIterator[Planner]:
    """Ann's services, on a real database."""
    async with planner_of(database, ann, tmp_path / "drafts") as planner:
        yield planner


@pytest.fixture
async def plan(planner: Planner) -> TripPlan:
    """Her trip to Japan, with its stops and nothing in it yet."""
    trip = await a_trip(planner)
    return await planner.trips.plan(trip.id)
