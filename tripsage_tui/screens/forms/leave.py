"""Leaving a form in which something was typed."""

from __future__ import annotations

from enum import Enum, auto
from typing import ClassVar

from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.safe_text import one_line


class Leave(Enum):
    """How to leave."""

    KEEP = auto()
    DISCARD = auto()


class LeaveDialog(FormDialog[Leave | None]):
    """Keep the draft, throw it away, or (None) go on typing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("leave.keep", "enter,k", "keep", "Leave, keep the draft"),
            Command("leave.discard", "x", "discard", "Leave, throw it away"),
            Command("leave.stay", "escape", "stay", "Go on typing"),
        )
    )

    def __init__(self, title: str) -> None:
        super().__init__(
            "Leave without saving?",
            f"You were {one_line(title)}. It is not saved; as a draft it is offered again the next time.",
            "Enter leaves and keeps the draft · x throws it away · esc goes on typing",
        )

    def action_keep(self) -> None:
        self.dismiss(Leave.KEEP)

    def action_discard(self) -> None:
        self.dismiss(Leave.DISCARD)

    def action_stay(self) -> None:
        self.dismiss(None)
