"""Copies of attachments for opening: in a folder of this user alone, verified whenever one is handed out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from pathlib import Path
from uuid import UUID

from tripsage_tui.attachments.copying import checksum, private_folder
from tripsage_tui.models.attachments import Attachment
from tripsage_tui.models.file_names import safe_name

_UNUSED = 30 * 86_400.0
"""Seconds after which a copy that nobody opened goes."""
_LARGEST = 512 * 2**20
"""Bytes of all copies; the oldest go first."""


class Cache:
    """One folder per attachment (0700), its copy under the file's own name (0600)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, attachment: Attachment) -> Path:
        """Where the copy is, or would be. The name comes from the database, so it is made safe again."""
        return self._folder / str(attachment.id) / safe_name(attachment.filename)

    async def find(self, attachment: Attachment) -> Path | None:
        """The copy if it is what was attached; one that is not is removed."""
        place = self.place(attachment)
        try:
            found = await checksum(place)
            if attachment.checksum in {None, found} and place.stat().st_size == attachment.file_size:
                os.utime(place)
                return place
        except OSError:
            return None
        self.forget(attachment.id)
        return None

    def partial(self, attachment: Attachment) -> Path:
        """A new name beside the place. Raises OSError."""
        place = self.place(attachment)
        return private_folder(place.parent) / f".{os.urandom(8).hex()}"

    def forget(self, attachment_id: UUID) -> None:
        """Remove the copy, if there is one."""
        shutil.rmtree(self._folder / str(attachment_id), ignore_errors=True)

    async def prune(self) -> None:
        """Remove what was not used for long, and the oldest beyond the limit."""
        await asyncio.to_thread(self._prune)

    def _prune(self) -> None:
        copies = []
        for copy in self._folder.glob("*/*"):
            with contextlib.suppress(FileNotFoundError):
                facts = copy.stat()
                copies.append((facts.st_mtime, facts.st_size, copy))
        total = 0
        for used, size, copy in sorted(copies, reverse=True):
            total += size
            if total > _LARGEST or used < time.time() - _UNUSED:
                copy.unlink(missing_ok=True)
                with contextlib.suppress(OSError):
                    copy.parent.rmdir()
