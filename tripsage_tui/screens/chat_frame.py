"""The frame of a chat screen: the conversation that is open, what shows it, and the line that says how it stands."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from tripsage_tui.assistant.dialogue import Dialogue
from tripsage_tui.assistant.endpoint import Endpoint, endpoint_of
from tripsage_tui.assistant.events import Usage
from tripsage_tui.assistant.model import Model
from tripsage_tui.memory.models_at_hand import HOW_TO
from tripsage_tui.models.chats import Conversation
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.screens.base import PlannerScreen
from tripsage_tui.screens.chat_lines import Lines
from tripsage_tui.screens.chat_state import ChatState
from tripsage_tui.widgets.approval_bar import ApprovalBar
from tripsage_tui.widgets.composer import Composer, Suggestions
from tripsage_tui.widgets.safe_text import one_line
from tripsage_tui.widgets.top_bar import TopBar
from tripsage_tui.widgets.transcript import Transcript
from tripsage_tui.widgets.transcript_view import NEAR, REMOTE

if TYPE_CHECKING:
    from tripsage_tui.assistant.prices import Prices
    from tripsage_tui.planner import Planner

HINT = """\
Ask about your trips, or have something planned: what the assistant wants to write is shown first and waits for you.

  /     commands: the same tools by hand, and ready questions
  @     trips, bookings, days, memories, text files
  ^o    earlier conversations
  f4    the question in your editor
  tab   to the messages and back: y copies, r asks again, e edits a question
"""
NO_MODEL = f"No model yet. {HOW_TO}"


class ChatFrame(PlannerScreen[None]):
    """What every part of a chat screen works on."""

    def __init__(self, planner: Planner | None = None, trip_id: int | None = None) -> None:
        super().__init__(planner)
        self.trip_id = trip_id
        self.plan: TripPlan | None = None
        self.dialogue: Dialogue | None = None
        self.state = ChatState()
        self.model_name = ""
        self.wanted: UUID | None = None
        """The conversation to begin with."""
        self._work: Worker[Any] | None = None
        self._prices: Prices | None = None
        self._lines = Lines()

    def compose_body(self) -> ComposeResult:
        yield Static(Content(HINT), id="chat-hint", markup=False)
        yield Transcript(updates=REMOTE if os.environ.get("SSH_CONNECTION") else NEAR)
        yield Static("", id="chat-line", markup=False)
        yield Suggestions()
        yield ApprovalBar()
        yield Composer(placeholder="Ask the assistant; / for commands")

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    @property
    def answering(self) -> bool:
        """Whether an answer is under way."""
        return self._work is not None and self._work.state in {WorkerState.PENDING, WorkerState.RUNNING}

    @property
    def talk(self) -> Dialogue:
        if self.dialogue is None:
            raise RuntimeError("the conversation is not open yet")
        return self.dialogue

    def endpoint(self) -> Endpoint:
        """Where questions go."""
        return endpoint_of(self.planner.keys.current(), model=self.model_name)

    def has_model(self) -> bool:
        """Whether there is a model to ask; says how to have one."""
        usable = self.endpoint().usable
        if not usable:
            self.show_state(problem=NO_MODEL)
        return usable

    def keys_changed(self) -> None:
        """Another key, server or model: what is asked next goes there."""
        if self.dialogue is None:
            return
        endpoint = self.endpoint()
        if endpoint != self.talk.model.endpoint and not self.answering:
            before, self.talk.model = self.talk.model, Model(endpoint)
            self.run_task(before.close(), group="models")
            self.show_state(model=endpoint.model, problem="" if endpoint.usable else NO_MODEL)

    async def show_branch(self) -> None:
        """Bring the transcript to the branch that is shown."""
        talk = self.talk
        self.set_class(not talk.branch, "-empty")
        self.transcript.show(self._lines.of(talk, asking=self.answering))
        title = session_title(talk.conversation)
        trip = self.plan.trip.name if self.plan else ""
        self.query_one(TopBar).show(trail=" \u203a ".join(part for part in (trip, title or "new conversation") if part))
        self.show_state()

    def show_state(self, **changes: Any) -> None:
        """The line under the transcript."""
        self.state = replace(self.state, **changes)
        line = self.query_one("#chat-line", Static)
        line.set_class(bool(self.state.problem), "-bad")
        line.update(Content(one_line(self.state.text())))
        self.refresh_bindings()

    def cost(self) -> str:
        """What the newest answer and the conversation cost, in words."""
        from tripsage_tui.assistant.prices import Prices, in_words

        if self._prices is None:
            self._prices = Prices.load()
            if self._prices.trouble:
                self.say(self._prices.trouble, "warning")
        talk = self.talk
        messages = talk.conversation.messages if talk.conversation else ()
        return in_words(self.state.usage, messages, self._prices, talk.model.endpoint)

    def newest_usage(self) -> Usage:
        """The tokens of the newest answer that is shown."""
        from tripsage_tui.assistant.prices import used

        counted = (used(each.last) for each in reversed(self.talk.branch))
        return next((usage for usage in counted if usage != Usage()), Usage())


def session_title(conversation: Conversation | None) -> str:
    """The title, with what is to be known of the conversation as a whole."""
    if conversation is None:
        return ""
    session = conversation.session
    state = " (put away)" if session.deleted_at else " (ended)" if session.ended_at else ""
    return f"{session.title or 'Conversation'}{state}"
