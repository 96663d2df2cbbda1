"""One upload from its record to its last byte, through whatever happens on the way."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from pathlib import Path

from tripsage_tui.attachments.errors import StoreError, StoreRefused
from tripsage_tui.attachments.notes import Note
from tripsage_tui.attachments.scanning import Clamd
from tripsage_tui.attachments.stores import Store
from tripsage_tui.attachments.uploads import Upload, UploadState
from tripsage_tui.data.attachments import AttachmentRepository
from tripsage_tui.data.errors import DataError, Forbidden, InvalidValue, NotFound
from tripsage_tui.models.attachments import ScanStatus, UploadStatus

logger = logging.getLogger(__name__)
_LONGEST_PAUSE = 60.0
_FRESH = 300.0
"""Seconds for which a renewal of the upload window is good enough; the window is 900 long."""


class Sending:
    """Sends, at most so many at once as `slots` has places."""

    def __init__(
        self,
        records: AttachmentRepository,
        store: Store,
        scanner: Clamd,
        slots: asyncio.Semaphore,
        pause: float,
    ) -> None:
        self._records = records
        self._store = store
        self._scanner = scanner
        self._slots = slots
        self._pause = pause

    async def send(self, upload: Upload, note: Note) -> None:
        """Until it is there, refused, or cancelled with the program. The record tells the truth at each step."""
        async with self._slots:
            await self._until_it_is_over(upload, note)

    async def take_back(self, note: Note) -> None:
        """Undo a cancelled upload: its bytes, its record, its note. What fails now is left to the next start."""
        try:
            await self._store.discard(note)
            await self._records.remove(note.id)
        except DataError as error:
            logger.info("a cancelled upload is left to the next start: %s", error)
            note.release()
        else:
            note.drop()

    async def _until_it_is_over(self, upload: Upload, note: Note) -> None:
        pause = self._pause
        while True:
            before = upload.sent
            try:
                await self._once(upload, note)
            except (StoreRefused, Forbidden, NotFound, InvalidValue) as error:
                await self._give_up(upload, note, str(error))
                return
            except (StoreError, DataError) as error:
                if upload.sent > before:
                    pause = self._pause
                asked = getattr(error, "after", None) or getattr(error, "retry_in", None) or 0.0
                upload.change(UploadState.WAITING, str(error))
                await asyncio.sleep(max(asked, pause * random.uniform(0.7, 1.3)))  # noqa: S311 - no secret
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return

    async def _once(self, upload: Upload, note: Note) -> None:
        renewed = -_FRESH

        async def renew(*, now: bool = False) -> None:
            nonlocal renewed
            if not now and time.monotonic() - renewed < _FRESH:
                return
            if await self._records.renew(note.id) is None:
                raise StoreRefused("It may no longer be uploaded here.")
            renewed = time.monotonic()

        current = await self._records.get(note.id)
        if current.upload_status is UploadStatus.COMPLETED:  # only the note had not been dropped yet
            note.drop()
            upload.change(UploadState.DONE, attachment=current)
            return
        await renew()
        if not await self._passes_the_scanner(upload, note):
            return
        upload.change(UploadState.SENDING)
        await self._store.put(current, note, upload.arrived, renew)
        done = await self._records.complete(note.id)
        note.drop()
        upload.change(UploadState.DONE, attachment=done)

    async def _passes_the_scanner(self, upload: Upload, note: Note) -> bool:
        """What is infected is not even sent."""
        if self._scanner.address is None or upload.attachment.scan is not ScanStatus.PENDING:
            return True
        upload.change(UploadState.SCANNING)
        try:
            verdict = await self._scanner.scan(Path(note.facts.source))
        except OSError as error:
            raise StoreRefused(f"{upload.attachment.filename} cannot be read: {error.strerror or error}.") from error
        if verdict.status is not ScanStatus.PENDING:
            upload.attachment = await self._records.scanned(note.id, verdict.status, verdict.as_result())
        if verdict.status is not ScanStatus.INFECTED:
            return True
        name = upload.attachment.filename
        await self._give_up(upload, note, f"{name} is infected ({verdict.about}) and was not attached.")
        return False

    async def _give_up(self, upload: Upload, note: Note, reason: str) -> None:
        await self._store.discard(note)
        try:
            await self._records.fail(note.id, reason)
        except DataError as error:
            logger.info("a failed upload is noted at the next start: %s", error)
        else:
            note.drop()
        upload.change(UploadState.FAILED, reason)
