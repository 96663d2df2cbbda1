"""One field of a form: a label, a control, and a line that says what the value means or what is wrong with it.

A field holds the raw string that the user typed; it never judges it. Whoever owns the form sets `note` and `error`.
Both differ by their sign as well as by colour: `=` explains, `!` objects.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from tripsage_tui.widgets.safe_text import clean


class FormField(Widget):
    """The parts that every field has; subclasses bring the control."""

    DEFAULT_CSS = """
    FormField {
        height: auto;
        layout: horizontal;

        .field--label { dock: left; width: 18; height: 1; color: $text-muted; }
        .field--message { width: 1fr; height: auto; padding: 0 0 0 1; color: $text-muted; }
        &:focus-within .field--label { color: $text; text-style: bold; }
        &.-wrong .field--message { color: $text-error; text-style: bold; }
        &.-wide { layout: vertical; }
        &.-wide .field--message { width: 100%; padding: 0; }
        &.-silent .field--message { display: none; }
        &:ansi .field--label, &:ansi .field--message { color: ansi_default; text-style: dim; }
        &:ansi.-wrong .field--message { color: ansi_red; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "leave(1)", "Next field", show=False),
        Binding("up", "leave(-1)", "Previous field", show=False),
    ]

    error: reactive[str] = reactive("")
    """What is wrong, one sentence; wins over `note`."""
    note: reactive[str] = reactive("")
    """What the value means."""

    class Changed(Message):
        """The raw value changed, by whomever."""

        def __init__(self, field: FormField) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> FormField:
            return self.field

    class Left(Changed):
        """The keyboard went to another field."""

    class Leave(Changed):
        """The user asks to go on (`by` 1) or back (-1)."""

        def __init__(self, field: FormField, by: int = 1) -> None:
            super().__init__(field)
            self.by = by

    def __init__(self, key: str, label: str, *, required: bool = False, wide: bool = False) -> None:
        super().__init__(id=f"field-{key.replace('_', '-').replace('.', '-')}")
        self.key = key
        """The name by which the model's rules know this field."""
        self.label = label
        self.required = required
        self.set_class(wide, "-wide")
        self.add_class("-silent")

    @property
    def value(self) -> str:
        """What was typed, unchanged."""
        raise NotImplementedError

    @value.setter
    def value(self, value: str) -> None:
        raise NotImplementedError

    @property
    def meaning(self) -> str:
        """What the field itself knows about its value; shown where nobody else says more."""
        return ""

    def compose_control(self) -> ComposeResult:
        """The widget that takes the keys."""
        raise NotImplementedError

    @property
    def target(self) -> Widget:
        """The widget that takes the keys."""
        return self.query(".field--control").first()

    def compose(self) -> ComposeResult:
        yield Static(self._label_text(), classes="field--label", markup=False)
        yield from self.compose_control()
        yield Static("", classes="field--message", markup=False)

    def _label_text(self) -> Content:
        marker = "▸ " if self.has_focus_within else "  "
        return Content(f"{marker}{self.label}{' *' if self.required else ''}")

    def watch_error(self) -> None:
        self._show_message()

    def watch_note(self) -> None:
        self._show_message()

    def _show_message(self) -> None:
        if not self.is_mounted:
            return
        text = f"! {self.error}" if self.error else self.note
        self.set_class(bool(self.error), "-wrong")
        self.set_class(not text, "-silent")
        self.query_one(".field--message", Static).update(Content(clean(text)))

    def on_mount(self) -> None:
        self._show_message()

    def on_descendant_focus(self) -> None:
        self.query_one(".field--label", Static).update(self._label_text())
        self.scroll_visible(animate=False)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self.query_one(".field--label", Static).update(self._label_text())
        self.post_message(self.Left(self))

    def action_leave(self, by: int) -> None:
        self.post_message(self.Leave(self, by))
