"""Small dialogs of the chat: a question in other words, which memories an answer used, which model to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.memories import Memory
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.composer import Composer
from tripsage_tui.widgets.safe_text import one_line

LEAVE = Command("dialog.leave", "escape", "leave", "Leave")


class EditQuestion(FormDialog[str | None]):
    """Returns the new words; None when left."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((LEAVE,))

    def __init__(self, text: str) -> None:
        super().__init__(
            "Ask in other words",
            "The question as it was, and its answers, stay: [ and ] switch between them.",
            "enter sends · ^j new line · esc leaves",
            large=True,
        )
        self._text = text

    def compose_content(self) -> ComposeResult:
        yield Composer()

    def on_mount(self) -> None:
        composer = self.query_one(Composer)
        composer.take(self._text)
        composer.focus()

    def on_composer_sent(self, event: Composer.Sent) -> None:
        event.stop()
        self.dismiss(event.text)

    def action_leave(self) -> None:
        self.dismiss(None)


class UsedMemories(FormDialog[int | None]):
    """Returns the id of a memory to forget; None when left."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (LEAVE, Command("memories.forget", "f,delete", "forget", "Forget", "Forget the chosen memory."))
    )

    def __init__(self, used: Sequence[tuple[Memory, float | None]]) -> None:
        super().__init__(
            "What was remembered for this answer",
            "" if used else "All of it has been forgotten since.",
            "f forgets the chosen one, u brings it back · esc leaves",
            large=True,
        )
        self._used = used

    def compose_content(self) -> ComposeResult:
        yield OptionList(
            *(
                Option(
                    Content(
                        f"{'' if distance is None else f'{distance:.2f}  '}{one_line(memory.content)}"
                        f"  ({memory.memory_type.value.replace('_', ' ')})"
                    ),
                    id=str(memory.id),
                )
                for memory, distance in self._used
            ),
            compact=True,
        )

    def action_forget(self) -> None:
        option = self.query_one(OptionList).highlighted_option
        if option is not None and option.id is not None:
            self.dismiss(int(option.id))

    def action_leave(self) -> None:
        self.dismiss(None)


class ModelDialog(FormDialog[str | None]):
    """Returns the name of a model; None when left."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((LEAVE,))

    def __init__(self, names: Sequence[str], present: str) -> None:
        super().__init__(
            "Which model?",
            "" if names else "The server names none: /model NAME chooses one all the same.",
            "enter chooses · esc leaves",
            large=True,
        )
        self._names = list(names)
        self._present = present

    def compose_content(self) -> ComposeResult:
        yield OptionList(
            *(
                Option(Content(f"{'●' if name == self._present else ' '} {one_line(name)}"), id=str(number))
                for number, name in enumerate(self._names)
            ),
            compact=True,
        )

    def on_mount(self) -> None:
        if self._present in self._names:
            self.query_one(OptionList).highlighted = self._names.index(self._present)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._names[int(event.option.id or 0)])

    def action_leave(self) -> None:
        self.dismiss(None)
