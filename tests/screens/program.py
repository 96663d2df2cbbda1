"""The program itself on a planner that a test has made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.screens.planning import settled
from tripsage_tui.app import TripSageApp
from tripsage_tui.identity.profiles import Profile
from tripsage_tui.planner import Planner
from tripsage_tui.screens.trips import REST, TripsScreen
from tripsage_tui.settings import Settings


class AtHand:
    """A workspace whose services are there already: what the app sees of the real one."""

    user = None

    def __init__(self, planner: Planner, *, profiles: Sequence[Profile] | None = None) -> None:
        """`profiles` makes it ask who is travelling."""
        self._planner = planner
        self._profiles = profiles
        self.entered: Profile | None = None
        self.closed = False

    async def choose(self) -> Profile | None:
        return self._planner.profile if self._profiles is None else None

    async def profiles(self) -> Sequence[Profile]:
        return self._profiles or ()

    async def create_profile(self, name: str) -> Profile:
        return Profile(self._planner.profile.id, name)

    async def enter(self, profile: Profile) -> Planner:
        self.entered = profile
        return self._planner

    async def leave(self) -> None:
        self.entered = None

    async def close(self) -> None:
        self.closed = True


def program(planner: Planner, folder: Path, **settings: Any) -> TripSageApp:
    """The app on a planner; `folder` takes what it leaves on disk."""

    async def open_workspace(_: Callable[[str], None]) -> AtHand:
        return AtHand(planner)

    return TripSageApp(open_workspace, Settings(data_dir=folder, **settings))


@asynccontextmanager
async def running(
    planner: Planner, folder: Path, *, size: tuple[int, int] = (120, 40), **settings: Any
) -> AsyncIterator[tuple[Pilot[None], TripsScreen]]:
    """The program with its trips on the screen."""
    app = program(planner, folder, **settings)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await settled(pilot)
        await at_rest(pilot)
        yield pilot, app.home


async def at_rest(pilot: Pilot[Any]) -> None:
    """Until the cursor has rested and the details of its trip are there."""
    await pilot.pause()
    for screen in pilot.app.screen_stack:
        while isinstance(screen, TripsScreen) and screen._resting is not None:
            await pilot.pause(REST / 4)
    await settled(pilot)


def toasts(pilot: Pilot[Any]) -> list[str]:
    """What has been said in the corner, oldest first."""
    return [notification.message for notification in pilot.app._notifications]
