"""Changing memories so that every change can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripsage_tui.data.errors import StaleRow
from tripsage_tui.models.memories import Memory, MemoryType
from tripsage_tui.models.text import shown

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


@dataclass(frozen=True)
class MemoryChanges:
    """Each write puts its way back on the undo stack."""

    planner: Planner

    async def add(self, text: str, kind: MemoryType, known: Sequence[int]) -> tuple[Memory, bool]:
        """Remember; whether it is new (`known` are the ids that are there)."""
        service = self.planner.memory
        memory = await service.remember(text, kind)
        new = memory.id not in known
        if new:

            async def undo() -> None:
                await service.forget([memory.id])

            async def redo() -> None:
                await self.add(text, kind, known)

            self.planner.undo.push(f"remembering {shown(text)}", undo, redo)
        return memory, new

    async def edit(self, memory: Memory, text: str, kind: MemoryType) -> Memory:
        """Change a memory as it is known here. Raises StaleRow, InvalidValue."""
        service = self.planner.memory
        edited = await service.edit(memory, text, kind)

        async def undo() -> None:
            now = await service.get(edited.id)
            if now.content != edited.content:
                raise StaleRow(now, "Not undone: this memory was changed since.")
            await service.edit(now, memory.content, memory.memory_type)

        async def redo() -> None:
            now = await service.get(memory.id)
            if now.content != memory.content:
                raise StaleRow(now, "Not redone: this memory was changed since.")
            await self.edit(now, text, kind)

        self.planner.undo.push(f"changing {shown(memory.content)}", undo, redo)
        return edited

    async def forget(self, memories: Sequence[Memory]) -> int:
        """Remove memories and what they had replaced; how many."""
        service = self.planner.memory
        forgotten = await service.forget([memory.id for memory in memories])

        async def undo() -> None:
            await service.restore(forgotten)

        async def redo() -> None:
            await self.forget(memories)

        if forgotten.count:
            self.planner.undo.push(f"forgetting {_words(memories)}", undo, redo)
        return forgotten.count

    async def discard(self, turns: Sequence[int]) -> int:
        """Remove turns that wait, unread; how many."""
        service = self.planner.memory
        rows = await service.discard(turns)

        async def undo() -> None:
            await service.put_back(rows)

        async def redo() -> None:
            await self.discard(turns)

        if rows:
            self.planner.undo.push("removing what waited to be read", undo, redo)
        return len(rows)

    async def pin(self, memories: Sequence[Memory], pinned: bool) -> int:
        """Pin or unpin; how many changed."""
        service = self.planner.memory
        changed = await service.pin([memory.id for memory in memories], pinned)

        async def undo() -> None:
            await service.pin(changed, not pinned)

        async def redo() -> None:
            await self.pin(memories, pinned)

        if changed:
            self.planner.undo.push(f"{'pinning' if pinned else 'unpinning'} {_words(memories)}", undo, redo)
        return len(changed)

    async def merge(self, ids: Sequence[int], keep: Memory) -> int:
        """Let one memory stand for others; how many it replaces now."""
        service = self.planner.memory
        replaced = await service.merge(ids, keep.id)

        async def undo() -> None:
            await service.revive(replaced)

        async def redo() -> None:
            await self.merge(ids, keep)

        if replaced:
            self.planner.undo.push(f"merging into {shown(keep.content)}", undo, redo)
        return len(replaced)


def _words(memories: Sequence[Memory]) -> str:
    return shown(memories[0].content) if len(memories) == 1 else f"{len(memories)} memories"
