"""Handing a file to the program that opens files of its type."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

from tripsage_tui.attachments.errors import AttachmentError


async def open_file(path: Path) -> None:
    """Start the desktop's program for the file and leave it alone. Raises AttachmentError where there is none."""
    command = _opener()
    if command is None:
        raise AttachmentError(f"There is no desktop here that could open it. The copy is {path}")
    try:
        process = await asyncio.create_subprocess_exec(
            command,
            str(path),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise AttachmentError(f"{command} could not be started: {error.strerror or error}.") from error
    # It hands over and ends at once, or stays as long as what it opened.
    try:
        async with asyncio.timeout(2.0):
            code = await process.wait()
    except TimeoutError:
        return
    if code:
        raise AttachmentError(f"No program here opens this file. The copy is {path}")


def _opener() -> str | None:
    if sys.platform == "darwin":
        return shutil.which("open")
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return shutil.which("xdg-open")
    return shutil.which("wslview") or shutil.which("termux-open")
