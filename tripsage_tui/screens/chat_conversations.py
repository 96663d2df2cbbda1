"""Conversations as a whole: begin one, open an earlier one, choose the model, name, end, delete, export."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from tripsage_tui.assistant.by_hand import Slash
from tripsage_tui.assistant.dialogue import Dialogue
from tripsage_tui.assistant.failures import AnswerFailed
from tripsage_tui.assistant.model import Model
from tripsage_tui.assistant.tools import toolbox
from tripsage_tui.changes.chats import ChatChanges
from tripsage_tui.models.chat_export import to_json, to_markdown
from tripsage_tui.models.memories import Recalled
from tripsage_tui.screens.chat_asking import ChatAsking
from tripsage_tui.screens.chat_frame import NO_MODEL
from tripsage_tui.screens.chat_state import ChatState
from tripsage_tui.widgets.composer import Composer
from tripsage_tui.widgets.safe_text import one_line

RECALLED = 5


class ChatConversations(ChatAsking):
    """Which conversation is open."""

    def new_dialogue(self) -> Dialogue:
        """Begin another conversation; nothing is stored before the first question."""
        endpoint = self.endpoint()
        self.dialogue = Dialogue(
            self.planner,
            Model(endpoint),
            toolbox(self.planner, self.trip_id),
            self.approve,
            trip_id=self.trip_id,
            recall=self._recall,
        )
        self.state = ChatState(model=endpoint.model, problem="" if endpoint.usable else NO_MODEL)
        return self.dialogue

    async def open_conversation(self, session_id: UUID) -> None:
        """Go on with an earlier conversation."""
        dialogue = self.new_dialogue()
        talk = await dialogue.open(session_id)
        if talk.session.trip_id != self.trip_id:
            self.trip_id = talk.session.trip_id
            self.plan = await self.planner.trips.plan(self.trip_id) if self.trip_id is not None else None
            dialogue = self.new_dialogue()
            await dialogue.open(session_id)
        await self.show_branch()
        self.show_state(cost=self.cost(), usage=self.newest_usage())
        self.transcript.follow()

    async def _recall(self, text: str) -> list[Recalled]:
        return list(await self.planner.memory.recall(text, RECALLED))[:100]

    def action_new(self) -> None:
        if self.answering:
            self.say("The answer is still coming: esc stops it.", "warning")
            return
        if not self.ready or self._waits():
            return
        self.new_dialogue()
        self.run_task(self.show_branch(), group="open")
        self.query_one(Composer).focus()

    def action_sessions(self) -> None:
        from tripsage_tui.screens.chat_sessions import SessionsDialog

        if self.answering:
            self.say("The answer is still coming: esc stops it.", "warning")
        elif self.ready and not self._waits():
            self.app.push_screen(SessionsDialog(self.planner), self._open_session)

    def go_to(self, session_id: UUID) -> None:
        """Open a conversation from elsewhere; a screen that is just coming up begins with it."""
        if self.answering:
            self.say("The answer is still coming: esc stops it.", "warning")
        elif self.dialogue is None:
            self.wanted = session_id
        elif not self._waits():
            self._open_session(session_id)

    def _waits(self) -> bool:
        """Whether this conversation must stay open because the database has not taken all of it."""
        dialogue = self.dialogue
        waits = dialogue is not None and dialogue.waits_to_be_stored
        if waits:
            self.say("The last answer is not stored yet: the database cannot be reached.", "warning")
        return waits

    def _open_session(self, session_id: Any) -> None:
        if session_id is not None:
            self.run_task(self.open_conversation(session_id), group="open")

    def action_models(self) -> None:
        if self.ready:
            self.run_task(self._choose_model(), group="models")

    async def _choose_model(self) -> None:
        from tripsage_tui.screens.chat_dialogs import ModelDialog

        try:
            names = await self.talk.model.names()
        except AnswerFailed as error:
            self.show_state(problem=str(error))
            return
        self.app.push_screen(ModelDialog(names, self.endpoint().model), self.use_model)

    def use_model(self, name: str | None) -> None:
        """Ask another model from the next question on, in the same conversation."""
        if name:
            self.model_name = name
            self.show_state(problem="")
            # An answer under way keeps its connection; what follows it takes the other model.
            self.keys_changed()
            if self.answering:
                self.say(f"{one_line(name)} is asked from the next question on.")

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
            case "undo":
                self.action_undo()
            case "title" | "end" | "delete" | "export":
                self.run_task(self._with_session(slash), group="session")
            case _:
                return False
        return True

    async def _with_session(self, slash: Slash) -> None:
        chats, talk = self.planner.chats, self.talk
        if talk.conversation is None:
            self.say("There is nothing in this conversation yet.", "warning")
            return
        session_id = talk.id
        match slash.name:
            case "title":
                if not slash.rest:
                    self.say("Say the name as well: /title Kyoto in autumn", "warning")
                    return
                await chats.rename(session_id, slash.rest)
                await talk.refresh()
                await self.show_branch()
            case "end":
                await chats.end(session_id)
                await talk.refresh()
                await self.show_branch()
                self.say("Ended. It stays in the list of conversations.")
            case "delete":
                await ChatChanges(self.planner).delete(session_id)
                self.action_new()
                self.say("Put away. /undo brings it back, and u where nothing is being typed.")
            case "export":
                self._export(slash.rest)

    def _export(self, rest: str) -> None:
        kind, _, where = rest.partition(" ")
        kind = kind if kind in {"md", "json"} else "md"
        talk = self.talk
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
