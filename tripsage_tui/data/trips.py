"""Trips and their stops. Each read is one round trip."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from tripsage_tui.data import rescheduling
from tripsage_tui.data import stops as stop_rows
from tripsage_tui.data.changing import Guarded
from tripsage_tui.data.database import Database, Transaction
from tripsage_tui.data.errors import Forbidden, InvalidValue, NotFound, OutcomeUnknown
from tripsage_tui.data.rows import decode, dump, encode
from tripsage_tui.data.trip_copy import COPY, copied_fields, copied_rows
from tripsage_tui.data.trip_list import read_trip_list
from tripsage_tui.data.trip_plan import PLAN, TRIP_COLUMNS, read_plan, read_trip
from tripsage_tui.models.copying import EVERYTHING, CopyPart, pruned
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import Access, StopFields, Trip, TripFields, TripStop, TripSummary

_NAMES = ", ".join(TripFields.model_fields)
_VALUES = ", ".join(f"r.{name}" for name in TripFields.model_fields)

_GET = f"select row_to_json(x)::text from (select {TRIP_COLUMNS} from public.trips t where t.id = $1) x"

_BY_KEY = f"""
select row_to_json(x)::text from (
  select {TRIP_COLUMNS} from public.trips t
  where t.user_id = (select private.current_user_id()) and t.idempotency_key = $1
) x
"""

_CREATE = f"""
with t as (
  insert into public.trips (user_id, idempotency_key, {_NAMES})
  select private.current_user_id(), $1, {_VALUES} from jsonb_populate_record(null::public.trips, $2::jsonb) r
  on conflict (user_id, idempotency_key) do nothing
  returning *
)
select row_to_json(x)::text from (select {TRIP_COLUMNS} from t) x
"""

_UPDATE = f"""
with t as (
  update public.trips o set {{changes}} from jsonb_populate_record(null::public.trips, $3::jsonb) r
  where o.id = $1 and coalesce(o.updated_at, 'epoch') = $2
  returning o.*
)
select row_to_json(x)::text from (select {TRIP_COLUMNS} from t) x
"""

_DELETE = f"""
with t as (
  update public.trips set deleted_at = statement_timestamp()
  where id = $1 and coalesce(updated_at, 'epoch') = $2 and deleted_at is null
  returning *
)
select row_to_json(x)::text from (select {TRIP_COLUMNS} from t) x
"""

_ARCHIVE = f"""
with t as (
  update public.trips set archived_at = case when $3 then statement_timestamp() end
  where id = $1 and coalesce(updated_at, 'epoch') = $2
  returning *
)
select row_to_json(x)::text from (select {TRIP_COLUMNS} from t) x
"""

_PURGE = "delete from public.trips where id = $1 and deleted_at is not null returning id"

_KNOW = f"""
with t as (
  update public.trips set known_findings = case when $3
    then array_append(array_remove(coalesce(known_findings, '{{}}'), $2), $2) else array_remove(known_findings, $2) end
  where id = $1 returning *
)
select row_to_json(x)::text from (select {TRIP_COLUMNS} from t) x
"""

_RESTORE = f"""
with t as (
  update public.trips set deleted_at = null where id = $1 and deleted_at is not null returning *
)
select row_to_json(x)::text from (select {TRIP_COLUMNS} from t) x
"""


class TripRepository(Guarded[Trip]):
    """Trips that the signed-in user owns or was invited to; errors are those of `data.errors`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Opening a trip is what follows the list: its first time should be as fast as all others.
        database.warm_up(PLAN, 0)

    async def list(self, include_deleted: bool = False) -> list[TripSummary]:
        """All trips with what they cost, by start date; those in the trash only on request."""
        return await read_trip_list(self._database, "all" if include_deleted else "live")

    async def trash(self) -> builtins.list[TripSummary]:
        """The user's own trips in the trash, by start date; `restore` takes one out."""
        return await read_trip_list(self._database, "trash")

    async def plan(self, trip_id: int) -> TripPlan:
        """A trip with its stops and bookings. Raises NotFound."""
        row = await self._database.fetchrow(PLAN, trip_id, name="trips.plan")
        if row is None:
            raise NotFound("This trip is no longer there.")
        return read_plan(row)

    async def get(self, trip_id: int) -> Trip:
        """One trip, also from the trash. Raises NotFound."""
        text = await self._database.fetchval(_GET, trip_id, name="trips.get")
        if text is None:
            raise NotFound("This trip is no longer there.")
        return read_trip(text)

    async def create(self, draft: TripFields, *, stops: Sequence[StopFields] = (), key: UUID) -> Trip:
        """A new trip of the signed-in user; the same `key` twice makes one trip and returns it."""
        arguments = (key, json.dumps(dump(draft, TripFields)))
        if stops:
            rows = stop_rows.write(stops)

            async def work(transaction: Transaction) -> str | None:
                text: str | None = await transaction.fetchval(_CREATE, *arguments)
                if text is not None:
                    await transaction.execute(stop_rows.INSERT, decode(text)["id"], rows)
                return text

            text = await self._database.transact(work, name="trips.create", idempotent=True)
        else:
            text = await self._database.fetchval(_CREATE, *arguments, name="trips.create", write=True, idempotent=True)
        return read_trip(text) if text is not None else await self._by_key(key)

    async def update(self, trip_id: int, changes: Mapping[str, object], *, based_on: datetime) -> Trip:
        """Change the fields named. Raises StaleRow, Forbidden, NotFound, InvalidValue."""
        row = json.dumps(encode(changes, TripFields))
        sql = _UPDATE.format(changes=", ".join(f"{name} = r.{name}" for name in changes) or "name = o.name")

        async def write() -> Trip | None:
            text = await self._database.fetchval(sql, trip_id, based_on, row, name="trips.update", write=True)
            return None if text is None else read_trip(text)

        def done(current: Trip) -> bool:
            return all(getattr(current, name) == value for name, value in changes.items())

        return await self._guarded(write, trip_id, based_on, done)

    async def delete(self, trip_id: int, based_on: datetime) -> Trip:
        """Put a trip into the trash (owner only); `restore` takes it out. Raises StaleRow, Forbidden, NotFound."""

        async def write() -> Trip | None:
            text = await self._database.fetchval(_DELETE, trip_id, based_on, name="trips.delete", write=True)
            return None if text is None else read_trip(text)

        return await self._guarded(write, trip_id, based_on, lambda current: current.deleted_at is not None)

    async def restore(self, trip_id: int) -> Trip:
        """Take a trip out of the trash; one that is not in it stays as it is."""
        text = await self._database.fetchval(_RESTORE, trip_id, name="trips.restore", write=True, idempotent=True)
        return await self.get(trip_id) if text is None else read_trip(text)

    async def purge(self, trip_id: int) -> None:
        """Delete a trip that is in the trash for good, with all that belongs to it. Raises Forbidden, NotFound."""
        gone = await self._database.fetchval(_PURGE, trip_id, name="trips.purge", write=True, idempotent=True)
        if gone is None and (await self.get(trip_id)).access is not Access.OWNER:
            raise Forbidden
        if gone is None:
            raise NotFound("This trip is not in the trash.")

    async def archive(self, trip_id: int, based_on: datetime) -> Trip:
        """Put a trip away, for everybody who shares it. Raises StaleRow, Forbidden, NotFound."""
        return await self._archive(trip_id, based_on, archived=True)

    async def unarchive(self, trip_id: int, based_on: datetime) -> Trip:
        """Bring an archived trip back. Raises StaleRow, Forbidden, NotFound."""
        return await self._archive(trip_id, based_on, archived=False)

    async def _archive(self, trip_id: int, based_on: datetime, *, archived: bool) -> Trip:
        async def write() -> Trip | None:
            text = await self._database.fetchval(
                _ARCHIVE, trip_id, based_on, archived, name="trips.archive", write=True
            )
            return None if text is None else read_trip(text)

        return await self._guarded(
            write, trip_id, based_on, lambda current: (current.archived_at is not None) is archived
        )

    async def know(self, trip_id: int, finding: str, *, known: bool = True) -> Trip:
        """Put a finding of the checker aside, by its key, or no longer. Raises Forbidden, NotFound."""
        arguments = (trip_id, finding, known)
        text = await self._database.fetchval(_KNOW, *arguments, name="trips.know", write=True, idempotent=True)
        if text is None:
            await self.get(trip_id)  # raises NotFound
            raise Forbidden
        return read_trip(text)

    async def duplicate(
        self,
        trip_id: int,
        *,
        start_date: date,
        name: str,
        key: UUID,
        parts: frozenset[CopyPart] = EVERYTHING,
        budget: Decimal | None = None,
    ) -> Trip:
        """A copy that begins on `start_date`: bookings unbooked, times at the same hour of the day in their place.

        Of stops, bookings, items and notes it has `parts`; `budget` None is the same budget. The copy is the
        signed-in user's own. The same `key` twice makes one copy. Raises NotFound, InvalidValue.
        """
        plan = pruned(await self.plan(trip_id), parts, budget)
        try:
            fields = json.dumps(dump(copied_fields(plan, start_date, name), TripFields))
            rows = copied_rows(plan, (start_date - plan.trip.start_date).days, key)
        except OverflowError:
            raise InvalidValue("start_date", "The copy would lie outside the calendar.") from None

        async def work(transaction: Transaction) -> str | None:
            text: str | None = await transaction.fetchval(_CREATE, key, fields)
            if text is not None:
                await transaction.fetchval(COPY, decode(text)["id"], *rows)
            return text

        text = await self._database.transact(work, name="trips.duplicate", idempotent=True)
        return read_trip(text) if text is not None else await self._by_key(key)

    async def set_stops(self, trip_id: int, stops: Sequence[StopFields]) -> tuple[TripStop, ...]:
        """Replace all stops of a trip by these, in this order. Raises Forbidden, NotFound, InvalidValue."""
        text = await self._database.fetchval(
            stop_rows.REPLACE, trip_id, stop_rows.write(stops), name="trips.set_stops", write=True, idempotent=True
        )
        stored = stop_rows.read(decode(text))
        if not stored and not (await self.get(trip_id)).access.may_edit:
            # Deleting what one may not delete is silently nothing.
            raise Forbidden
        return stored

    async def reschedule(
        self, now: TripPlan, wanted: TripPlan, *, stops: Sequence[StopFields] | None = None
    ) -> TripPlan:
        """Write the dates (and the trip's fields) in which `wanted` differs from `now`, all or nothing.

        `stops`, where given, replace the trip's. Raises StaleRow when anything of the trip was changed, added or
        removed since `now` was read; Forbidden, NotFound, InvalidValue.
        """

        async def work(transaction: Transaction) -> TripPlan:
            return await rescheduling.write(transaction, now, wanted, stops)

        try:
            return await self._database.transact(work, name="trips.reschedule")
        except OutcomeUnknown:
            await self._database.recovered(5.0)
            current = await self.plan(now.trip.id)
            if rescheduling.same_dates(current, wanted):
                return current
            return await self._database.transact(work, name="trips.reschedule")

    async def _by_key(self, key: UUID) -> Trip:
        """What an earlier attempt with this key made."""
        text = await self._database.fetchval(_BY_KEY, key, name="trips.by_key")
        if text is None:
            raise NotFound("This trip is no longer there.")
        return read_trip(text)
