"""What to add: one key."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.when import format_date
from tripsage_tui.screens.forms.dialog import FormDialog

_CHOICES = (
    ("f", "flight", "Flight", "out and return, with the times of each end"),
    ("s", "stay", "Stay", "a hotel, a flat, a friend's sofa"),
    ("t", "transport", "Transport", "train, bus, hired car, taxi"),
    ("i", "item", "Item", "something to do, to eat, to see; or an idea"),
)


class AddDialog(FormDialog[str | None]):
    """Returns the word of the form to open."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            *(Command(f"add.{word}", key, f"add('{word}')", title) for key, word, title, _ in _CHOICES),
            Command("add.down", "j", "cursor_down", "Down", footer=False, palette=False),
            Command("add.up", "k", "cursor_up", "Up", footer=False, palette=False),
            Command("add.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(self, day: date | None) -> None:
        super().__init__(
            "Add to the trip", f"On {format_date(day)}." if day else "To the trip.", "f s t i or enter · esc cancel"
        )

    def compose_content(self) -> ComposeResult:
        options = [Option(Content(f" {key}  {title:<11}{hint}"), id=word) for key, word, title, hint in _CHOICES]
        yield OptionList(*options, markup=False, compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_add(event.option_id or "")

    def action_cursor_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_cursor_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()

    def action_add(self, word: str) -> None:
        self.dismiss(word)
