"""Several lines of text."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widgets import TextArea

from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import visible, without_noise


class NotesArea(TextArea, inherit_bindings=False):
    """A `TextArea` where tab leaves and stored control characters stay harmless."""

    BINDING_GROUP_TITLE = "Editing"
    BINDINGS: ClassVar[list[BindingType]] = without_noise(TextArea.BINDINGS)

    def __init__(self, text: str, *, placeholder: str = "") -> None:
        super().__init__(
            text,
            tab_behavior="focus",
            show_line_numbers=False,
            compact=True,
            highlight_cursor_line=False,
            placeholder=placeholder,
            classes="field--control",
        )
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        return Text(visible(line.plain).replace("\u2409", "\t"), end="", no_wrap=True)


class NotesField(FormField):
    """A field of several lines; enter makes a new one, so tab leaves it."""

    DEFAULT_CSS = """
    NotesField {
        NotesArea { width: 1fr; height: 3; background: $panel 55%; border: none; padding: 0; }
        NotesArea:focus { background: $panel; border: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, key: str, label: str, value: str = "", *, hint: str = "") -> None:
        super().__init__(key, label)
        self._area = NotesArea(value, placeholder=hint)
        self._given = (value, self._area.text)
        self.control_height = 3

    @property
    def target(self) -> NotesArea:
        return self._area

    @property
    def value(self) -> str:
        # The area knows one kind of line break; a text that nobody touched keeps the ones it came with.
        given, as_shown = self._given
        return given if self._area.text == as_shown else self._area.text

    @value.setter
    def value(self, value: str) -> None:
        self._area.text = value
        self._given = (value, self._area.text)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))
