"""What the four kinds of booking have in common: reading, idempotent adding, guarded changing, deleting and undoing.

Every statement is one round trip and atomic, legs included. The concurrency token is `updated_at`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID, uuid4

from tripsage_tui.data import legs as leg_rows
from tripsage_tui.data.changing import Guarded
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import DataError, InvalidValue, NotFound
from tripsage_tui.data.rows import Shape, decode, dump, encode
from tripsage_tui.models.bookings import BookingFields, LegFields, Stored

M = TypeVar("M", bound=Stored)
F = TypeVar("F", bound=BookingFields)

_BY_TRIP = """
select row_to_json(x)::text as row
from (select {row} from public.{table} b where b.trip_id = $1 order by {order}) x
"""

_GET = "select row_to_json(x)::text from (select {row} from public.{table} b where b.id = $1) x"

_BY_KEY = """
select row_to_json(x)::text
from (select {row} from public.{table} b where b.trip_id = $1 and b.idempotency_key = $2) x
"""

_ADD = """
with b as (
  insert into public.{table} (trip_id, idempotency_key, {names})
  select $1, $2, {values} from jsonb_populate_record(null::public.{table}, $3::jsonb) r
  on conflict (trip_id, idempotency_key) do nothing
  returning *
)
select row_to_json(x)::text from (select {columns} from b) x
"""

_ADD_WITH_LEGS = """
with b as (
  insert into public.{table} (trip_id, idempotency_key, {names})
  select $1, $2, {values} from jsonb_populate_record(null::public.{table}, $3::jsonb) r
  on conflict (trip_id, idempotency_key) do nothing
  returning *
), l as (
  insert into public.legs (trip_id, {parent}, {leg_names})
  select b.trip_id, b.id, {leg_values} from b, jsonb_to_recordset($4::jsonb) as r ({leg_recordset})
  returning *
)
select row_to_json(x)::text from (select {columns}, {new_legs} as legs from b) x
"""

_UPDATE = """
with b as (
  update public.{table} t set {changes} from jsonb_populate_record(null::public.{table}, $3::jsonb) r
  where t.id = $1 and coalesce(t.updated_at, 'epoch') = $2
  returning t.*
)
select row_to_json(x)::text from (select {row} from b) x
"""

_UPDATE_WITH_LEGS = """
with b as (
  update public.{table} t set {changes} from jsonb_populate_record(null::public.{table}, $3::jsonb) r
  where t.id = $1 and coalesce(t.updated_at, 'epoch') = $2
  returning t.*
), gone as (
  delete from public.legs l using b where l.{parent} = b.id and l.trip_id = b.trip_id returning l.id
), l as (
  insert into public.legs (trip_id, {parent}, {leg_names})
  select b.trip_id, b.id, {leg_values}
  from b, (select count(*) from gone) as cleared, jsonb_to_recordset($4::jsonb) as r ({leg_recordset})
  returning *
)
select row_to_json(x)::text from (select {columns}, {new_legs} as legs from b) x
"""

# All columns, also those that no model has, so that an undone delete loses nothing.
_TOMBSTONE = """
select row_to_json(x)::text as row, to_jsonb(b)::text as whole, {whole_legs}::text as whole_legs
from public.{table} b, lateral (select {row}) x
where b.id = $1
"""

_WHOLE_LEGS = "(select coalesce(jsonb_agg(to_jsonb(l)), '[]') from public.legs l where l.{parent} = b.id)"

_DELETE = "delete from public.{table} where id = $1 and coalesce(updated_at, 'epoch') = $2 returning id"

_RESTORE = """
with b as (
  insert into public.{table} overriding system value
  select r.* from jsonb_populate_record(null::public.{table}, $1::jsonb) r
  on conflict do nothing
  returning *
)
select row_to_json(x)::text from (select {columns} from b) x
"""

_RESTORE_WITH_LEGS = """
with b as (
  insert into public.{table} overriding system value
  select r.* from jsonb_populate_record(null::public.{table}, $1::jsonb) r
  on conflict do nothing
  returning *
), l as (
  insert into public.legs overriding system value
  select r.* from b, jsonb_populate_recordset(null::public.legs, $2::jsonb) r
  on conflict do nothing
  returning *
)
select row_to_json(x)::text from (select {columns}, {new_legs} as legs from b) x
"""


class BookingRepository(Guarded[M], Generic[M, F]):
    """Reads and writes one kind of booking. Subclasses say which; errors are those of `data.errors`."""

    table: ClassVar[str]
    order: ClassVar[str]
    # The column of `legs` that points here, None for the kinds that do not move.
    parent: ClassVar[str | None] = None
    model: type[M]
    fields: type[F]

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shape = Shape(self.model, computed=("legs",) if self.parent else ())
        self._words = self._vocabulary()
        self._tombstones: dict[int, tuple[str, str]] = {}

    async def by_trip(self, trip_id: int) -> list[M]:
        """All of one trip, in order of time."""
        rows = await self._database.fetch(self._sql(_BY_TRIP), trip_id, name=f"{self.table}.by_trip")
        return [self._read(row["row"]) for row in rows]

    async def get(self, booking_id: int) -> M:
        """One of them. Raises NotFound."""
        return self._found(await self._database.fetchval(self._sql(_GET), booking_id, name=f"{self.table}.get"))

    async def add(self, trip_id: int, fields: F, *, legs: Sequence[LegFields] = (), key: UUID) -> M:
        """Add one; the same `key` twice adds it once and returns what is there."""
        name = f"{self.table}.add"
        arguments: list[object] = [trip_id, key, json.dumps(dump(fields, self.fields))]
        if self.parent:
            arguments.append(leg_rows.write(legs))
        sql = self._sql(_ADD_WITH_LEGS if self.parent else _ADD)
        text = await self._database.fetchval(sql, *arguments, name=name, write=True, idempotent=True)
        if text is None:
            # Added before with this key, perhaps a moment ago by an attempt whose answer got lost.
            text = await self._database.fetchval(self._sql(_BY_KEY), trip_id, key, name=name)
        return self._found(text)

    async def update(
        self,
        booking_id: int,
        changes: Mapping[str, object],
        *,
        legs: Sequence[LegFields] | None = None,
        based_on: datetime,
    ) -> M:
        """Change the fields named; `legs` replaces all legs, None leaves them. Raises StaleRow, Forbidden, NotFound."""
        if legs is not None and self.parent is None:
            raise InvalidValue("legs", "Only flights and transports have legs.")
        arguments: list[object] = [booking_id, based_on, json.dumps(encode(changes, self.fields))]
        if legs is not None:
            arguments.append(leg_rows.write(legs))
        # Without a change of its own the row still gets a new token, because its legs belong to it.
        named = ", ".join(f"{name} = r.{name}" for name in changes) or "position = t.position"
        sql = self._sql(_UPDATE if legs is None else _UPDATE_WITH_LEGS, changes=named)

        async def write() -> M | None:
            text = await self._database.fetchval(sql, *arguments, name=f"{self.table}.update", write=True)
            return None if text is None else self._read(text)

        def done(current: M) -> bool:
            same = all(getattr(current, name) == value for name, value in changes.items())
            return same and (legs is None or leg_rows.same(getattr(current, "legs", ()), legs))

        return await self._guarded(write, booking_id, based_on, done)

    async def delete(self, booking_id: int, *, based_on: datetime) -> M:
        """Delete it with its legs and return it, for `restore`. Raises StaleRow, Forbidden, NotFound."""
        name = f"{self.table}.delete"
        row = await self._database.fetchrow(self._sql(_TOMBSTONE), booking_id, name=name)
        if row is None:
            raise NotFound
        booking = self._read(row["row"])

        async def write() -> M | None:
            deleted = await self._database.fetchval(self._sql(_DELETE), booking_id, based_on, name=name, write=True)
            return None if deleted is None else booking

        deleted = await self._guarded_delete(write, booking, based_on)
        self._tombstones[booking_id] = (row["whole"], row["whole_legs"])
        return deleted

    async def restore(self, booking: M) -> M:
        """Undo a delete: the same row with the same id and legs. Doing it twice does no harm."""
        sql, arguments = self.restoring(*(self._tombstones.get(booking.id) or self._rebuilt(booking)))
        text = await self._database.fetchval(sql, *arguments, name=f"{self.table}.restore", write=True, idempotent=True)
        self._tombstones.pop(booking.id, None)
        return await self.get(booking.id) if text is None else self._read(text)

    def statement(self, template: str, **words: Any) -> str:
        """A statement about this kind, for those who write several kinds together."""
        return self._sql(template, **words)

    def read(self, text: str) -> M:
        """The model of a row as the statements return it."""
        return self._read(text)

    def restoring(self, whole: str, whole_legs: str) -> tuple[str, tuple[str, ...]]:
        """The statement that brings a deleted row back, and its arguments."""
        if self.parent:
            return self._sql(_RESTORE_WITH_LEGS), (whole, whole_legs)
        return self._sql(_RESTORE), (whole,)

    async def explain(self, booking_id: int, based_on: datetime) -> DataError:
        """Why a row could not be written as the version it was known in."""
        return await self._explanation(booking_id, based_on)

    def _read(self, text: str) -> M:
        row = decode(text)
        if self.parent:
            return self._shape.from_json(row, legs=leg_rows.read(row["legs"]))
        return self._shape.from_json(row)

    def _found(self, text: str | None) -> M:
        if text is None:
            raise NotFound
        return self._read(text)

    def _rebuilt(self, booking: M) -> tuple[str, str]:
        """Rows for `restore` when the delete was not ours: what the model knows, the rest by default."""
        whole = {
            **dump(booking, self.fields),
            "id": booking.id,
            "trip_id": booking.trip_id,
            "created_at": booking.created_at.isoformat(),
            "updated_at": booking.updated_at.isoformat(),
            "idempotency_key": str(uuid4()),
            "metadata": {},
        }
        stamps = {"trip_id": booking.trip_id, "created_at": whole["created_at"], "updated_at": whole["updated_at"]}
        legs = getattr(booking, "legs", ())
        rows = leg_rows.rows(legs)
        for row, leg in zip(rows, legs, strict=True):
            row.update(stamps, id=leg.id, position=leg.position, **{str(self.parent): booking.id})
        return json.dumps(whole), json.dumps(rows)

    def _vocabulary(self) -> dict[str, str]:
        names = list(self.fields.model_fields)
        legs = leg_rows.aggregated(f"public.legs l where l.{self.parent} = b.id")
        columns = self._shape.json_columns("b")
        return {
            "table": self.table,
            "order": self.order,
            "parent": self.parent or "",
            "names": ", ".join(names),
            "values": ", ".join(f"r.{name}" for name in names),
            "columns": columns,
            "row": f"{columns}, {legs} as legs" if self.parent else columns,
            "new_legs": leg_rows.aggregated("l"),
            "leg_names": leg_rows.NAMES,
            "leg_values": ", ".join(f"r.{name}" for name in leg_rows.NAMES.split(", ")),
            "leg_recordset": leg_rows.RECORDSET,
            "whole_legs": _WHOLE_LEGS.format(parent=self.parent) if self.parent else "'[]'",
        }

    def _sql(self, template: str, **words: Any) -> str:
        return template.format(**self._words, **words)
