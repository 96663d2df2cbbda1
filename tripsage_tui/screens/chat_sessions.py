"""Earlier conversations: found by title and text, opened, renamed, put away."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tripsage_tui.changes.chats import DELETING, ChatChanges
from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.chats import ChatSession
from tripsage_tui.models.when import count_of, format_date
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_text import TextLine
from tripsage_tui.widgets.safe_text import one_line

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner

REST = 0.15
"""Seconds of rest after which what was typed is looked for."""


class SessionsDialog(FormDialog[UUID | None]):
    """Returns the conversation to open; None when left."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("sessions.leave", "escape", "leave", "Leave"),
            Command("sessions.down", "down", "move(1)", "Down", palette=False, footer=False),
            Command("sessions.up", "up", "move(-1)", "Up", palette=False, footer=False),
            Command("sessions.delete", "ctrl+d", "delete", "Put away", display="^d", priority=True),
            Command("sessions.undo", "ctrl+z", "undo", "Bring back", display="^z", priority=True),
        )
    )

    def __init__(self, planner: Planner) -> None:
        super().__init__(
            "Conversations",
            "",
            "type to search titles and texts · enter opens · ^d puts away, ^z brings back · esc leaves",
            large=True,
        )
        self._planner = planner
        self._found: list[tuple[ChatSession, str]] = []
        self._timer: Timer | None = None

    def compose_content(self) -> ComposeResult:
        yield TextLine("", placeholder="words of a title or a message")
        yield OptionList(compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self.query_one(TextLine).focus()
        self._search()

    def _search(self) -> None:
        self.run_worker(self._look(self.query_one(TextLine).value), exclusive=True, exit_on_error=False)

    async def _look(self, text: str) -> None:
        from tripsage_tui.data.errors import DataError

        chats = self._planner.chats
        try:
            if text.strip():
                self._found = await chats.search(text)
            else:
                self._found = [(session, "") for session in await chats.sessions()]
        except DataError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self._line(session, place)) for session, place in self._found])
        if self._found:
            options.highlighted = 0
        else:
            said = "No conversation has these words." if text.strip() else "There is no conversation yet."
            options.add_option(Option(said, disabled=True))

    def _line(self, session: ChatSession, place: str) -> Content:
        day = format_date(session.updated_at.astimezone(self._planner.clock().tzinfo).date(), self._planner.today)
        ended = " · ended" if session.ended_at else ""
        words = f"{one_line(session.title or 'Conversation')}  {day} · {count_of(session.messages, 'message')}{ended}"
        return Content(f"{words}  {one_line(place)}".rstrip())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(REST, self._search)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if (session := self._chosen) is not None:
            self.dismiss(session.id)

    @property
    def _chosen(self) -> ChatSession | None:
        place = self.query_one(OptionList).highlighted
        return self._found[place][0] if place is not None and place < len(self._found) else None

    def action_move(self, by: int) -> None:
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_delete(self) -> None:
        session = self._chosen
        if session is not None:
            self.run_worker(self._delete(session), exit_on_error=False)

    async def _delete(self, session: ChatSession) -> None:
        from tripsage_tui.data.errors import DataError

        try:
            await ChatChanges(self._planner).delete(session.id)
        except DataError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self._search()

    def action_undo(self) -> None:
        """Take back the last change, if it is one of a conversation."""
        if (self._planner.undo.label or "").startswith(DELETING):
            self.run_worker(self._undo(), exit_on_error=False)
        else:
            self.notify("Nothing was put away last: u takes back other changes.", markup=False)

    async def _undo(self) -> None:
        from tripsage_tui.data.errors import DataError

        try:
            await self._planner.undo.undo()
        except DataError as error:
            self.notify(str(error), severity="error", markup=False)
        self._search()

    def action_leave(self) -> None:
        self.dismiss(None)
