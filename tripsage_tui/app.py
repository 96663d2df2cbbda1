"""The program: opens the workspace behind its first frame, holds modes, themes and palette, and ends in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual._compositor import CompositorUpdate
from textual.binding import BindingType

from tripsage_tui.clipboard import copy_sequence
from tripsage_tui.commands import Command, PaletteCommands, bindings
from tripsage_tui.crash_report import write_report
from tripsage_tui.opening import SETTLED, Opening, OpenIt
from tripsage_tui.painting import Painted
from tripsage_tui.screens.base import PlannerScreen
from tripsage_tui.screens.trips import TripsScreen
from tripsage_tui.themes import DARK, LIGHT, theme_name
from tripsage_tui.typeahead import OrderedKeys
from tripsage_tui.widgets.safe_text import clean

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen

    from tripsage_tui.settings import Settings

logger = logging.getLogger(__name__)

EVERYWHERE = (
    Command("app.trips", "1", "mode('trips')", "Trips", "Go to the list of trips.", footer=False),
    Command("app.bookings", "2", "mode('bookings')", "Bookings", "Go to the bookings of all trips.", footer=False),
    Command("app.chat", "3", "mode('chat')", "Chat", "Go to the assistant.", footer=False),
    Command("app.memory", "4", "mode('memory')", "Memory", "Go to what is remembered about you.", footer=False),
    Command("app.settings", "f2", "settings", "Settings", "The key and the model of the assistant.", footer=False),
    Command(
        "app.account", "f6", "account", "Account", "Who is signed in to the project; signs in and out.", footer=False
    ),
    Command("app.palette", "ctrl+p", "command_palette", "Commands", "Find a command by its name.", display="^p"),
    Command(
        "app.find",
        "ctrl+f",
        "find_anywhere",
        "Find",
        "Search trips, bookings, notes, conversations and memories.",
        footer=False,
        display="^f",
        priority=True,
    ),
    Command("app.theme", "t", "toggle_theme", "Theme", "Switch between the dark and the light theme.", footer=False),
    Command("app.redraw", "ctrl+l", "redraw", "Redraw", "Write the whole screen again.", footer=False, display="^l"),
    Command("app.suspend", "ctrl+z", "suspend_process", "Suspend", "Sleep; fg wakes it.", footer=False, display="^z"),
    Command("app.quit", "q", "quit", "Quit", "Leave the program.", footer=False),
)

FIRST_SCREENS = {
    "bookings": ("bookings", "BookingsScreen"),
    "chat": ("chat", "ChatScreen"),
    "memory": ("memory", "MemoryScreen"),
}
"""Module in `screens` and class of the first screen of each mode that is imported when it is first gone to."""


class TripSageApp(OrderedKeys):
    """`open_workspace(progress)` is awaited after the first frame; `progress` may be called from any thread."""

    TITLE = "TripSage"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {"trips": TripsScreen}
    DEFAULT_MODE = "trips"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {PaletteCommands}
    BINDINGS: ClassVar[list[BindingType]] = bindings(EVERYWHERE)
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, open_workspace: OpenIt, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self._opening = Opening(self, open_workspace, lambda: self.home)
        for mode in FIRST_SCREENS:
            self.add_mode(mode, partial(self._first_screen, mode))
        self._painted = Painted()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        wanted = theme_name(settings.theme)
        self.theme = wanted if wanted in self.available_themes else DARK.name

    @property
    def home(self) -> TripsScreen:
        """The screen that was painted first."""
        screen = self._screen_stacks[self.DEFAULT_MODE][0]
        if not isinstance(screen, TripsScreen):
            raise TypeError(f"{screen!r} is not the list of trips")
        return screen

    def on_mount(self) -> None:
        self.call_after_refresh(self.run_worker, self._opening.start(), exit_on_error=True)
        self.set_timer(SETTLED, self._tune_memory)
        # Back from sleep (ctrl+z) the terminal shows the shell.
        self.app_resume_signal.subscribe(self, lambda _: self.call_later(self.action_redraw))
        self.app_resume_signal.subscribe(self, lambda _: self._painted.forget(), immediate=True)
        if self.settings.keymap:
            self._use_keymap()

    def on_trips_screen_try_again(self) -> None:
        self._opening.try_again()

    def _tune_memory(self) -> None:
        """Collect garbage from here on, a little at a time, and without ever looking at what start-up made.

        Looking at it once would hold every key for 200 to 400 ms.
        """
        gc.freeze()
        gc.set_threshold(2_000, 20, 100)
        gc.enable()

    def _use_keymap(self) -> None:
        from tripsage_tui.key_places import places
        from tripsage_tui.keymap import check_keymap

        usable, problems = check_keymap(self.settings.keymap, places())
        self.set_keymap(usable)
        if problems:
            self.notify(
                clean("Not all keys of your keymap can be used. " + " ".join(problems)),
                severity="warning",
                timeout=15,
                markup=False,
            )

    async def on_unmount(self) -> None:
        await self._opening.close()

    def action_command_palette(self) -> None:
        """Offer what can be done here by name."""
        from tripsage_tui.screens.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_find_anywhere(self) -> None:
        """Search everything, and go to what was found."""
        from tripsage_tui.screens.search import SearchDialog
        from tripsage_tui.screens.search_jump import go_to

        planner = self._opening.planner
        if planner is None or any(isinstance(screen, SearchDialog) for screen in self.screen_stack):
            return
        self.push_screen(SearchDialog(planner), lambda found: go_to(self, planner, found))

    def _first_screen(self, mode: str) -> PlannerScreen[Any]:
        module, name = FIRST_SCREENS[mode]
        kind: type[PlannerScreen[Any]] = getattr(import_module(f"tripsage_tui.screens.{module}"), name)
        return kind(self._opening.planner)

    def action_mode(self, mode: str) -> None:
        """Go to a mode, where it was left."""
        if self.current_mode != mode:
            self.switch_mode(mode)

    def action_settings(self) -> None:
        """The key and the model, over whatever is shown; and back."""
        from tripsage_tui.screens.settings import SettingsScreen

        if isinstance(self.screen, SettingsScreen):
            self.screen.action_back()
        elif (planner := self._opening.planner) is not None:
            self.push_screen(SettingsScreen(planner))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "account":
            return self._opening.planner is not None and self._opening.planner.account is not None
        return super().check_action(action, parameters)

    def action_account(self) -> None:
        """Who is signed in; who is not any more signs in again."""
        from tripsage_tui.screens.account import AccountScreen

        planner = self._opening.planner
        if planner is None or planner.account is None:
            return
        if planner.account.why:
            self.run_worker(self._opening.ask_again(), exit_on_error=False)
        elif not any(isinstance(screen, AccountScreen) for screen in self.screen_stack):
            self.push_screen(AccountScreen(planner, planner.account))

    def on_account_screen_other(self) -> None:
        self.run_worker(self._opening.begin_anew(), exit_on_error=False)

    def action_toggle_theme(self) -> None:
        """Dark to light and back; the configuration file remembers it."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name
        self.run_worker(self._remember_theme("dark" if self.current_theme.dark else "light"), exit_on_error=False)

    async def _remember_theme(self, name: str) -> None:
        from tripsage_tui.settings import remember

        try:
            await asyncio.to_thread(remember, "theme", name)
        except Exception as error:
            logger.warning("the theme was not remembered", exc_info=error)

    def copy_to_clipboard(self, text: str) -> None:
        """Hand a text to the terminal's clipboard, also through tmux and over SSH; says so, or why not."""
        try:
            sequence = copy_sequence(text, tmux="TMUX" in os.environ)
        except ValueError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(sequence)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Textual's way to the terminal, shortened to what differs from what stands there."""
        if isinstance(renderable, CompositorUpdate) and not self._batch_count and self._running and not self._closed:
            renderable = self._painted.changes(renderable, self.size)
        super()._display(screen, renderable)

    def on_resize(self) -> None:
        self._painted.forget()

    def action_redraw(self) -> None:
        """Write the whole screen again, after something else has written on it."""
        self._painted.forget()
        self.refresh()

    def _fatal_error(self) -> None:
        """Textual's own report prints local variables, which may hold keys: ours goes into a file, without them."""
        if self._exit:
            return
        error: BaseException | None = getattr(self._exception, "error", self._exception)
        if error is None:
            return
        log = self.settings.state_dir / "crash.log"
        try:
            write_report(log, error)
            where = f"The report is in {log}."
        except OSError:
            where = f"A report could not be written to {log}."
        self.exit(return_code=1, message=f"tripsage-tui stopped: {type(error).__name__}. {where}")
