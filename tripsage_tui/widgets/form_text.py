"""A line of text that shows hostile characters as signs and keeps them as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Literal

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tripsage_tui.widgets.form_field import FormField

_SIGNS: dict[int, int] = {code: 0x2400 + code for code in range(0x20)}
_SIGNS[0x7F] = 0x2421
_SIGNS |= {
    code: 0xFFFD
    for codes in (
        range(0x80, 0xA0),
        (0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF),
        range(0x202A, 0x202F),
        range(0x2066, 0x206A),
        range(0xD800, 0xE000),
    )
    for code in codes
}


def visible(text: str) -> str:
    """The same number of characters, with those that would steer the terminal replaced by printable signs."""
    return text if text.isprintable() else text.translate(_SIGNS)


Width = Literal["", "short", "middle", "full"]
_WIDTHS: dict[Width, int | None] = {"": 30, "short": 16, "middle": 22, "full": None}
"""Cells of the line; the style sheet below says the same."""


def without_noise(inherited: Iterable[BindingType]) -> list[BindingType]:
    """Textual's editing keys, of which the help names only those that one would not try by oneself."""
    return [
        replace(binding, system=binding.key not in _WORTH_NAMING) if isinstance(binding, Binding) else binding
        for binding in inherited
    ]


_WORTH_NAMING = {
    "ctrl+w",
    "ctrl+u,super+backspace",
    "ctrl+k",
    "ctrl+shift+a",
    "home,ctrl+a",
    "end,ctrl+e",
    "ctrl+z",
    "ctrl+y",
}


class TextLine(Input, inherit_bindings=False):
    """An `Input` of one line, without blinking and without letting stored control characters reach the terminal."""

    BINDING_GROUP_TITLE = "Editing"
    BINDINGS: ClassVar[list[BindingType]] = without_noise(Input.BINDINGS)

    def __init__(self, value: str, *, placeholder: str = "") -> None:
        super().__init__(value, placeholder=placeholder, compact=True, classes="field--control")
        self.cursor_blink = False

    @property
    def _value(self) -> Text:
        return Text(visible(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return Text(visible(self.value[:position])).cell_len


class TextField(FormField):
    """A field of one line."""

    DEFAULT_CSS = """
    TextField {
        TextLine { width: 30; background: $panel 55%; }
        TextLine:focus { background: $panel; }
        &.-full TextLine { width: 1fr; }
        &.-short TextLine { width: 16; }
        &.-middle TextLine { width: 22; }
        &:ansi TextLine { text-style: underline; }
    }
    """

    def __init__(
        self,
        key: str,
        label: str,
        value: str = "",
        *,
        hint: str = "",
        required: bool = False,
        width: Width = "",
    ) -> None:
        super().__init__(key, label, required=required, classes=f"-{width}" if width else None)
        self._line = TextLine(value, placeholder=hint)
        self.control_width = _WIDTHS[width]

    @property
    def target(self) -> TextLine:
        return self._line

    @property
    def value(self) -> str:
        return self._line.value

    @value.setter
    def value(self, value: str) -> None:
        self._line.value = value
        self._line.cursor_position = len(value)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Leave(self))
