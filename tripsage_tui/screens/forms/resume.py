"""Something was typed and not saved: take it up again, or throw it away."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.safe_text import one_line

if TYPE_CHECKING:
    from tripsage_tui.drafts import Draft


class ResumeDialog(FormDialog[bool | None]):
    """True: resume the draft; False: throw it away; None: decide later."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("draft.resume", "r,enter", "answer(True)", "Resume"),
            Command("draft.discard", "x", "answer(False)", "Throw away"),
            Command("draft.later", "escape", "answer(None)", "Later"),
        )
    )

    def __init__(self, draft: Draft, now: datetime) -> None:
        super().__init__(
            "Not saved yet",
            f"You were {one_line(draft.title)}, {ago(draft.saved_at, now)}.",
            "r resume · x throw it away · esc later",
        )

    def action_answer(self, answer: bool | None) -> None:
        self.dismiss(answer)


def ago(then: datetime, now: datetime) -> str:
    """`just now`, `5 minutes ago`, `2 hours ago`, `3 days ago`."""
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    for size, word in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if (number := minutes // size) >= 1:
            return f"{number} {word}{'' if number == 1 else 's'} ago"
    return "just now"
