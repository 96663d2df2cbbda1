"""The one thing that cannot be undone is asked for in letters."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.trips import TripSummary
from tripsage_tui.models.when import count_of
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField
from tripsage_tui.widgets.safe_text import one_line

WORD = "delete"


class PurgeDialog(FormDialog[bool]):
    """True once the word has been typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((Command("purge.cancel", "escape", "cancel", "Cancel"),))

    def __init__(self, trip: TripSummary) -> None:
        entries = count_of(trip.bookings, "booking")
        items = count_of(trip.items, "thing to do").replace("thing to dos", "things to do")
        super().__init__(
            f"Delete {one_line(trip.name)} for good?",
            f"{entries} and {items}, its expenses and its people go with it. This cannot be undone.",
            f"type {WORD} and enter · esc cancel",
        )

    def compose_content(self) -> ComposeResult:
        yield TextField("word", "To be sure", hint=f"type {WORD}")

    def on_mount(self) -> None:
        self.query_one(TextField).target.focus()

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by < 0:
            return
        if event.field.value.strip().casefold() == WORD:
            self.dismiss(True)
        else:
            event.field.error = f"Type {WORD}, or leave with esc."

    def action_cancel(self) -> None:
        self.dismiss(False)
