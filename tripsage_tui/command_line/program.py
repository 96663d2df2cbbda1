"""`tripsage-tui` without a command: the program itself."""

from __future__ import annotations

import argparse
from functools import partial

from tripsage_tui.command_line.running import settings_of
from tripsage_tui.settings import Settings


def run(arguments: argparse.Namespace) -> int:
    """Open the program in this terminal; returns its exit code."""
    return open_program(settings_of(arguments))


def open_program(settings: Settings) -> int:
    """Check the terminal, then run the app until the user leaves it."""
    from tripsage_tui import terminal

    terminal.prepare(settings)
    from tripsage_tui.app import TripSageApp
    from tripsage_tui.workspace import Workspace

    return terminal.run(TripSageApp(partial(Workspace.open, settings), settings), mouse=settings.mouse)
