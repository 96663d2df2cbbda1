"""Opening the workspace behind the first frame and handing its services to the screens; once more for another user."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from textual.screen import Screen

from tripsage_tui.resuming import resume
from tripsage_tui.screens.base import PlannerScreen
from tripsage_tui.screens.trips import TripsScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from tripsage_tui.identity.hosted_user import HostedUser
    from tripsage_tui.identity.profiles import Profile
    from tripsage_tui.planner import Planner

logger = logging.getLogger(__name__)

RETRY = (5.0, 10.0, 30.0)
"""Seconds before each new attempt to open the workspace; the last one repeats."""
SETTLED = 3.0
"""Seconds after which what start-up made will stay."""
_BETWEEN = "between users"
CLOSING = 2.0
"""Seconds that closing the workspace may take; the database copes with a client that just goes."""


class OpenWorkspace(Protocol):
    """What the app needs of a workspace; it has been started when the app gets it."""

    @property
    def user(self) -> HostedUser | None:
        """Who signs in to a hosted project; None of the embedded database."""
        ...

    async def choose(self) -> Profile | None: ...
    async def profiles(self) -> Sequence[Profile]: ...
    async def create_profile(self, name: str) -> Profile: ...
    async def enter(self, profile: Profile) -> Planner: ...
    async def leave(self) -> None: ...
    async def close(self) -> None: ...


OpenIt = Callable[[Callable[[str], None]], Awaitable[OpenWorkspace]]


class Opening:
    """The program's hold on its workspace: who it is, what was entered, and whether to ask again who it is."""

    def __init__(self, app: App[Any], open_workspace: OpenIt, home: Callable[[], TripsScreen]) -> None:
        """`home` finds the list of trips."""
        self._app = app
        self._open_workspace = open_workspace
        self._home = home
        self._workspace: OpenWorkspace | None = None
        self._again = asyncio.Event()
        self._asking = False
        self.planner: Planner | None = None

    async def start(self) -> None:
        """Open the workspace, find out who is travelling, hand over the planner; try again until it works."""
        attempt = 0
        while True:
            try:
                planner = await self._enter()
                break
            except Exception as error:
                logger.warning("the workspace could not be opened", exc_info=error)
                wait = RETRY[min(attempt, len(RETRY) - 1)]
                attempt += 1
                self._home().starting_failed(str(error) or type(error).__name__, wait)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._again.wait(), wait)
                self._again.clear()
        if planner.account is None:
            self._home().report_progress("")
        else:
            self._follow(planner, planner.account)
        self.planner = planner
        for first, *_ in self._app._screen_stacks.values():
            if isinstance(first, PlannerScreen) and not first.ready:
                first.attach(planner)
        await planner.database.listen(planner.live.push)
        self._resume_soon(planner)

    def try_again(self) -> None:
        """Do not wait for the next attempt."""
        self._again.set()

    async def close(self) -> None:
        """Leave the workspace, for at most as long as someone who quits would wait."""
        if self._workspace is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._workspace.close(), CLOSING)

    def _resume_soon(self, planner: Planner) -> None:
        """What was left to do, and could not be done while nobody was signed in."""
        self._app.set_timer(SETTLED, lambda: self._app.run_worker(self._resume(planner), exit_on_error=False))

    async def _resume(self, planner: Planner) -> None:
        if planner is self.planner:
            await resume(planner)

    async def _enter(self) -> Planner:
        if self._workspace is None:
            self._workspace = await self._open_workspace(self._progress)
        profile = await self._workspace.choose()
        if profile is None:
            profile = await self._who(self._workspace)
        return await self._workspace.enter(profile)

    async def _who(self, workspace: OpenWorkspace) -> Profile:
        """Ask; whoever is asked answers or leaves the program."""
        self._home().report_progress("")
        if workspace.user is not None:
            from tripsage_tui.screens.sign_in import signed_in_profile

            return await signed_in_profile(self._app, workspace.user)
        from tripsage_tui.screens.welcome import WelcomeScreen

        return await self._app.push_screen_wait(WelcomeScreen(await workspace.profiles(), workspace.create_profile))

    def _progress(self, text: str) -> None:
        self._app.call_later(self._home().report_progress, text)

    # ---- a hosted project's user

    def _follow(self, planner: Planner, user: HostedUser) -> None:
        """Hear when the sign-in has ended; until the first answer the screen says what is being waited for."""

        def changed() -> None:
            self._app.call_later(self._user_changed, user)

        user.on_change(changed)

        def answered(_: object) -> None:
            forget()
            self._app.call_later(self._home().report_progress, "")

        forget = planner.database.health.on_change(answered)

    def _user_changed(self, user: HostedUser) -> None:
        if user.why and not (self._asking or user.leaving):
            self._app.run_worker(self.ask_again(), exit_on_error=False)

    async def ask_again(self) -> None:
        """Show the sign-in over the current screen; the same user goes on there, another one begins anew."""
        from tripsage_tui.screens.sign_in import SignInScreen

        planner = self.planner
        if self._asking or planner is None or planner.account is None:
            return
        self._asking = True
        try:
            account = await self._app.push_screen_wait(SignInScreen(planner.account))
        finally:
            self._asking = False
        if account is None:
            return
        if account.user_id == planner.profile.id:
            planner.account.signed_in(account)
            self._resume_soon(planner)
        else:
            await self.begin_anew()

    async def begin_anew(self) -> None:
        """Forget all that was shown and known, and find out again who it is."""
        app = self._app
        self.planner = None
        app.clear_notifications()
        # Textual cannot exchange the first screen of a mode, and cannot remove the mode that is shown.
        app.add_mode(_BETWEEN, Screen)
        await app.switch_mode(_BETWEEN)
        for mode in [mode for mode in app._screen_stacks if mode in app._modes and mode != _BETWEEN]:
            first = app._modes[mode]
            await app.remove_mode(mode)
            app.add_mode(mode, first)
        await app.switch_mode(app.DEFAULT_MODE)
        await app.remove_mode(_BETWEEN)
        if self._workspace is not None:
            await self._workspace.leave()
        gc.unfreeze()
        gc.collect()
        await self.start()
