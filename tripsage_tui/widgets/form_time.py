"""A time of day: 13:25, 1325, 1:25pm; `+1` for the next day where the form allows it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

from textual.binding import Binding, BindingType

from tripsage_tui.models.typed_times import InvalidTime, parse_time, write_time
from tripsage_tui.widgets.form_text import TextField

_STEP = timedelta(minutes=15)
_DAY = date(2000, 1, 1)
"""Any day will do: a wall clock is moved, not an instant."""


class TimeField(TextField):
    """A time; shift with the up and down arrows moves it by a quarter of an hour."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+up", "shift_time(1)", "A quarter of an hour later", show=False),
        Binding("shift+down", "shift_time(-1)", "A quarter of an hour earlier", show=False),
    ]

    def __init__(
        self, key: str, label: str, value: str = "", *, hint: str = "e.g. 13:25", required: bool = False
    ) -> None:
        super().__init__(key, label, value, hint=hint, required=required, width="short")

    def action_shift_time(self, by: int) -> None:
        try:
            clock, days = parse_time(self.value)
        except InvalidTime:
            self.value = "12:00"
            return
        moved = datetime.combine(_DAY, clock) + timedelta(days=days) + by * _STEP
        days = (moved.date() - _DAY).days
        if days >= 0:
            self.value = write_time(moved.time(), days)
