"""Several bookings, of any kind, written together: all of them or none."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from tripsage_tui.data.bookings import BookingRepository
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import DataError, NotFound, OutcomeUnknown
from tripsage_tui.data.rows import dump
from tripsage_tui.data.transactions import Transaction
from tripsage_tui.models.bookings import Booking

T = TypeVar("T")
Repository = BookingRepository[Any, Any]

_UPDATE = """
with b as (
  update public.{table} t set {changes}
  from jsonb_populate_recordset(null::public.{table}, $1::jsonb) r
  where t.id = r.id and coalesce(t.updated_at, 'epoch') = r.updated_at
  returning t.*
)
select row_to_json(x)::text as row from (select {row} from b) x
"""

# All columns, also those that no model has, so that an undone delete loses nothing.
_TOMBSTONES = """
select to_jsonb(b)::text as whole, {whole_parts}::text as whole_legs
from public.{table} b
join jsonb_to_recordset($1::jsonb) as r (id bigint, updated_at timestamptz)
  on b.id = r.id and coalesce(b.updated_at, 'epoch') = r.updated_at
"""

_DELETE = "delete from public.{table} where id = any($1::bigint[]) returning id"


@dataclass(frozen=True)
class Tombstone:
    """A deleted row as it stood in the database, for `restore`."""

    repository: Repository
    whole: str
    whole_legs: str


class _SomeMissing(DataError):
    """Fewer rows were hit than were meant; leaves the transaction and takes everything back."""

    def __init__(self, repository: Repository, missing: Booking) -> None:
        super().__init__()
        self.repository = repository
        self.missing = missing


class BookingBatches:
    """Optimistic like the single writes: one row that has another version than it is known in keeps all from being
    written.
    """

    def __init__(self, database: Database, repositories: Sequence[Repository]) -> None:
        self._database = database
        self._repositories = tuple(repositories)

    async def edit(self, edits: Sequence[tuple[Booking, Mapping[str, object]]]) -> list[Booking]:
        """Write changes over bookings and return these, in the order given. Raises StaleRow, Forbidden, NotFound."""
        wanted = {(type(booking), booking.id): (booking, dict(changes)) for booking, changes in edits if changes}
        statements = [self._update(repository, wanted) for repository in self._repositories]

        async def work(transaction: Transaction) -> list[Booking]:
            done: list[Booking] = []
            for repository, bookings, sql, rows in filter(None, statements):
                found = [repository.read(row["row"]) for row in await transaction.fetch(sql, rows)]
                _all_there(repository, bookings, {booking.id for booking in found})
                done += found
            return done

        async def as_wanted() -> list[Booking] | None:
            now = [await self._of(type(booking)).get(booking.id) for booking, _ in wanted.values()]
            same = all(
                getattr(booking, name) == value
                for booking, (_, changes) in zip(now, wanted.values(), strict=True)
                for name, value in changes.items()
            )
            return now if same else None

        written = await self._write(work, as_wanted, "bookings.edit")
        order = {key: place for place, key in enumerate(wanted)}
        return sorted(written, key=lambda booking: order[type(booking), booking.id])

    async def delete(self, bookings: Sequence[Booking]) -> list[Tombstone]:
        """Delete bookings with their legs. Raises StaleRow, Forbidden, NotFound."""
        groups = [
            (repository, [booking for booking in bookings if isinstance(booking, repository.model)])
            for repository in self._repositories
        ]

        graves: list[Tombstone] = []

        async def work(transaction: Transaction) -> list[Tombstone]:
            graves.clear()
            for repository, group in groups:
                if not group:
                    continue
                known = json.dumps([{"id": each.id, "updated_at": each.updated_at.isoformat()} for each in group])
                rows = await transaction.fetch(repository.statement(_TOMBSTONES), known)
                there = {json.loads(row["whole"])["id"] for row in rows}
                _all_there(repository, group, there)
                gone = await transaction.fetch(repository.statement(_DELETE), sorted(there))
                _all_there(repository, group, {row["id"] for row in gone})
                graves.extend(Tombstone(repository, row["whole"], row["whole_legs"]) for row in rows)
            return graves

        async def as_wanted() -> list[Tombstone] | None:
            for booking in bookings[:1]:
                try:
                    await self._of(type(booking)).get(booking.id)
                except NotFound:
                    return graves
            return None

        return await self._write(work, as_wanted, "bookings.delete")

    async def restore(self, graves: Sequence[Tombstone]) -> None:
        """Undo a delete: the same rows with the same ids and legs. Doing it twice does no harm."""

        async def work(transaction: Transaction) -> None:
            for grave in graves:
                sql, arguments = grave.repository.restoring(grave.whole, grave.whole_legs)
                await transaction.fetchval(sql, *arguments)

        await self._database.transact(work, name="bookings.restore", idempotent=True)

    async def _write(
        self, work: Callable[[Transaction], Awaitable[T]], as_wanted: Callable[[], Awaitable[T | None]], name: str
    ) -> T:
        """`as_wanted` finds out whether a write whose answer got lost has happened, and returns its result."""
        try:
            try:
                return await self._database.transact(work, name=name)
            except OutcomeUnknown:
                if (done := await as_wanted()) is not None:
                    return done
                return await self._database.transact(work, name=name)
        except _SomeMissing as error:
            reason = await error.repository.explain(error.missing.id, error.missing.updated_at)
            raise reason from error

    def _update(
        self, repository: Repository, wanted: Mapping[Any, tuple[Booking, dict[str, object]]]
    ) -> tuple[Repository, list[Booking], str, str] | None:
        group = [(booking, changes) for booking, changes in wanted.values() if isinstance(booking, repository.model)]
        if not group:
            return None
        names = list(dict.fromkeys(name for _, changes in group for name in changes))
        rows = []
        for booking, changes in group:
            # A column that only others change is written as it is.
            row = dump(booking.model_copy(update=changes), repository.fields)
            rows.append({**{name: row[name] for name in names}, **_version(booking.id, booking.updated_at)})
        sql = repository.statement(_UPDATE, changes=", ".join(f"{name} = r.{name}" for name in names))
        return repository, [booking for booking, _ in group], sql, json.dumps(rows)

    def _of(self, kind: type[Booking]) -> Repository:
        return next(repository for repository in self._repositories if issubclass(kind, repository.model))


def _version(number: int, updated_at: datetime) -> dict[str, object]:
    return {"id": number, "updated_at": updated_at.isoformat()}


def _all_there(repository: Repository, group: Sequence[Booking], found: set[int]) -> None:
    missing = next((booking for booking in group if booking.id not in found), None)
    if missing is not None:
        raise _SomeMissing(repository, missing)
