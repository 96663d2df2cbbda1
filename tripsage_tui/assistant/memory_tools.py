"""Tools over what is remembered of the traveller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from tripsage_tui.assistant.toolbox import Arguments, Effect, FieldChange, Prepared, Tool, ToolRefused
from tripsage_tui.changes.memories import MemoryChanges
from tripsage_tui.models.memories import MemoryType
from tripsage_tui.models.text import InputError
from tripsage_tui.planner import Planner


class Recall(Arguments):
    query: str = Field(description="what should be known, in the traveller's words", max_length=500)


class Remember(Arguments):
    text: str = Field(description="one fact, third person, dates absolute", max_length=2000)
    memory_type: Literal["user_preference", "trip_history", "search_pattern", "conversation_context", "other"] = (
        "user_preference"
    )


class Forget(Arguments):
    memory_id: int = Field(description="the number after m: in what was recalled")


@dataclass(frozen=True)
class MemoryTools:
    """Recall runs; remembering and forgetting ask, and can be undone."""

    planner: Planner

    def tools(self) -> list[Tool]:
        return [
            Tool(
                "recall_memories",
                "What is remembered of the traveller: preferences, earlier trips.",
                Recall,
                Effect.READ,
                self._recall,
                untrusted=True,
            ),
            Tool("remember", "Remember a lasting fact about the traveller.", Remember, Effect.WRITE, self._remember),
            Tool("forget_memory", "Forget one memory.", Forget, Effect.DELETE, self._forget),
        ]

    async def _recall(self, arguments: Recall) -> Prepared:
        async def run() -> object:
            found = await self.planner.memory.recall(arguments.query, 8)
            return [
                {
                    "id": each.memory.id,
                    "type": each.memory.memory_type.value,
                    "content": each.memory.content,
                    "since": each.memory.created_at.date(),
                    "distance": None if each.distance is None else round(each.distance, 3),
                }
                for each in found[:20]
            ]

        return Prepared("Recall", run)

    async def _remember(self, arguments: Remember) -> Prepared:
        async def run() -> object:
            known = [memory.id for memory in await self.planner.memory.list()]
            try:
                kind = MemoryType(arguments.memory_type)
                memory, new = await MemoryChanges(self.planner).add(arguments.text, kind, known)
            except InputError as error:
                raise ToolRefused(str(error)) from error
            return {"remembered": memory.id} if new else {"known_already": memory.id}

        change = FieldChange(arguments.memory_type, "", arguments.text)
        return Prepared("Remember a fact about you", run, (change,))

    async def _forget(self, arguments: Forget) -> Prepared:
        memory = await self.planner.memory.get(arguments.memory_id)

        async def run() -> object:
            await MemoryChanges(self.planner).forget([memory])
            return {"forgotten": memory.id}

        change = FieldChange(memory.memory_type.value, memory.content, "")
        return Prepared("Forget a fact about you", run, (change,))
