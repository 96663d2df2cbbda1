"""The bytes of attachments: out of one store, into the other, for records that are there already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from tripsage_tui.attachments.errors import AttachmentError
from tripsage_tui.attachments.service import Attachments
from tripsage_tui.data.errors import NotFound
from tripsage_tui.transfer.copying import Failure
from tripsage_tui.transfer.worlds import DatabaseWorld, Files

Say = Callable[[str, int, int], None]


@dataclass
class StoredFiles:
    """The attachments of a signed-in user; `refused` says which could not be had, and why."""

    attachments: Attachments
    refused: dict[str, str] = field(default_factory=dict)

    async def copy_of(self, attachment_id: str) -> Path | None:
        try:
            return await self.attachments.fetch(await self.attachments.get(UUID(attachment_id)))
        except (AttachmentError, NotFound) as error:
            self.refused[attachment_id] = str(error)
            return None

    async def send(self, attachment_id: str, path: Path) -> None:
        """Send the bytes of a record, and wait until they are there. Raises AttachmentError, DataError, OSError."""
        upload = await self.attachments.send(await self.attachments.get(UUID(attachment_id)), path)
        try:
            await upload.done()
        finally:
            self.attachments.forget(upload)


async def send_contents(
    pairs: Mapping[str, str], source: Files, target: DatabaseWorld, files: StoredFiles, say: Say
) -> list[Failure]:
    """Send what has not arrived of these attachments (id there: id here); what could not be sent, and why."""
    unsent = sorted(await target.reading.unsent(list(pairs)))
    failures: list[Failure] = []
    for number, there in enumerate(unsent, start=1):
        copy = await source.copy_of(pairs[there])
        if copy is None:
            reason = getattr(source, "refused", {}).get(pairs[there], "Its content is not in the file.")
            failures.append(Failure("attachments", there, reason))
            continue
        try:
            await files.send(there, copy)
        except (AttachmentError, NotFound, OSError) as error:
            failures.append(Failure("attachments", copy.name, str(error)))
        say("files", number, len(unsent))
        await asyncio.sleep(0)
    return failures
