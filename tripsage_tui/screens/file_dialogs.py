"""Which file to attach, where to save one, what one belongs to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.attachments import SIZE_LIMIT, Subject
from tripsage_tui.models.file_types import ALLOWED
from tripsage_tui.models.typed_paths import PathUnreadable, typed_paths
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.path_field import PathField
from tripsage_tui.widgets.safe_text import clean, one_line

CANCEL = Command("files.cancel", "escape", "cancel", "Cancel")


class _PathDialog(FormDialog[list[Path] | None]):
    """A path, or several as a terminal pastes them; returns them once each of them fits."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((CANCEL,))
    FOLDERS_ONLY = False

    def __init__(self, title: str, text: str, keys: str, value: str) -> None:
        super().__init__(title, text, keys, large=True)
        self._value = value

    def compose_content(self) -> ComposeResult:
        yield PathField(self._value, folders_only=self.FOLDERS_ONLY)
        yield Static("", id="path-objection")

    def objection(self, path: Path) -> str:
        """Why this one cannot be taken; empty when it can."""
        raise NotImplementedError

    def on_path_field_changed(self, event: PathField.Changed) -> None:
        event.stop()
        self._say("")

    def on_path_field_accepted(self, event: PathField.Accepted) -> None:
        event.stop()
        try:
            paths = [_absolute(path) for path in typed_paths(event.text)]
        except PathUnreadable as error:
            self._say(str(error))
            return
        why = next((why for path in paths if (why := self.objection(path))), "")
        if why or not paths:
            self._say(why or "Type a path; tab completes it.")
            return
        self.dismiss(paths)

    def _say(self, text: str) -> None:
        self.query_one("#path-objection", Static).update(Content(clean(text)), layout=True)


class AttachDialog(_PathDialog):
    """Returns the files to attach."""

    def __init__(self, what: str, value: str = "") -> None:
        super().__init__(
            f"Attach to {one_line(what)}",
            f"A file of this computer: {ALLOWED}, up to {SIZE_LIMIT // 2**20} MiB. "
            "Dropping it on the window pastes its path.",
            "tab completes · enter attaches · esc cancel",
            value,
        )

    def objection(self, path: Path) -> str:
        # What is in it is looked at when it is attached.
        if path.is_dir():
            return f"{one_line(path.name) or '/'} is a folder: go on typing, or choose a file in it."
        return "" if path.exists() else f"There is no file {one_line(str(path))}."


class SaveDialog(_PathDialog):
    """Returns the one folder in which to put a copy."""

    FOLDERS_ONLY = True

    def __init__(self, what: str, folder: Path) -> None:
        super().__init__(
            f"Save {one_line(what)}",
            "In which folder? A file that is there already is never written over.",
            "tab completes · enter saves · esc cancel",
            shortened(folder),
        )

    def objection(self, path: Path) -> str:
        if path.is_dir():
            return "" if os.access(path, os.W_OK) else f"You may not write in {one_line(str(path))}."
        return f"{one_line(str(path))} is no folder."


class BelongsDialog(FormDialog[Subject | None]):
    """Returns what a file is to belong to."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((CANCEL,))

    def __init__(self, what: str, choices: Sequence[tuple[Subject, str]], now: Subject) -> None:
        super().__init__(f"{one_line(what)} belongs to", "", "enter chooses · esc cancel")
        self._choices = choices
        self._now = now

    def compose_content(self) -> ComposeResult:
        yield OptionList(*(Option(Content(one_line(title))) for _, title in self._choices), markup=False, compact=True)

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = next((at for at, (each, _) in enumerate(self._choices) if each == self._now), 0)
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._choices[event.option_index][0])


def shortened(folder: Path) -> str:
    """A folder as people type it: with ~ for their own, and the slash behind which they go on."""
    text = str(folder)
    home = str(Path.home())
    if text == home or text.startswith(f"{home}/"):
        text = f"~{text[len(home) :]}"
    return text.rstrip("/") + "/"


def _absolute(path: str) -> Path:
    try:
        return Path(path.strip()).expanduser().absolute()
    except RuntimeError:
        raise PathUnreadable(f"{one_line(path.split('/', maxsplit=1)[0])} is nobody on this computer.") from None
