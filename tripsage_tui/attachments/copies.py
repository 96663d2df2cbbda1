"""Copies of attachments on this computer: fetched, verified, scanned, saved."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from tripsage_tui.attachments.cache import Cache
from tripsage_tui.attachments.copying import copy, in_thread
from tripsage_tui.attachments.errors import AttachmentError, Infected, StoreRefused
from tripsage_tui.attachments.scanning import Clamd, Verdict
from tripsage_tui.attachments.stores import Store
from tripsage_tui.data.attachments import AttachmentRepository
from tripsage_tui.data.errors import Forbidden, Unavailable
from tripsage_tui.models.attachments import Attachment, ScanStatus
from tripsage_tui.models.file_names import numbered


class Copies:
    """What is handed out here is what was attached, and nothing that a scanner objects to."""

    def __init__(
        self, records: AttachmentRepository, store: Store, cache: Cache, scanner: Clamd, slots: asyncio.Semaphore
    ) -> None:
        self._records = records
        self._store = store
        self._scanner = scanner
        self._slots = slots
        self._one_at_a_time: dict[UUID, asyncio.Lock] = {}
        self.cache = cache

    @property
    def scanner_there(self) -> bool:
        """Whether there is a scanner to ask."""
        return self._scanner.address is not None

    async def fetch(self, attachment: Attachment, progress: Callable[[int], None] | None = None) -> Path:
        """The path of a verified copy. Raises AttachmentError with what stands against it."""
        async with self._one_at_a_time.setdefault(attachment.id, asyncio.Lock()):
            try:
                attachment = await self._records.get(attachment.id)
            except Unavailable:
                # A boarding pass that was opened before can be opened without a connection.
                if attachment.objection is None and (found := await self.cache.find(attachment)):
                    return found
                raise
            if objection := attachment.objection:
                if attachment.scan is ScanStatus.INFECTED:
                    self.cache.forget(attachment.id)
                    raise Infected(objection)
                raise AttachmentError(objection)
            if found := await self.cache.find(attachment):
                return found
            async with self._slots:
                return await self._download(attachment, progress or (lambda _: None))

    async def save(self, attachment: Attachment, folder: Path, progress: Callable[[int], None] | None = None) -> Path:
        """Copy it into a folder under its own name, or the next free one. Raises AttachmentError."""
        found = await self.fetch(attachment, progress)
        try:
            return await in_thread(lambda check: _save(found, folder, found.name, check))
        except OSError as error:
            raise AttachmentError(f"It cannot be saved in {folder}: {error.strerror or error}.") from error

    async def rescan(self, attachment: Attachment) -> Attachment:
        """Scan it now, fetching it when need be; without a scanner nothing changes."""
        if self._scanner.address is None or attachment.objection:
            return attachment
        with contextlib.suppress(Infected):
            path = await self.fetch(attachment)
            attachment = await self._records.get(attachment.id)
            if attachment.scan is not ScanStatus.CLEAN:
                await self._note(attachment, await self._scanner.scan(path))
        return await self._records.get(attachment.id)

    async def _download(self, attachment: Attachment, progress: Callable[[int], None]) -> Path:
        try:
            partial = self.cache.partial(attachment)
        except OSError as error:
            raise AttachmentError(f"Copies cannot be kept here: {error.strerror or error}.") from error
        try:
            digest = await self._store.fetch(attachment, partial, progress)
            if attachment.checksum not in {None, digest} or partial.stat().st_size != attachment.file_size:
                raise StoreRefused(f"{attachment.filename} is not what was attached: its checksum is another one.")
            verdict = await self._scanner.scan(partial)
            await self._note(attachment, verdict)
            if verdict.status is ScanStatus.INFECTED:
                raise Infected(f"{attachment.filename} is infected ({verdict.about}): it is neither opened nor saved.")
            return partial.replace(self.cache.place(attachment))
        finally:
            partial.unlink(missing_ok=True)

    async def _note(self, attachment: Attachment, verdict: Verdict) -> None:
        """Keep in the record what is new. A scanner that breaks takes nothing back that another one said."""
        if verdict.status is ScanStatus.INFECTED:
            self.cache.forget(attachment.id)
        known = attachment.scan is ScanStatus.CLEAN and verdict.status is not ScanStatus.INFECTED
        if verdict.status is ScanStatus.PENDING or known:
            return
        with contextlib.suppress(Forbidden):  # who may only look keeps the verdict to himself
            await self._records.scanned(attachment.id, verdict.status, verdict.as_result())


def _save(found: Path, folder: Path, name: str, check: Callable[[], None]) -> Path:
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        raise AttachmentError(f"There is no folder {folder}.")
    number = 1
    while True:
        target = folder / (name if number == 1 else numbered(name, number))
        try:
            copy(found, target, check, lambda _: None)
        except FileExistsError:
            number += 1
        else:
            return target
