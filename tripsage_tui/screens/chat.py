"""Chat: a conversation with the assistant, about a trip or about none, with the question being typed below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import BindingType

from tripsage_tui.assistant.recovery import recover
from tripsage_tui.commands import bindings
from tripsage_tui.screens.chat_commands import COMMANDS
from tripsage_tui.screens.chat_messages import ChatMessages
from tripsage_tui.screens.chat_news import SILENCE, ChatNews
from tripsage_tui.screens.chat_typing import ChatTyping
from tripsage_tui.widgets.markdown_text import prepare

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


class ChatScreen(ChatMessages, ChatTyping, ChatNews):
    """A conversation; opened from a trip it is about that trip."""

    CSS_PATH = "chat.tcss"
    MODE = "chat"
    AUTO_FOCUS = "Composer"
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS)

    _begun_once = False

    def attach(self, planner: Planner) -> None:
        super().attach(planner)
        self._forget.append(planner.stored_keys.on_change(lambda: self._later(self.keys_changed)))

    async def load(self) -> None:
        self.run_task(self.planner.stored_keys.load(), group="keys")
        self.run_task(prepare, group="markdown")
        if self.trip_id is not None:
            self.plan = await self.planner.trips.plan(self.trip_id)
        await recover(self.planner)
        if self._begun_once:
            await self.store_what_waits()
            return
        self._begun_once = True
        self.new_dialogue()
        self.composer.sent_before = self.planner.questions.history()
        self.composer.remember("")
        self.composer.take(self.planner.questions.unfinished(self.trip_id or 0))
        await self.planner.chats.interrupt_leftovers(SILENCE)
        await self.show_branch()
        if self.wanted is not None:
            await self.open_conversation(self.wanted)

    async def show_branch(self) -> None:
        await super().show_branch()
        self.watch_for_an_end()

    @on(events.Unmount)
    async def _hang_up(self) -> None:
        if self.dialogue is not None:
            self.dialogue.leave()
            await self.dialogue.model.close()
