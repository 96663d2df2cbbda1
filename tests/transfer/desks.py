"""Users with files: rows and bytes of one side of a transfer."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from tests.database import Database, User
from tests.transfer.conftest import entered
from tripsage_tui.attachments.local_store import LocalStore
from tripsage_tui.attachments.scanning import OFF, Clamd
from tripsage_tui.attachments.service import Attachments
from tripsage_tui.attachments.stores import Store
from tripsage_tui.data.attachments import AttachmentRepository
from tripsage_tui.data.database import Database as Session
from tripsage_tui.models.attachments import Subject, UploadStatus
from tripsage_tui.transfer.contents import StoredFiles
from tripsage_tui.transfer.worlds import DatabaseWorld

PDF = b"%PDF-1.7\n" + b"boarding pass " * 2000
TEXT = b"two nights, breakfast included\n"


async def _never(_: Path) -> None:
    raise AssertionError("nothing is opened here")


def attachments_of(session: Session, user_id: UUID, home: Path, store: Store | None = None) -> Attachments:
    """The files of a user whose notes, copies and (without a store) bytes lie below `home`."""
    return Attachments(
        AttachmentRepository(session),
        store or LocalStore(home / "files"),
        user_id=user_id,
        folder=home / "state",
        scanner=Clamd(OFF),
        open_with=_never,
        pause=0.01,
    )


@dataclass
class Desk:
    """One side: rows and files."""

    world: DatabaseWorld
    files: Attachments
    home: Path

    @property
    def stored(self) -> StoredFiles:
        return StoredFiles(self.files)

    async def contents(self) -> dict[str, tuple[str, str]]:
        """Name and checksum of what each file really holds, by what it belongs to."""
        found = {}
        for each in await self.files.all():
            assert each.upload_status is UploadStatus.COMPLETED
            path = await self.files.fetch(each)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            booking = f"{each.booking_kind.value} " if each.booking_kind else ""
            place = "trip" if each.trip_id else "message" if each.chat_message_id else "nothing"
            found[f"{booking}{place}"] = (each.original_filename, digest)
        return found


OpenDesk = Callable[..., Awaitable[Desk]]


@asynccontextmanager
async def desk(database: Database, user: User, home: Path, store: Store | None = None) -> AsyncIterator[Desk]:
    """A side of that user, for as long as the block runs."""
    async with entered(database, user) as world:
        files = attachments_of(world.reading._database, user.id, home, store)
        try:
            yield Desk(world, files, home)
        finally:
            await files.close()


async def fill_files(desk: Desk, client: asyncpg.Connection, trip: int, folder: Path, *, most: int = 4) -> None:
    """Files on a trip, on a booking, on a message and on nothing; one more in the trash."""
    stay = await client.fetchval("select min(id) from accommodations")
    message = await client.fetchval("select min(id) from chat_messages")
    subjects = (Subject.booking(trip, "stay", stay), Subject.message(message), Subject.trip(trip), Subject())
    for number, subject in enumerate(subjects[:most]):
        path = folder / f"boarding {number}.pdf"
        path.write_bytes(PDF + bytes([65 + number]))
        await (await desk.files.add(path, subject)).done()
    path = folder / "gone.txt"
    path.write_bytes(TEXT)
    upload = await desk.files.add(path, Subject.trip(trip))
    await upload.done()
    await desk.files.delete(upload.attachment)
