"""All fields of one booking, with what can be done to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.bookings import Booking
from tripsage_tui.screens.booking_details import details
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.detail_pane import DetailPane
from tripsage_tui.widgets.safe_text import one_line


class BookingDialog(FormDialog[str | None]):
    """Returns the name of an action of the trip screen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("booking.edit", "e", "wish('edit')", "Edit"),
            Command("booking.state", "space", "wish('next_state')", "State"),
            Command("booking.delete", "d", "wish('delete')", "Delete"),
            Command("booking.duplicate", "p", "wish('duplicate')", "Duplicate"),
            Command("booking.reveal", "x", "reveal", "Show code"),
            Command("booking.copy", "y", "copy", "Copy code"),
            Command("booking.down", "down,j,pagedown", "scroll(1)", "Down", footer=False, palette=False),
            Command("booking.up", "up,k,pageup", "scroll(-1)", "Up", footer=False, palette=False),
            Command("booking.close", "escape,enter,backspace", "close", "Close"),
        )
    )

    def __init__(
        self,
        booking: Booking,
        *,
        zone: str | None,
        today: date,
        may_edit: bool,
        copy: Callable[[Booking], None],
        reveal: bool = False,
    ) -> None:
        keys = ["x show the code", "y copy it"] if booking.confirmation_code else []
        if may_edit:
            keys = ["e edit", "space state", "d delete", "p another one like it", *keys]
        super().__init__(one_line(name_of(booking)), "", " · ".join([*keys, "esc close"]))
        self._booking = booking
        self._zone = zone
        self._today = today
        self._may_edit = may_edit
        self._copy = copy
        self._reveal = reveal

    def compose_content(self) -> ComposeResult:
        yield DetailPane()

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        pane = self.query_one(DetailPane)
        # The title of the dialog says the name already.
        pane.show(details(self._booking, zone=self._zone, today=self._today, reveal=self._reveal)[1:])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._may_edit if action == "wish" else super().check_action(action, parameters)

    def action_wish(self, action: str) -> None:
        self.dismiss(action)

    def action_reveal(self) -> None:
        self._reveal = not self._reveal
        self._show()

    def action_copy(self) -> None:
        self._copy(self._booking)

    def action_scroll(self, by: int) -> None:
        self.query_one(DetailPane).scroll_relative(y=by * 3, animate=False)

    def action_close(self) -> None:
        self.dismiss(None)
