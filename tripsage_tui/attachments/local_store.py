"""Bytes in a folder beside the embedded database, each content once.

`blobs/ab/abcd...` is named by SHA-256, `names/<path of the record>` is a hard link to it: the file system counts the
references and no crash can make the count wrong. A blob to which no name leads any more is removed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tripsage_tui.attachments.copying import copy, digest, in_thread, private_folder, sync_folder
from tripsage_tui.attachments.errors import ContentGone, SourceChanged, StoreRefused
from tripsage_tui.attachments.notes import Note
from tripsage_tui.attachments.stores import Progress, Renew
from tripsage_tui.models.attachments import Attachment

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_LEFT_BEHIND = 86_400.0
"""Seconds after which what was being written when a program died is removed."""


class LocalStore:
    """All profiles of a data folder share it, as they share trips."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, attachment: Attachment, note: Note, progress: Progress, renew: Renew) -> None:
        """Copy the file in; there is nothing to go on with, as a copy takes no time worth keeping."""
        name = self._name(attachment.file_path)
        loop = asyncio.get_running_loop()
        source = Path(note.facts.source)
        sent = 0

        def told(size: int) -> None:
            nonlocal sent
            sent += size
            loop.call_soon_threadsafe(progress, min(sent, attachment.file_size))

        def work(check: Callable[[], None]) -> None:
            incoming = self._folder("incoming")
            part = incoming / f"{attachment.id}-{os.urandom(4).hex()}"
            try:
                if copy(source, part, check, told) != attachment.checksum:
                    raise SourceChanged(f"{attachment.filename} has changed since it was attached; attach it again.")
                self._link(part, name, attachment.checksum)
            finally:
                part.unlink(missing_ok=True)

        try:
            await in_thread(work)
        except FileNotFoundError:
            raise SourceChanged(f"{attachment.filename} is no longer where it was attached from.") from None
        except OSError as error:
            raise StoreRefused(f"{attachment.filename} cannot be kept: {error.strerror or error}.") from error

    async def fetch(self, attachment: Attachment, target: Path, progress: Progress) -> str:
        name = self._name(attachment.file_path)
        loop = asyncio.get_running_loop()
        come = 0

        def told(size: int) -> None:
            nonlocal come
            come += size
            loop.call_soon_threadsafe(progress, come)

        try:
            return await in_thread(lambda check: copy(name, target, check, told))
        except FileNotFoundError:
            raise ContentGone(f"The content of {attachment.filename} is not here any more.") from None
        except OSError as error:
            raise StoreRefused(f"{attachment.filename} cannot be copied: {error.strerror or error}.") from error

    async def discard(self, note: Note) -> None:
        """There is nothing: a copy that does not end removes itself."""

    async def remove(self, paths: Sequence[str]) -> None:
        def work() -> None:
            for path in paths:
                with contextlib.suppress(StoreRefused):
                    self._name(path).unlink(missing_ok=True)
            self._sweep()

        try:
            await asyncio.to_thread(work)
        except OSError as error:
            raise StoreRefused(f"Files cannot be removed: {error.strerror or error}.") from error

    async def close(self) -> None:
        """There is nothing to give back."""

    def _folder(self, *parts: str) -> Path:
        return private_folder(self._root.joinpath(*parts))

    def _name(self, path: str) -> Path:
        """Where the name of a record's path is. A path that leads elsewhere is refused, whoever wrote the record."""
        parts = path.split("/")
        if not 2 <= len(parts) <= 4 or not all(_PART.fullmatch(part) for part in parts):
            raise StoreRefused("This file lies where no attachment can lie.")
        return self._root.joinpath("names", *parts)

    def _link(self, part: Path, name: Path, content: str) -> None:
        blob = self._folder("blobs", content[:2]) / content
        private_folder(name.parent)
        if _digest_of(blob) not in {None, content}:
            part_of_blob = part.with_suffix(".again")
            os.link(part, part_of_blob)
            part_of_blob.replace(blob)
        while True:
            with contextlib.suppress(FileExistsError):
                os.link(part, blob)
            # The name takes the place of one that an earlier attempt left; a blob may be swept in between.
            fresh = part.with_suffix(".name")
            try:
                os.link(blob, fresh)
            except FileNotFoundError:
                continue
            fresh.replace(name)
            fresh.unlink(missing_ok=True)  # rename does nothing where both are one file already
            break
        sync_folder(blob.parent)
        sync_folder(name.parent)

    def _sweep(self) -> None:
        for folder in (self._root / "blobs").glob("*"):
            for blob in folder.iterdir():
                # A name made between the two calls keeps the bytes; only their sharing is lost.
                if blob.stat().st_nlink == 1:
                    blob.unlink(missing_ok=True)
        for part in (self._root / "incoming").glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if part.stat().st_mtime < time.time() - _LEFT_BEHIND:
                    part.unlink()


def _digest_of(blob: Path) -> str | None:
    try:
        with blob.open("rb") as file:
            return digest(file, lambda: None).hexdigest()
    except FileNotFoundError:
        return None
