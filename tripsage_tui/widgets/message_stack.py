"""Messages as one column of lines, of which only those that are looked at are drawn. Knows no widget.

Heights of what was never drawn are guesses, so lines are counted from what stands at the top of the screen (a `Place`),
which does not move when a guess above it turns out wrong.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from textual.strip import Strip

from tripsage_tui.widgets.markdown_text import Pen
from tripsage_tui.widgets.message_lines import Block, MessageLines
from tripsage_tui.widgets.utterance import Utterance

KEPT = 200
"""Drawn lines that are remembered."""


@dataclass(frozen=True)
class Place:
    """A line of a block of a message."""

    message: MessageLines
    block: Block
    line: int


def start_of(message: MessageLines) -> Place:
    """The first line of a message."""
    return Place(message, next(iter(message.blocks)), 0)


class MessageStack:
    """All messages of a branch, oldest first."""

    def __init__(self) -> None:
        self.messages: list[MessageLines] = []
        self._numbers: dict[int, int] = {}
        self._tops: list[int] | None = None
        self._pen: Pen | None = None
        self._drawn: set[Block] = set()
        self._lines_drawn = 0

    def show(self, utterances: Sequence[Utterance]) -> None:
        """Show these; messages that were there stay."""
        before, numbers = self.messages, self._numbers
        self.messages = []
        for said in utterances:
            number = numbers.get(said.key)
            if number is None:
                message = MessageLines(said)
                message.resize(self._pen.room if self._pen else 80)
            elif (message := before[number]).said != said:
                message.show(said)
            self.messages.append(message)
        self._numbers = {message.said.key: number for number, message in enumerate(self.messages)}
        self.changed()

    def changed(self) -> None:
        """A message has other lines than before."""
        self._tops = None

    def number(self, key: int | None) -> int | None:
        """Where a message stands among the others."""
        return None if key is None else self._numbers.get(key)

    def use(self, pen: Pen, at: Place | None) -> Place | None:
        """Draw everything with another pen; where `at` is then."""
        before = at.block.height if at else 0
        self._pen = pen
        self._drawn, self._lines_drawn = set(), 0
        for message in self.messages:
            message.resize(pen.room)
        self.changed()
        if at is None:
            return None
        height = len(self._draw(at.message, at.block))
        return Place(at.message, at.block, at.line * height // max(before, 1))

    # ---- where things stand

    @property
    def tops(self) -> list[int]:
        """The first line of each message, and behind them how many lines there are."""
        if self._tops is None:
            self._tops = list(accumulate((message.height for message in self.messages), initial=0))
        return self._tops

    @property
    def height(self) -> int:
        """All lines, guessed where they were never drawn."""
        return self.tops[-1]

    def at(self, y: int) -> MessageLines | None:
        """The message in a line."""
        return self.messages[bisect_right(self.tops, y) - 1] if 0 <= y < self.height else None

    def find(self, y: int) -> Place | None:
        """What stands in a line. A block that is only now drawn keeps its lower end where it was."""
        message = self.at(y)
        if message is None:
            return None
        line = y - self.top_of(message)
        for block in message.blocks:
            if line < block.height:
                guess = block.height if block.strips is None else None
                height = len(self._draw(message, block))
                if guess is not None:
                    line = max(0, min(line + height - guess, height - 1))
                return Place(message, block, line)
            line -= block.height
        return None

    def top_of(self, message: MessageLines) -> int:
        """The first line of a message."""
        return self.tops[self._numbers[message.said.key]]

    def y_of(self, at: Place) -> int:
        """The line in which a place is now."""
        y = self.top_of(at.message)
        for block in at.message.blocks:
            if block is at.block:
                break
            y += block.height
        return y + at.line

    # ---- drawing

    def fill_down(self, at: Place, height: int) -> int:
        """Draw `height` lines from a place downwards; the line at the top, which is higher up where the end is near."""
        number = self._numbers[at.message.said.key]
        filled, begun = -at.line, False
        while number < len(self.messages) and filled < height:
            message = self.messages[number]
            for block in list(message.blocks):
                begun = begun or block is at.block
                if begun and filled < height:
                    filled += len(self._draw(message, block))
            number += 1
        return self.y_of(at) if filled >= height else self.fill_up(height)

    def fill_up(self, height: int) -> int:
        """Draw the last `height` lines; the line at the top."""
        filled, number = 0, len(self.messages)
        while number > 0 and filled < height:
            number -= 1
            message = self.messages[number]
            for block in reversed(list(message.blocks)):
                if filled < height:
                    filled += len(self._draw(message, block))
        return max(self.height - height, 0)

    def lines(self, top: int, bottom: int) -> list[Strip]:
        """The lines from `top` up to `bottom`, drawn where they are not; fewer where there are no more."""
        found: list[Strip] = []
        y = max(top, 0)
        while y < bottom and (message := self.at(y)) is not None:
            at = self.top_of(message)
            for block in list(message.blocks):
                if at + block.height > y:
                    strips = self._draw(message, block)
                    found.extend(strips[max(y - at, 0) : bottom - at])
                    y = max(y, min(at + len(strips), bottom))
                at += block.height
                if y >= bottom:
                    return found
            y = max(y, at)
        return found

    def _draw(self, message: MessageLines, block: Block) -> list[Strip]:
        if self._pen is None:
            return []
        if block.strips is not None:
            return block.strips
        before = block.height
        strips = message.draw(block, self._pen)
        if len(strips) != before:
            self.changed()
        self._drawn.add(block)
        self._lines_drawn += len(strips)
        return strips

    def forget(self, top: int, bottom: int) -> None:
        """Forget lines that are far from those between `top` and `bottom`, when there are many."""
        if self._lines_drawn <= KEPT + bottom - top:
            return
        height = bottom - top
        first = bisect_right(self.tops, max(top - height, 0)) - 1
        last = bisect_right(self.tops, bottom + height)
        near = {block for message in self.messages[first:last] for block in message.blocks}
        for block in self._drawn - near:
            block.strips = None
        self._drawn &= near
        self._lines_drawn = sum(len(block.strips or ()) for block in self._drawn)
