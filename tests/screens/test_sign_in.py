"""Signing in to a hosted project: the real program, the real services, the stand-in of a project."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.database import Database
from tests.hosted.project import Fault, HostedProject
from tests.hosted.serve import described
from tests.screens.planning import JAPAN, NOW, STOPS, settled, shown, type_into
from tripsage_tui.app import TripSageApp
from tripsage_tui.hosted_workspace import HostedWorkspace
from tripsage_tui.identity.keeping import Keeping, Place
from tripsage_tui.screens.account import AccountScreen
from tripsage_tui.screens.sign_in import SignInScreen
from tripsage_tui.settings import Settings

ADA, PASSWORD = "ada@example.org", "correct horse"


@pytest.fixture
async def project(database: Database) -> AsyncIterator[HostedProject]:
    async with HostedProject(database) as project:
        await project.create_user(ADA, PASSWORD, name="Ada")
        await project.create_user("ben@example.org", "battery staple", name="Ben")
        yield project


@asynccontextmanager
async def program(
    project: HostedProject, folder: Path, *, size: tuple[int, int] = (80, 24), decided: bool = True
) -> AsyncIterator[Pilot[None]]:
    """The program on the project. `decided`: it is known that nothing is kept beyond it."""
    settings = Settings(data_dir=folder)
    if decided:
        await Keeping(settings.state_dir).choose(Place.SESSION)

    async def open_workspace(progress: Callable[[str], None]) -> HostedWorkspace:
        workspace = HostedWorkspace(settings, described(project), clock=lambda: NOW)
        await workspace.start(progress)
        return workspace

    app = TripSageApp(open_workspace, settings)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SignInScreen))
        yield pilot


async def until(pilot: Pilot[Any], condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what the program does by itself."""
    async with asyncio.timeout(seconds):
        while not condition():
            await pilot.pause(0.02)
    await pilot.pause()


def says(pilot: Pilot[Any], text: str) -> Callable[[], bool]:
    return lambda: text in " ".join(shown(pilot.app).replace("│", " ").split())


async def sign_in(pilot: Pilot[Any], email: str = ADA, password: str = PASSWORD) -> None:
    await type_into(pilot, email)
    await pilot.press("enter")
    await type_into(pilot, password)
    await pilot.press("enter")
    await until(pilot, says(pilot, f"{email} · team"))


async def test_signing_out_leaves_nothing_behind_and_asks_who_comes_next(project: HostedProject, tmp_path: Path) -> None:
    async with program(project, tmp_path) as pilot:
        await sign_in(pilot)
        await pilot.press("s")
        await until(pilot, says(pilot, "1 trip"))
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(pilot.app.screen, AccountScreen))
        await settled(pilot)
        await pilot.press("end", "up", "up", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SignInScreen))
        await sign_in(pilot, "ben@example.org", "battery staple")
        await until(pilot, says(pilot, "No trips yet."))
