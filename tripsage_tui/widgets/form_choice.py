"""One of a few values, chosen by keyboard: arrows, a first letter, or space for the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tripsage_tui.commands import Command, bindings
from tripsage_tui.widgets.form_field import FormField


class ChoiceLine(Widget, can_focus=True):
    """All options in a row with the chosen one in brackets; only that one between arrows where room is short."""

    DEFAULT_CSS = """
    ChoiceLine {
        width: 1fr; height: 1; background: $panel 55%;
        &:focus { background: $panel; }
        & > .choice--chosen { text-style: bold; }
        & > .choice--other { color: $text-muted; }
        &:focus > .choice--chosen { background: $block-cursor-background; color: $block-cursor-foreground; }
        &:ansi > .choice--other { text-style: dim; color: ansi_default; }
        &:ansi:focus > .choice--chosen { text-style: reverse; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--chosen", "choice--other"}
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("choice.next", "right,space", "turn(1)", "Next choice", palette=False),
            Command("choice.previous", "left", "turn(-1)", "Choice before", palette=False),
            Command("choice.first", "home", "choose(0)", "First choice", footer=False, palette=False),
            Command("choice.last", "end", "choose(-1)", "Last choice", footer=False, palette=False),
            Command("choice.done", "enter", "done", "Next field", footer=False, palette=False),
        )
    )

    index = reactive(0)

    class Chosen(Message):
        """Another option was chosen."""

    class Done(Message):
        """Enter was pressed."""

    def __init__(self, labels: Sequence[str], index: int) -> None:
        super().__init__(classes="field--control")
        self.labels = tuple(labels)
        self.set_reactive(ChoiceLine.index, index)

    def validate_index(self, index: int) -> int:
        return index % len(self.labels)

    def watch_index(self) -> None:
        self.post_message(self.Chosen())

    def render(self) -> Content:
        chosen, other = self.get_visual_style("choice--chosen"), self.get_visual_style("choice--other")
        if self._width_of_all > self.size.width:
            return Content(f"◂ {self.labels[self.index]} ▸").stylize(chosen)
        wide = self._is_roomy
        parts = []
        for index, label in enumerate(self.labels):
            if index == self.index:
                parts.append(Content(f"[{label}]").stylize(chosen))
            else:
                # Where room is short two options share one cell: a bracket of the chosen one, or a space.
                text = f" {label} " if wide else label if index == self.index + 1 else f" {label}"
                parts.append(Content(text).stylize(other))
        return Content("").join(parts)

    @property
    def _is_roomy(self) -> bool:
        return self._width_of_all + len(self.labels) - 1 <= self.size.width

    @property
    def _width_of_all(self) -> int:
        return sum(cell_len(label) + 1 for label in self.labels) + 1

    def _spans(self) -> list[tuple[int, int]]:
        """First and one-after-last column of each option, when all of them are shown."""
        spans, column = [], 0
        for label in self.labels:
            width = cell_len(label) + (2 if self._is_roomy else 1)
            spans.append((column, column + width))
            column += width
        return spans

    def action_turn(self, by: int) -> None:
        self.index += by

    def action_choose(self, index: int) -> None:
        self.index = index

    def action_done(self) -> None:
        self.post_message(self.Done())

    def on_key(self, event: events.Key) -> None:
        if event.character is None or not event.character.isalpha():
            return
        letter = event.character.casefold()
        order = [(self.index + step) % len(self.labels) for step in range(1, len(self.labels) + 1)]
        for index in order:
            if self.labels[index].casefold().startswith(letter):
                self.index = index
                event.stop()
                return

    def on_click(self, event: events.Click) -> None:
        spans = self._spans()
        if self._width_of_all > self.size.width:
            self.index += 1
            return
        for index, (start, end) in enumerate(spans):
            if start <= event.x < end:
                self.index = index


class ChoiceField(FormField):
    """A field with a fixed set of values; `value` is the database's word, the label is for people."""

    def __init__(self, key: str, label: str, options: Sequence[tuple[str, str]], value: str = "") -> None:
        super().__init__(key, label)
        self._options = tuple(options)
        self._line = ChoiceLine([text for _, text in self._options], self._index_of(value))

    def _index_of(self, value: str) -> int:
        return next((index for index, (word, _) in enumerate(self._options) if word == value), 0)

    @property
    def target(self) -> ChoiceLine:
        return self._line

    @property
    def value(self) -> str:
        return self._options[self._line.index][0]

    @value.setter
    def value(self, value: str) -> None:
        self._line.index = self._index_of(value)

    def on_choice_line_chosen(self, event: ChoiceLine.Chosen) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    def on_choice_line_done(self, event: ChoiceLine.Done) -> None:
        event.stop()
        self.post_message(self.Leave(self))
