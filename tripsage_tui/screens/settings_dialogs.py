"""The settings screen's dialogs: a line, a key that is not shown, where keys are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from pydantic import SecretStr
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.identity.keeping import Place
from tripsage_tui.model_choices import Unusable, read_key
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField, TextLine

LEAVE = Command("setting.leave", "escape", "leave", "Leave")
DONE = Command("setting.done", "ctrl+s", "done", "Done", priority=True)


class LineDialog(FormDialog[str | None]):
    """Returns the line; `check` raises Unusable for what cannot be taken."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((DONE, LEAVE))

    def __init__(
        self, title: str, text: str, label: str, value: str, check: Callable[[str], object], *, hint: str = ""
    ) -> None:
        super().__init__(title, text, "enter takes it, empty is the standard · esc leaves it as it is", large=True)
        self._given = (label, value, hint)
        self._check = check

    def compose_content(self) -> ComposeResult:
        label, value, hint = self._given
        yield TextField("line", label, value, hint=hint, width="full")

    def on_mount(self) -> None:
        self.query_one(TextField).target.focus()

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by > 0:
            self.action_done()

    def action_done(self) -> None:
        field = self.query_one(TextField)
        try:
            self._check(field.value)
        except Unusable as error:
            field.error = str(error)
        else:
            self.dismiss(field.value)

    def action_leave(self) -> None:
        self.dismiss(None)


class MaskedLine(TextLine):
    """A line that shows a dot for each character and gives none of them to the clipboard."""

    @property
    def _value(self) -> Text:
        return Text("•" * len(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return position

    def action_copy(self) -> None:
        """Not of a key."""

    def action_cut(self) -> None:
        self.delete_selection()


class MaskedField(TextField):
    """A field whose line is masked."""

    def __init__(self, key: str, label: str) -> None:
        super().__init__(key, label, required=True, width="full")
        self._line = MaskedLine("")


class KeyDialog(FormDialog[SecretStr | None]):
    """Returns a key that was typed or pasted."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((DONE, LEAVE))

    def __init__(self, server: str) -> None:
        super().__init__(
            "Set the key",
            f"For {server}, and sent nowhere else. Type or paste it; it is shown neither now nor later.",
            "enter stores it · esc leaves things as they are",
            large=True,
        )

    def compose_content(self) -> ComposeResult:
        yield MaskedField("key", "Key")

    def on_mount(self) -> None:
        self.query_one(MaskedField).target.focus()

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by > 0:
            self.action_done()

    def action_done(self) -> None:
        field = self.query_one(MaskedField)
        try:
            key = SecretStr(read_key(field.value))
        except Unusable as error:
            field.error = str(error)
            return
        field.value = ""
        self.dismiss(key)

    def action_leave(self) -> None:
        self.query_one(MaskedField).value = ""
        self.dismiss(None)


class WireDialog(FormDialog[str | None]):
    """Returns how the server is spoken to, `auto` where its address decides; None: nothing changes."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((LEAVE,))
    CHOICES: ClassVar[dict[str, str]] = {
        "auto": "by the address: Responses for openai.com, Chat Completions for every other server",
        "chat": "Chat Completions: what nearly every server knows",
        "responses": "Responses: OpenAI's newer way, for a server that is known to have it",
    }

    def __init__(self, present: str) -> None:
        super().__init__(
            "How is the server spoken to?", "", "enter chooses · esc leaves things as they are", large=True
        )
        self._present = present or "auto"

    def compose_content(self) -> ComposeResult:
        yield OptionList(*(Option(Content(text), id=name) for name, text in self.CHOICES.items()), compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = list(self.CHOICES).index(self._present)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)

    def action_leave(self) -> None:
        self.dismiss(None)


class PlaceDialog(FormDialog[Place | None]):
    """Returns where keys are to be kept; None: nothing changes."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((LEAVE,))
    CHOICES: ClassVar[dict[Place, str]] = {
        Place.KEYRING: "the system's keyring: sealed, opened when you sign in to this computer",
        Place.SESSION: "this session only: typed again at each start, nothing is stored",
        Place.FILE: "a file that only you can read: whoever can read your files can read the keys",
    }

    def __init__(self, why: str, file: str, *, title: str = "Where should keys be kept?") -> None:
        """`why` the question is asked."""
        super().__init__(
            title,
            f"{why} The file would be {file}.".strip(),
            "enter chooses · esc leaves things as they are",
            large=True,
        )

    def compose_content(self) -> ComposeResult:
        yield OptionList(*(Option(Content(text), id=place.value) for place, text in self.CHOICES.items()), compact=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(Place(event.option.id or ""))

    def action_leave(self) -> None:
        self.dismiss(None)
