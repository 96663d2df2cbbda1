"""The command palette, and a list of choices, that stand keys pressed before they have been laid out."""

from __future__ import annotations

import contextlib
from typing import Any

from textual import events
from textual.command import CommandPalette
from textual.widgets import OptionList
from textual.worker import Worker


class Palette(CommandPalette):
    """Textual's palette. Page keys before its list has lines, or closing it at once, end the program in 8.2.8."""

    def _on_mount(self, event: events.Mount) -> None:
        if self not in self.app.screen_stack:
            event.prevent_default()

    def run_worker(self, *arguments: Any, **options: Any) -> Worker[Any]:
        """Its search looks for its own list, which is gone when the palette was closed meanwhile."""
        return super().run_worker(*arguments, **{**options, "exit_on_error": False})

    def _action_command_list(self, action: str) -> None:
        with contextlib.suppress(KeyError, IndexError):
            super()._action_command_list(action)


class Choices(OptionList):
    """Textual's list of options, with the same repair."""

    def action_page_down(self) -> None:
        with contextlib.suppress(KeyError, IndexError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    def action_page_up(self) -> None:
        with contextlib.suppress(KeyError, IndexError):
            super().action_page_up()  # type: ignore[no-untyped-call]
