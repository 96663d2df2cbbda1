"""`tripsage-tui` without a command: the program itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tripsage_tui.command_line.running import settings_of
from tripsage_tui.settings import Settings

if TYPE_CHECKING:
    from tripsage_tui.opening import OpenWorkspace


def run(arguments: argparse.Namespace) -> int:
    """Open the program in this terminal; returns its exit code."""
    return open_program(settings_of(arguments))


def open_program(settings: Settings) -> int:
    """Check the terminal, then run the app until the user leaves it."""
    from tripsage_tui import terminal

    terminal.prepare(settings)
    from tripsage_tui.app import TripSageApp

    return terminal.run(TripSageApp(partial(_open_workspace, settings), settings), mouse=settings.mouse)


async def _open_workspace(settings: Settings, progress: Callable[[str], None]) -> OpenWorkspace:
    """Called behind the first frame: importing the data layer takes as long as painting it (60 ms)."""
    from tripsage_tui.worlds import open_workspace

    return await open_workspace(settings, progress)
