"""Chat: a conversation with the assistant, about a trip or about none, with the question being typed below it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from tripsage_tui.assistant import by_hand
from tripsage_tui.assistant.answering import Called, Ended, Written
from tripsage_tui.assistant.approval import Proposal, Verdict
from tripsage_tui.assistant.dialogue import Asked, Dialogue
from tripsage_tui.assistant.endpoint import Endpoint, endpoint_of
from tripsage_tui.assistant.events import Text, Thinking, ToolCall
from tripsage_tui.assistant.failures import AnswerFailed, Remedy
from tripsage_tui.assistant.model import Model
from tripsage_tui.assistant.toolbox import ToolRefused
from tripsage_tui.commands import bindings
from tripsage_tui.memory.models_at_hand import HOW_TO
from tripsage_tui.models.chats import Conversation, Decision, MessageStatus
from tripsage_tui.models.memories import Recalled
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.assistant.tools import toolbox
from tripsage_tui.screens.base import PlannerScreen
from tripsage_tui.screens.chat_actions import COMMANDS, ChatActions
from tripsage_tui.screens.chat_lines import utterances
from tripsage_tui.screens.chat_news import SILENCE, ChatNews
from tripsage_tui.screens.chat_offers import offers
from tripsage_tui.screens.chat_state import ChatState
from tripsage_tui.widgets.approval_bar import ApprovalBar
from tripsage_tui.widgets.composer import Composer, Suggestions
from tripsage_tui.widgets.safe_text import one_line
from tripsage_tui.widgets.top_bar import TopBar
from tripsage_tui.widgets.transcript import NEAR, REMOTE, Transcript

if TYPE_CHECKING:
    from tripsage_tui.assistant.prices import Prices
    from tripsage_tui.planner import Planner

logger = logging.getLogger(__name__)

DRAFT_DELAY = 0.3
RECALLED = 5
HINT = """\
Ask about your trips, or have something planned: what the assistant wants to write is shown first and waits for you.

  /     commands: the same tools by hand, and ready questions
  @     trips, bookings, days
  ^o    earlier conversations
  f4    the question in your editor
  tab   to the messages and back: y copies, r asks again, e edits a question
