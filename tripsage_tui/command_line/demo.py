"""`tripsage-tui demo`: the program on a throwaway folder with rich sample trips."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from tripsage_tui.command_line.program import open_program
from tripsage_tui.command_line.running import say, settings_of
from tripsage_tui.sample_trips import create_samples
from tripsage_tui.settings import Settings
from tripsage_tui.workspace import Workspace

WHO = "Demo traveller"


def run(arguments: argparse.Namespace) -> int:
    """Fill a temporary folder, open the program on it, remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="tripsage-demo-"))
    settings = replace(settings_of(arguments), data_dir=folder / "data", profile=WHO, project=None)
    try:
        asyncio.run(_fill(settings))
        return open_program(settings)
    finally:
        asyncio.run(_discard(settings))
        shutil.rmtree(folder, ignore_errors=True)


async def _fill(settings: Settings) -> None:
    say("Preparing a throwaway database with sample trips ...")
    async with Workspace(settings) as workspace:
        await workspace.start(say)
        planner = await workspace.enter(await workspace.create_profile(WHO))
        await create_samples(planner)


async def _discard(settings: Settings) -> None:
    async with Workspace(settings) as workspace:
        await workspace.server.stop()
