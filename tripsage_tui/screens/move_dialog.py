"""Giving an item another day, or none."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.bookings import ItineraryItem
from tripsage_tui.models.moving import read_move
from tripsage_tui.models.trips import Trip
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.safe_text import one_line


class MoveDialog(FormDialog[dict[str, object] | None]):
    """Returns what has to be written, None when nothing is to change."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("move.save", "ctrl+s", "save", "Move", priority=True),
            Command("move.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(self, item: ItineraryItem, trip: Trip, today: date) -> None:
        super().__init__(
            f"Move {one_line(item.title)}",
            "To which day? Leave it empty to make it an idea without a day. A time of day stays as it is.",
            "enter move · shift with up and down a day · esc cancel",
        )
        self._item = item
        self._trip = trip
        self._today = today

    def compose_content(self) -> ComposeResult:
        day = self._item.day
        yield DateField(
            "day",
            "Day",
            day.isoformat() if day else "",
            today=lambda: self._today,
            start=lambda: day or self._trip.start_date,
        )

    def on_mount(self) -> None:
        self.query_one(DateField).target.focus()

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        read = read_move(event.field.value, self._item, self._trip, self._today)
        event.field.note, event.field.error = read.note, ""

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by > 0:
            self.action_save()

    def action_save(self) -> None:
        field = self.query_one(DateField)
        read = read_move(field.value, self._item, self._trip, self._today)
        if read.error:
            field.error = read.error
        else:
            self.dismiss(dict(read.changes) or None)

    def action_cancel(self) -> None:
        self.dismiss(None)
