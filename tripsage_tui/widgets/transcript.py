"""A conversation: messages one below the other, the newest last; one has the cursor when the list has the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tripsage_tui.widgets.message_lines import MessageLines
from tripsage_tui.widgets.message_stack import start_of
from tripsage_tui.widgets.transcript_view import NEAR, TranscriptView
from tripsage_tui.widgets.utterance import Utterance


class Transcript(TranscriptView, can_focus=True, inherit_bindings=False):
    """Shows utterances; posts what the reader does with the one under the cursor."""

    BINDING_GROUP_TITLE = "Messages"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor(-1)", "Up", show=False, id="transcript.up"),
        Binding("down,j", "cursor(1)", "Down", show=False, id="transcript.down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="transcript.page-up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="transcript.page-down"),
        Binding("home,g", "first", "First", show=False, id="transcript.first"),
        Binding("end,G", "last", "Last", show=False, id="transcript.last"),
        Binding("enter,space", "open", "Open", show=False, id="transcript.open", tooltip="Show thinking and results."),
    ]

    class Moved(Message):
        """The cursor stands on another message."""

    def __init__(self, *, updates: float = NEAR, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(updates=updates, id=id)
        self._cursor: int | None = None

    # ---- what is shown

    @property
    def shown(self) -> list[Utterance]:
        """All messages, oldest first."""
        return [message.said for message in self.stack.messages]

    @property
    def current(self) -> Utterance | None:
        """The message under the cursor; without a cursor the newest."""
        message = self._current
        return message.said if message else None

    def show(self, utterances: Sequence[Utterance]) -> None:
        """Show a branch; messages that are there stay, with their place on the screen."""
        stack = self.stack
        known = any(stack.number(said.key) is not None for said in utterances)
        at = stack.number(self._at.message.said.key) if self._at else None
        cursor = stack.number(self._cursor)
        stack.show(utterances)
        if not known:
            self._at, self._cursor, self._following = None, None, True
        else:
            if cursor is not None and stack.number(self._cursor) is None:
                self._cursor = self._near(cursor).said.key
            if self._at is not None and at is not None and stack.number(self._at.message.said.key) is None:
                self._at = start_of(self._near(at))
        self._lay_out()

    # ---- the cursor

    @property
    def marked(self) -> MessageLines | None:
        return self._current if self.has_focus else None

    @property
    def _current(self) -> MessageLines | None:
        number = self.stack.number(self._cursor)
        if number is None:
            return self.stack.messages[-1] if self.stack.messages else None
        return self.stack.messages[number]

    def _near(self, number: int) -> MessageLines:
        return self.stack.messages[min(number, len(self.stack.messages) - 1)]

    def on_focus(self, event: events.Focus) -> None:
        self.refresh()

    def on_blur(self, event: events.Blur) -> None:
        self.refresh()

    def action_cursor(self, by: int) -> None:
        """To the next message; through one that is longer than the screen first."""
        current = self._current
        if current is None:
            return
        stack, height, top = self.stack, self.size.height, self._top
        first = stack.top_of(current)
        last = first + current.height
        if first >= top + height or last <= top:  # out of sight: what is in sight comes first
            self._go_to(stack.at(top if by > 0 else min(top + height, stack.height) - 1) or current)
        elif by < 0 and first < top:
            self._scroll(max(top - height // 2, first))
        elif by > 0 and last > top + height and current is not stack.messages[-1]:
            self._scroll(min(top + height // 2, last - height))
        elif by > 0 and last > top + height:
            self._scroll(top + height // 2)
        else:
            number = (stack.number(current.said.key) or 0) + by
            if 0 <= number < len(stack.messages):
                self._go_to(stack.messages[number], upwards=by < 0)

    def action_page(self, by: int) -> None:
        """A screenful on; the cursor comes along."""
        if not self.stack.messages:
            return
        height = self.size.height
        self._scroll(self._top + by * max(height - 2, 1))
        stack, top = self.stack, self._top
        seen = [message for y in range(top, top + height) if (message := stack.at(y)) and stack.top_of(message) >= top]
        self._move(seen[0 if by < 0 else -1] if seen else stack.at(top) or stack.messages[-1])

    def action_first(self) -> None:
        if self.stack.messages:
            self._go_to(self.stack.messages[0], upwards=True)

    def action_last(self) -> None:
        if self.stack.messages:
            self._move(self.stack.messages[-1])
            self.follow()

    def action_open(self) -> None:
        if (message := self._current) is not None:
            self._toggle(message)

    def on_click(self, event: events.Click) -> None:
        """The cursor goes to what is clicked; a click on thinking or calls opens them."""
        place = self.stack.find(self._top + event.y)
        if place is not None:
            self._move(place.message)
            if place.block.source in {"thinking", "calls"} and event.chain == 1:
                self._toggle(place.message)

    def text_select_all(self) -> None:
        """A double click selects the message."""
        if (message := self._current) is not None:
            first = self.stack.top_of(message)
            self.stack.lines(first, first + message.height)
            first = self.stack.top_of(message)
            self.select_lines(first + 1, first + message.height - 1)

    def _toggle(self, message: MessageLines) -> None:
        if self._at is not None and self._at.message is message and self._at.block.source in {"thinking", "calls"}:
            self._at = start_of(message)
        message.toggle()
        self.stack.changed()
        self._lay_out()

    def _go_to(self, message: MessageLines, *, upwards: bool = False) -> None:
        """Put the cursor on a message and as much of it in view as there is room for."""
        self._move(message)
        height = self.size.height
        first = self.stack.top_of(message)
        if upwards and message.height > height:
            first += message.height - height
        self.stack.lines(first, first + height)  # from here on the heights are no guesses
        top, first = self._top, self.stack.top_of(message)
        last = first + message.height
        if first < top:
            self._scroll(first if not upwards or message.height <= height else last - height)
        elif last > top + height:
            self._scroll(min(first, last - height))

    def _move(self, message: MessageLines) -> None:
        if self._cursor != message.said.key:
            self._cursor = message.said.key
            self.refresh()
            self.post_message(self.Moved())
