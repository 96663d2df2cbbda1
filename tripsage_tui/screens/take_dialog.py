"""Asks once what becomes of the option that is taken, and of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from tripsage_tui.changes.options import Taking
from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.bookings import BookingStatus
from tripsage_tui.models.when import count_of
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.safe_text import one_line


class TakeDialog(FormDialog[Taking | None]):
    """Returns the answer, None when nothing is to be done."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("take.reserved", "r", "state('reserved')", "Reserved"),
            Command("take.booked", "b", "state('booked')", "Booked"),
            Command("take.cancel", "c", "others(False)", "Cancel the others"),
            Command("take.delete", "d", "others(True)", "Delete the others"),
            Command("take.done", "enter,ctrl+s", "done", "Take it", priority=True),
            Command("take.back", "escape", "back", "Back"),
        )
    )

    def __init__(self, what: str, others: int) -> None:
        super().__init__(f"Take {one_line(what)}", "", "enter take it · esc back · afterwards u takes it all back")
        self._others = others
        self._taking = Taking()

    def compose_content(self) -> ComposeResult:
        yield Static(self._choices(), id="take-choices", markup=False)

    def _choices(self) -> Content:
        booked, delete = self._taking.state is BookingStatus.BOOKED, self._taking.delete_others
        lines = [_choice("r", "mark it as reserved", not booked), _choice("b", "mark it as booked", booked)]
        if self._others:
            others = count_of(self._others, "other option")
            lines += [
                "",
                _choice("c", f"cancel the {others}, which stay in the list", not delete),
                _choice("d", f"delete the {others}", delete),
            ]
        return Content("\n".join(lines))

    def action_state(self, state: str) -> None:
        self._set(replace(self._taking, state=BookingStatus(state)))

    def action_others(self, delete: bool) -> None:
        self._set(replace(self._taking, delete_others=delete))

    def _set(self, taking: Taking) -> None:
        self._taking = taking
        self.query_one("#take-choices", Static).update(self._choices())

    def action_done(self) -> None:
        self.dismiss(self._taking)

    def action_back(self) -> None:
        self.dismiss(None)


def _choice(key: str, text: str, chosen: bool) -> str:
    return f" {'●' if chosen else '○'} {key}  {text}"
