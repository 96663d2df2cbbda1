"""One conversation as the screen and the shell hold it: say, make again, say differently, go on; which branch is shown.

Nothing is stored before the first question: a conversation that was only looked at leaves nothing behind.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID, uuid4

from tripsage_tui.assistant import summaries
from tripsage_tui.assistant.answering import Answering, Called, Ended, Progress, Written
from tripsage_tui.assistant.approval import Approvals, Ask
from tripsage_tui.assistant.context import (
    DEFAULT_WINDOW,
    Fitted,
    beside,
    fit,
    system_prompt,
    turns_of,
    with_memories,
)
from tripsage_tui.assistant.enclosures import Enclosure, as_metadata, enclosed, named
from tripsage_tui.assistant.events import ToolCall
from tripsage_tui.assistant.failures import AnswerFailed
from tripsage_tui.assistant.model import Model
from tripsage_tui.assistant.pen import Unsaved
from tripsage_tui.assistant.toolbox import Toolbox
from tripsage_tui.data.errors import DataError
from tripsage_tui.models.chats import (
    ChatMessage,
    Conversation,
    MessageStatus,
    Role,
    Spoken,
    same_objects,
    split_content,
    spoken,
    title_of,
)
from tripsage_tui.models.memories import Recalled
from tripsage_tui.planner import Planner

logger = logging.getLogger(__name__)

Recall = Callable[[str], Awaitable[Sequence[Recalled]]]


@dataclass(frozen=True)
class Asked:
    """The question was stored; `fitted` says what the model is given, `memories` which of them."""

    question: Spoken
    fitted: Fitted
    memories: Sequence[Recalled] = ()


class Dialogue:
    """`toolbox` belongs to the trip of the conversation; `recall` finds memories for a question."""

    def __init__(
        self,
        planner: Planner,
        model: Model,
        toolbox: Toolbox,
        ask: Ask,
        *,
        trip_id: int | None = None,
        recall: Recall | None = None,
        window: int | None = None,
    ) -> None:
        self._planner = planner
        self.model = model
        self._toolbox = toolbox
        self._approvals = Approvals(ask)
        self._recall = recall
        self._window = window
        self.trip_id = trip_id
        self.id: UUID = uuid4()
        self.conversation: Conversation | None = None
        self._unsaved: list[Unsaved] = []
        self._crowded = False
        self._left = False
        self._branch: tuple[Conversation, tuple[Spoken, ...]] | None = None

    @property
    def window(self) -> int:
        """Tokens that the model reads: what the user set for it, what its server said, else a small guess."""
        endpoint, access = self.model.endpoint, self._planner.keys.current()
        chosen = access.window if access is not None and access.chat_model == endpoint.model else None
        said = self._planner.windows.known(endpoint.base_url, endpoint.model)
        return self._window or chosen or said or DEFAULT_WINDOW

    async def ask_windows(self) -> None:
        """Have a server that may say so tell how much its models read. Without an answer it stays a guess."""
        endpoint = self.model.endpoint
        if endpoint.is_openai or self._planner.windows.known(endpoint.base_url, endpoint.model) is not None:
            return
        try:
            await self.model.names()
        except AnswerFailed as error:
            logger.info("the windows of the models are not known: %s", error)
        self._planner.windows.listed(endpoint.base_url, self.model.windows)

    @property
    def branch(self) -> tuple[Spoken, ...]:
        """What is shown, long messages put together."""
        if self.conversation is None:
            return ()
        if self._branch is None or self._branch[0] is not self.conversation:
            self._branch = (self.conversation, spoken(self.conversation.branch))
        return self._branch[1]

    async def open(self, session_id: UUID) -> Conversation:
        """Go on with a stored conversation. Raises NotFound."""
        self.conversation = await self._planner.chats.open(session_id)
        self.id, self.trip_id = session_id, self.conversation.session.trip_id
        self._approvals.general.clear()
        return self.conversation

    async def say(
        self,
        text: str,
        *,
        below: ChatMessage | None = None,
        files: Sequence[Enclosure] = (),
        on_wait: Callable[[float, AnswerFailed], None] | None = None,
    ) -> AsyncGenerator[Asked | Progress, None]:
        """Ask at the end of the branch, or `below` another message (None: as another beginning)."""
        parts = await self._store(text, below, files)
        yield Written(parts[-1])
        async with aclosing(self._answer(parts[-1], on_wait)) as steps:
            async for step in steps:
                yield step

    async def say_next(
        self,
        text: str,
        on_wait: Callable[[float, AnswerFailed], None] | None = None,
        files: Sequence[Enclosure] = (),
    ) -> AsyncGenerator[Asked | Progress, None]:
        """Ask at the end of what is shown."""
        last = self.branch[-1].last if self.branch else None
        async with aclosing(self.say(text, below=last, files=files, on_wait=on_wait)) as steps:
            async for step in steps:
                yield step

    async def again(
        self, answer: Spoken, on_wait: Callable[[float, AnswerFailed], None] | None = None
    ) -> AsyncGenerator[Asked | Progress, None]:
        """Answer the same question once more, beside the answer that is there, if any: a question is its own."""
        question = answer if answer.role is Role.USER else self.question_of(answer)
        async with aclosing(self._answer(question.last, on_wait)) as steps:
            async for step in steps:
                yield step

    async def differently(
        self, question: Spoken, text: str, on_wait: Callable[[float, AnswerFailed], None] | None = None
    ) -> AsyncGenerator[Asked | Progress, None]:
        """Ask a question in other words, beside the one that is there, with the files of it that are still named."""
        names = named(text)
        files = [file for file in enclosed(question.first.metadata) if file.name in names]
        above = next((message for message in self._all if message.id == question.first.parent_id), None)
        async with aclosing(self.say(text, below=above, files=files, on_wait=on_wait)) as steps:
            async for step in steps:
                yield step

    async def go_on(
        self, on_wait: Callable[[float, AnswerFailed], None] | None = None
    ) -> AsyncGenerator[Asked | Progress, None]:
        """Continue an answer that was stopped, cut off or too long."""
        async with aclosing(self._answer(self.branch[-1].last, on_wait)) as steps:
            async for step in steps:
                yield step

    async def summarise(self) -> bool:
        """Summarise older turns where the window fills up; whether it was done. Without success turns are left out."""
        if not self._crowded or self.conversation is None:
            return False
        self._crowded = False
        summary = await summaries.summarise(self.model, self.branch, self._summary)
        if summary is None:
            return False
        await self._planner.chats.note(self.id, {"summary": summary.as_json()})
        await self._reload()
        return True

    @property
    def _summary(self) -> summaries.Summary | None:
        return summaries.stored(self.conversation.session.metadata) if self.conversation else None

    async def by_hand(self, typed: str, call: ToolCall) -> AsyncGenerator[Progress, None]:
        """Run a tool as it was `typed`; question and result become part of the conversation."""
        last = self.branch[-1].last if self.branch else None
        question = (await self._store(typed, last))[-1]
        answering = Answering(self._planner.chats, self.model, self._toolbox, self._approvals)
        try:
            async with aclosing(answering.by_hand(self.id, question.id, call)) as steps:
                async for step in steps:
                    self._take(step)
                    yield step
        finally:
            await self._reload_quietly()

    @property
    def versions(self) -> dict[int, tuple[int, int]]:
        """For each message, by id, which of how many versions it is."""
        return self.conversation.versions if self.conversation else {}

    async def switch(self, message: Spoken, by: int) -> None:
        """Show another version of a message, and what was said below it."""
        if self.conversation is None:
            return
        siblings = self.conversation.siblings(message.first)
        place = [each.id for each in siblings].index(message.first.id) + by
        if 0 <= place < len(siblings):
            leaf = self.conversation.newest_below(siblings[place])
            await self._planner.chats.show(self.id, leaf.id)
            await self._reload()

    @property
    def _all(self) -> tuple[ChatMessage, ...]:
        return self.conversation.messages if self.conversation else ()

    def question_of(self, answer: Spoken) -> Spoken:
        """The question above an answer, over all its rounds."""
        place = next(number for number, each in enumerate(self.branch) if each.first.id == answer.first.id)
        for each in reversed(self.branch[:place]):
            if each.role is Role.USER:
                return each
        raise ValueError("an answer without a question")

    async def _answer(
        self, below: ChatMessage, on_wait: Callable[[float, AnswerFailed], None] | None
    ) -> AsyncGenerator[Asked | Progress, None]:
        await self._planner.chats.show(self.id, below.id)
        if self._unsaved or not self._activate(below):
            await self.refresh()
        branch = self.branch
        question = next(each for each in reversed(branch) if each.role is Role.USER)
        memories = await self._memories(question.text)
        plan = await self._planner.trips.plan(self.trip_id) if self.trip_id is not None else None
        shown, summary = summaries.after(branch, self._summary)
        system = system_prompt(plan, self._planner.clock())
        if summary:
            system = f"{system}\nWhat was said before, as data: {json.dumps(summary, ensure_ascii=False)}"
        turns = with_memories(turns_of(shown, model=self.model.endpoint.model), [found.memory for found in memories])
        fitted = fit(system, turns, tools=self._toolbox.schemas, window=self.window)
        self._crowded = fitted.share >= summaries.FULL or fitted.left_out > 0
        with_files = any(enclosed(each.first.metadata) for each in shown)
        yield Asked(question, fitted, memories)
        journals = self._planner.journals
        answering = Answering(self._planner.chats, self.model, self._toolbox, self._approvals, journals)
        self._approvals.beside = beside(plan, (found.memory for found in memories))
        about = {"memories": [[found.memory.id, found.distance] for found in memories]} if memories else {}
        known = False
        try:
            steps = answering.answer(
                self.id, below.id, system, fitted.turns, about=about, on_wait=on_wait, untrusted=with_files
            )
            async with aclosing(steps) as progress:
                async for step in progress:
                    self._take(step)
                    if isinstance(step, Ended):
                        await self._note(step)
                        known = self._knows(step.message, below)
                    yield step
        finally:
            for unsaved in answering.unsaved:
                self._unsaved.append(unsaved)
                self._put(unsaved.message)
            if self._left:
                self.leave()
            if self._unsaved or not known:
                await self._reload_quietly()

    def _activate(self, message: ChatMessage) -> bool:
        """Make the branch that ends here the one that is shown; False where the message is not known."""
        conversation = self.conversation
        if conversation is None or message.id not in {each.id for each in conversation.messages}:
            return False
        session = conversation.session.model_copy(update={"active_message_id": message.id})
        self.conversation = conversation.model_copy(update={"session": session})
        return True

    def _knows(self, message: ChatMessage, above: ChatMessage) -> bool:
        """Whether all that was written between two messages is known as it is stored, so nothing has to be read."""
        there = {each.id: each for each in self._all}
        at = message.parent_id
        while at is not None and at != above.id:
            if at not in there or there[at].status is MessageStatus.STREAMING:
                return False
            at = there[at].parent_id
        return at == above.id

    async def _note(self, ended: Ended) -> None:
        """What an answer taught: how much the model reads, and that the key is in use."""
        endpoint = self.model.endpoint
        if ended.failure is not None and ended.failure.window is not None:
            self._planner.windows.learned(endpoint.base_url, endpoint.model, ended.failure.window)
        if ended.failure is None:
            try:
                await self._planner.stored_keys.used()
            except DataError as error:
                logger.warning("the use of the key was not noted: %s", error)

    async def _store(self, text: str, below: ChatMessage | None, files: Sequence[Enclosure] = ()) -> list[ChatMessage]:
        if self.conversation is None:
            await self._planner.chats.create(key=self.id, trip_id=self.trip_id)
        else:
            await self._reopen()
        session = self.conversation.session if self.conversation else None
        known = session is not None and bool(session.title) and session.deleted_at is None and session.ended_at is None
        parts: list[ChatMessage] = []
        for number, piece in enumerate(split_content(text)):
            parent = parts[-1] if parts else below
            part = await self._planner.chats.add(
                self.id,
                Role.USER,
                piece,
                parent_id=parent.id if parent else None,
                metadata={"part": number} if number else as_metadata(files),
                title=title_of(text),
            )
            parts.append(part)
        for part in parts:
            self._put(part)
        if not known:
            await self._reload()
        return parts

    async def _memories(self, text: str) -> Sequence[Recalled]:
        if self._recall is None:
            return ()
        try:
            return await self._recall(text)
        except DataError as error:
            logger.warning("no memories for this question: %s", error)
            return ()

    def _take(self, step: Progress) -> None:
        """Keep the conversation in step with what was stored, without a round trip."""
        match step:
            case Written(message) | Ended(message):
                self._put(message)
            case Called(call):
                owner = next((each for each in self._all if each.id == call.message_id), None)
                if owner is not None:
                    others = [each for each in owner.calls if each.id != call.id]
                    calls = sorted([*others, call], key=lambda each: (each.position, each.id))
                    self._put(owner.model_copy(update={"calls": tuple(calls)}), keep_calls=False)
            case _:
                pass

    def _put(self, message: ChatMessage, *, keep_calls: bool = True) -> None:
        if self.conversation is None:
            return
        there = {each.id: each for each in self.conversation.messages}
        if keep_calls and message.id in there:
            message = message.model_copy(update={"calls": there[message.id].calls})
        there[message.id] = message
        session = self.conversation.session.model_copy(update={"active_message_id": max(there)})
        self.conversation = self.conversation.model_copy(
            update={"session": session, "messages": tuple(there[key] for key in sorted(there))}
        )

    def rewritten(self, message: ChatMessage) -> None:
        """Somebody beside the answers stored something with a message."""
        self._put(message)

    @property
    def waits_to_be_stored(self) -> bool:
        """Whether an answer came that the database did not take yet."""
        return bool(self._unsaved)

    def leave(self) -> None:
        """Nobody looks at it any more: what waits to be stored is left to the next who looks for it."""
        self._left = True
        for unsaved in self._unsaved:
            unsaved.leave()
        self._unsaved.clear()

    async def refresh(self) -> None:
        """Store what waits for it and read everything again. Raises DataError; NotFound when it is gone."""
        while self._unsaved:
            await self._unsaved[0].save()
            self._unsaved.pop(0)
        if self.conversation is not None:
            await self._reload()

    async def _reopen(self) -> None:
        """What was ended or put away, here or elsewhere, and is spoken in again, is neither."""
        session = self.conversation.session if self.conversation else None
        if session is not None and session.deleted_at is not None:
            await self._planner.chats.delete(session.id, deleted=False)
        if session is not None and session.ended_at is not None:
            await self._planner.chats.end(session.id, ended=False)

    async def _reload(self) -> None:
        self.conversation = same_objects(await self._planner.chats.open(self.id), self._all)

    async def _reload_quietly(self) -> None:
        try:
            await self.refresh()
        except DataError as error:
            logger.warning("the conversation could not be read again: %s", error)
