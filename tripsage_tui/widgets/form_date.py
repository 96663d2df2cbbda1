"""A day as people type it: 2 Oct, fri, +7, 2027-10-02."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import ClassVar

from textual.binding import Binding, BindingType

from tripsage_tui.models.when import format_date, parse_date
from tripsage_tui.widgets.form_text import TextField


class DateField(TextField):
    """A date; shift with the up and down arrows moves it by a day, ctrl by a week."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+up", "shift_days(1)", "A day later", show=False),
        Binding("shift+down", "shift_days(-1)", "A day earlier", show=False),
        Binding("ctrl+up", "shift_days(7)", "A week later", show=False),
        Binding("ctrl+down", "shift_days(-7)", "A week earlier", show=False),
    ]

    def __init__(
        self,
        key: str,
        label: str,
        value: str = "",
        *,
        today: Callable[[], date],
        start: Callable[[], date | None] = lambda: None,
        required: bool = False,
        hint: str = "e.g. 2 oct, fri, +7",
    ) -> None:
        """`start` is where an empty field begins and where a date without a year is looked for; else `today`."""
        super().__init__(key, label, value, hint=hint, required=required, width="middle")
        self._today = today
        self._start = start

    def day(self) -> date | None:
        """The day that the text means, None where it means none."""
        try:
            return parse_date(self.value, self._today(), near=self._start())
        except ValueError:
            return None

    @property
    def meaning(self) -> str:
        day = self.day()
        return format_date(day, self._today()) if day else ""

    def action_shift_days(self, by: int) -> None:
        day = self.day()
        start = self._start() or self._today()
        try:
            self.value = (start if day is None else day + timedelta(days=by)).isoformat()
        except OverflowError:
            return
