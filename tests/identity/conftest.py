"""One embedded server for all tests of identity; each test uses profiles of its own."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tripsage_tui.data.embedded import EmbeddedServer


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedServer]:
    """A running embedded server without profiles."""
    folder = Path(tempfile.mkdtemp(prefix="ts-"))
    server = EmbeddedServer(folder / "data")
    asyncio.run(server.ensure_running())
    yield server
    asyncio.run(server.stop())
    shutil.rmtree(folder)
