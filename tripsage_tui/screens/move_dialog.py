"""Giving items another day, or none; and all items of a day at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.arranging import WholeDay
from tripsage_tui.models.bookings import ItineraryItem
from tripsage_tui.models.moving import Target, read_target
from tripsage_tui.models.trips import Trip
from tripsage_tui.models.when import format_date
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_choice import ChoiceField
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.safe_text import one_line

COMMANDS = (
    Command("move.save", "ctrl+s", "save", "Move", priority=True),
    Command("move.cancel", "escape", "cancel", "Cancel"),
)
_DAYS = (
    (WholeDay.MOVE.value, "to that day"),
    (WholeDay.SWAP.value, "exchange both days"),
    (WholeDay.LATER.value, "and all later days"),
)


class MoveDialog(FormDialog[Target | None]):
    """Returns the day, None when nothing is to change."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS)

    def __init__(self, items: Sequence[ItineraryItem], trip: Trip, today: date) -> None:
        what = one_line(items[0].title) if len(items) == 1 else f"{len(items)} items"
        ideas = "make it an idea" if len(items) == 1 else "make them ideas"
        super().__init__(
            f"Move {what}",
            f"To which day? Leave it empty to {ideas} without a day. A time of day stays as it is.",
            "enter move · shift with up and down a day · esc cancel",
        )
        self._items = items
        self._trip = trip
        self._today = today

    def compose_content(self) -> ComposeResult:
        day = self._items[0].day
        yield DateField(
            "day",
            "Day",
            day.isoformat() if day else "",
            today=lambda: self._today,
            start=lambda: day or self._trip.start_date,
        )

    def on_mount(self) -> None:
        self.query_one(DateField).target.focus()

    def _read(self) -> Target:
        return read_target(self.query_one(DateField).value, self._items, self._trip, self._today)

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.note, event.field.error = self._read().note, ""

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by > 0:
            self.action_save()

    def action_save(self) -> None:
        target = self._read()
        if target.error:
            self.query_one(DateField).error = target.error
        else:
            self.dismiss(None if target.stays else target)


@dataclass(frozen=True)
class DayMove:
    """Where a whole day's items go, and what becomes of those of other days."""

    day: date
    how: WholeDay


class DayDialog(FormDialog[DayMove | None]):
    """Moves all items of a day; bookings stay, they have dates of their own."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS)

    def __init__(self, day: date, trip: Trip, today: date) -> None:
        super().__init__(
            f"Move the items of {format_date(day, today)}",
            "To which day? “And all later days” opens a gap here, or closes one. Bookings stay where they are.",
            "enter next, then move · shift with up and down a day · esc cancel",
        )
        self._day = day
        self._trip = trip
        self._today = today

    def compose_content(self) -> ComposeResult:
        yield DateField("day", "Day", "", today=lambda: self._today, start=lambda: self._day)
        yield ChoiceField("how", "How", _DAYS)

    def on_mount(self) -> None:
        self.query_one(DateField).target.focus()

    def _target(self) -> Target:
        return read_target(self.query_one(DateField).value, (), self._trip, self._today)

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        if isinstance(event.field, DateField):
            target = self._target()
            event.field.note = "" if target.day is None else target.note
            event.field.error = ""

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        fields = list(self.query(FormField))
        place = fields.index(event.field) + event.by
        if place >= len(fields):
            self.action_save()
        elif place >= 0:
            fields[place].target.focus()

    def action_save(self) -> None:
        target = self._target()
        field = self.query_one(DateField)
        if target.error:
            field.error = target.error
        elif target.day is None:
            field.error = "Which day? Without one there is nowhere to go."
        elif target.day == self._day:
            self.dismiss(None)
        else:
            self.dismiss(DayMove(target.day, WholeDay(self.query_one(ChoiceField).value)))
