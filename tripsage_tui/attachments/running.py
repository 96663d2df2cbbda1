"""The uploads of this program: begun, told about, cancelled, stopped with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from tripsage_tui.attachments.notes import Note
from tripsage_tui.attachments.sending import Sending
from tripsage_tui.attachments.uploads import Upload, UploadState
from tripsage_tui.models.attachments import Attachment

logger = logging.getLogger(__name__)


class Running:
    """`uploads` are those under way and those that ended in this program, oldest first."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._listeners: list[Callable[[Upload], None]] = []
        self.uploads: list[Upload] = []

    def begin(self, attachment: Attachment, note: Note) -> Upload:
        """Send what the note says in the background."""
        upload = Upload(attachment, lambda each: self._cancel(each, note))
        upload.on_change(self._tell)
        self.uploads.append(upload)
        self._run(upload, note, self._sending.send(upload, note))
        return upload

    def on_change(self, listener: Callable[[Upload], None]) -> Callable[[], None]:
        """Call `listener` whenever something of any upload changes; returns a function that ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    async def settled(self) -> None:
        """Wait until nothing is under way any more, cancelled uploads taken back included."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def close(self) -> None:
        """Stop all of them where they are."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _cancel(self, upload: Upload, note: Note) -> None:
        running = self._tasks[upload.attachment.id]

        async def take_back() -> None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await self._sending.take_back(note)

        upload.change(UploadState.CANCELLED, f"{upload.attachment.filename} was not attached: you stopped it.")
        note.keep(cancelled=True)
        self._run(upload, note, take_back())

    def _run(self, upload: Upload, note: Note, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks[upload.attachment.id] = task
        task.add_done_callback(lambda done: self._ended(upload, note, done))

    def _ended(self, upload: Upload, note: Note, task: asyncio.Future[None]) -> None:
        """A task may be cancelled before it has begun."""
        note.release()
        if self._tasks.get(upload.attachment.id) is task:
            del self._tasks[upload.attachment.id]
        if task.cancelled():
            upload.change(UploadState.STOPPED, f"{upload.attachment.filename} goes on at the next start.")
        elif (error := task.exception()) is not None:
            logger.error("an upload ended unexpectedly", exc_info=error)
            upload.change(UploadState.FAILED, f"{upload.attachment.filename} could not be sent.")

    def _tell(self, upload: Upload) -> None:
        for listener in tuple(self._listeners):
            listener(upload)
