"""An answer from the question on: how it comes, what it asks leave for, how it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any

from tripsage_tui.assistant.answering import Called, Ended, Written
from tripsage_tui.assistant.approval import Proposal, Verdict
from tripsage_tui.assistant.dialogue import Asked
from tripsage_tui.assistant.events import Text, Thinking
from tripsage_tui.assistant.failures import AnswerFailed, Remedy
from tripsage_tui.memory.models_at_hand import HOW_TO
from tripsage_tui.models.chats import Decision, MessageStatus
from tripsage_tui.screens.chat_frame import ChatFrame
from tripsage_tui.widgets.approval_bar import ApprovalBar

logger = logging.getLogger(__name__)

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


class ChatAsking(ChatFrame):
    """Runs answers beside the screen."""

    _verdict: asyncio.Future[Verdict] | None = None
    _proposal: Proposal | None = None
    _asked_about = ""

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
            self.show_state(cost=self.cost())
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
                self.transcript.feed(delta)
            case Thinking(delta):
                self.transcript.think(delta)
            case Called():
                await self.show_branch()
                self.show_state(doing="working")
            case Ended(_, _, usage, failure):
                problem = f"{failure} {_remedy(step, failure)}".strip() if failure else ""
                self.show_state(doing="", usage=usage, problem=problem)

    async def _note_question(self, asked: Asked) -> None:
        """Give the memory what the user said, and nothing else."""
        from tripsage_tui.data.errors import DataError

        message = asked.question.last
        if message.metadata.get("noted"):
            return
        try:
            await self.planner.memory.note_turn(self.talk.id, "user", asked.question.text, message_id=message.id)
            self.talk.rewritten(
                await self.planner.chats.write(message.id, message.content, message.status, {"noted": True})
            )
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

    async def approve(self, proposal: Proposal) -> Verdict:
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


def way_on(ended: Ended) -> Remedy:
    """What the user is offered after a failure: where nothing came there is nothing to go on with."""
    if ended.failure is None:
        return Remedy.NONE
    remedy = ended.failure.remedy
    return Remedy.RETRY if remedy is Remedy.CONTINUE and not ended.message.status.can_go_on else remedy


def _remedy(ended: Ended, failure: AnswerFailed) -> str:
    if failure.window is not None:
        return f"It reads {failure.window:,} tokens, which is known now: r asks again with the older turns left out."
    return _REMEDY[way_on(ended)]
