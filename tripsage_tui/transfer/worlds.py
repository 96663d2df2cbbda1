"""The two ends of a transfer: where rows come from, and the database that they go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from tripsage_tui.data.transfer_reading import LeftBehind, Link, Root, Rows, TransferReading
from tripsage_tui.data.transfer_writing import TransferWriting


@dataclass(frozen=True)
class Traveller:
    """Whose rows these are, and where: `place` is `local`, the name of a project, or a file."""

    user_id: UUID
    name: str
    place: str


class Files(Protocol):
    """The contents of attachments."""

    async def copy_of(self, attachment_id: str) -> Path | None:
        """A verified copy on this computer, under its own name; None when it cannot be had (any more)."""
        ...


class Source(Protocol):
    """A database as its user sees it, or a file."""

    @property
    def who(self) -> Traveller: ...

    async def outline(self, family: str) -> list[Root]:
        """The roots of a family."""
        ...

    async def rows(self, family: str, roots: Sequence[str], *, vectors: bool) -> Rows:
        """The rows of these roots by table, in the order of their ids."""
        ...

    async def links(self) -> list[Link]:
        """Where rows of this source had come from before."""
        ...

    async def left_behind(self) -> LeftBehind:
        """What does not move."""
        ...


@dataclass(frozen=True)
class DatabaseWorld:
    """One user's rows in one database: a source, and a target."""

    who: Traveller
    reading: TransferReading
    writing: TransferWriting

    async def outline(self, family: str) -> list[Root]:
        return await self.reading.outline(family)

    async def rows(self, family: str, roots: Sequence[str], *, vectors: bool) -> Rows:
        return await self.reading.rows(family, roots, vectors=vectors)

    async def links(self) -> list[Link]:
        return [link for link in await self.reading.links() if link.state != "allotted"]

    async def left_behind(self) -> LeftBehind:
        return await self.reading.left_behind()
