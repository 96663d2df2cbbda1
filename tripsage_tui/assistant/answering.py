"""One answer from question to end: rounds of the model and of tools, everything written down as it comes.

The question is in the database before the model is asked, the answer while it comes (about once a second), each call
before and after it runs. Stopping, losing the connection or dying keeps what came.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tripsage_tui.answer_journals import AnswerJournals
from tripsage_tui.assistant.approval import Approvals
from tripsage_tui.assistant.events import Finish, Text, Thinking, ToolCall, Usage
from tripsage_tui.assistant.failures import AnswerFailed
from tripsage_tui.assistant.hearing import Heard
from tripsage_tui.assistant.model import Model
from tripsage_tui.assistant.pen import Pen, Unsaved
from tripsage_tui.assistant.toolbox import Effect, FieldChange, Toolbox, ToolRefused, as_text
from tripsage_tui.assistant.turns import AssistantTurn, ToolResult, Turn
from tripsage_tui.data.chats import ChatRepository
from tripsage_tui.data.errors import DataError
from tripsage_tui.models.chats import CallStatus, ChatMessage, Decision, MessageStatus, StoredCall

ROUNDS = 8
CALLS_PER_ROUND = 4
CALL_SECONDS = 30.0
DENIED = "The user denied this call."


@dataclass(frozen=True)
class Written:
    """A message was stored, or says more now than it did."""

    message: ChatMessage


@dataclass(frozen=True)
class Called:
    """A call was stored, or has come further; `changes` is what it wants to change."""

    call: StoredCall
    title: str = ""
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class Ended:
    """The answer is over. `failure` says why it is not whole; `usage` adds up all rounds."""

    message: ChatMessage
    finish: Finish | None
    usage: Usage
    failure: AnswerFailed | None = None


Progress = Written | Text | Thinking | Called | Ended
_STATUS = {
    Finish.STOP: MessageStatus.COMPLETE,
    Finish.TOOL_CALLS: MessageStatus.COMPLETE,
    Finish.LENGTH: MessageStatus.LENGTH,
    Finish.CONTENT_FILTER: MessageStatus.FILTERED,
}


class Answering:
    """Answers in one conversation."""

    def __init__(
        self,
        chats: ChatRepository,
        model: Model,
        toolbox: Toolbox,
        approvals: Approvals,
        journals: AnswerJournals | None = None,
    ) -> None:
        self._chats = chats
        self._model = model
        self._toolbox = toolbox
        self._approvals = approvals
        self._journals = journals
        self._settled: set[int] = set()
        self.unsaved: list[Unsaved] = []
        """Answers that the database did not take: whoever holds the conversation stores them later."""

    async def answer(
        self,
        session_id: UUID,
        parent_id: int,
        system: str,
        turns: Sequence[Turn],
        *,
        about: dict[str, Any] | None = None,
        on_wait: Callable[[float, AnswerFailed], None] | None = None,
        untrusted: bool = False,
    ) -> AsyncGenerator[Progress, None]:
        """Answer the message `parent_id`; `turns` end with it. `Ended` comes last, unless the database fails.

        `untrusted`: the turns hold text that others may have written, so each write is asked about.

        Cancelling stops: what came is stored as stopped, open calls as cancelled.
        """
        self._approvals.user_spoke()
        self._approvals.tainted = untrusted
        conversation = list(turns)
        total = Usage()
        for number in range(ROUNDS):
            server = {"model": self._model.endpoint.model, "host": self._model.endpoint.host}
            pen = Pen(self._chats, session_id, parent_id, {**server, **(about or {})}, journals=self._journals)
            heard = Heard()
            await pen.begin()
            try:
                yield Written(pen.message)
                tools = self._toolbox.schemas if number < ROUNDS - 1 else []
                async with aclosing(self._model.answer(system, conversation, tools, on_wait=on_wait)) as events:
                    async for event in events:
                        heard.take(event)
                        if isinstance(event, Text):
                            pen.add(event.delta)
                        if isinstance(event, Thinking):
                            pen.think(event.delta)
                        if isinstance(event, Text | Thinking):
                            yield event
            except AnswerFailed as failure:
                status = MessageStatus.INTERRUPTED if heard.text or heard.thinking else MessageStatus.FAILED
                message = await self._end(pen, status, {"failure": failure.kind.value, **heard.thoughts})
                yield Written(message)
                yield Ended(message, None, total, failure)
                return
            except (asyncio.CancelledError, GeneratorExit):
                with suppress(DataError):
                    await asyncio.shield(self._end(pen, MessageStatus.STOPPED, heard.thoughts))
                raise
            done = heard.done
            total = total + done.usage
            message = await self._end(pen, _STATUS[done.finish], heard.facts)
            yield Written(message)
            calls = heard.calls[:CALLS_PER_ROUND]
            if not calls:
                yield Ended(message, done.finish, total)
                return
            conversation.append(AssistantTurn(heard.text, tuple(calls), done.carry))
            async with aclosing(self._run_all(message, calls)) as steps:
                async for step in steps:
                    if isinstance(step, ToolResult):
                        conversation.append(step)
                    else:
                        yield step
            parent_id = message.id
        yield Ended(message, Finish.STOP, total)

    async def by_hand(self, session_id: UUID, parent_id: int, call: ToolCall) -> AsyncGenerator[Progress, None]:
        """Run one tool as the user typed it: the same checks, the same question before a write, no model."""
        self._approvals.user_spoke()
        pen = Pen(self._chats, session_id, parent_id, {"by_hand": True})
        await pen.begin()
        message = await pen.store(MessageStatus.COMPLETE)
        yield Written(message)
        async with aclosing(self._run_all(message, [call])) as steps:
            async for step in steps:
                if isinstance(step, Called):
                    yield step
        yield Ended(message, Finish.STOP, Usage())

    async def _run_all(
        self, message: ChatMessage, calls: Sequence[ToolCall]
    ) -> AsyncGenerator[Called | ToolResult, None]:
        rows = [await self._note(message, call, place) for place, call in enumerate(calls)]
        open_rows, ids = list(rows), Counter(call.id for call in calls)
        try:
            for row in rows:
                yield Called(row)
            for call, row in zip(calls, rows, strict=True):
                try:
                    if ids[call.id] > 1:
                        _refuse("Several calls had this id; none of them was run.")
                    async with aclosing(self._run(call, row)) as steps:
                        async for step in steps:
                            yield step
                except ToolRefused as refusal:
                    yield Called(await self._chats.set_call(row.id, CallStatus.FAILED, error=str(refusal)))
                    yield ToolResult(call.id, as_text({"error": str(refusal)}))
                open_rows.remove(row)
        except (asyncio.CancelledError, GeneratorExit):
            await asyncio.shield(self._cancel(open_rows))
            raise

    async def _run(self, call: ToolCall, row: StoredCall) -> AsyncGenerator[Called | ToolResult, None]:
        tool = self._toolbox.get(call.name)
        arguments = self._toolbox.read(tool, call.arguments)
        try:
            prepared = await tool.prepare(arguments)
        except DataError as error:
            raise ToolRefused(str(error)) from error
        if tool.effect is not Effect.READ:
            asked = await self._chats.set_call(row.id, CallStatus.PENDING, decision=Decision.ASKED)
            yield Called(asked, prepared.title, prepared.changes)
        verdict = await self._approvals.decide(tool, arguments, prepared)
        if verdict.decision is Decision.DENIED:
            told = f"{DENIED} {verdict.reason}".strip()
            denied = await self._chats.set_call(row.id, CallStatus.FAILED, decision=Decision.DENIED, error=told)
            yield Called(denied, prepared.title, prepared.changes)
            yield ToolResult(call.id, as_text({"error": told}))
            return
        running = await self._chats.set_call(row.id, CallStatus.RUNNING, decision=verdict.decision)
        yield Called(running, prepared.title, prepared.changes)
        work = asyncio.ensure_future(prepared.run())
        try:
            async with asyncio.timeout(CALL_SECONDS):
                result = await asyncio.shield(work)
        except TimeoutError as error:
            work.cancel()
            raise ToolRefused(f"This took longer than {CALL_SECONDS:.0f} seconds.") from error
        except DataError as error:
            raise ToolRefused(str(error)) from error
        except asyncio.CancelledError:
            await asyncio.shield(self._see_through(work, row))
            raise
        if tool.untrusted:
            self._approvals.tainted = True
        text = as_text(result)
        yield Called(
            await self._chats.set_call(row.id, CallStatus.COMPLETED, result=result), prepared.title, prepared.changes
        )
        yield ToolResult(call.id, text)

    async def _end(self, pen: Pen, status: MessageStatus, about: dict[str, Any] | None = None) -> ChatMessage:
        """Store an answer that is over. Raises DataError, after it was put aside to be stored later."""
        try:
            return await pen.store(status, about)
        except DataError:
            self.unsaved.append(pen.unsaved(status, about))
            raise

    async def _note(self, message: ChatMessage, call: ToolCall, place: int) -> StoredCall:
        return await self._chats.add_call(message.id, call.id, call.name, _loose(call.arguments), position=place)

    async def _see_through(self, work: asyncio.Future[object], row: StoredCall) -> None:
        """A deed that has begun when the user stops is brought to its end and written down."""
        try:
            result = await work
        except (DataError, ToolRefused) as error:
            await self._chats.set_call(row.id, CallStatus.FAILED, error=str(error))
        else:
            await self._chats.set_call(row.id, CallStatus.COMPLETED, result=result)
        self._settled.add(row.id)

    async def _cancel(self, rows: Sequence[StoredCall]) -> None:
        for row in rows:
            if row.id in self._settled:
                continue
            await self._chats.set_call(row.id, CallStatus.FAILED, error="Cancelled by the user.")


def _refuse(sentence: str) -> None:
    raise ToolRefused(sentence)


def _loose(arguments: str) -> object:
    """Arguments as they are stored: as JSON where they are, else as the text that came."""
    try:
        read: object = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return {"text": arguments}
    return read
