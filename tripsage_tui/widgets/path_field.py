"""A line for a path of this computer, with what there is in the folder below it."""

from __future__ import annotations

import os
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.sizes import size_text
from tripsage_tui.widgets.folder_entries import FolderEntry, entries, split
from tripsage_tui.widgets.safe_text import one_line


class PathField(Vertical):
    """Tab completes, enter goes into the folder under the cursor or accepts what is typed, a paste is taken whole."""

    DEFAULT_CSS = """
    PathField { height: auto; }
    PathField OptionList { height: 10; border: none; padding: 0; margin: 1 0 0 0; background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("path.complete", "tab", "complete", "Complete", priority=True),
            Command("path.down", "down", "move(1)", "Down", footer=False, palette=False, priority=True),
            Command("path.up", "up", "move(-1)", "Up", footer=False, palette=False, priority=True),
            Command("path.page-down", "pagedown", "move(9)", "Page down", footer=False, palette=False, priority=True),
            Command("path.page-up", "pageup", "move(-9)", "Page up", footer=False, palette=False, priority=True),
        )
    )

    class Accepted(Message):
        """Enter on a complete text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Changed(Message):
        """Something else is typed."""

    class _Line(Input):
        """Terminals paste a dropped file's path, perhaps several, one per line: nothing of it may be cut."""

        def _on_paste(self, event: events.Paste) -> None:
            event.stop()
            event.prevent_default()
            self.insert_text_at_cursor(" ".join(event.text.splitlines()))

    def __init__(self, value: str = "", *, folders_only: bool = False) -> None:
        super().__init__()
        self._value = value
        self._folders_only = folders_only
        self._offered: list[FolderEntry] = []

    def compose(self) -> ComposeResult:
        yield self._Line(self._value, select_on_focus=False, compact=True)
        yield OptionList(markup=False, compact=True)

    def on_mount(self) -> None:
        self._list.can_focus = False
        self.line.cursor_position = len(self._value)
        self.line.focus()
        self._offer()

    @property
    def line(self) -> Input:
        return self.query_one(Input)

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def offered(self) -> tuple[str, ...]:
        """The names that are offered now."""
        return tuple(entry.name for entry in self._offered)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._offer()
        self.post_message(self.Changed())

    def _offer(self) -> None:
        typed = self.line.value
        self._offered = entries(typed, folders_only=self._folders_only)
        self._list.clear_options()
        self._list.add_options(Option(Content(_shown(entry))) for entry in self._offered)
        # Nothing is chosen until somebody goes there, or enter would take what was not meant.
        self._list.highlighted = None

    def action_move(self, by: int) -> None:
        if not self._offered:
            return
        at = self._list.highlighted
        place = (0 if by > 0 else len(self._offered) - 1) if at is None else at + by
        self._list.highlighted = min(max(place, 0), len(self._offered) - 1)

    def action_complete(self) -> None:
        """What is under the cursor, else as far as all that is offered agrees."""
        at = self._list.highlighted
        if at is not None or len(self._offered) == 1:
            self._take(self._offered[at or 0])
            return
        names = [entry.name for entry in self._offered]
        folder, begun = split(self.line.value)
        agreed = os.path.commonprefix(names)  # noqa: RUF071 - of characters is what completion wants
        if len(agreed) > len(begun):
            self._put(folder + agreed)

    def _take(self, entry: FolderEntry) -> None:
        folder, _ = split(self.line.value)
        self._put(f"{folder}{entry.name}{'/' if entry.is_folder else ''}")

    def _put(self, text: str) -> None:
        self.line.value = text
        self.line.cursor_position = len(text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        at = self._list.highlighted
        if at is not None:
            chosen = self._offered[at]
            self._take(chosen)
            if chosen.is_folder:
                return
        self.post_message(self.Accepted(self.line.value))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self._take(self._offered[event.option_index])
        self.line.focus()


def _shown(entry: FolderEntry) -> str:
    return f" {one_line(entry.name)}/" if entry.is_folder else f" {one_line(entry.name)}  {size_text(entry.size)}"
