"""What can be done with a conversation and its messages: stop, again, edit, versions, copy, export, model, sessions."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tripsage_tui.assistant.by_hand import Slash
from tripsage_tui.assistant.failures import AnswerFailed
from tripsage_tui.commands import Command
from tripsage_tui.models.chat_export import to_json, to_markdown
from tripsage_tui.models.chats import Role, Spoken
from tripsage_tui.screens.base import PlannerScreen
from tripsage_tui.widgets.approval_bar import ApprovalBar
from tripsage_tui.widgets.composer import Composer
from tripsage_tui.widgets.markdown_text import code_blocks
from tripsage_tui.widgets.safe_text import clean
from tripsage_tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from tripsage_tui.screens.chat import ChatScreen

STOP = Command("chat.stop", "escape", "stop", "Stop/back", "Stop the answer; with none, to the messages and back.")
SWAP = Command("chat.messages", "tab", "swap", "Messages", "To the messages, and back to the question.")
AGAIN = Command("chat.again", "r", "again", "Again", "Answer the same question once more.")
EDIT = Command("chat.edit", "e", "edit", "Edit", "Ask a question in other words; the old one is kept beside it.")
GO_ON = Command("chat.continue", "c", "go_on", "Continue", "Go on with an answer that was stopped or cut.")
COPY = Command("chat.copy", "y", "copy", "Copy", "Copy the message.")
COPY_CODE = Command("chat.copy-code", "Y", "copy_code", "Copy code", "Copy the last code in it.", footer=False)
WRITE = Command("chat.write", "f4", "write", "Editor", "Write the question in $EDITOR.", footer=False, display="F4")
OPEN = Command("chat.editor", "o", "editor", "Editor", "Open the message in $EDITOR.", footer=False)
BEFORE = Command(
    "chat.version-before", "left_square_bracket", "version(-1)", "Version before", footer=False, display="["
)
AFTER = Command("chat.version-after", "right_square_bracket", "version(1)", "Version after", footer=False, display="]")
MEMORIES = Command("chat.memories", "m", "memories", "Memories", "Show what was remembered for it.", footer=False)
NEW = Command("chat.new", "ctrl+n", "new", "New", "Begin another conversation.", display="^n")
SESSIONS = Command("chat.sessions", "ctrl+o", "sessions", "Chats", "Earlier conversations.", display="^o")
MODELS = Command("chat.model", "ctrl+g", "models", "Model", "Choose a model.", display="^g", footer=False)
COMMANDS = (
    *(STOP, SWAP, NEW, SESSIONS, AGAIN, EDIT, GO_ON, COPY),
    *(COPY_CODE, WRITE, OPEN, BEFORE, AFTER, MEMORIES, MODELS),
)
ON_A_MESSAGE = {"again", "edit", "copy", "copy_code", "editor", "version", "memories", "go_on"}
OWN: Mapping[str, str] = {
    "new": "begin another conversation",
    "chats": "earlier conversations",
    "model": "choose a model, or name one",
    "title": "name this conversation",
    "export": "write it to a file: md or json, and where",
    "end": "mark this conversation as ended",
    "delete": "put this conversation away; u brings it back",
}


class ChatActions(PlannerScreen[None]):
    """The actions of a chat screen."""

    @property
    def _chat(self) -> ChatScreen:
        from tripsage_tui.screens.chat import ChatScreen

        if not isinstance(self, ChatScreen):
            raise TypeError("only a chat screen has these actions")
        return self

    @property
    def spoken(self) -> Spoken | None:
        """The message under the cursor."""
        view = self.query_one(Transcript).current if self.is_mounted else None
        if view is None or self._chat.dialogue is None:
            return None
        return next((each for each in self._chat.talk.branch if each.first.id == view.utterance.key), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ON_A_MESSAGE:
            message = self.spoken if self.is_mounted and self.query_one(Transcript).has_focus else None
            if message is None:
                return False
            if action in {"again", "go_on", "edit", "version"} and self._chat.answering:
                return False
            by_hand = bool(message.last.metadata.get("by_hand"))
            return {
                "edit": not by_hand,
                "again": not by_hand and (message.role is Role.ASSISTANT or message == self._chat.talk.branch[-1]),
                "go_on": message.status.can_go_on and message == self._chat.talk.branch[-1],
                "memories": bool(message.last.metadata.get("memories")),
            }.get(action, True)
        if action == "stop":
            return True
        return super().check_action(action, parameters)

    def action_stop(self) -> None:
        """Stop the answer; with none under way, to the messages and from there back."""
        if self._chat.answering:
            self.workers.cancel_group(self._chat, "answer")
            self.say("Stopped. What came is kept.")
        else:
            self._leave()

    def _leave(self) -> None:
        dialogue = self._chat.dialogue
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
            self._chat.follow_steps(lambda: self._chat.talk.again(message, self._chat.waiting))

    def action_go_on(self) -> None:
        if self._may_ask():
            self._chat.follow_steps(lambda: self._chat.talk.go_on(self._chat.waiting))

    def _may_ask(self) -> bool:
        """Whether there is a database and a model; says what is missing."""
        return self.may_write() and self._chat.has_model()

    def action_edit(self) -> None:
        from tripsage_tui.screens.chat_dialogs import EditQuestion

        spoken = self.spoken
        if spoken is None:
            return
        message = spoken if spoken.role is Role.USER else self._chat.talk.question_of(spoken)

        def send(text: str | None) -> None:
            if text and text.strip() and text != message.text and self._may_ask():
                self._chat.follow_steps(lambda: self._chat.talk.differently(message, text, self._chat.waiting))

        self.app.push_screen(EditQuestion(message.text), send)

    def action_copy(self) -> None:
        if self.spoken is not None:
            self.app.copy_to_clipboard(clean(self.spoken.text))
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
        self._in_editor(clean(self.spoken.text))

    def action_write(self) -> None:
        """Write the question in the user's editor; saving brings it back into the line, nothing is sent."""
        composer = self.query_one(Composer)
        written = self._in_editor(composer.text)
        if written is not None and written.rstrip("\n") != composer.text.rstrip("\n"):
            composer.take(written.rstrip("\n"))
        composer.focus()

    def _in_editor(self, text: str) -> str | None:
        """What the file says after the editor; None where it could not be used."""
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "message.md"
            path.write_text(text, encoding="utf-8", errors="replace")
            try:
                with self.app.suspend():
                    subprocess.run([*shlex.split(editor), str(path)], check=False)  # noqa: S603  the user's own editor
                return path.read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                self.say(f"{editor} could not be started: {error.strerror}.", "error")
            except Exception as error:  # noqa: BLE001  Textual has no class for a terminal that cannot be left
                self.say(str(error) or "This terminal cannot be left for an editor.", "error")
        return None

    def action_version(self, by: int) -> None:
        message = self.spoken
        if message is not None:
            self.run_task(self._switch(message, by), group="version")

    async def _switch(self, message: Spoken, by: int) -> None:
        await self._chat.talk.switch(message, by)
        await self._chat.show_branch()

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
            if memory_id is not None:
                self.run_task(self._forget_memory(memory_id), group="memories")

        self.app.push_screen(UsedMemories(used), forget)

    async def _forget_memory(self, memory_id: int) -> None:
        forgotten = await self.planner.memory.forget([memory_id])
        self.planner.undo.push("forgetting a fact", lambda: self.planner.memory.restore(forgotten))
        self.say("Forgotten. u brings it back.")

    # ---- conversations

    def action_new(self) -> None:
        if self._chat.answering:
            self.say("The answer is still coming: esc stops it.", "warning")
            return
        if not self.ready or self._waits():
            return
        self._chat.new_dialogue()
        self.run_task(self._chat.show_branch(), group="open")
        self.query_one(Composer).focus()

    def action_sessions(self) -> None:
        from tripsage_tui.screens.chat_sessions import SessionsDialog

        if self._chat.answering:
            self.say("The answer is still coming: esc stops it.", "warning")
        elif self.ready and not self._waits():
            self.app.push_screen(SessionsDialog(self.planner), self._open_session)

    def go_to(self, session_id: UUID) -> None:
        """Open a conversation from elsewhere; a screen that is just coming up begins with it."""
        if self._chat.answering:
            self.say("The answer is still coming: esc stops it.", "warning")
        elif self._chat.dialogue is None:
            self._chat.wanted = session_id
        elif not self._waits():
            self._open_session(session_id)

    def _waits(self) -> bool:
        """Whether this conversation must stay open because the database has not taken all of it."""
        dialogue = self._chat.dialogue
        waits = dialogue is not None and dialogue.waits_to_be_stored
        if waits:
            self.say("The last answer is not stored yet: the database cannot be reached.", "warning")
        return waits

    def _open_session(self, session_id: Any) -> None:
        if session_id is not None:
            self.run_task(self._chat.open_conversation(session_id), group="open")

    def action_models(self) -> None:
        if self.ready:
            self.run_task(self._choose_model(), group="models")

    async def _choose_model(self) -> None:
        from tripsage_tui.screens.chat_dialogs import ModelDialog

        try:
            names = await self._chat.talk.model.names()
        except AnswerFailed as error:
            self._chat.show_state(problem=str(error))
            return
        self.app.push_screen(ModelDialog(names, self._chat.endpoint().model), self.use_model)

    def use_model(self, name: str | None) -> None:
        """Ask another model from now on, in the same conversation."""
        if name:
            from tripsage_tui.assistant.model import Model

            self._chat.model_name = name
            before, self._chat.talk.model = self._chat.talk.model, Model(self._chat.endpoint())
            self.run_task(before.close(), group="models")
            self._chat.show_state(model=name, problem="")

    def run_own(self, slash: Slash) -> bool:
        """A command of the screen itself; False for any other."""
        match slash.name:
            case "new":
                self.action_new()
            case "chats":
                self.action_sessions()
            case "model" if slash.rest:
                self.use_model(slash.rest)
            case "model":
                self.action_models()
            case "title" | "end" | "delete" | "export":
                self.run_task(self._with_session(slash), group="session")
            case _:
                return False
        return True

    async def _with_session(self, slash: Slash) -> None:
        chat, chats = self._chat, self.planner.chats
        talk = chat.talk
        if talk.conversation is None:
            self.say("There is nothing in this conversation yet.", "warning")
            return
        session_id = talk.id
        match slash.name:
            case "title":
                await chats.rename(session_id, slash.rest or "Conversation")
                await chat.open_conversation(session_id)
            case "end":
                await chats.end(session_id)
                self.say("Ended. It stays in the list of conversations.")
            case "delete":
                await chats.delete(session_id)
                self.planner.undo.push("deleting the conversation", lambda: chats.delete(session_id, deleted=False))
                self.action_new()
                self.say("Put away. u brings it back.")
            case "export":
                self._export(slash.rest)

    def _export(self, rest: str) -> None:
        kind, _, where = rest.partition(" ")
        kind = kind if kind in {"md", "json"} else "md"
        talk = self._chat.talk
        if talk.conversation is None:
            return
        name = where.strip() or f"conversation-{talk.conversation.session.created_at:%Y-%m-%d-%H%M}.{kind}"
        path = Path(name).expanduser()
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(to_json(talk.conversation) if kind == "json" else to_markdown(talk.conversation))
        except FileExistsError:
            self.say(f"{path} exists already; name another file.", "warning")
        except OSError as error:
            self.say(f"{path} could not be written: {error.strerror}.", "error")
        else:
            self.say(f"Written to {path.absolute()}.")
