"""Attachments as screens and commands use them: add, fetch, open, save, delete; and what goes on by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

from tripsage_tui.attachments.cache import Cache
from tripsage_tui.attachments.copies import Copies
from tripsage_tui.attachments.errors import AttachmentError
from tripsage_tui.attachments.notes import Note, Notes
from tripsage_tui.attachments.running import Running
from tripsage_tui.attachments.scanning import Clamd
from tripsage_tui.attachments.sending import Sending
from tripsage_tui.attachments.sources import Source, look_at, unchanged
from tripsage_tui.attachments.stores import Store
from tripsage_tui.attachments.upkeep import Upkeep
from tripsage_tui.attachments.uploads import Upload
from tripsage_tui.data.attachments import AttachmentRepository
from tripsage_tui.data.errors import DataError, NotFound
from tripsage_tui.models.attachments import Attachment, Subject

logger = logging.getLogger(__name__)
AT_ONCE = 2
"""Uploads, and downloads, at the same time."""
_MOVED = "The file was changed, moved or deleted before all of it had been sent. Attach it again."


class Attachments:
    """The files of one user. Methods raise AttachmentError or DataError, each one sentence.

    `open_with` shows a file (the desktop's program for it); `pause` is how many seconds pass before an upload is tried
    for the second time, and they double up to a minute. `close` when the program ends; uploads that are not
    finished go on at the next `resume`.
    """

    def __init__(
        self,
        records: AttachmentRepository,
        store: Store,
        *,
        user_id: UUID,
        folder: Path,
        scanner: Clamd,
        open_with: Callable[[Path], Awaitable[None]],
        pause: float = 0.5,
    ) -> None:
        self._records = records
        self._user_id = user_id
        self._notes = Notes(folder / "uploads" / str(user_id))
        self._store = store
        cache = Cache(folder / "attachments" / str(user_id))
        self._copies = Copies(records, store, cache, scanner, asyncio.Semaphore(AT_ONCE))
        self._sending = Sending(records, store, scanner, asyncio.Semaphore(AT_ONCE), pause)
        self._upkeep = Upkeep(records, store, cache, self._copies)
        self._open_with = open_with
        self._running = Running(self._sending)
        self.scanner = scanner

    @property
    def uploads(self) -> list[Upload]:
        """Running ones, and those that ended in this program, oldest first; `forget` takes an ended one out."""
        return self._running.uploads

    async def of(self, subject: Subject) -> list[Attachment]:
        """The files of a trip with its bookings, of one booking, of a message, or those that belong to nothing."""
        return await self._records.of(subject)

    async def of_session(self, session_id: UUID) -> list[Attachment]:
        """The files of all messages of a conversation."""
        return await self._records.of_session(session_id)

    async def all(self) -> list[Attachment]:
        """Everything that the user sees, newest first."""
        return await self._records.all()

    async def get(self, attachment_id: UUID) -> Attachment:
        """One as it is now. Raises NotFound."""
        return await self._records.get(attachment_id)

    async def look_at(self, path: Path) -> Source:
        """What `add` would attach: its type, name and size. Raises AttachmentError with what stands against it."""
        return await look_at(path)

    async def add(self, path: Path, subject: Subject) -> Upload:
        """Attach a file: look at it, make the record, send the bytes in the background.

        Raises AttachmentError for a file that cannot be attached, before anything is written.
        """
        source = await look_at(path)
        attachment_id = uuid4()
        folder = f"chat/{self._user_id}" if subject.message_id is not None else str(self._user_id)
        try:
            # Before the record: a record without a note would be a promise that nobody can keep after a crash.
            note = await asyncio.to_thread(self._notes.add, attachment_id, source.facts)
        except OSError as error:
            raise AttachmentError(f"Uploads cannot be noted here: {error.strerror or error}.") from error
        try:
            attachment = await self._records.add(
                attachment_id,
                subject,
                {
                    "filename": source.filename,
                    "original_filename": source.original_filename,
                    "file_size": source.facts.size,
                    "mime_type": source.kind.mime,
                    "file_path": f"{folder}/{attachment_id}.{source.kind.extensions[0]}",
                    "checksum": source.facts.checksum,
                },
            )
        except BaseException:
            note.drop()
            raise
        return self._running.begin(attachment, note)

    async def send(self, attachment: Attachment, path: Path) -> Upload:
        """Send the bytes of a record that was made elsewhere and waits for them. Raises AttachmentError, OSError."""
        source = await look_at(path)
        if source.facts.checksum != attachment.checksum:
            raise AttachmentError(f"{attachment.filename} is not what its record says.")
        return self._running.begin(attachment, await asyncio.to_thread(self._notes.add, attachment.id, source.facts))

    def upload_of(self, attachment_id: UUID) -> Upload | None:
        """The upload of a file in this program, if there is one that is not over."""
        return next(
            (each for each in self.uploads if each.attachment.id == attachment_id and not each.state.over), None
        )

    def forget(self, upload: Upload) -> None:
        """Take an upload that is over out of `uploads`."""
        if upload.state.over and upload in self.uploads:
            self.uploads.remove(upload)

    def on_change(self, listener: Callable[[Upload], None]) -> Callable[[], None]:
        """Call `listener` whenever something of any upload changes; returns a function that ends that."""
        return self._running.on_change(listener)

    async def fetch(self, attachment: Attachment, progress: Callable[[int], None] | None = None) -> Path:
        """A verified copy on this computer. Raises AttachmentError (`Infected`) for what must not be opened."""
        return await self._copies.fetch(attachment, progress)

    async def open(self, attachment: Attachment, progress: Callable[[int], None] | None = None) -> Path:
        """Show it with the desktop's program; where its copy is.

        Raises AttachmentError where nothing opens it, and for what could not have been attached here.
        """
        path = await self.fetch(attachment, progress)
        # Others write names and types, too: what is handed to the desktop is what may be attached, and nothing it runs.
        await look_at(path)
        await self._open_with(path)
        return path

    async def save(self, attachment: Attachment, folder: Path, progress: Callable[[int], None] | None = None) -> Path:
        """A copy in a folder, under a free name; never over another file."""
        return await self._copies.save(attachment, folder, progress)

    async def delete(self, attachment: Attachment) -> Attachment:
        """Put it into the trash: `restore` brings it back for a day. `changes.attachments` makes that an undo step."""
        if upload := self.upload_of(attachment.id):
            upload.cancel()
            return attachment
        deleted = await self._records.delete(attachment.id)
        self._copies.cache.forget(attachment.id)
        return deleted

    async def restore(self, attachment: Attachment) -> Attachment:
        """Take it out of the trash. Raises NotFound once it is gone for good."""
        return await self._records.restore(attachment.id)

    async def link(self, attachment: Attachment, subject: Subject) -> Attachment:
        """Let it belong to another booking of its trip, or to the trip alone."""
        return await self._records.link(attachment.id, subject)

    async def scan(self, attachment: Attachment) -> Attachment:
        """Ask the scanner about it now; the record as it is then."""
        return await self._copies.rescan(attachment)

    @property
    def pending(self) -> bool:
        """Whether an earlier program left uploads on this computer; costs a look into a folder."""
        return bool(self._notes.ids())

    async def resume(self) -> list[Upload]:
        """At the start of a program: go on with uploads, then tidy up. Returns the uploads that go on."""
        resumed = []
        for note in await asyncio.to_thread(lambda: list(self._notes.free())):
            try:
                if upload := await self._resume(note):
                    resumed.append(upload)
            except (AttachmentError, DataError) as error:
                logger.info("an upload is left to the next start: %s", error)
                note.release()
        await self._upkeep.run(self._notes.ids())
        return resumed

    async def settled(self) -> None:
        """Wait until nothing is under way in this program any more, cancelled uploads taken back included."""
        await self._running.settled()

    async def close(self) -> None:
        """Stop uploads where they are, for the next start."""
        await self._running.close()
        await self._store.close()

    async def _resume(self, note: Note) -> Upload | None:
        try:
            attachment = await self._records.get(note.id)
        except NotFound:  # the crash came before the record, or somebody has deleted it
            await self._store.discard(note)
            note.drop()
            return None
        if note.facts.cancelled:
            await self._sending.take_back(note)
            return None
        if not await unchanged(note.facts):
            await self._records.fail(note.id, _MOVED)
            await self._store.discard(note)
            note.drop()
            return None
        return self._running.begin(attachment, note)
