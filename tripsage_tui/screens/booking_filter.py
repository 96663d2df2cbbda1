"""Which bookings the list shows: a menu in which each choice has a letter, and the words for what was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.booking_filter import BookingFilter
from tripsage_tui.models.booking_list import BookingRow, Kind
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.safe_text import one_line

T = TypeVar("T")

KINDS = {Kind.FLIGHT: "flights", Kind.STAY: "stays", Kind.TRANSPORT: "transport", Kind.ITEM: "things to do"}
STATES: dict[str, frozenset[str]] = {
    "available or planned": frozenset({"available", "planned"}),
    "reserved": frozenset({"reserved"}),
    "booked": frozenset({"booked"}),
    "completed": frozenset({"completed"}),
    "cancelled": frozenset({"cancelled"}),
}
_KEYS = {
    "f": Kind.FLIGHT,
    "s": Kind.STAY,
    "t": Kind.TRANSPORT,
    "i": Kind.ITEM,
    **dict(zip("arbcx", STATES, strict=True)),
    "u": "unpaid",
    "n": "no_reference",
    "d": "due_soon",
    "o": "trip",
}
_WORDS = {"unpaid": "still to be paid", "no_reference": "without a reference", "due_soon": "with a deadline soon"}


def in_words(chosen: BookingFilter, trip_name: str = "") -> str:
    """`stays · reserved or booked · still to be paid · Japan in autumn`; empty when nothing is left out."""
    parts = [
        " or ".join(word for kind, word in KINDS.items() if kind in chosen.kinds),
        " or ".join(word for word, states in STATES.items() if states <= chosen.states),
        *(word for name, word in _WORDS.items() if getattr(chosen, name)),
        one_line(trip_name) if chosen.trip_id is not None else "",
    ]
    return " · ".join(part for part in parts if part)


def toggled(chosen: BookingFilter, what: str, trip_id: int | None = None) -> BookingFilter:
    """The filter with one choice taken or given up; `trip_id` is the trip that `trip` means."""
    if what in STATES:
        return chosen.with_states(STATES[what])
    if what == "trip":
        return replace(chosen, trip_id=trip_id if chosen.trip_id is None else None)
    match what:
        case "unpaid":
            return replace(chosen, unpaid=not chosen.unpaid)
        case "no_reference":
            return replace(chosen, no_reference=not chosen.no_reference)
        case "due_soon":
            return replace(chosen, due_soon=not chosen.due_soon)
    return chosen.with_kind(Kind(what))


def next_of(choices: Sequence[frozenset[T]], now: frozenset[T]) -> frozenset[T]:
    """The choice after this one, and after the last one none."""
    place = choices.index(now) + 1 if now in choices else 0
    return choices[place] if place < len(choices) else frozenset()


class BookingFilterDialog(FormDialog[BookingFilter | None]):
    """Every choice at once; returns the filter, or None when it is to stay as it was."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            *(Command(f"only.{what}", key, f"narrow('{what}')", str(what)) for key, what in _KEYS.items()),
            Command("only.toggle", "space", "toggle_here", "Choose"),
            Command("only.all", "0", "all", "Show all"),
            Command("only.down", "j", "cursor(1)", "Down", footer=False, palette=False),
            Command("only.up", "k", "cursor(-1)", "Up", footer=False, palette=False),
            Command("only.done", "enter", "done", "Show", priority=True),
            Command("only.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(
        self, chosen: BookingFilter, rows: Iterable[BookingRow], now: datetime, trip: tuple[int, str] | None
    ) -> None:
        """`trip` is the one under the cursor, or the chosen one."""
        super().__init__("Show only", "", "letter or space choose · 0 all · enter show · esc cancel")
        self._chosen = chosen
        self._rows = list(rows)
        self._now = now
        self._trip = trip

    def compose_content(self) -> ComposeResult:
        yield OptionList(*self._options(), markup=False, compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def _options(self) -> list[Option]:
        return [
            Option(self._line(key, what), id=str(what), disabled=what == "trip" and self._trip is None)
            for key, what in _KEYS.items()
        ]

    def _line(self, key: str, what: str) -> Content:
        alone = toggled(BookingFilter(), what, self._trip[0] if self._trip else None)
        taken = toggled(self._chosen, what, self._trip[0] if self._trip else None)
        # What a choice would take away is what has been chosen.
        chosen = self._chosen != taken and _size(taken) < _size(self._chosen)
        count = sum(alone.lets_through(row, self._now) for row in self._rows)
        word = f"only {one_line(self._trip[1])}" if what == "trip" and self._trip else _word(what)
        return Content(f" {'●' if chosen else '○'} {key}  {word[:40]:<41}{count:>6,}")

    def action_narrow(self, what: str) -> None:
        if what == "trip" and self._trip is None:
            return
        self._set(toggled(self._chosen, what, self._trip[0] if self._trip else None))

    def action_toggle_here(self) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.action_narrow(options.get_option_at_index(options.highlighted).id or "")

    def action_all(self) -> None:
        self._set(BookingFilter())

    def _set(self, chosen: BookingFilter) -> None:
        self._chosen = chosen
        options = self.query_one(OptionList)
        for key, what in _KEYS.items():
            options.replace_option_prompt(str(what), self._line(key, what))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self.action_narrow(event.option_id or "")

    def action_cursor(self, by: int) -> None:
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_done(self) -> None:
        self.dismiss(self._chosen)


def _word(what: str) -> str:
    return KINDS[Kind(what)] if what in set(Kind) else _WORDS.get(what, what if what != "trip" else "only one trip")


def _size(chosen: BookingFilter) -> int:
    parts = (chosen.trip_id is not None, chosen.no_reference, chosen.unpaid, chosen.due_soon)
    return len(chosen.kinds) + len(chosen.states) + sum(parts)
