"""A line to type a filter into; it is there only while it is used."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tripsage_tui.commands import Command, bindings
from tripsage_tui.widgets.form_text import TextLine

LONGEST = 200


class FilterLine(TextLine):
    """Enter and the arrow go on to the list, escape ends the filter."""

    BINDING_GROUP_TITLE = "Filter"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("filter.keep", "enter,down", "done('keep')", "To the list", palette=False),
            Command("filter.clear", "escape", "done('clear')", "Clear", palette=False),
        )
    )

    class Done(Message):
        """The typing is over; `keep` the filter or not."""

        def __init__(self, *, keep: bool) -> None:
            super().__init__()
            self.keep = keep

    def action_done(self, how: str) -> None:
        self.post_message(self.Done(keep=how == "keep"))


class FilterBar(Horizontal):
    """Hidden until `open`; every change is told at once, so that the list follows the typing."""

    DEFAULT_CSS = """
    FilterBar {
        height: 1;
        display: none;
        background: $panel;
        &.-open { display: block; }
        .filter--sign { width: 3; color: $text-accent; text-style: bold; }
        TextLine { width: 1fr; background: $panel; }
    }
    """

    class Changed(Message):
        """Another text was typed; empty shows everything."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The keyboard goes back to the list."""

    def __init__(self, hint: str = "") -> None:
        super().__init__()
        self._line = FilterLine("", placeholder=hint)
        self._line.max_length = LONGEST

    def compose(self) -> ComposeResult:
        yield Static(" / ", classes="filter--sign", markup=False)
        yield self._line

    @property
    def text(self) -> str:
        return self._line.value

    def open(self) -> None:
        """Show the line and take the keyboard."""
        self.add_class("-open")
        self._line.focus(scroll_visible=False)

    def close(self) -> None:
        """Empty and hide the line."""
        self._line.value = ""
        self.remove_class("-open")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_filter_line_done(self, event: FilterLine.Done) -> None:
        event.stop()
        if not event.keep or not self.text.strip():
            self.close()
        self.post_message(self.Left())
