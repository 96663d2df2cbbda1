"""Memory mode's dialogs: a fact, forgetting everything, where to write an export."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.memories import Memory, MemoryType, read_fact
from tripsage_tui.models.text import InputError
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_choice import ChoiceField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField

KINDS = (
    (MemoryType.PREFERENCE.value, "preference"),
    (MemoryType.TRIP_HISTORY.value, "past trip"),
    (MemoryType.SEARCH_PATTERN.value, "search"),
    (MemoryType.CONTEXT.value, "conversation"),
    (MemoryType.OTHER.value, "other"),
)
EVERYTHING = "forget everything"
"""What has to be typed."""


class MemoryDialog(FormDialog[tuple[str, MemoryType] | None]):
    """Asks for a fact and what it is about."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("fact.save", "ctrl+s", "save", "Save", priority=True),
            Command("fact.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(self, memory: Memory | None = None, text: str = "") -> None:
        super().__init__(
            "Remember" if memory is None else "Change a memory",
            "One fact, in a sentence: Prefers aisle seats. Allergic to peanuts. Lives near Frankfurt."
            if memory is None
            else "How it read before stays visible in its details.",
            "enter or ctrl+s save · tab what it is about · esc cancel",
            large=True,
        )
        self._memory = memory
        self._text = memory.content if memory else text

    def compose_content(self) -> ComposeResult:
        kind = self._memory.memory_type if self._memory else MemoryType.PREFERENCE
        yield TextField("fact", "Fact", self._text, required=True, width="full")
        yield ChoiceField("kind", "About", KINDS, kind.value)

    def on_mount(self) -> None:
        self.query_one(TextField).target.focus()

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by > 0:
            self.action_save()

    def action_save(self) -> None:
        field = self.query_one(TextField)
        try:
            self.dismiss((read_fact(field.value), MemoryType(self.query_one(ChoiceField).value)))
        except InputError as error:
            field.error = str(error)
            field.target.focus()


class _OneLine(FormDialog[str | None]):
    """Asks for one line."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("line.done", "ctrl+s", "done", "Done", priority=True),
            Command("line.cancel", "escape", "cancel", "Cancel"),
        )
    )
    LABEL: ClassVar[str] = ""
    VALUE: ClassVar[str] = ""

    def compose_content(self) -> ComposeResult:
        yield TextField("line", self.LABEL, self.start(), required=True, width="full")

    def start(self) -> str:
        """What stands in the line at first."""
        return self.VALUE

    def problem(self, text: str) -> str:
        """Why the line cannot be taken; empty when it can."""
        return "" if text else "Type something."

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
        text = field.value.strip()
        field.error = self.problem(text)
        if not field.error:
            self.dismiss(text)


class ForgetEverythingDialog(_OneLine):
    """Takes the words only."""

    LABEL = "Type it"

    def __init__(self, count: int) -> None:
        what = "1 memory" if count == 1 else f"{count:,} memories"
        super().__init__(
            "Forget everything?",
            f"This removes {what} and every turn that waits to be read, for good: u does not bring them back. "
            f"To do it, type: {EVERYTHING}",
            "enter forget · esc keep everything",
        )

    def problem(self, text: str) -> str:
        return "" if text.casefold() == EVERYTHING else f"Nothing is forgotten unless you type: {EVERYTHING}"


class ExportDialog(_OneLine):
    """Asks for a file that is not there yet."""

    LABEL = "File"

    def __init__(self, file: Path, count: int) -> None:
        super().__init__(
            "Export", f"Writes {count:,} memories as JSON, to be read by you alone.", "enter write · esc cancel",
            large=True,
        )  # fmt: skip
        self._file = file

    def start(self) -> str:
        return str(self._file)

    def problem(self, text: str) -> str:
        if not text:
            return "Name a file."
        path = Path(text).expanduser()
        if path.exists():
            return "This is there already: name another file."
        return "" if path.parent.is_dir() else f"There is no folder {path.parent}."
