"""Where the bytes of attachments lie."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from tripsage_tui.attachments.notes import Note
from tripsage_tui.models.attachments import Attachment

Progress = Callable[[int], None]
"""Is told how many bytes have arrived so far."""


class Renew(Protocol):
    """Keeps the permission to write alive, cheap when called often; `now` after the store has refused.

    Raises StoreRefused when there is none any more.
    """

    def __call__(self, *, now: bool = False) -> Awaitable[None]: ...


class Store(Protocol):
    """All methods raise StoreError. Paths are those of the records."""

    async def put(self, attachment: Attachment, note: Note, progress: Progress, renew: Renew) -> None:
        """Store the file that `note` names, going on where an earlier attempt stopped.

        Returns when the store has all of it with the record's checksum. Doing it twice does no harm. Raises
        SourceChanged before anything wrong can be taken for the file.
        """
        ...

    async def fetch(self, attachment: Attachment, target: Path, progress: Progress) -> str:
        """Write the bytes to `target`, which must not exist; the SHA-256 of what came, in hexadecimal."""
        ...

    async def discard(self, note: Note) -> None:
        """Throw away what an unfinished `put` has left; never fails."""
        ...

    async def remove(self, paths: Sequence[str]) -> None:
        """Remove these; those that are not there count as removed."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
