"""The record that is being edited was deleted by someone else."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.safe_text import one_line


class DeletedDialog(FormDialog[bool | None]):
    """True: save what was typed as a new record; False: let it go; None: go on editing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("deleted.again", "enter,s", "answer(True)", "Save it as a new one"),
            Command("deleted.accept", "x", "answer(False)", "Let it go"),
            Command("deleted.back", "escape", "answer(None)", "Go on editing"),
        )
    )

    def __init__(self, what: str) -> None:
        super().__init__(
            "It is no longer there",
            f"Someone deleted {one_line(what)} while you were editing it.",
            "enter save it again as a new one · x let it go · esc go on editing",
        )

    def action_answer(self, answer: bool | None) -> None:
        self.dismiss(answer)
