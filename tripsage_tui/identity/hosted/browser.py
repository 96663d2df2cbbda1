"""Opening a page in the user's browser: only where there is one in front of them, and never a text browser."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping


def can_open(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a browser would open before the user's eyes: not over SSH, and with a screen to draw on."""
    if any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        return False
    if sys.platform == "darwin":
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")) and shutil.which("xdg-open") is not None


async def open_page(url: str) -> bool:
    """Ask the system to show a page; whether it took the request. Nothing is drawn on this terminal."""
    if not can_open() or not url.startswith(("https://", "http://127.0.0.1")):
        return False
    program = "open" if sys.platform == "darwin" else "xdg-open"
    null = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            program, url, stdin=null, stdout=null, stderr=null, start_new_session=True
        )
        async with asyncio.timeout(5.0):
            return await process.wait() == 0
    except TimeoutError:
        return True  # some wait for the browser to end
    except OSError:
        return False
