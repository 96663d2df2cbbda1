"""A conversation that others write in too: another program, an earlier run of this one, a database that comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.timer import Timer

from tripsage_tui.models.chats import Conversation, MessageStatus
from tripsage_tui.screens.chat_frame import ChatFrame

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change

ABOUT_CHATS = {"chat_sessions", "chat_messages", "chat_tool_calls"}
REST = 0.4
"""Seconds without news after which a conversation is read again."""
SILENCE = 5.0
"""Seconds after which an answer that nobody writes on was interrupted; who still writes on it says so with the next
piece."""


class ChatNews(ChatFrame):
    """Keeps what is shown in step with what is stored."""

    _news: Timer | None = None

    def on_changes(self, changes: Sequence[Change]) -> None:
        if self.answering or self.dialogue is None or self.dialogue.conversation is None:
            return
        if any(is_about(self.dialogue.conversation, change) for change in changes):
            self.look_again(REST)

    def look_again(self, seconds: float) -> None:
        """Read the conversation again in a while; what is asked for meanwhile is one reading."""
        if self._news is not None:
            self._news.stop()
        self._news = self.set_timer(seconds, lambda: self.run_task(self._look_again, group="news", exclusive=True))

    def watch_for_an_end(self) -> None:
        """See to it that an answer which nobody writes on is not shown as coming for ever."""
        branch = self.talk.branch
        if branch and branch[-1].status is MessageStatus.STREAMING and not self.answering:
            self.look_again(SILENCE)

    async def store_what_waits(self) -> None:
        """The database is back: store what came without it, and show what others wrote."""
        if self.dialogue is None or self.answering:
            return
        waited = self.dialogue.waits_to_be_stored
        await self._look_again()
        if waited and not self.dialogue.waits_to_be_stored:
            self.show_state(problem="")
            self.say("The database is back: the answer is stored now.")

    async def _look_again(self) -> None:
        from tripsage_tui.data.errors import NotFound

        if self.dialogue is None or self.answering:
            return
        dialogue = self.dialogue
        if any(said.status is MessageStatus.STREAMING for said in dialogue.branch):
            await self.planner.chats.interrupt_leftovers(SILENCE)
        try:
            await dialogue.refresh()
        except NotFound:
            self.show_state(problem="This conversation was deleted elsewhere. ^n begins another one.")
            return
        if self.dialogue is dialogue and not self.answering:
            await self.show_branch()


def is_about(conversation: Conversation, change: Change) -> bool:
    """Whether a change may be one of this conversation; new rows are known by nobody yet."""
    if change.table == "*":
        return True
    if change.table not in ABOUT_CHATS:
        return False
    if change.table == "chat_sessions":
        return change.id == str(conversation.session.id)
    if change.op == "INSERT" or change.table == "chat_tool_calls":
        return True
    return any(str(message.id) == change.id for message in conversation.messages)
