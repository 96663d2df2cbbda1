"""Writing trips so that every write can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from tripsage_tui.changes.rates import kept_rates
from tripsage_tui.data.errors import StaleRow
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rescheduling import Rescheduling, plain, restored
from tripsage_tui.models.trips import StopFields, Trip, TripFields, TripStop

if TYPE_CHECKING:
    from tripsage_tui.models.copying import Duplicate
    from tripsage_tui.planner import Planner


@dataclass(frozen=True)
class TripChanges:
    """Adds and edits trips; each write puts its way back on the undo stack."""

    planner: Planner

    async def add(self, fields: TripFields, stops: Sequence[StopFields], key: UUID) -> Trip:
        """Insert with its stops; the same `key` again returns the trip of the first time."""
        trips = self.planner.trips
        added = await trips.create(fields, stops=stops, key=key)
        self._can_take_back(added, f"adding the trip {added.name}")
        return added

    async def duplicate(self, trip: Trip, wish: Duplicate, key: UUID) -> Trip:
        """A copy of `trip` as it is wished for; the same `key` again returns the copy of the first time."""
        added = await self.planner.trips.duplicate(
            trip.id, start_date=wish.start_date, name=wish.name, key=key, parts=wish.parts, budget=wish.budget
        )
        self._can_take_back(added, f"copying the trip {trip.name}")
        return added

    async def know(self, trip_id: int, finding: str, *, known: bool) -> Trip:
        """Put a finding of the checker aside, or have it told again; the trip as it is then."""
        trip = await self.planner.trips.know(trip_id, finding, known=known)

        async def undo() -> None:
            await self.planner.trips.know(trip_id, finding, known=not known)

        async def redo() -> None:
            await self.know(trip_id, finding, known=known)

        self.planner.undo.push("putting a finding aside" if known else "telling a finding again", undo, redo)
        return trip

    async def edit(self, trip: Trip, changes: Mapping[str, object]) -> Trip:
        """Write `changes` over `trip` as it is known here. Raises StaleRow."""
        trips = self.planner.trips
        keep = await kept_rates(self.planner, trip.id) if "currency" in changes else None
        edited = await trips.update(trip.id, changes, based_on=trip.updated_at)
        before = {name: getattr(trip, name) for name in changes}

        async def undo() -> None:
            now = await trips.get(edited.id)
            if any(getattr(now, name) != getattr(edited, name) for name in changes):
                raise StaleRow(now, f"Not undone: someone else has changed the trip {now.name} since.")
            await trips.update(now.id, before, based_on=now.updated_at)
            if keep is not None:
                await keep.put_back()

        async def redo() -> None:
            now = await trips.get(trip.id)
            if any(getattr(now, name) != value for name, value in before.items()):
                raise StaleRow(now, f"Not redone: someone else has changed the trip {now.name} since.")
            await self.edit(now, changes)

        self.planner.undo.push(f"editing the trip {trip.name}", undo, redo)
        return edited

    async def reschedule(
        self, change: Rescheduling, *, trip: Trip | None = None, stops: Sequence[StopFields] | None = None
    ) -> TripPlan:
        """Give a trip other dates, and what moves with it, at once; one undo takes all of it back. Raises StaleRow.

        `trip` is how it should be where more than its dates changed, `stops` what replaces its stops.
        """
        trips = self.planner.trips
        wanted = change.after if trip is None else change.after.model_copy(update={"trip": trip})
        other_currency = wanted.trip.currency != change.before.trip.currency
        keep = await kept_rates(self.planner, wanted.trip.id) if other_currency else None
        stored = await trips.reschedule(change.before, wanted, stops=stops)
        done = replace(change, after=wanted if stops is None else wanted.model_copy(update={"stops": stored.stops}))
        before = change.before.stops

        async def undo() -> None:
            now = await trips.plan(stored.trip.id)
            replaced = None if stops is None else before
            back = restored(now, done, stops=replaced)
            if back is None:
                raise StaleRow(now.trip, f"Not undone: {now.trip.name} was changed again since.")
            await trips.reschedule(now, back, stops=replaced)
            if keep is not None:
                await keep.put_back()

        async def redo() -> None:
            now = await trips.plan(stored.trip.id)
            forth = restored(now, replace(done, before=done.after, after=done.before))
            if forth is None:
                raise StaleRow(now.trip, f"Not redone: {now.trip.name} was changed again since.")
            await self.reschedule(replace(done, before=now, after=forth))

        # Stops that are replaced get other ids each time, and rates are forgotten with a currency.
        plainly = stops is None and keep is None
        self.planner.undo.push(f"the other dates of {stored.trip.name}", undo, redo if plainly else None)
        return stored

    async def set_stops(
        self, trip: Trip, before: Sequence[StopFields], stops: Sequence[StopFields]
    ) -> tuple[TripStop, ...]:
        """Replace the stops of a trip, and return them as stored."""
        trips = self.planner.trips
        stored = await trips.set_stops(trip.id, stops)

        async def undo() -> None:
            now = await trips.plan(trip.id)
            if [plain(stop) for stop in now.stops] != [plain(stop) for stop in stored]:
                raise StaleRow(now.trip, f"Not undone: someone else has changed the stops of {trip.name} since.")
            await trips.set_stops(trip.id, before)

        async def redo() -> None:
            await self.set_stops(trip, (await trips.plan(trip.id)).stops, stops)

        self.planner.undo.push(f"changing the stops of {trip.name}", undo, redo)
        return stored

    async def delete(self, trip: Trip) -> None:
        """Put a trip as it is known here into the trash. Raises StaleRow."""
        trips = self.planner.trips
        await trips.delete(trip.id, based_on=trip.updated_at)

        async def undo() -> None:
            await trips.restore(trip.id)

        async def redo() -> None:
            await self.delete(await trips.get(trip.id))

        self.planner.undo.push(f"deleting the trip {trip.name}", undo, redo)

    async def restore(self, trip: Trip) -> None:
        """Take a trip out of the trash."""
        restored = await self.planner.trips.restore(trip.id)
        self._can_take_back(restored, f"restoring the trip {trip.name}")

    async def archive(self, trip: Trip, *, away: bool) -> None:
        """Put a trip as it is known here into the archive, or bring it back. Raises StaleRow."""
        trips = self.planner.trips
        write, back = (trips.archive, trips.unarchive) if away else (trips.unarchive, trips.archive)
        await write(trip.id, trip.updated_at)

        async def undo() -> None:
            now = await trips.get(trip.id)
            await back(now.id, now.updated_at)

        async def redo() -> None:
            await self.archive(await trips.get(trip.id), away=away)

        self.planner.undo.push(f"{'archiving' if away else 'unarchiving'} the trip {trip.name}", undo, redo)

    def sampled(self, trip: Trip) -> None:
        """A sample trip was made: undone, it goes into the trash."""
        self._can_take_back(trip, f"creating the sample trip {trip.name}")

    def _can_take_back(self, trip: Trip, label: str) -> None:
        """Undone, a new trip goes into the trash, and redone comes out of it."""

        async def redo() -> None:
            self._can_take_back(await self.planner.trips.restore(trip.id), label)

        self.planner.undo.push(label, lambda: self._into_the_trash(trip), redo)

    async def _into_the_trash(self, trip: Trip) -> None:
        now = await self.planner.trips.get(trip.id)
        await self.planner.trips.delete(now.id, based_on=now.updated_at)
