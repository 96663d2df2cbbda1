"""One field of a form: a label, a control, and a line that says what the value means or what is wrong with it.

A field holds the raw string that the user typed; it never judges it. Whoever owns the form sets `note` and `error`.
Both differ by a sign as well as by colour: `!` objects. Label and message are drawn by the field itself, because a form
has dozens of fields and every widget and component class costs when it opens.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tripsage_tui.widgets.safe_text import clean, fit

LABEL = 18
"""Cells of the label; the control's margin in the style sheet is the same."""
_LEAST = 16
"""Cells that a message beside its control needs; with less it stands below."""


class FormField(Widget):
    """The parts that every field has; subclasses bring the control."""

    DEFAULT_CSS = """
    FormField {
        height: auto;
        layout: horizontal;
        .field--control { margin: 0 0 0 18; }
    }
    """
    BINDING_GROUP_TITLE = "Field"
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

    def __init__(self, key: str, label: str, *, required: bool = False, classes: str | None = None) -> None:
        super().__init__(id=f"field-{key.replace('_', '-').replace('.', '-')}", classes=classes)
        self.key = key
        """The name by which the model's rules know this field."""
        self.label = label
        self.required = required
        self.control_width: int | None = None
        """Cells of the control; None: all the room there is, so that the message stands below."""
        self.control_height = 1
        self._here = False

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

    @property
    def target(self) -> Widget:
        """The widget that takes the keys."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield self.target

    @property
    def message(self) -> str:
        """The line that is shown, with its sign."""
        return clean(f"! {self.error}" if self.error else self.note)

    def watch_error(self) -> None:
        self._message_changed()

    def watch_note(self) -> None:
        self._message_changed()

    def _message_changed(self) -> None:
        """A new layout only where the message takes another number of lines: it costs more than all else here."""
        width = self.size.width
        if width and self.get_content_height(self.size, self.size, width) != self.size.height:
            self.refresh(layout=True)

    def _beside(self, width: int) -> int | None:
        """Where the message begins beside the control; None: it stands below."""
        if self.control_width is None or self.screen.has_class("-wide"):
            return None
        start = LABEL + self.control_width + 1
        return start if width - start >= _LEAST else None

    def _message_lines(self, width: int) -> list[Content]:
        start = self._beside(width)
        room = max(width - (LABEL if start is None else start), 8)
        return list(Content(self.message).wrap(room)) if self.message else []

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        lines = len(self._message_lines(width))
        if self._beside(width) is not None:
            return max(self.control_height, lines)
        # Where there is plenty of room a line is kept for the message, so that nothing jumps while typing.
        keep = int(self.screen.has_class("-wide") and self.screen.has_class("-tall"))
        return self.control_height + max(lines, keep)

    def render(self) -> Content:
        width = self.size.width
        marker = "▸ " if self._here else "  "
        label = fit(f"{marker}{self.label}{' *' if self.required else ''}", LABEL)
        muted = "dim" if self.app.current_theme.name.startswith("ansi") else "$foreground 70%"
        first = Content(label).stylize("bold" if self._here else muted)
        warns = self.note.startswith("! ")
        style = "bold $text-error" if self.error else "$text-warning" if warns and muted != "dim" else muted
        messages = [line.stylize(style) for line in self._message_lines(width)]
        start = self._beside(width)
        if start is None:
            below = [Content(" " * LABEL) + line for line in messages]
            return Content("\n").join([first, *[Content("")] * (self.control_height - 1), *below])
        gap = Content(" " * (start - LABEL))
        lines = [(first if not number else Content(" " * LABEL)) + gap + line for number, line in enumerate(messages)]
        return Content("\n").join(lines or [first])

    def on_descendant_focus(self) -> None:
        self._here = True
        self.refresh()
        self.scroll_visible(animate=False)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._here = False
        self.refresh()
        self.post_message(self.Left(self))

    def action_leave(self, by: int) -> None:
        self.post_message(self.Leave(self, by))
