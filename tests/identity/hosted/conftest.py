"""A project with one account, and a machine on which its owner signs in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.database import Database
from tests.hosted.machine import Machine
from tests.hosted.project import HostedProject
from tests.identity.hosted import EMAIL, PASSWORD


@pytest.fixture
async def hosted(database: Database) -> AsyncIterator[HostedProject]:
    async with HostedProject(database) as hosted:
        await hosted.create_user(EMAIL, PASSWORD, name="Ada")
        yield hosted


@pytest.fixture
async def machine(hosted: HostedProject, tmp_path: Path) -> AsyncIterator[Machine]:
    async with Machine(hosted, tmp_path / "state") as machine:
        yield machine
