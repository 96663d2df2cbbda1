"""Deleting and moving files so that it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripsage_tui.models.attachments import Attachment, Subject

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


@dataclass(frozen=True)
class AttachmentChanges:
    """Each write puts its way back on the undo stack. Adding has none: an upload can be cancelled, a file deleted."""

    planner: Planner

    async def delete(self, attachment: Attachment) -> None:
        """Put a file into the trash. Its bytes stay for a day, so undo brings all of it back."""
        files = self.planner.attachments
        if (upload := files.upload_of(attachment.id)) is not None:
            upload.cancel()
            return
        deleted = await files.delete(attachment)

        async def undo() -> None:
            await files.restore(deleted)

        async def redo() -> None:
            await self.delete(deleted)

        self.planner.undo.push(f"deleting {attachment.filename}", undo, redo)

    async def link(self, attachment: Attachment, subject: Subject) -> Attachment:
        """Let a file belong to another booking of its trip, or to the trip alone."""
        files = self.planner.attachments
        linked = await files.link(attachment, subject)

        async def undo() -> None:
            await files.link(linked, attachment.subject)

        async def redo() -> None:
            await self.link(attachment, subject)

        self.planner.undo.push(f"moving {attachment.filename}", undo, redo)
        return linked
