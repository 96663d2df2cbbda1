"""Where questions are typed: enter sends, ctrl+j makes a line, up and down walk through what was sent before.

What could be meant is offered above it while a word begins with `/` or `@`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from tripsage_tui.widgets.form_notes import NotesArea
from tripsage_tui.widgets.safe_text import one_line

_OPEN_QUOTE = re.compile(r'(?<!\S)@"[^"]*$')
"""A path with blanks that is being typed."""
MOST_LINES = 8
OFFERED = 7


@dataclass(frozen=True)
class Offer:
    """Something that could be meant: what is shown and what is put in the place of the word."""

    title: str
    insert: str
    about: str = ""


class Suggestions(Static):
    """The offers, one of them chosen."""

    DEFAULT_CSS = """
    Suggestions { display: none; height: auto; padding: 0 1; background: $panel; border-top: solid $primary; }
    Suggestions.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.offers: tuple[Offer, ...] = ()
        self._chosen = 0
        self._moved = False
        """Whether the user chose it: then offers that come later do not take it away."""

    @property
    def chosen(self) -> Offer | None:
        return self.offers[self._chosen] if self.offers else None

    def show(self, offers: Sequence[Offer]) -> None:
        """Offer these; none closes the list."""
        if tuple(offers) == self.offers:
            return
        before = self.chosen
        self.offers, self._chosen = tuple(offers), 0
        if before in self.offers[1:] and self._moved:
            self._chosen = self.offers.index(before)
        else:
            self._moved = False
        self.set_class(bool(self.offers), "-open")
        self._paint()

    def move(self, by: int) -> None:
        if self.offers:
            self._chosen, self._moved = (self._chosen + by) % len(self.offers), True
            self._paint()

    def _paint(self) -> None:
        start = max(0, min(self._chosen - OFFERED + 1, len(self.offers) - OFFERED))
        lines = []
        for number, offer in enumerate(self.offers[start : start + OFFERED], start=start):
            mark = "▸" if number == self._chosen else " "
            lines.append(f"{mark} {one_line(offer.title)}  {one_line(offer.about)}".rstrip())
        if (more := len(self.offers) - OFFERED) > 0:
            lines.append(f"  {more} more: go on typing")
        self.update(Content("\n".join(lines)))


class Composer(NotesArea):
    """A few lines of text that grow with what is typed."""

    BINDING_GROUP_TITLE = "Question"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="chat.send", tooltip="Send what was typed."),
        Binding(
            "ctrl+j", "newline", "New line", show=False, key_display="^j", id="chat.newline", tooltip="Begin a line."
        ),
    ]
    DEFAULT_CSS = """
    Composer { height: auto; max-height: 8; min-height: 1; border: none; border-top: solid $panel; padding: 0 1;
               background: $background; }
    Composer:focus { border: none; border-top: solid $primary; }
    """

    class Sent(Message):
        """A text is to be sent."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Edited(Message):
        """Something was typed; `word` is what stands before the cursor up to the last blank."""

        def __init__(self, text: str, word: str) -> None:
            super().__init__()
            self.text = text
            self.word = word

    class Pick(Message):
        """A key for the offers: `up`, `down`, `take`, `enter` or `close`."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self, *, placeholder: str = "") -> None:
        super().__init__("", placeholder=placeholder)
        self.offering = False
        """Whether offers are open: then some keys are theirs."""
        self.sent_before: list[str] = []
        self._place = 0
        self._own = ""

    def take(self, text: str) -> None:
        """Put a text there, the cursor behind it."""
        self.text = text
        self.move_cursor(self.document.end)

    def replace_word(self, insert: str) -> None:
        """Put something in the place of the word before the cursor."""
        row, column = self.cursor_location
        word = self._word
        self.replace(insert, (row, column - len(word)), (row, column))

    def remember(self, text: str) -> None:
        """Something was sent: it can be had again."""
        if text and (not self.sent_before or self.sent_before[-1] != text):
            self.sent_before.append(text)
        self._place = len(self.sent_before)

    async def _on_key(self, event: events.Key) -> None:
        what = {"up": "up", "down": "down", "tab": "take", "enter": "enter", "escape": "close"}.get(event.key)
        if self.offering and what is not None:
            event.stop()
            event.prevent_default()
            self.post_message(self.Pick(what))
        elif event.key == "enter":
            # TextArea would take it for a line break before any binding is asked.
            event.stop()
            event.prevent_default()
            self.action_send()
        else:
            await super()._on_key(event)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(self.text, self._word))

    def action_send(self) -> None:
        if self.text.strip():
            self.post_message(self.Sent(self.text))

    def action_newline(self) -> None:
        self.insert("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        if self.cursor_location[0] == 0 and not select and self._walk(-1):
            return
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if self.cursor_location[0] == self.document.line_count - 1 and not select and self._walk(1):
            return
        super().action_cursor_down(select)

    def _walk(self, by: int) -> bool:
        if not self.sent_before:
            return False
        if self._place == len(self.sent_before):
            self._own = self.text
        place = max(0, min(self._place + by, len(self.sent_before)))
        if place == self._place:
            return False
        self._place = place
        self.take(self._own if place == len(self.sent_before) else self.sent_before[place])
        return True

    @property
    def _word(self) -> str:
        row, column = self.cursor_location
        line = self.document.get_line(row)[:column]
        if quoted := _OPEN_QUOTE.search(line):
            return quoted.group()
        return line[max(line.rfind(" "), line.rfind("\t")) + 1 :]
