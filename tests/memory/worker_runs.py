"""A signed-in user with conversations, a scripted model, and the memory's worker between them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from tests.data.conftest import LocalTickets, target
from tests.database import Database as TestDatabase
from tests.database import User
from tests.openai_server import Answer, Body, OpenAIServer, completion
from tripsage_tui.data.database import Database, Ticket
from tripsage_tui.data.memories import MemoryRepository
from tripsage_tui.data.outbox import Outbox
from tripsage_tui.memory.link import WorkerLink
from tripsage_tui.memory.models_at_hand import ModelAccess
from tripsage_tui.memory.orders import Pace, Start
from tripsage_tui.memory.service import MemoryService

QUICK = Pace(
    idle=30.0, look=0.2, model=1.0, embedding=1.0, first_pause=0.05, longest_pause=0.1, attempts=6, breaker_after=2,
    breaker_pause=0.1, breaker_longest=0.2,
)  # fmt: skip


@dataclass(frozen=True)
class FixedKey:
    """A key that is there."""

    access: ModelAccess | None

    def current(self) -> ModelAccess | None:
        return self.access


class InTurn(LocalTickets):
    """Asks for one ticket after the other: the owner's connection is one."""

    async def ticket(self) -> Ticket:
        async with one_at_a_time(self.database):
            return await super().ticket()


def one_at_a_time(database: TestDatabase) -> asyncio.Lock:
    """For whoever uses the owner's connection."""
    lock: asyncio.Lock = vars(database).setdefault("lock_of_owner", asyncio.Lock())
    return lock


@dataclass
class Bench:
    """What a test works with."""

    service: MemoryService
    link: WorkerLink
    memories: MemoryRepository
    outbox: Outbox
    database: TestDatabase
    user: User
    start: Start

    async def conversation(self) -> UUID:
        """A new chat session."""
        async with one_at_a_time(self.database):
            owner = await self.database.owner()
            session_id: UUID = await owner.fetchval(
                "insert into chat_sessions (user_id) values ($1) returning id", self.user.id
            )
        return session_id

    async def say(self, *texts: str, apart: bool = False) -> None:
        """Turns of one conversation, or each of its own."""
        session_id = await self.conversation()
        for text in texts:
            await self.service.note_turn(await self.conversation() if apart else session_id, "user", text)

    async def until(self, state: Callable[[], Any], seconds: float = 20.0) -> None:
        """Wait until an awaited condition holds."""
        async with asyncio.timeout(seconds):
            while not await state():  # noqa: ASYNC110 - the state is another process's
                await asyncio.sleep(0.03)

    async def drained(self, seconds: float = 20.0) -> None:
        """Wait until nothing is left to do."""

        async def empty() -> bool:
            backlog = await self.service.backlog()
            return not (backlog.turns or backlog.failed or backlog.vectors)

        await self.until(empty, seconds)

    async def facts(self) -> list[str]:
        """The live memories."""
        return sorted(memory.content for memory in await self.memories.newest() if memory.live)


@asynccontextmanager
async def bench_of(
    database: TestDatabase, user: User, server: OpenAIServer | None, folder: Path, pace: Pace = QUICK
) -> AsyncIterator[Bench]:
    """The user's memory with a worker that talks to `server`; without a server there is no key."""
    tickets = InTurn(database, user)
    session = Database(target(database), tickets)
    await session.start()
    access = ModelAccess(SecretStr("sk-secret-of-the-test"), server.url, "scripted") if server else None

    async def prepare() -> Start | None:
        if access is None:
            return None
        return Start(target(database), await tickets.ticket(), user.id, access, folder, pace=pace)

    link = WorkerLink(prepare, tickets)
    memories, outbox = MemoryRepository(session), Outbox(session)
    service = MemoryService(memories, outbox, FixedKey(access), link)
    start = await prepare()
    try:
        yield Bench(service, link, memories, outbox, database, user, start)  # type: ignore[arg-type]  # None: no key
    finally:
        await service.close()
        await session.close()


def said(body: Body) -> str:
    """The new message of an extraction request."""
    found = re.search(r"## New Messages\n(.*?)\n\n## Observation Date", body["messages"][-1]["content"], re.DOTALL)
    return found.group(1) if found else ""


def known(body: Body) -> list[dict[str, Any]]:
    """The existing memories of an extraction request."""
    found = re.search(r"## Existing Memories\n(.*?)\n\n## New Messages", body["messages"][-1]["content"], re.DOTALL)
    return json.loads(found.group(1)) if found else []


def reads(body: Body) -> Answer:
    """A model that takes each sentence "I ..." for a fact; one about red-eyes replaces what is known of them."""
    facts = []
    for number, fact in enumerate(re.findall(r"I ([^.\n]+)", said(body))):
        old = [one["id"] for one in known(body) if "red-eyes" in fact and "red-eyes" in one["text"]]
        facts.append(
            {"id": str(number), "text": f"User {fact}", "attributed_to": "user", "memory_type": "user_preference",
             "supersedes": old}
        )  # fmt: skip
    return completion(json.dumps({"memory": facts}))
