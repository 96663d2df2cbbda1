"""Data folders for tests of the embedded server: an empty one, and copies of one that is prepared once."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.data.embedded.programs import Program
from tripsage_tui.data.embedded import EmbeddedServer

Start = Callable[..., Program]


def new_folder() -> Path:
    """A data folder that does not exist yet, in a temporary folder of its own."""
    return Path(tempfile.mkdtemp(prefix="ts-")) / "data"


def discard(folder: Path) -> None:
    """Stop the server of a data folder and remove both."""
    asyncio.run(EmbeddedServer(folder).stop())
    shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture
def empty() -> Iterator[Path]:
    """A data folder that does not exist yet; its server is stopped at the end."""
    folder = new_folder()
    yield folder
    discard(folder)


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """A data folder that has been through its first start, stopped; only to be copied."""
    folder = new_folder()
    server = EmbeddedServer(folder)
    asyncio.run(server.ensure_running())
    asyncio.run(server.stop())
    yield folder
    discard(folder)


@pytest.fixture
def folder(prepared: Path) -> Iterator[Path]:
    """A prepared data folder of the test's own, server not running."""
    folder = new_folder()
    subprocess.run(["cp", "-a", str(prepared), str(folder)], check=True)
    yield folder
    discard(folder)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts programs; those that are still there at the end are killed."""
    programs: list[Program] = []

    def start_one(*arguments: object, **options: object) -> Program:
        program = Program.start(*arguments, **options)  # type: ignore[arg-type]
        programs.append(program)
        return program

    yield start_one
    for program in programs:
        program.kill()
