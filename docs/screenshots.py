"""Make the pictures of the README: the program itself, on sample trips, exported as SVG.

.venv/bin/python docs/screenshots.py
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tripsage_tui.app import TripSageApp
from tripsage_tui.sample_trips import create_samples
from tripsage_tui.settings import Settings
from tripsage_tui.workspace import Workspace

FOLDER = Path(__file__).parent / "images"
NOW = datetime(2027, 10, 8, 9, 30, tzinfo=UTC)
SIZE = (120, 34)


def clock() -> datetime:
    return NOW


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tripsage-pictures-") as folder:
        settings = Settings(data_dir=Path(folder) / "data", profile="Anna")
        async with Workspace(settings, clock=clock) as workspace:
            await workspace.start()
            await create_samples(await workspace.enter(await workspace.create_profile("Anna")))
        await take(settings)
        await Workspace(settings).server.stop()


async def take(settings: Settings) -> None:
    async def open_workspace(progress: object) -> Workspace:
        workspace = Workspace(settings, clock=clock)
        await workspace.start()
        return workspace

    app = TripSageApp(open_workspace, settings)
    async with app.run_test(size=SIZE) as pilot:
        await shown(app, "Japan in autumn")
        for _ in range(3):
            await pilot.press("j")
        await pilot.pause(0.5)
        save(app, "trips")
        await pilot.press("enter")
        await shown(app, "Ryokan Shiraume")
        await pilot.press("j", "j", "j")
        await pilot.pause(0.5)
        save(app, "trip")


async def shown(app: TripSageApp, text: str) -> None:
    """Wait until a text stands on the screen."""
    async with asyncio.timeout(30):
        while text.replace(" ", "&#160;") not in app.export_screenshot():  # noqa: ASYNC110 - a screen has no event
            await asyncio.sleep(0.05)


def save(app: TripSageApp, name: str) -> None:
    svg = re.sub(r"@font-face \{.*?\}\s*", "", app.export_screenshot(title="TripSage"), flags=re.DOTALL)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
