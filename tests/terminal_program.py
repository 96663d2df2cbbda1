"""The app in this terminal without a database, for tests of the terminal: `terminal_program.py FOLDER [COLOR]`.

Keys: `!` fails with a secret in a local variable, `#` writes to stderr below Python, `$` copies, `%` floods.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tripsage_tui import terminal
from tripsage_tui.settings import Settings

settings = Settings(data_dir=Path(sys.argv[1]), color=sys.argv[2] if len(sys.argv) > 2 else "auto")  # type: ignore[arg-type]
terminal.prepare(settings)

from tripsage_tui.app import TripSageApp  # noqa: E402 - Textual reads what `prepare` sets

SECRET = "sk-planted0123456789"


class Program(TripSageApp):
    BINDINGS = [  # noqa: RUF012
        ("exclamation_mark", "fail"),
        ("number_sign", "noise"),
        ("dollar_sign", "copy_something"),
        ("percent_sign", "flood"),
    ]

    def action_fail(self) -> None:
        api_key = SECRET
        raise RuntimeError(f"refused with password={api_key}")

    def action_noise(self) -> None:
        os.write(2, b"NOISE-OF-A-LIBRARY\n")

    def action_copy_something(self) -> None:
        self.copy_to_clipboard("X7K2PQ")

    def action_flood(self) -> None:
        for _ in range(200):
            self._painted.forget()
            self.screen.refresh()
            self.screen._on_timer_update()


async def never(progress: Callable[[str], None]) -> Any:
    progress("Starting the database …")
    await asyncio.Event().wait()


sys.exit(terminal.run(Program(never, settings), mouse=False))
