"""One message as lines: blocks that are drawn when they come into view, their heights guessed until then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from textual.strip import Strip

from tripsage_tui.widgets.markdown_text import Pen
from tripsage_tui.widgets.pieces import Piece, Pieces
from tripsage_tui.widgets.safe_text import clean, one_line
from tripsage_tui.widgets.utterance import Utterance


class Block:
    """Some lines of a message; `strips` is None while nobody looks at them."""

    __slots__ = ("height", "source", "strips")

    def __init__(self, source: Piece | str, height: int) -> None:
        self.source = source
        """A piece of the text, or the name of one of the message's own lines."""
        self.height = height
        self.strips: list[Strip] | None = None


class MessageLines:
    """The lines of one message for one width."""

    def __init__(self, said: Utterance) -> None:
        self.said = said
        self.open = False
        """Whether thinking and results of calls are shown."""
        self._pieces: Pieces | None = None
        self._fed: list[str] = []
        self._thought: list[str] = []
        self._room = 0
        self._guess = 0
        self._height = -1
        self._head = Block("head", 1)
        self._thinking = Block("thinking", 0)
        self._parts: list[Block] = []
        self._below = (Block("calls", 0), Block("below", 0), Block("gap", 1))

    # ---- what is shown

    @property
    def text(self) -> str:
        """All of the text, what has not been drawn yet included."""
        return self.said.text + "".join(self._fed)

    def show(self, said: Utterance) -> None:
        """Another state of the same message. One that is still coming keeps what was fed."""
        self.take_in()
        before, whole = self.said, said.text
        if said.coming:
            # Somebody else may be writing it: then what is stored is ahead of what was fed.
            ahead = whole.startswith(before.text)
            said = replace(said, text=before.text, thinking=said.thinking or before.thinking)
            self.said = said
            if ahead and whole != before.text:
                self.feed(whole[len(before.text) :])
                self.take_in()
        else:
            self.said = said
            if whole != before.text and self._pieces is not None:
                self._pieces = None
                self._parts = []
        self._forget(self._head, self._thinking, *self._below)

    def feed(self, delta: str) -> None:
        """More text; `take_in` makes lines of it."""
        self._fed.append(delta)

    def think(self, delta: str) -> None:
        """More of what the model thinks: counted, and shown when opened."""
        self._thought.append(delta)

    def take_in(self) -> None:
        """Make what was fed part of the message."""
        if self._thought:
            self.said = replace(self.said, thinking=self.said.thinking + "".join(self._thought))
            self._thought.clear()
            self._forget(self._thinking)
        if self._fed:
            more = "".join(self._fed)
            self._fed.clear()
            pieces = self._split()
            self.said = replace(self.said, text=self.said.text + more)
            pieces.add(more)
            self._match(pieces)

    def toggle(self) -> None:
        """Open or close thinking and results."""
        self.open = not self.open
        self._forget(self._thinking, *self._below)

    # ---- lines

    @property
    def height(self) -> int:
        """Lines, guessed where they have not been drawn."""
        if self._pieces is None:
            return self._guess
        if self._height < 0:
            self._height = sum(block.height for block in self.blocks)
        return self._height

    @property
    def blocks(self) -> Iterator[Block]:
        """From top to bottom."""
        self._split()
        yield self._head
        yield self._thinking
        yield from self._parts
        yield from self._below

    def resize(self, room: int) -> None:
        """There is another width for the text, or nothing is as it looked: all has to be drawn again."""
        self._room = room
        if self._pieces is not None:
            for block in self._parts:
                if isinstance(block.source, Piece):
                    block.height = _guess(block.source.text, room) + (not block.source.joined)
            self._forget(*self.blocks)
        else:
            said = self.said
            self._guess = 2 + (_guess(said.text, room) if said.text else 0) + len(said.calls)
            self._guess += bool(said.thinking) + bool(said.below)

    def draw(self, block: Block, pen: Pen) -> list[Strip]:
        """The lines of a block."""
        if block.strips is None:
            block.strips = list(self._drawn(block, pen))
            if len(block.strips) != block.height:
                block.height = len(block.strips)
                self._height = -1
        return block.strips

    def _drawn(self, block: Block, pen: Pen) -> Iterator[Strip]:
        said = self.said
        match block.source:
            case Piece() as piece:
                if not piece.joined:
                    yield pen.blank
                if piece.text.strip():
                    yield from pen.words(piece.text) if said.role == "user" else pen.markdown(piece)
            case "head":
                yield pen.head(one_line(said.who or said.role), one_line(said.note), user=said.role == "user")
            case "thinking" if said.thinking:
                yield from pen.words(self._thoughts(), pen.looks.aside)
            case "calls" if said.calls:
                yield from pen.words("\n".join(self._calls()), pen.looks.aside)
            case "below" if said.below:
                yield from pen.words(one_line(said.below), pen.looks.aside)
            case "gap":
                yield pen.blank

    def _thoughts(self) -> str:
        thought = self.said.thinking
        if self.open:
            return f"▾ thinking\n{clean(thought)}"
        words = len(thought.split())
        return f"▸ thinking, {words:,} {'word' if words == 1 else 'words'}"

    def _calls(self) -> Iterator[str]:
        for call in self.said.calls:
            yield f"{call.glyph} {one_line(call.title)}  {one_line(call.state)}"
            if self.open and call.detail:
                yield from (f"    {line}" for line in clean(call.detail).splitlines())

    def _split(self) -> Pieces:
        if self._pieces is None:
            self._pieces = Pieces(self.said.text, plain=self.said.role == "user")
            self._match(self._pieces)
        return self._pieces

    def _match(self, pieces: Pieces) -> None:
        """Blocks for the pieces; the last one becomes the finished piece that grew out of it."""
        sources = pieces.all
        first = max(0, len(self._parts) - 1)
        for number, source in enumerate(sources[first:], start=first):
            if number < len(self._parts):
                if self._parts[number].source == source:
                    continue
                self._parts[number].source = source
                self._parts[number].strips = None
            else:
                height = _guess(source.text, self._room) + (not source.joined)
                self._parts.append(Block(source, height))
        self._height = -1

    def _forget(self, *blocks: Block) -> None:
        for block in blocks:
            block.strips = None
        self._height = -1


def _guess(text: str, room: int) -> int:
    """About how many lines a text takes."""
    return text.count("\n") + len(text) // max(room, 1) + 1
