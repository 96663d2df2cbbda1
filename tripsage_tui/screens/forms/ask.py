"""A question before something that cannot simply be taken back."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.screens.forms.dialog import FormDialog


class AskDialog(FormDialog[bool | None]):
    """True: do it; None: do nothing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("ask.yes", "enter,y", "answer(True)", "Yes"),
            Command("ask.no", "escape,n", "answer(None)", "No"),
        )
    )

    def __init__(self, title: str, text: str, yes: str) -> None:
        """`yes` says in a word or two what enter does."""
        super().__init__(title, text, f"enter {yes} · esc cancel")

    def action_answer(self, answer: bool | None) -> None:
        self.dismiss(answer)
