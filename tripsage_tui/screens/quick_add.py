"""Quick add: one line to type, and below it how it is understood; enter opens the form that it fills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.booking_reading import FormContext
from tripsage_tui.models.quick_add import QuickAdd, form_values, read_line
from tripsage_tui.models.text import shown
from tripsage_tui.models.trips import StopFields, Trip
from tripsage_tui.models.when import format_date
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.screens.quick_preview import preview
from tripsage_tui.widgets.form_text import TextLine
from tripsage_tui.widgets.safe_text import one_line

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner
    from tripsage_tui.screens.base import PlannerScreen
    from tripsage_tui.screens.forms.booking_form import BookingForm

DRAFT_DELAY = 0.3
"""Seconds of rest after which the line is written down."""


class QuickLine(TextLine):
    """Enter goes on; up and down walk through the lines typed before."""

    BINDING_GROUP_TITLE = "Quick add"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(-1)", "Line before", show=False),
        Binding("down", "recall(1)", "Line after", show=False),
    ]

    class Recalled(Message):
        """Another line of the history is wanted: the one before (-1) or after (1)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def action_recall(self, by: int) -> None:
        self.post_message(self.Recalled(by))


class QuickAddDialog(FormDialog[QuickAdd | None]):
    """Returns the line as it was understood; None when left, and then the line waits for the next time."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("quick.open", "ctrl+s", "open", "Open the form", priority=True),
            Command("quick.cancel", "escape", "cancel", "Leave"),
        )
    )

    def __init__(self, planner: Planner, trip: Trip, stops: Sequence[StopFields], day: date | None) -> None:
        super().__init__(
            f"Add to {one_line(trip.name)}",
            f"On {format_date(day, planner.today)}, unless the line says another day." if day else "",
            "enter opens the filled form · ↑ ↓ earlier lines · esc keeps the line",
            large=True,
        )
        self._planner = planner
        self._trip = trip
        self._stops = tuple(stops)
        self._day = day
        self._history = planner.lines.history()
        self._place = len(self._history)
        self._own = planner.lines.unfinished(trip.id)
        self._timer: Timer | None = None
        self._settled = False

    def compose_content(self) -> ComposeResult:
        line = QuickLine(self._own, placeholder="what, when, where, how much: in one line")
        line.id = "quick-line"
        yield line
        with VerticalScroll(id="quick-preview", can_focus=False):
            yield Static("", id="quick-read", markup=False)

    @property
    def _line(self) -> QuickLine:
        return self.query_one(QuickLine)

    def on_mount(self) -> None:
        self._line.focus()
        self._line.cursor_position = len(self._own)
        self._show()
        self.run_worker(self._prepare(), exit_on_error=False)

    async def _prepare(self) -> None:
        await self._planner.airports.load()
        self._show()

    def _surroundings(self) -> FormContext:
        airports = self._planner.airports
        known: dict[str, Any] = {"zone_of": airports.zone_of, "distance_km": airports.distance_km}
        return FormContext(
            today=self._planner.today, trip=self._trip, stops=self._stops, **known if airports.loaded else {}
        )

    def _show(self) -> None:
        context = self._surroundings()
        quick = read_line(self._line.value, context)
        self.query_one("#quick-read", Static).update(preview(quick, context, self._day))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DRAFT_DELAY, self._keep)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_open()

    def on_quick_line_recalled(self, event: QuickLine.Recalled) -> None:
        event.stop()
        if self._place == len(self._history):
            self._own = self._line.value
        place = self._place + event.by
        if 0 <= place <= len(self._history):
            self._place = place
            text = self._history[place] if place < len(self._history) else self._own
            self._line.value = text
            self._line.cursor_position = len(text)

    def action_open(self) -> None:
        quick = read_line(self._line.value, self._surroundings())
        if not quick.word:
            self.query_one("#quick-preview").scroll_home(animate=False)
            return
        self._settled = True
        self._planner.lines.finish(self._trip.id, quick.line)
        self.dismiss(quick)

    def action_cancel(self) -> None:
        self._keep()
        self.dismiss(None)

    def _keep(self) -> None:
        if not self._settled:
            self._planner.lines.keep(self._trip.id, self._line.value)

    def on_unmount(self) -> None:
        # The program may end between a key and the note of it.
        if self._timer is not None:
            self._timer.stop()


def ask(
    screen: PlannerScreen[Any],
    trip: Trip,
    stops: Sequence[StopFields],
    day: date | None,
    show: Callable[[BookingForm], None],
) -> None:
    """Ask for a line and have the form that it fills shown, to be confirmed."""

    def answered(quick: QuickAdd | None) -> None:
        if quick is not None:
            show(filled_form(screen.planner, trip, stops, quick, day))

    screen.app.push_screen(QuickAddDialog(screen.planner, trip, stops, day), answered)


def filled_form(
    planner: Planner, trip: Trip, stops: Sequence[StopFields], quick: QuickAdd, day: date | None
) -> BookingForm:
    """The form of a line's kind with what the line says in its fields."""
    from tripsage_tui.screens.forms.opening import BOOKING_FORMS

    kind = next(form for form in BOOKING_FORMS if quick.word == form.WORD)
    context = FormContext(today=planner.today, trip=trip, stops=tuple(stops))
    values = form_values(quick, context, day)
    said = "This is how your line was understood. ctrl+s saves it."
    if quick.unknown:
        parts = ", ".join(shown(quick.text_of(part)) for part in quick.unknown)
        said = f"Not understood: {parts}. ctrl+s saves the rest."
    return kind(planner, trip, stops, given=values, said=said)
