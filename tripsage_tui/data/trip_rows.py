"""What the rows below a trip have in common: reading, idempotent adding, guarded changing, deleting and undoing.

Some have parts that come and go with them: a flight its legs, an expense its shares. Every statement is one round trip
and atomic, parts included. The concurrency token is `updated_at`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID, uuid4

from tripsage_tui.data.changing import Guarded
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import DataError, InvalidValue, NotFound
from tripsage_tui.data.rows import Shape, decode, dump, encode
from tripsage_tui.models.bookings import Stored
from tripsage_tui.models.trips import Record

M = TypeVar("M", bound=Stored)
F = TypeVar("F", bound=Record)


class Parts(Protocol):
    """How the parts of a row are stored; modules like `legs` and `shares` are such."""

    TABLE: str
    FIELD: str
    """The field of the row's model that holds them."""
    NAMES: str
    """Columns that a caller sets."""
    RECORDSET: str
    """Those columns with their types."""

    def aggregated(self, source: str) -> str:
        """SQL for a JSON array of the parts that `source` selects under the alias l."""

    def read(self, rows: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
        """Models of decoded JSON rows."""

    def rows(self, parts: Sequence[Any]) -> list[dict[str, object]]:
        """Column values of models, in their order."""

    def write(self, parts: Sequence[Any]) -> str:
        """`rows` as JSON. Raises InvalidValue."""

    def same(self, stored: Sequence[Any], wanted: Sequence[Any]) -> bool:
        """Whether the parts say the same, apart from their ids."""


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

_ADD_WITH_PARTS = """
with b as (
  insert into public.{table} (trip_id, idempotency_key, {names})
  select $1, $2, {values} from jsonb_populate_record(null::public.{table}, $3::jsonb) r
  on conflict (trip_id, idempotency_key) do nothing
  returning *
), l as (
  insert into public.{parts} (trip_id, {parent}, {part_names})
  select b.trip_id, b.id, {part_values} from b, jsonb_to_recordset($4::jsonb) as r ({part_recordset})
  returning *
)
select row_to_json(x)::text from (select {columns}, {new_parts} as parts from b) x
"""

_UPDATE = """
with b as (
  update public.{table} t set {changes} from jsonb_populate_record(null::public.{table}, $3::jsonb) r
  where t.id = $1 and coalesce(t.updated_at, 'epoch') = $2
  returning t.*
)
select row_to_json(x)::text from (select {row} from b) x
"""

_UPDATE_WITH_PARTS = """
with b as (
  update public.{table} t set {changes} from jsonb_populate_record(null::public.{table}, $3::jsonb) r
  where t.id = $1 and coalesce(t.updated_at, 'epoch') = $2
  returning t.*
), gone as (
  delete from public.{parts} l using b where l.{parent} = b.id and l.trip_id = b.trip_id returning l.id
), l as (
  insert into public.{parts} (trip_id, {parent}, {part_names})
  select b.trip_id, b.id, {part_values}
  from b, (select count(*) from gone) as cleared, jsonb_to_recordset($4::jsonb) as r ({part_recordset})
  returning *
)
select row_to_json(x)::text from (select {columns}, {new_parts} as parts from b) x
"""

# All columns, also those that no model has, so that an undone delete loses nothing.
_TOMBSTONE = """
select row_to_json(x)::text as row, ({whole})::text as whole, {whole_parts}::text as whole_parts
from public.{table} b, lateral (select {row}) x
where b.id = $1
"""

_WHOLE_PARTS = "(select coalesce(jsonb_agg(to_jsonb(l)), '[]') from public.{parts} l where l.{parent} = b.id)"

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

_RESTORE_WITH_PARTS = """
with b as (
  insert into public.{table} overriding system value
  select r.* from jsonb_populate_record(null::public.{table}, $1::jsonb) r
  on conflict do nothing
  returning *
), l as (
  insert into public.{parts} overriding system value
  select r.* from b, jsonb_populate_recordset(null::public.{parts}, $2::jsonb) r
  on conflict (id) do nothing
  returning *
)
select row_to_json(x)::text from (select {columns}, {new_parts} as parts from b) x
"""


class TripRows(Guarded[M], Generic[M, F]):
    """Reads and writes one table below trips. Subclasses say which; errors are those of `data.errors`."""

    table: ClassVar[str]
    order: ClassVar[str]
    parts: ClassVar[Parts | None] = None
    # The column of the parts' table that points here.
    parent: ClassVar[str] = ""
    # A column that may be set to itself: parts alone change the version of their row, too.
    touched: ClassVar[str] = "position"
    # What a deleted row is brought back from.
    whole: ClassVar[str] = "to_jsonb(b)"
    model: type[M]
    fields: type[F]

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shape = Shape(self.model, computed=(self.parts.FIELD,) if self.parts else ())
        self._words = self._vocabulary()
        self._tombstones: dict[int, tuple[str, str]] = {}

    async def by_trip(self, trip_id: int) -> list[M]:
        """All of one trip, in order."""
        rows = await self._database.fetch(self._sql(_BY_TRIP), trip_id, name=f"{self.table}.by_trip")
        return [self._read(row["row"]) for row in rows]

    async def get(self, row_id: int) -> M:
        """One of them. Raises NotFound."""
        return self._found(await self._database.fetchval(self._sql(_GET), row_id, name=f"{self.table}.get"))

    async def delete(self, row_id: int, *, based_on: datetime) -> M:
        """Delete it with its parts and return it, for `restore`. Raises StaleRow, Forbidden, NotFound."""
        name = f"{self.table}.delete"
        found = await self._database.fetchrow(self._sql(_TOMBSTONE), row_id, name=name)
        if found is None:
            raise NotFound
        row = self._read(found["row"])

        async def write() -> M | None:
            deleted = await self._database.fetchval(self._sql(_DELETE), row_id, based_on, name=name, write=True)
            return None if deleted is None else row

        deleted = await self._guarded_delete(write, row, based_on)
        self._tombstones[row_id] = (found["whole"], found["whole_parts"])
        return deleted

    async def restore(self, row: M) -> M:
        """Undo a delete: the same row with the same id and parts. Doing it twice does no harm."""
        sql, arguments = self.restoring(*(self._tombstones.get(row.id) or self._rebuilt(row)))
        text = await self._database.fetchval(sql, *arguments, name=f"{self.table}.restore", write=True, idempotent=True)
        self._tombstones.pop(row.id, None)
        return await self.get(row.id) if text is None else self._read(text)

    def statement(self, template: str, **words: Any) -> str:
        """A statement about this table, for those who write several tables together."""
        return self._sql(template, **words)

    def read(self, text: str) -> M:
        """The model of a row as the statements return it."""
        return self._read(text)

    def restoring(self, whole: str, whole_parts: str) -> tuple[str, tuple[str, ...]]:
        """The statement that brings a deleted row back, and its arguments."""
        if self.parts:
            return self._sql(_RESTORE_WITH_PARTS), (whole, whole_parts)
        return self._sql(_RESTORE), (whole,)

    async def explain(self, row_id: int, based_on: datetime) -> DataError:
        """Why a row could not be written as the version it was known in."""
        return await self._explanation(row_id, based_on)

    async def _add(self, trip_id: int, fields: F, parts: Sequence[Any], key: UUID) -> M:
        name = f"{self.table}.add"
        arguments: list[object] = [trip_id, key, json.dumps(dump(fields, self.fields))]
        if self.parts:
            arguments.append(self.parts.write(parts))
        sql = self._sql(_ADD_WITH_PARTS if self.parts else _ADD)
        text = await self._database.fetchval(sql, *arguments, name=name, write=True, idempotent=True)
        if text is None:
            # Added before with this key, perhaps a moment ago by an attempt whose answer got lost.
            text = await self._database.fetchval(self._sql(_BY_KEY), trip_id, key, name=name)
        return self._found(text)

    async def _update(
        self, row_id: int, changes: Mapping[str, object], parts: Sequence[Any] | None, based_on: datetime
    ) -> M:
        how = self.parts
        if parts is not None and how is None:
            raise InvalidValue("legs", "Only flights and transports have legs.")
        arguments: list[object] = [row_id, based_on, json.dumps(encode(changes, self.fields))]
        template = _UPDATE
        if parts is not None and how is not None:
            arguments.append(how.write(parts))
            template = _UPDATE_WITH_PARTS
        named = ", ".join(f"{name} = r.{name}" for name in changes) or f"{self.touched} = t.{self.touched}"
        sql = self._sql(template, changes=named)

        async def write() -> M | None:
            text = await self._database.fetchval(sql, *arguments, name=f"{self.table}.update", write=True)
            return None if text is None else self._read(text)

        def done(current: M) -> bool:
            same = all(getattr(current, name) == value for name, value in changes.items())
            return same and (parts is None or how is None or how.same(getattr(current, how.FIELD), parts))

        return await self._guarded(write, row_id, based_on, done)

    def _read(self, text: str) -> M:
        row = decode(text)
        if self.parts:
            return self._shape.from_json(row, **{self.parts.FIELD: self.parts.read(row["parts"])})
        return self._shape.from_json(row)

    def _found(self, text: str | None) -> M:
        if text is None:
            raise NotFound
        return self._read(text)

    def _rebuilt(self, row: M) -> tuple[str, str]:
        """Rows for `restore` when the delete was not ours: what the model knows, the rest by default."""
        whole = {
            **dump(row, self.fields),
            "id": row.id,
            "trip_id": row.trip_id,
            "created_at": row.created_at.isoformat(),
            "updated_at": row.updated_at.isoformat(),
            "idempotency_key": str(uuid4()),
            "metadata": {},
        }
        rows: list[dict[str, object]] = []
        if self.parts:
            stamps = {"trip_id": row.trip_id, "created_at": whole["created_at"], "updated_at": whole["updated_at"]}
            parts = getattr(row, self.parts.FIELD)
            rows = self.parts.rows(parts)
            for values, part in zip(rows, parts, strict=True):
                values.update(stamps, id=part.id, **{self.parent: row.id})
        return json.dumps(whole), json.dumps(rows)

    def _vocabulary(self) -> dict[str, str]:
        names = list(self.fields.model_fields)
        columns = self._shape.json_columns("b")
        words = {
            "table": self.table,
            "order": self.order,
            "names": ", ".join(names),
            "values": ", ".join(f"r.{name}" for name in names),
            "columns": columns,
            "row": columns,
            "whole": self.whole,
            "whole_parts": "'[]'",
        }
        if parts := self.parts:
            stored = parts.aggregated(f"public.{parts.TABLE} l where l.{self.parent} = b.id")
            words |= {
                "parts": parts.TABLE,
                "parent": self.parent,
                "row": f"{columns}, {stored} as parts",
                "new_parts": parts.aggregated("l"),
                "part_names": parts.NAMES,
                "part_values": ", ".join(f"r.{name}" for name in parts.NAMES.split(", ")),
                "part_recordset": parts.RECORDSET,
                "whole_parts": _WHOLE_PARTS.format(parts=parts.TABLE, parent=self.parent),
            }
        return words

    def _sql(self, template: str, **words: Any) -> str:
        return template.format(**self._words, **words)