"""
_REMEDY = {
    Remedy.RETRY: "tab, r asks again.",
    Remedy.CONTINUE: "tab, c continues.",
    Remedy.EDIT: "tab, e edits the question.",
    Remedy.MODELS: "^g chooses another model.",
    Remedy.SETTINGS: HOW_TO,
    Remedy.SHORTEN: "Begin a new conversation (^n), or choose a model that reads more (^g).",
    Remedy.NONE: "",
}
Steps = AsyncGenerator[Any, None]


def _remedy(ended: Ended, failure: AnswerFailed) -> str:
    if failure.window is not None:
        return f"It reads {failure.window:,} tokens, which is known now: r asks again with the older turns left out."
    return _REMEDY[way_on(ended)]


class ChatScreen(ChatActions, ChatNews, PlannerScreen[None]):
    """A conversation; opened from a trip it is about that trip."""

    CSS_PATH = "chat.tcss"
    MODE = "chat"
    AUTO_FOCUS = "Composer"
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS)

    def __init__(self, planner: Planner | None = None, trip_id: int | None = None) -> None:
        super().__init__(planner)
        self.trip_id = trip_id
        self.plan: TripPlan | None = None
        self.dialogue: Dialogue | None = None
        self.state = ChatState()
        self.model_name = ""
        self._work: Worker[Any] | None = None
        self._verdict: asyncio.Future[Verdict] | None = None
        self._proposal: Proposal | None = None
        self._typed: Timer | None = None
        self._unfinished: str | None = None
        self._begun_once = False
        self.wanted: UUID | None = None
        """The conversation to begin with."""
        self._prices: Prices | None = None
        self._asked_about = ""

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

    # ---- loading

    def attach(self, planner: Planner) -> None:
        super().attach(planner)
        self._forget.append(planner.stored_keys.on_change(lambda: self._later(self.keys_changed)))

    def keys_changed(self) -> None:
        """Another key, server or model: what is asked next goes there."""
        if self.dialogue is None:
            return
        endpoint = self.endpoint()
        if endpoint != self.talk.model.endpoint and not self.answering:
            before, self.talk.model = self.talk.model, Model(endpoint)
            self.run_task(before.close(), group="models")
            self.show_state(model=endpoint.model, problem="" if endpoint.usable else f"No model yet. {HOW_TO}")

    async def load(self) -> None:
        self.run_task(self.planner.stored_keys.load(), group="keys")
        if self.trip_id is not None:
            self.plan = await self.planner.trips.plan(self.trip_id)
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

    def endpoint(self) -> Endpoint:
        """Where questions go."""
        return endpoint_of(self.planner.keys.current(), model=self.model_name)

    def new_dialogue(self) -> Dialogue:
        """Begin another conversation; nothing is stored before the first question."""
        endpoint = self.endpoint()
        self.dialogue = Dialogue(
            self.planner,
            Model(endpoint),
            toolbox(self.planner, self.trip_id),
            self._approve,
            trip_id=self.trip_id,
            recall=self._recall,
        )
        self.state = ChatState(model=endpoint.model, problem="" if endpoint.usable else f"No model yet. {HOW_TO}")
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
        self.show_state(cost=self._cost())
        self.transcript.follow()

    def _cost(self) -> str:
        """What the newest answer and the conversation cost, in words."""
        from tripsage_tui.assistant.prices import Prices, in_words

        if self._prices is None:
            self._prices = Prices.load()
            if self._prices.trouble:
                self.say(self._prices.trouble, "warning")
        talk = self.talk
        messages = talk.conversation.messages if talk.conversation else ()
        return in_words(self.state.usage, messages, self._prices, talk.model.endpoint)

    async def _recall(self, text: str) -> list[Recalled]:
        return list(await self.planner.memory.recall(text, RECALLED))[:100]

    # ---- showing

    async def show_branch(self) -> None:
        """Bring the transcript to the branch that is shown."""
        talk = self.talk
        self.set_class(not talk.branch, "-empty")
        await self.transcript.show(utterances(talk, asking=self.answering))
        title = session_title(talk.conversation)
        trip = self.plan.trip.name if self.plan else ""
        self.query_one(TopBar).show(trail=" \u203a ".join(part for part in (trip, title or "new conversation") if part))
        self.show_state()
        self.watch_for_an_end()

    def show_state(self, **changes: Any) -> None:
        """The line under the transcript."""
        self.state = replace(self.state, **changes)
        line = self.query_one("#chat-line", Static)
        line.set_class(bool(self.state.problem), "-bad")
        line.update(Content(one_line(self.state.text())))
        self.refresh_bindings()

    # ---- asking

    def on_composer_sent(self, event: Composer.Sent) -> None:
        event.stop()
        if self.answering:
            self.say("The answer is still coming: esc stops it.", "warning")
            return
        if not self.may_write() or self.dialogue is None:
            return
        text = event.text.strip()
        slash = by_hand.parse(text)
        if slash is not None:
            self.run_slash(slash, text)
        else:
            self.ask(text.removeprefix("/") if text.startswith("//") else text)

    def has_model(self) -> bool:
        """Whether there is a model to ask; says how to have one."""
        usable = self.endpoint().usable
        if not usable:
            self.show_state(problem=f"No model yet. {HOW_TO}")
        return usable

    def ask(self, text: str) -> None:
        """Send a question to the model."""
        if not self.has_model():
            self.say("Your question is kept in the line below.", "warning")
            return
        self.sent(text)
        self.follow_steps(lambda: self.talk.say_next(text, self.waiting), question=text)

    def sent(self, text: str) -> None:
        """A line left the composer."""
        self.planner.questions.finish(self.trip_id or 0, text)
        self.composer.remember(text)
        self.composer.take("")

    def run_slash(self, slash: by_hand.Slash, typed: str) -> None:
        """A command: a prompt becomes a question to look at, a tool runs, anything else belongs to the screen."""
        if (question := by_hand.prompt(slash)) is not None:
            self.composer.take(question)
            return
        if self.run_own(slash):
            self.sent(typed)
            return
        box = toolbox(self.planner, self.trip_id)
        try:
            tool = box.get(slash.name)
            arguments = by_hand.arguments(tool, slash.rest)
            box.read(tool, arguments)
        except ToolRefused as refusal:
            self.say(str(refusal), "warning")
            return
        self.sent(typed)
        call = ToolCall(f"hand_{os.urandom(6).hex()}", tool.name, arguments)
        self.follow_steps(lambda: self.talk.by_hand(typed, call))

    def follow_steps(self, begin: Callable[[], Steps], *, question: str = "") -> None:
        """Run an answer beside the screen and show how it comes."""
        self.transcript.follow()
        self.show_state(doing="asking", problem="")
        self._work = self.run_task(partial(self._follow, begin, question), group="answer", exclusive=True)

    async def _follow(self, begin: Callable[[], Steps], question: str) -> None:
        from tripsage_tui.data.errors import DataError

        stored = False
        try:
            async with aclosing(begin()) as steps:
                async for step in steps:
                    stored = True
                    await self._take(step)
        except DataError as error:
            if not stored and question and not self.composer.text:
                self.composer.take(question)
            kept = " What came is kept here and stored once the database is back."
            waits = self.dialogue is not None and self.dialogue.waits_to_be_stored
            self.show_state(problem=f"{error}{kept if waits else ''}", doing="")
        except asyncio.CancelledError:
            self.show_state(doing="", problem="")
            raise
        finally:
            self._close_question()
            if self.is_mounted:
                self.call_later(self._settle)

    async def _settle(self) -> None:
        """After an answer, however it ended: what is stored is what is shown."""
        if self.dialogue is not None:
            await self.show_branch()
            self.show_state(cost=self._cost())
        self.show_state(doing="")
        self.keys_changed()
        if self.dialogue is not None:
            self.run_task(self.dialogue.summarise(), group="summary")

    async def _take(self, step: object) -> None:
        match step:
            case Asked(_, fitted, _):
                self._ask_windows()
                await self._note_question(step)
                await self.show_branch()
                self.show_state(doing="asking", share=fitted.share, left_out=fitted.left_out)
            case Written(message):
                await self.show_branch()
                if message.status is MessageStatus.STREAMING:
                    self.show_state(doing="answering")
            case Text(delta):
                if (view := self._coming) is not None:
                    view.feed(delta)
            case Thinking(delta):
                if (view := self._coming) is not None:
                    view.think(delta)
            case Called():
                await self.show_branch()
                self.show_state(doing="working")
            case Ended(_, _, usage, failure):
                problem = f"{failure} {_remedy(step, failure)}".strip() if failure else ""
                self.show_state(doing="", usage=usage, problem=problem)

    @property
    def _coming(self) -> Any:
        views = self.transcript.views
        return views[-1] if views and views[-1].utterance.coming else None

    async def _note_question(self, asked: Asked) -> None:
        """Give the memory what the user said, and nothing else."""
        from tripsage_tui.data.errors import DataError

        message = asked.question.last
        if message.metadata.get("noted"):
            return
        try:
            await self.planner.memory.note_turn(self.talk.id, "user", asked.question.text, message_id=message.id)
            await self.planner.chats.write(message.id, message.content, message.status, {"noted": True})
        except DataError as error:
            logger.warning("a turn was not noted: %s", error)

    def waiting(self, seconds: float, why: AnswerFailed) -> None:
        """The model is asked again in so many seconds."""
        self.call_later(self.show_state, doing=f"{why} Trying again in {seconds:.0f} s; esc stops.")

    def _ask_windows(self) -> None:
        """Once for each server, beside the first question: opening the chat asks nobody."""
        server = self.talk.model.endpoint.base_url
        if server != self._asked_about:
            self._asked_about = server
            self.run_task(self.talk.ask_windows(), group="windows")

    # ---- approving

    async def _approve(self, proposal: Proposal) -> Verdict:
        self._proposal = proposal
        self._verdict = asyncio.get_running_loop().create_future()
        self.add_class("-asking")
        changes = [(change.field, change.before, change.after) for change in proposal.prepared.changes]
        self.query_one(ApprovalBar).ask(proposal.prepared.title, changes, general=proposal.may_be_general)
        self.transcript.follow()
        self.show_state(doing="waits for your answer")
        try:
            return await self._verdict
        finally:
            self._close_question()

    def on_approval_bar_answered(self, event: ApprovalBar.Answered) -> None:
        event.stop()
        if self._verdict is not None and not self._verdict.done() and self._proposal is not None:
            self._verdict.set_result(Verdict(Decision(event.decision), self._proposal.fingerprint, event.reason))

    def _close_question(self) -> None:
        self._verdict = self._proposal = None
        if self.is_mounted and self.has_class("-asking"):
            self.query_one(ApprovalBar).close()
            self.remove_class("-asking")
            self.composer.focus()

    # ---- typing

    def on_composer_edited(self, event: Composer.Edited) -> None:
        event.stop()
        self._unfinished = event.text
        if self._typed is not None:
            self._typed.stop()
        self._typed = self.set_timer(DRAFT_DELAY, self.keep_typed)
        if not self.ready:
            return
        box = toolbox(self.planner, self.trip_id)
        self._offer(offers(event.text, event.word, self.plan, box, self.planner.today))

    def _offer(self, found: list[Any]) -> None:
        self.query_one(Suggestions).show(found)
        self.composer.offering = bool(found)

    def on_composer_pick(self, event: Composer.Pick) -> None:
        event.stop()
        suggestions = self.query_one(Suggestions)
        if event.what in {"up", "down"}:
            suggestions.move(-1 if event.what == "up" else 1)
            return
        if event.what == "take" and suggestions.chosen is not None:
            self.composer.replace_word(suggestions.chosen.insert)
        self._offer([])

    def keep_typed(self) -> None:
        """Write down the unfinished question."""
        if self._unfinished is not None and self._planner is not None:
            self.planner.questions.keep(self.trip_id or 0, self._unfinished)
        self._unfinished = None

    def on_unmount(self) -> None:
        self.keep_typed()
        super().on_unmount()

    @on(events.Unmount)
    async def _hang_up(self) -> None:
        if self.dialogue is not None:
            await self.dialogue.model.close()


def way_on(ended: Ended) -> Remedy:
    """What the user is offered after a failure: where nothing came there is nothing to go on with."""
    if ended.failure is None:
        return Remedy.NONE
    remedy = ended.failure.remedy
    return Remedy.RETRY if remedy is Remedy.CONTINUE and not ended.message.status.can_go_on else remedy


def session_title(conversation: Conversation | None) -> str:
    """The title, with what is to be known of the conversation as a whole."""
    if conversation is None:
        return ""
    session = conversation.session
    state = " (put away)" if session.deleted_at else " (ended)" if session.ended_at else ""
    return f"{session.title or 'Conversation'}{state}"
