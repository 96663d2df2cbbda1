"""Writing an answer down while it comes."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

from tripsage_tui.answer_journals import AnswerJournals, Begun
from tripsage_tui.data.chats import ChatRepository
from tripsage_tui.data.errors import DataError
from tripsage_tui.models.chats import CONTENT_LIMIT, ChatMessage, MessageStatus, Role

logger = logging.getLogger(__name__)

CHECKPOINT = 1.0
"""Seconds between two writes of an answer that is coming."""


@dataclass(frozen=True)
class Unsaved:
    """An answer that came while the database was away; `save` stores all of it and may be tried again."""

    message: ChatMessage
    """As it will be once it is stored."""
    save: Callable[[], Awaitable[ChatMessage]]
    leave: Callable[[], None]
    """Have somebody else store it, from its journal."""


class Pen:
    """Writes one message down while it comes; a text longer than a message goes on in another one."""

    def __init__(
        self,
        chats: ChatRepository,
        session_id: UUID,
        parent_id: int | None,
        about: Mapping[str, Any],
        *,
        journals: AnswerJournals | None = None,
        key: UUID | None = None,
    ) -> None:
        """`key` makes it the message that another pen began with it."""
        self._chats = chats
        self._session_id = session_id
        self._parent_id = parent_id
        self._about = about
        self._part = 0
        self._text = ""
        self._stored = ""
        self._when = -math.inf
        self._key = key or uuid4()
        self._over = False
        self._later: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._message: ChatMessage | None = None
        begun = Begun(session_id=session_id, key=self._key, parent_id=parent_id, about=about)
        self._journal = (journals or AnswerJournals()).begin(begun)

    @property
    def message(self) -> ChatMessage:
        if self._message is None:
            raise RuntimeError("nothing was begun")
        return self._message

    async def begin(self) -> ChatMessage:
        self._message = await self._begin(self._parent_id)
        return self._message

    def add(self, delta: str) -> None:
        """Take more text. It is stored beside what goes on, at once at first and then about once a second.

        A database that is away is tried again later: the text goes on coming.
        """
        if taken := self.take(delta):
            self._journal.text(taken)
        if self._later is None and not self._over:
            self._later = asyncio.create_task(self._checkpoint())

    def take(self, delta: str) -> str:
        """Take more text without storing anything yet; what of it was taken."""
        # A model's bytes may be anything: what PostgreSQL cannot hold is left out.
        taken = delta.replace("\0", "").encode("utf-8", "replace").decode()
        self._text += taken
        return taken

    def think(self, delta: str) -> None:
        """What the model thinks is stored when it has ended; till then only the journal has it."""
        self._journal.thought(delta)

    async def _checkpoint(self) -> None:
        try:
            await asyncio.sleep(max(0.0, self._when + CHECKPOINT - time.monotonic()))
            async with self._one_at_a_time:
                if not self._over:
                    await self._store(MessageStatus.STREAMING, None)
        except DataError as error:
            logger.warning("an answer that comes could not be stored yet: %s", error)
            await asyncio.to_thread(self._journal.sync)
        finally:
            self._when, self._later = time.monotonic(), None
        if self._text != self._stored:
            self.add("")

    async def store(self, status: MessageStatus, about: dict[str, Any] | None = None) -> ChatMessage:
        """Store what came, which is all of it; trying again after a failure does no harm."""
        self._over = True
        if self._later is not None and not self._one_at_a_time.locked():
            self._later.cancel()
        self._journal.ended(status.value, about or {})
        async with self._one_at_a_time:
            try:
                message = await self._store(status, about)
            except DataError:
                await asyncio.to_thread(self._journal.sync)
                raise
            self._journal.done()
            return message

    async def _store(self, status: MessageStatus, about: dict[str, Any] | None) -> ChatMessage:
        while len(self._text) > CONTENT_LIMIT:
            full = await self._chats.write(self.message.id, self._text[:CONTENT_LIMIT], MessageStatus.COMPLETE)
            # One key for one part, so that a second try does not make a second part.
            key, self._part = self._key, self._part + 1
            try:
                self._key = uuid5(key, "next")
                self._message = await self._begin(full.id)
            except BaseException:
                self._key, self._part = key, self._part - 1
                raise
            self._text, self._stored = self._text[CONTENT_LIMIT:], ""
        text = self._text
        self._message = await self._chats.write(self.message.id, text, status, about)
        self._stored = text
        return self._message

    def unsaved(self, status: MessageStatus, about: dict[str, Any] | None = None) -> Unsaved:
        """What came, to be stored later."""
        metadata = {**self.message.metadata, **(about or {})}
        message = self.message.model_copy(
            update={"content": self._text, "status": status, "metadata": metadata, "calls": ()}
        )
        return Unsaved(message, lambda: self.store(status, about), self._journal.release)

    async def _begin(self, parent_id: int | None) -> ChatMessage:
        about = {**self._about, **({"part": self._part} if self._part else {})}
        return await self._chats.add(
            self._session_id,
            Role.ASSISTANT,
            "",
            parent_id=parent_id,
            status=MessageStatus.STREAMING,
            metadata=about,
            key=self._key,
        )
