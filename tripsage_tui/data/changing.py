"""Optimistic concurrency: a change names the version it was based on, and what becomes of it is always known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import DataError, Forbidden, NotFound, OutcomeUnknown, StaleRow, Unavailable


class Versioned(Protocol):
    """A stored row: `updated_at` is its version."""

    @property
    def id(self) -> int: ...

    @property
    def updated_at(self) -> datetime: ...


V = TypeVar("V", bound=Versioned)

# Seconds that someone who saves waits for the database to come back, to be told what became of it.
_PATIENCE = 5.0


class Guarded(Generic[V]):
    """For repositories: explains a change that hit no row, and finds out whether one with a lost answer happened."""

    _database: Database

    async def get(self, row_id: int) -> V:
        """The row as it is now. Raises NotFound."""
        raise NotImplementedError

    async def _guarded(
        self, write: Callable[[], Awaitable[V | None]], row_id: int, based_on: datetime, done: Callable[[V], bool]
    ) -> V:
        """Run `write` and return its row; `done` tells whether a row has the wanted content.

        Raises StaleRow, Forbidden or NotFound when no row had the version `based_on`; OutcomeUnknown only when the
        database cannot be asked for some seconds afterwards.
        """
        try:
            changed = await write()
        except OutcomeUnknown as unknown:
            current = await self._now(row_id, unknown)
            if current is None:
                raise StaleRow(None) from unknown
            if current.updated_at == based_on:
                changed = await write()
            elif done(current):
                return current
            else:
                raise StaleRow(current) from unknown
        if changed is None:
            raise await self._explanation(row_id, based_on)
        return changed

    async def _guarded_delete(self, write: Callable[[], Awaitable[V | None]], row: V, based_on: datetime) -> V:
        """Run the deletion `write` of `row`, which was read just before; the same errors as `_guarded`."""
        if row.updated_at != based_on:
            raise StaleRow(row)
        try:
            deleted = await write()
        except OutcomeUnknown as unknown:
            if await self._now(row.id, unknown) is None:
                return row
            deleted = await write()
        if deleted is None:
            raise await self._explanation(row.id, based_on)
        return deleted

    async def _now(self, row_id: int, unknown: OutcomeUnknown) -> V | None:
        try:
            try:
                return await self.get(row_id)
            except Unavailable:
                if not await self._database.recovered(_PATIENCE):
                    raise
                return await self.get(row_id)
        except NotFound:
            return None
        except DataError:
            raise unknown from None

    async def _explanation(self, row_id: int, based_on: datetime) -> DataError:
        """Why no row was changed: it is gone, it has another version, or row level security kept us from it."""
        try:
            current = await self.get(row_id)
        except NotFound as gone:
            return gone
        return Forbidden() if current.updated_at == based_on else StaleRow(current)
