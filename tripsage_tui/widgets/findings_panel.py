"""What the checker found, each with its reason and its remedy, below the agenda."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.widgets.safe_text import one_line

_MESSAGE, _WHY = 24, 12
"""Cells before the texts."""
_LOOKS = {"error": "bold $text-error", "warning": "bold $text-warning", "note": "bold $text-primary"}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding in words; `known` are those that the user does not want to be told of."""

    key: str
    severity: str
    sign: str
    day: str
    message: str
    why: str
    fix: str = ""
    known: bool = False


class FindingsPanel(OptionList):
    """The cursor stays with its finding when others come and go."""

    DEFAULT_CSS = """
    FindingsPanel {
        display: none; height: auto; max-height: 45%; border: none; border-top: solid $panel; padding: 0;
        background: $surface; border-title-color: $text-primary; border-title-style: bold;
        &:focus { border: none; border-top: solid $panel; }
        & > .option-list--option { padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("findings.go", "enter", "select", "Go there", "Go to the row that the finding is about."),
            Command("findings.know", "i", "know", "I know", "Do not tell me this again, or tell me again."),
            Command("findings.down", "j", "cursor_down", "Down", footer=False, palette=False),
            Command("findings.up", "k", "cursor_up", "Up", footer=False, palette=False),
            Command("findings.close", "escape", "close", "Close", footer=False, palette=False),
        )
    )
    BINDING_GROUP_TITLE = "Findings"

    class Asked(Message):
        """`wish` is what to do about the finding `key`: `go`, `know`, `close`."""

        def __init__(self, wish: str, key: str) -> None:
            super().__init__()
            self.wish = wish
            self.key = key

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._shown: tuple[FindingLine, ...] = ()
        self._pointed = -1
        self._wrapped_for = -1

    @property
    def key(self) -> str:
        """The finding under the cursor; empty where there is none."""
        place = self.highlighted
        return self._shown[place].key if place is not None and place < len(self._shown) else ""

    def show(self, findings: Sequence[FindingLine], title: str) -> None:
        """Show other findings under a heading in our own words."""
        self.border_title = Content(title)
        if tuple(findings) == self._shown:
            return
        before, place = self.key, self.highlighted or 0
        self._shown = tuple(findings)
        self._pointed = -1
        self.set_options([Option(self._prompt(line)) for line in self._shown])
        if self._shown:
            keys = [line.key for line in self._shown]
            self.highlighted = keys.index(before) if before in keys else min(place, len(keys) - 1)

    def go_to(self, key: str) -> None:
        """Put the cursor on a finding."""
        for place, line in enumerate(self._shown):
            if line.key == key:
                self.highlighted = place

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The cursor is a sign, too, and not only a colour."""
        event.stop()
        before, self._pointed = self._pointed, event.option_index
        for place in {before, self._pointed}:
            if 0 <= place < len(self._shown):
                pointed = place == self._pointed
                self.replace_option_prompt_at_index(place, self._prompt(self._shown[place], pointed=pointed))

    def _prompt(self, line: FindingLine, *, pointed: bool = False) -> Content:
        look = "$text-muted" if line.known else _LOOKS.get(line.severity, "")
        word = "known" if line.known else line.severity
        remedy = f"  f: {one_line(line.fix)}" if line.fix else ""
        message, why = self._wrapped(line.message, _MESSAGE), self._wrapped(f"{line.why}{remedy}", _WHY)
        return Content.assemble(
            (f"{'▸' if pointed else ' '}{line.sign:<2} {word:<8}", look),
            f"{line.day:<11} {message}\n",
            (f"{'':<{_WHY}}{why}", "$text-muted"),
        )

    def _wrapped(self, text: str, indent: int) -> str:
        """Words on as many lines as they need, each below the one before."""
        width = max((self.size.width or self.app.size.width) - 2 - indent, 20)
        return f"\n{'':<{indent}}".join(wrap(one_line(text), width)) if text else ""

    def on_resize(self) -> None:
        if self.size.width != self._wrapped_for:
            self._wrapped_for = self.size.width
            for place, line in enumerate(self._shown):
                self.replace_option_prompt_at_index(place, self._prompt(line, pointed=place == self._pointed))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Asked("go", self.key))

    def action_know(self) -> None:
        self.post_message(self.Asked("know", self.key))

    def action_close(self) -> None:
        self.post_message(self.Asked("close", self.key))
