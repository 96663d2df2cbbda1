"""Bytes in Supabase Storage, sent so that a broken upload goes on where it stopped.

The Python library has no resumable uploads (TUS), so these few requests are ours; storage3 serves the rest.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from tripsage_tui.attachments.copying import digest, in_thread
from tripsage_tui.attachments.errors import ContentGone, SourceChanged, StoreError, StoreRefused, StoreUnreachable
from tripsage_tui.attachments.notes import Note
from tripsage_tui.attachments.storage_client import NONSENSE, NotPermitted, StorageClient, object_path
from tripsage_tui.attachments.stores import Progress, Renew
from tripsage_tui.data.errors import DataError
from tripsage_tui.models.attachments import BUCKET, Attachment

CHUNK = 6 * 2**20
"""Bytes of one request: Supabase takes exactly 6 MiB, and less only at the end."""
_PIECE = 64 * 1024
_TUS = {"Tus-Resumable": "1.0.0"}
_PLACE = "upload/resumable"


class StorageStore:
    """`attempts` is how often a download, or a removal, is tried before whoever asked for it is told, and `pause` how
    many seconds pass before the second time; they double."""

    def __init__(self, client: StorageClient, *, attempts: int = 6, pause: float = 0.3, chunk: int = CHUNK) -> None:
        self._client = client
        self._attempts = attempts
        self._pause = pause
        self._chunk = chunk

    async def put(self, attachment: Attachment, note: Note, progress: Progress, renew: Renew) -> None:
        try:
            await self._put(attachment, note, progress, renew)
        except NotPermitted:
            # The window for writing may have closed while the computer slept.
            await renew(now=True)
            await self._put(attachment, note, progress, renew)
        except OSError as error:
            raise StoreRefused(f"{attachment.filename} cannot be sent: {error.strerror or error}.") from error

    async def fetch(self, attachment: Attachment, target: Path, progress: Progress) -> str:
        """Goes on within the file when the connection breaks."""
        retrying = self._retrying()
        handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "r+b") as file:
            async for attempt in retrying:
                with attempt:
                    await self._download(attachment, file, progress)
            file.seek(0)
            return (await in_thread(lambda check: digest(file, check))).hexdigest()

    async def discard(self, note: Note) -> None:
        """Best effort: Storage forgets unfinished uploads by itself after a day."""
        if note.facts.place is None:
            return
        with contextlib.suppress(StoreError, DataError):
            await self._client.request("DELETE", f"{_PLACE}/{note.facts.place}", headers=_TUS, ok=(204, 404, 410))

    async def remove(self, paths: Sequence[str]) -> None:
        retrying = self._retrying()
        async for attempt in retrying:
            with attempt:
                await self._client.remove(paths)

    async def close(self) -> None:
        await self._client.close()

    def _retrying(self) -> AsyncIterator[AbstractContextManager[Any]]:
        import stamina

        return stamina.retry_context(
            _again,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._pause,
            wait_jitter=self._pause,
            wait_max=10.0,
        )

    async def _put(self, attachment: Attachment, note: Note, progress: Progress, renew: Renew) -> None:
        place = note.facts.place
        offset = None if place is None else await self._offset(place)
        if place is None or offset is None:
            # Nothing to go on with: nothing was begun, the place was forgotten, or all of it is there already.
            if place is not None and await self._complete(attachment):
                return
            place = await self._begin(attachment)
            if place is None:
                return
            note.keep(place=place)
            offset = 0
        with await asyncio.to_thread(Path(note.facts.source).open, "rb") as file:
            sum_ = await in_thread(lambda check: digest(file, check, until=offset))
            progress(offset)
            while offset < attachment.file_size:
                await renew()
                chunk = await asyncio.to_thread(file.read, self._chunk)
                sum_.update(chunk)
                offset = self._checked(attachment, offset, chunk, sum_)
                await self._send(place, offset - len(chunk), chunk, progress)
                progress(offset)
        if not await self._complete(attachment):
            note.keep(place=None)
            raise StoreUnreachable("The file store has lost the file that it had just taken.")

    def _checked(self, attachment: Attachment, offset: int, chunk: bytes, sum_: hashlib._Hash) -> int:
        """The offset after the chunk. Looked at before the last one goes: wrong bytes never become the object."""
        after = offset + len(chunk)
        last = after >= attachment.file_size
        if not chunk or after > attachment.file_size or (last and sum_.hexdigest() != attachment.checksum):
            raise SourceChanged(f"{attachment.filename} has changed since it was attached; attach it again.")
        return after

    async def _begin(self, attachment: Attachment) -> str | None:
        """A new upload's place, or None when the object is there already."""
        metadata = {
            "bucketName": BUCKET,
            "objectName": attachment.file_path,
            "contentType": attachment.mime_type,
            "cacheControl": "3600",
        }
        encoded = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())
        headers = {**_TUS, "Upload-Length": str(attachment.file_size), "Upload-Metadata": encoded, "x-upsert": "false"}
        try:
            answer = await self._client.request("POST", _PLACE, headers=headers, ok=(201,))
        except StoreUnreachable:
            if await self._complete(attachment):  # "already exists" is one of the reasons
                return None
            raise
        # Only the last part is taken: the token goes to the project's own address, whatever the answer says.
        place: str = answer.headers.get("Location", "").rstrip("/").rpartition("/")[2]
        if not place or not all(char.isalnum() or char in "-_=." for char in place):
            raise StoreUnreachable(NONSENSE)
        return place

    async def _offset(self, place: str) -> int | None:
        """How many bytes have arrived there, None when the place is not known any more."""
        try:
            answer = await self._client.request("HEAD", f"{_PLACE}/{place}", headers=_TUS, ok=(200, 204, 410))
        except ContentGone:
            return None
        text = answer.headers.get("Upload-Offset", "")
        return int(text) if text.isdecimal() else None

    async def _send(self, place: str, offset: int, chunk: bytes, progress: Progress) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(chunk), _PIECE):
                yield chunk[start : start + _PIECE]
                progress(offset + min(start + _PIECE, len(chunk)))

        headers = {
            **_TUS,
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(len(chunk)),
            "x-upsert": "false",
        }
        try:
            answer = await self._client.request(
                "PATCH", f"{_PLACE}/{place}", headers=headers, content=pieces(), ok=(200, 204)
            )
        except ContentGone as error:  # the place: the next attempt finds that out and begins another
            raise StoreUnreachable("The file store has forgotten the upload.") from error
        if answer.headers.get("Upload-Offset") != str(offset + len(chunk)):
            raise StoreUnreachable("The file store has taken another part of the file than was sent.")

    async def _complete(self, attachment: Attachment) -> bool:
        """Whether the object is there. Raises StoreRefused when it is something else."""
        size = await self._client.size(attachment.file_path)
        if size is None:
            return False
        if size != attachment.file_size:
            raise StoreRefused(f"Something else lies in the file store where {attachment.filename} belongs.")
        return True

    async def _download(self, attachment: Attachment, file: BinaryIO, progress: Progress) -> None:
        have = file.seek(0, os.SEEK_END)
        if have == attachment.file_size:
            return
        headers = {"Range": f"bytes={have}-"} if have else {}
        coming = self._client.pieces(object_path(attachment.file_path), _PIECE, headers=headers, ok=(200, 206))
        async with contextlib.aclosing(coming):
            async for status, piece in coming:
                if have and status == 200:  # all of it again
                    file.seek(0)
                    file.truncate()
                    have = 0
                if file.tell() + len(piece) > attachment.file_size:
                    raise StoreRefused(f"{attachment.filename} is not what was attached: it is longer.")
                file.write(piece)
                progress(file.tell())
        if file.tell() < attachment.file_size:
            raise StoreUnreachable("The connection to the file store broke.")


def _again(error: Exception) -> bool | float:
    if not isinstance(error, StoreUnreachable):
        return False
    return True if error.after is None else error.after
