"""Planning a trip again: what the copy is called and when it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.text import InputError, clean_input
from tripsage_tui.models.trips import Trip
from tripsage_tui.models.when import count_of, format_range, parse_date
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField
from tripsage_tui.widgets.safe_text import one_line


@dataclass(frozen=True)
class Duplicate:
    """What is wished for."""

    name: str
    start_date: date


class DuplicateDialog(FormDialog[Duplicate | None]):
    """Asks for name and first day; says the last day while the first is typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("duplicate.create", "ctrl+s", "create", "Create", priority=True),
            Command("duplicate.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(self, trip: Trip, today: date) -> None:
        super().__init__(
            f"Plan {one_line(trip.name)} again",
            "The copy has the same stops and bookings, moved by the same number of days. Nothing in it is booked, "
            "and confirmation codes stay with the original.",
            "enter next, at the end create · ctrl+s create · esc cancel",
        )
        self._trip = trip
        self._today = today

    def compose_content(self) -> ComposeResult:
        yield TextField("name", "Name", f"{self._trip.name} (copy)", required=True)
        yield DateField("start_date", "First day", today=lambda: self._today, required=True)

    def on_mount(self) -> None:
        self._field("name").target.focus()

    def _field(self, key: str) -> TextField:
        return self.query_one(f"#field-{key.replace('_', '-')}", TextField)

    def _read(self, key: str) -> str | date | None:
        """The value of a field; None after its error has been shown."""
        field = self._field(key)
        text = field.value.strip()
        try:
            if key == "name":
                if not text:
                    raise InputError("Give the copy a name.")
                return clean_input(text)
            return parse_date(text, self._today)
        except ValueError as error:
            field.error = str(error)
            return None

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""
        field = self._field("start_date")
        if isinstance(field, DateField) and (first := field.day()) is not None:
            last = first + (self._trip.end_date - self._trip.start_date)
            field.note = f"= {format_range(first, last, self._today)} · {count_of(self._trip.days, 'day')}"
        else:
            field.note = ""

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by > 0 and event.field.key == "start_date":
            self.action_create()
        elif event.by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_create(self) -> None:
        name, start = self._read("name"), self._read("start_date")
        if isinstance(name, str) and isinstance(start, date):
            self.dismiss(Duplicate(name, start))

    def action_cancel(self) -> None:
        self.dismiss(None)
