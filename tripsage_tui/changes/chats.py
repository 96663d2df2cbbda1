"""Putting conversations away so that it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner

DELETING = "deleting the conversation"


@dataclass(frozen=True)
class ChatChanges:
    """Each write puts its way back on the undo stack."""

    planner: Planner

    async def delete(self, session_id: UUID) -> None:
        """Put a conversation away."""
        chats = self.planner.chats
        await chats.delete(session_id)

        async def undo() -> None:
            await chats.delete(session_id, deleted=False)

        async def redo() -> None:
            await self.delete(session_id)

        self.planner.undo.push(DELETING, undo, redo)
