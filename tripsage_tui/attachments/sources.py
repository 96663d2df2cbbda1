"""A file on this computer that somebody wants to attach: looked at before anything is sent."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tripsage_tui.attachments.copying import digest, in_thread
from tripsage_tui.attachments.errors import AttachmentError
from tripsage_tui.attachments.notes import Facts
from tripsage_tui.models.file_names import safe_name, storable_name
from tripsage_tui.models.file_types import HEAD, FileType, Unattachable, check_size, fitting_name, recognise


@dataclass(frozen=True)
class Source:
    """What is to be attached."""

    facts: Facts
    kind: FileType
    filename: str
    original_filename: str


async def look_at(path: Path) -> Source:
    """Read and check a file. Raises AttachmentError with what is wrong with it."""
    shown = safe_name(path.name)

    def work(check: Callable[[], None]) -> Source:
        return _look_at(path.expanduser().absolute(), shown, check)

    try:
        return await in_thread(work)
    except Unattachable as error:
        raise AttachmentError(str(error)) from None
    except FileNotFoundError:
        raise AttachmentError(f"There is no file {shown}.") from None
    except PermissionError:
        raise AttachmentError(f"{shown} may not be read by you.") from None
    except OSError as error:
        raise AttachmentError(f"{shown} cannot be read: {error.strerror or error}.") from None


async def unchanged(facts: Facts) -> bool:
    """Whether the file is still what it was: by size and time, or else by content."""
    path = Path(facts.source)

    def work(check: Callable[[], None]) -> bool:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size != facts.size:
            return False
        if found.st_mtime_ns == facts.mtime_ns:
            return True
        with path.open("rb") as file:
            return digest(file, check).hexdigest() == facts.checksum

    try:
        return await in_thread(work)
    except OSError:
        return False


def _look_at(path: Path, shown: str, check: Callable[[], None]) -> Source:
    if path.is_dir():
        raise AttachmentError(f"{shown} is a folder; attach its files one by one.")
    # A pipe would wait for its writer.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise AttachmentError(f"{shown} is not a file that can be attached.")
        check_size(shown, found.st_size)
        head = file.read(HEAD)
        members: list[str] = []
        if head.startswith(b"PK\x03\x04"):
            try:
                members = zipfile.ZipFile(file).namelist()
            except (zipfile.BadZipFile, ValueError, NotImplementedError):
                raise AttachmentError(f"{shown} is damaged: it cannot be read as what its name says.") from None
        kind = recognise(shown, head, members)
        file.seek(0)
        sum_ = digest(file, check).hexdigest()
        after = os.fstat(handle)
    if (after.st_size, after.st_mtime_ns) != (found.st_size, found.st_mtime_ns):
        raise AttachmentError(f"{shown} is being written at the moment; attach it when it is finished.")
    return Source(
        Facts(str(path), found.st_size, found.st_mtime_ns, sum_),
        kind,
        fitting_name(shown, kind),
        storable_name(path.name),
    )
