"""What can be done with a message: copy it, open it, ask again or in other words, go on, other versions, memories."""

from __future__ import annotations

from tripsage_tui.changes.memories import MemoryChanges
from tripsage_tui.models.chats import Role, Spoken
from tripsage_tui.models.memories import Memory
from tripsage_tui.screens.chat_asking import ChatAsking
from tripsage_tui.screens.chat_commands import ON_A_MESSAGE
from tripsage_tui.screens.chat_editor import edited
from tripsage_tui.widgets.approval_bar import ApprovalBar
from tripsage_tui.widgets.composer import Composer
from tripsage_tui.widgets.pieces import code_blocks
from tripsage_tui.widgets.safe_text import clean
from tripsage_tui.widgets.transcript import Transcript


class ChatMessages(ChatAsking):
    """Actions on the message under the cursor."""

    @property
    def spoken(self) -> Spoken | None:
        """The message under the cursor."""
        shown = self.transcript.current if self.is_mounted else None
        if shown is None or self.dialogue is None:
            return None
        return next((each for each in reversed(self.talk.branch) if each.first.id == shown.key), None)

    def on_transcript_moved(self, event: Transcript.Moved) -> None:
        event.stop()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ON_A_MESSAGE:
            message = self.spoken if self.is_mounted and self.query_one(Transcript).has_focus else None
            if message is None:
                return False
            if action in {"again", "go_on", "edit", "version"} and self.answering:
                return False
            by_hand = bool(message.last.metadata.get("by_hand"))
            return {
                "edit": not by_hand,
                "again": not by_hand and (message.role is Role.ASSISTANT or message == self.talk.branch[-1]),
                "go_on": message.status.can_go_on and message == self.talk.branch[-1],
                "memories": bool(message.last.metadata.get("memories")),
            }.get(action, True)
        if action == "stop":
            return True
        return super().check_action(action, parameters)

    def action_stop(self) -> None:
        """Stop the answer; with none under way, to the messages and from there back."""
        if self.answering:
            self.workers.cancel_group(self, "answer")
            self.say("Stopped. What came is kept.")
        else:
            self._leave()

    def _leave(self) -> None:
        dialogue = self.dialogue
        if self.query_one(Composer).has_focus and dialogue is not None and dialogue.branch:
            self.query_one(Transcript).focus()
        elif len(self.app.screen_stack) > 1:
            self.dismiss(None)
        else:
            self.query_one(Composer).focus()

    def action_swap(self) -> None:
        transcript = self.query_one(Transcript)
        below = self.query_one(ApprovalBar if self.has_class("-asking") else Composer)
        if not transcript.has_focus:
            (transcript if transcript.display else below).focus()
        else:
            below.focus()

    def action_again(self) -> None:
        message = self.spoken
        if message is not None and self._may_ask():
            self.follow_steps(lambda: self.talk.again(message, self.waiting))

    def action_go_on(self) -> None:
        if self._may_ask():
            self.follow_steps(lambda: self.talk.go_on(self.waiting))

    def _may_ask(self) -> bool:
        """Whether there is a database and a model; says what is missing."""
        return self.may_write() and self.has_model()

    def action_edit(self) -> None:
        from tripsage_tui.screens.chat_dialogs import EditQuestion

        spoken = self.spoken
        if spoken is None:
            return
        message = spoken if spoken.role is Role.USER else self.talk.question_of(spoken)

        def send(text: str | None) -> None:
            if text and text.strip() and text != message.text and self._may_ask():
                self.follow_steps(lambda: self.talk.differently(message, text, self.waiting))

        self.app.push_screen(EditQuestion(message.text), send)

    def action_copy(self) -> None:
        shown = self.transcript.current
        if self.spoken is not None and shown is not None:
            self.app.copy_to_clipboard(clean(self.spoken.text or shown.text))
            self.say("The message was sent to the terminal's clipboard.")

    def action_copy_code(self) -> None:
        blocks = code_blocks(self.spoken.text) if self.spoken is not None else []
        if not blocks:
            self.say("There is no code in this message.")
            return
        self.app.copy_to_clipboard(clean(blocks[-1]))
        self.say("The code was sent to the terminal's clipboard.")

    def action_editor(self) -> None:
        """Show the message in the user's editor; what is changed there is not sent anywhere."""
        if self.spoken is None:
            return
        edited(self, clean(self.spoken.text))

    def action_version(self, by: int) -> None:
        message = self.spoken
        if message is not None:
            self.run_task(self._switch(message, by), group="version")

    async def _switch(self, message: Spoken, by: int) -> None:
        await self.talk.switch(message, by)
        await self.show_branch()
        # What went wrong with another version is not wrong with this one.
        self.show_state(problem="")

    def action_memories(self) -> None:
        message = self.spoken
        if message is not None:
            self.run_task(self._show_memories(message), group="memories")

    async def _show_memories(self, message: Spoken) -> None:
        from tripsage_tui.data.errors import NotFound
        from tripsage_tui.screens.chat_dialogs import UsedMemories

        used = []
        for memory_id, distance in message.last.metadata.get("memories", ()):
            try:
                used.append((await self.planner.memory.get(int(memory_id)), distance))
            except NotFound:
                continue

        def forget(memory_id: int | None) -> None:
            chosen = [memory for memory, _ in used if memory.id == memory_id]
            if chosen:
                self.run_task(self._forget_memory(chosen[0]), group="memories")

        self.app.push_screen(UsedMemories(used), forget)

    def action_files(self) -> None:
        from tripsage_tui.screens.file_shelves import ConversationShelf
        from tripsage_tui.screens.files import FilesScreen

        message, conversation = self.spoken, self.talk.conversation
        if message is not None and conversation is not None:
            session = conversation.session
            shelf = ConversationShelf(session.id, session.title or "A conversation", self.talk.branch, message)
            self.app.push_screen(FilesScreen(self.planner, shelf))

    async def _forget_memory(self, memory: Memory) -> None:
        await MemoryChanges(self.planner).forget([memory])
        self.say("Forgotten. u brings it back.")
