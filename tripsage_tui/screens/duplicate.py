"""Planning a trip again: what the copy is called, when it begins, what it costs at most and what goes into it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.copying import CopyPart, DayPreview, Duplicate, preview
from tripsage_tui.models.money import parse_amount, plain_amount
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.text import InputError, clean_input
from tripsage_tui.models.trips import TripSummary
from tripsage_tui.models.when import count_of, format_date, format_range, parse_date
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_choice import ChoiceField
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField
from tripsage_tui.widgets.safe_text import fit, one_line

_COPY, _LEAVE = "copy", "leave out"
_PREVIEW = 58
"""Cells of a line of the preview."""


class DuplicateDialog(FormDialog[Duplicate | None]):
    """Says the dates, and what the first and the last day will be, while they are typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("duplicate.create", "ctrl+s", "create", "Create", priority=True),
            Command("duplicate.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(self, trip: TripSummary, today: date, plan: Callable[[], Awaitable[TripPlan]]) -> None:
        """`plan` fetches what is in the trip, for the preview; the dialog is there before it has arrived."""
        super().__init__(
            f"Plan {one_line(trip.name)} again",
            "Nothing in the copy is booked; confirmation codes stay with the original.",
            "enter next, at the end create · ctrl+s create · esc cancel",
        )
        self._plan: TripPlan | None = None
        self._fetch = plan
        self._trip = trip
        self._today = today

    def compose_content(self) -> ComposeResult:
        trip = self._trip
        yield TextField("name", "Name", f"{trip.name} (copy)", required=True)
        yield DateField("start_date", "First day", today=lambda: self._today, required=True)
        yield TextField("budget", f"Budget {trip.currency}", plain_amount(trip.budget, trip.currency), width="short")
        for part in CopyPart:
            yield ChoiceField(
                _key(part), part.value.capitalize(), [(_COPY, self._count(part)), (_LEAVE, _LEAVE)], _COPY
            )
        yield Static(id="duplicate-preview", markup=False)

    def _count(self, part: CopyPart) -> str:
        trip = self._trip
        numbers = {CopyPart.BOOKINGS: trip.bookings, CopyPart.ITEMS: trip.items, CopyPart.NOTES: len(trip.notes)}
        return f"copy {numbers[part]:,}" if part in numbers else "copy"

    def on_mount(self) -> None:
        self._field("name").target.focus()
        self.run_worker(self._load(), exit_on_error=False)

    async def _load(self) -> None:
        self._plan = await self._fetch()
        if self.is_mounted:
            self._show_days()

    def _field(self, key: str) -> FormField:
        return self.query_one(f"#field-{key.replace('_', '-')}", FormField)

    def _read(self, key: str) -> str | date | Decimal | None:
        """The value of a field; None after its error has been shown."""
        field = self._field(key)
        text = field.value.strip()
        try:
            if key == "start_date":
                return parse_date(text, self._today)
            if key == "budget":
                budget = parse_amount(text, self._trip.currency)
                if not budget:
                    raise InputError("The budget must be more than zero.")
                return budget
            if not text:
                raise InputError("Give the copy a name.")
            return clean_input(text)
        except ValueError as error:
            field.error = str(error)
            return None

    @property
    def _parts(self) -> frozenset[CopyPart]:
        return frozenset(part for part in CopyPart if self._field(_key(part)).value == _COPY)

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""
        self._show_days()

    def _show_days(self) -> None:
        """Beside the date the days of the copy; below all what happens on the first and on the last."""
        field = self._field("start_date")
        first = field.day() if isinstance(field, DateField) else None
        field.note, lines = "", ""
        if first is not None:
            try:
                last = first + (self._trip.end_date - self._trip.start_date)
                field.note = f"= {format_range(first, last, self._today)} · {count_of(self._trip.days, 'day')}"
                if self._plan is not None:
                    lines = "\n".join(map(_line, preview(self._plan, Duplicate("", first, parts=self._parts))))
            except OverflowError:
                field.note = "the copy would lie outside the calendar"
        self.query_one("#duplicate-preview", Static).update(Content(lines))

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by < 0:
            self.focus_previous()
        elif not isinstance(event.field, ChoiceField) and self._read(event.field.key) is None:
            return  # its error is shown, and it stays
        elif event.field.key == _key(list(CopyPart)[-1]):
            self.action_create()
        else:
            self.focus_next()

    def action_create(self) -> None:
        name, start, budget = (self._read(key) for key in ("name", "start_date", "budget"))
        if isinstance(name, str) and isinstance(start, date) and isinstance(budget, Decimal):
            self.dismiss(Duplicate(name, start, budget, self._parts))
            return
        wrong = next(key for key, value in (("name", name), ("start_date", start), ("budget", budget)) if value is None)
        self._field(wrong).target.focus()


def _key(part: CopyPart) -> str:
    return f"copy_{part.name.lower()}"


def _line(preview: DayPreview) -> str:
    happening = ", ".join(preview.entries) or "nothing yet"
    return fit(one_line(f"{format_date(preview.day)}: {happening}"), _PREVIEW).rstrip()
