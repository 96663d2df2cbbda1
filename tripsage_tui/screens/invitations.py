"""Answering invitations to trips of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.safe_text import one_line

if TYPE_CHECKING:
    from tripsage_tui.models.people import ReceivedInvitation
    from tripsage_tui.planner import Planner


class InvitationsDialog(FormDialog["Answer | None"]):
    """Returns the invitation and whether it is accepted."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("invitations.accept", "a", "answer(True)", "Accept"),
            Command("invitations.decline", "x", "answer(False)", "Decline"),
            Command("invitations.down", "j", "cursor(1)", "Down", footer=False, palette=False),
            Command("invitations.up", "k", "cursor(-1)", "Up", footer=False, palette=False),
            Command("invitations.close", "escape", "close", "Later"),
        )
    )

    def __init__(self, invitations: Sequence[ReceivedInvitation]) -> None:
        count = len(invitations)
        super().__init__(
            "You are invited" if count == 1 else f"You have {count} invitations",
            "",
            "enter or a accept · x decline · esc later",
        )
        self._invitations = tuple(invitations)

    def compose_content(self) -> ComposeResult:
        from tripsage_tui.models.when import format_range

        options = []
        for asked in self._invitations:
            first = asked.expires_at.astimezone().date()
            when = format_range(asked.start_date, asked.end_date, first)
            text = f" {one_line(asked.sentence)}\n   {one_line(asked.destination)}, {when}"
            options.append(Option(Content(text)))
        yield OptionList(*options, markup=False, compact=True)

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.focus()
        options.highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_answer(True)

    def action_cursor(self, by: int) -> None:
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_answer(self, accept: bool) -> None:
        chosen = self.query_one(OptionList).highlighted
        if chosen is not None:
            self.dismiss((self._invitations[chosen], accept))

    def action_close(self) -> None:
        self.dismiss(None)


Answer = tuple["ReceivedInvitation", bool]


async def answer(planner: Planner, asked: ReceivedInvitation, accept: bool) -> str:
    """Accept or decline; returns the sentence that says so. Raises NotFound when the invitation has ended."""
    if not accept:
        await planner.people.decline(asked.id)
        return f"Declined: {one_line(asked.sentence)}."
    await planner.people.accept(asked.id)
    return f"{asked.trip_name} is among your trips now. enter opens it."
