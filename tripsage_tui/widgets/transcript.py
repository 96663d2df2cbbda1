"""A conversation: messages one below the other, the newest last; an answer that comes re-renders only its tail.

Only the newest messages are mounted; older ones come when the reader goes up. The end is followed while the reader is
there. One message has the cursor, when the list has the keyboard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from tripsage_tui.widgets.markdown_text import cut, rendered, segments
from tripsage_tui.widgets.safe_text import clean, one_line

AT_ONCE = 20
"""Messages that are mounted at first, and each time the reader reaches the top."""
NEAR = 25.0
REMOTE = 15.0
"""Updates a second of an answer that comes, here and over a slow line."""


@dataclass(frozen=True)
class CallLine:
    """A call in one line: what it is, how it stands (a glyph and a word), and more when it is opened."""

    key: int
    glyph: str
    title: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class Utterance:
    """One message as it is shown; texts may be anyone's."""

    key: int
    role: str
    text: str
    who: str = ""
    note: str = ""
    """After the name: `2/3 · stopped`."""
    coming: bool = False
    """Whether more is on its way: then the text is what was fed, not what is given."""
    thinking: str = ""
    calls: tuple[CallLine, ...] = ()
    below: str = ""
    """A line under the message: which memories it used."""


class MessageView(Vertical):
    """One message. `feed` adds to one that is still coming."""

    DEFAULT_CSS = """
    MessageView {
        height: auto;
        padding: 0 1;
        border-left: blank;
        & > .message-head { height: 1; color: $text-muted; text-style: bold; }
        &.-user > .message-head { color: $text-secondary; }
        &.-assistant > .message-head { color: $text-primary; }
        & > .message-part { height: auto; margin: 0 0 0 2; }
        & > .message-aside { height: auto; margin: 0 0 0 2; color: $text-muted; }
        & > .message-gap { height: 1; }
        &.-cursor { border-left: thick $primary; }
        &:ansi > .message-head, &:ansi > .message-aside { color: ansi_default; }
    }
    """

    def __init__(self, utterance: Utterance, updates: float = NEAR) -> None:
        super().__init__(classes=f"-{utterance.role}")
        self.utterance = utterance
        self.open = False
        """Whether thinking and results of calls are shown."""
        self._updates = updates
        self._painted = utterance.text
        self._tail = ""
        self._thought = utterance.thinking
        self._dirty = False
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static(self._head(), classes="message-head")
        yield Static(self._thinking(), classes="message-aside", id="thinking")
        yield from (self._part(text) for text in self._parts())
        yield Static("", classes="message-part", id="tail", markup=False)
        yield Static(self._calls(), classes="message-aside", id="calls")
        yield Static(Content(one_line(self.utterance.below)), classes="message-aside", id="below")
        yield Static("", classes="message-gap")

    def on_mount(self) -> None:
        self._hide_empty()

    def show(self, utterance: Utterance) -> None:
        """Show another state of the same message."""
        self.utterance = replace(utterance, text=self._painted) if utterance.coming else utterance
        if utterance.coming and utterance.text.startswith(self._painted) and utterance.text != self._painted:
            self.feed(utterance.text[len(self._painted) :])  # somebody else writes it
        self.query_one(".message-head", Static).update(self._head())
        self.query_one("#thinking", Static).update(self._thinking())
        self.query_one("#calls", Static).update(self._calls())
        self.query_one("#below", Static).update(Content(one_line(utterance.below)))
        if not utterance.coming:
            self._settle()
        self._hide_empty()

    def feed(self, delta: str) -> None:
        """More text; painted with the next update."""
        self._painted += delta
        self.utterance = replace(self.utterance, text=self._painted)
        self._tail += delta
        self._dirty = True
        if self._timer is None:
            self._timer = self.set_interval(1 / self._updates, self._draw)
            self._draw()

    def think(self, delta: str) -> None:
        """More of what the model thinks: counted, and shown when opened."""
        self.utterance = replace(self.utterance, thinking=self.utterance.thinking + delta)
        self._dirty = True
        if self._timer is None:
            self._timer = self.set_interval(1 / self._updates, self._draw)

    def _settle(self) -> None:
        """The text is whole: render what is not yet, or all of it where it is another one."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.utterance.text == self._painted:
            self._seal(len(self._tail))
        else:
            self.query(".-sealed").remove()
            self._painted, self._tail = self.utterance.text, ""
            self.mount_all([self._part(part) for part in self._parts()], before="#tail")
        self.query_one("#tail", Static).update("")
        self._dirty = False

    def toggle(self) -> None:
        """Open or close thinking and results."""
        self.open = not self.open
        self.query_one("#thinking", Static).update(self._thinking())
        self.query_one("#calls", Static).update(self._calls())

    def _draw(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        if place := cut(self._tail):
            self._seal(place)
        tail = self.query_one("#tail", Static)
        tail.update(Content(clean(self._tail)))
        tail.display = bool(self._tail)
        # Another update lays the whole message out again: only where there is news.
        if self.utterance.thinking != self._thought:
            self._thought = self.utterance.thinking
            thinking = self.query_one("#thinking", Static)
            thinking.update(self._thinking())
            thinking.display = True

    def _seal(self, place: int) -> None:
        part, self._tail = self._tail[:place], self._tail[place:]
        if part.strip():
            self.mount(self._part(part), before="#tail")

    def _part(self, text: str) -> Static:
        content = Content(clean(text)) if self.utterance.role == "user" else rendered(text)
        return Static(content, classes="message-part -sealed", markup=False)

    def _parts(self) -> list[str]:
        text = self.utterance.text
        return [part for part in segments(text) if part.strip()] if text.strip() else []

    def _head(self) -> Content:
        said = self.utterance
        return Content.assemble(one_line(said.who or said.role), ("  " + one_line(said.note), "not bold"))

    def _thinking(self) -> Content:
        thought = self.utterance.thinking
        if not thought:
            return Content("")
        if self.open:
            return Content(f"▾ thinking\n{clean(thought)}")
        words = len(thought.split())
        return Content(f"▸ thinking, {words:,} {'word' if words == 1 else 'words'}")

    def _calls(self) -> Content:
        lines: list[str] = []
        for call in self.utterance.calls:
            lines.append(f"{call.glyph} {one_line(call.title)}  {one_line(call.state)}")
            if self.open and call.detail:
                lines.extend(f"    {line}" for line in clean(call.detail).splitlines())
        return Content("\n".join(lines))

    def _hide_empty(self) -> None:
        said = self.utterance
        self.query_one("#thinking").display = bool(said.thinking)
        self.query_one("#calls").display = bool(said.calls)
        self.query_one("#below").display = bool(said.below)
        self.query_one("#tail").display = bool(self._tail)


class Transcript(VerticalScroll, can_focus=True):
    """Shows utterances; posts what the reader does with the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor(-1)", "Up", show=False, id="transcript.up"),
        Binding("down,j", "cursor(1)", "Down", show=False, id="transcript.down"),
        Binding("home,g", "first", "First", show=False, id="transcript.first"),
        Binding("end,G", "last", "Last", show=False, id="transcript.last"),
        Binding("enter,space", "open", "Open", show=False, id="transcript.open", tooltip="Show thinking and results."),
    ]
    DEFAULT_CSS = """
    Transcript { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
    Transcript > #transcript-older { height: 1; color: $text-muted; content-align: center middle; }
    Transcript:ansi > #transcript-older { color: ansi_default; }
    """

    class Moved(Message):
        """The cursor stands on another message."""

    def __init__(self, *, updates: float = NEAR, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id)
        self._updates = updates
        self._all: tuple[Utterance, ...] = ()
        self._from = 0
        self._cursor: int | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="transcript-older")

    def on_mount(self) -> None:
        self.anchor()
        self.query_one("#transcript-older").display = False

    @property
    def views(self) -> list[MessageView]:
        """The mounted messages, oldest first."""
        return list(self.query_children(MessageView))

    @property
    def current(self) -> MessageView | None:
        """The message under the cursor; without a cursor the newest."""
        views = self.views
        return next((view for view in views if view.utterance.key == self._cursor), views[-1] if views else None)

    async def show(self, utterances: Sequence[Utterance]) -> None:
        """Show a branch; messages that are there stay, with their place on the screen."""
        before = {view.utterance.key: view for view in self.views}
        shown = {said.key for said in self._all}
        self._all = tuple(utterances)
        if self._from >= len(self._all) or not any(said.key in shown for said in self._all):
            self._from = max(0, len(self._all) - AT_ONCE)
        wanted = self._all[self._from :]
        keys = {said.key for said in wanted}
        async with self.batch():
            for view in [view for key, view in before.items() if key not in keys]:
                await view.remove()
            for said in wanted:
                if said.key not in before:
                    await self.mount(MessageView(said, self._updates))
                elif before[said.key].utterance != said:
                    before[said.key].show(said)
            self._sort(wanted)
        self._say_what_is_older()

    def view(self, key: int) -> MessageView | None:
        """The mounted message with a key."""
        return next((view for view in self.views if view.utterance.key == key), None)

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.anchor()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if new_value <= 0 and old_value > 0:
            self.call_later(self._older)

    def on_focus(self, event: events.Focus) -> None:
        self._mark()

    def on_blur(self, event: events.Blur) -> None:
        for view in self.views:
            view.remove_class("-cursor")

    def action_cursor(self, by: int) -> None:
        views = self.views
        if not views or self.current is None:
            return
        place = views.index(self.current) + by
        if place < 0 and self._from:
            self.call_later(self._older)
            return
        self._go_to(views[max(0, min(place, len(views) - 1))])

    async def action_first(self) -> None:
        while self._from:
            await self._older()
        if self.views:
            self._go_to(self.views[0])

    def action_last(self) -> None:
        if self.views:
            self._go_to(self.views[-1])
            self.follow()

    def action_open(self) -> None:
        if self.current is not None:
            self.current.toggle()

    def _go_to(self, view: MessageView) -> None:
        self._cursor = view.utterance.key
        self._mark()
        self.scroll_to_widget(view, animate=False)
        self.post_message(self.Moved())

    def _mark(self) -> None:
        for view in self.views:
            view.set_class(view is self.current and self.has_focus, "-cursor")

    def _sort(self, wanted: Sequence[Utterance]) -> None:
        order = {said.key: number for number, said in enumerate(wanted)}
        self.sort_children(
            key=lambda widget: order.get(widget.utterance.key, 0) if isinstance(widget, MessageView) else -1
        )

    async def _older(self) -> None:
        if not self._from:
            return
        first = self.views[0] if self.views else None
        until, self._from = self._from, max(0, self._from - AT_ONCE)
        more = [MessageView(said, self._updates) for said in self._all[self._from : until]]
        await self.mount_all(more, after="#transcript-older")
        self._say_what_is_older()
        if first is not None:
            self.call_after_refresh(self.scroll_to_widget, first, animate=False, top=True)

    def _say_what_is_older(self) -> None:
        older = self.query_one("#transcript-older", Static)
        older.display = bool(self._from)
        older.update(Content(f"{self._from:,} older {'message' if self._from == 1 else 'messages'}: go up"))
