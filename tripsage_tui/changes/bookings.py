"""Writing bookings of all four kinds so that every write can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tripsage_tui.data.errors import StaleRow
from tripsage_tui.models.arranging import Edit
from tripsage_tui.models.booking_names import describe, legs_of
from tripsage_tui.models.bookings import (
    AccommodationFields,
    Booking,
    BookingFields,
    FlightFields,
    ItineraryItemFields,
    LegFields,
    TransportationFields,
)
from tripsage_tui.models.journeys import plain_leg

if TYPE_CHECKING:
    from tripsage_tui.data.booking_batches import BookingBatches
    from tripsage_tui.data.bookings import BookingRepository
    from tripsage_tui.planner import Planner


@dataclass(frozen=True)
class BookingChanges:
    """The four repositories behind one face, each write with its way back on the undo stack."""

    planner: Planner

    async def add(self, trip_id: int, fields: BookingFields, legs: Sequence[LegFields], key: UUID) -> Booking:
        """Insert; the same `key` again returns the row of the first time."""
        added: Booking = await self._of(fields).add(trip_id, fields, legs=legs, key=key)
        self._can_take_back(added)
        return added

    def _can_take_back(self, added: Booking) -> None:
        async def undo() -> None:
            await self._delete_unchanged(added)

        async def redo() -> None:
            self._can_take_back(await self._of(added).restore(added))

        self.planner.undo.push(f"adding the {describe(added)}", undo, redo)

    async def edit(
        self,
        booking: Booking,
        changes: Mapping[str, object],
        legs: Sequence[LegFields] | None = None,
        *,
        label: str | None = None,
    ) -> Booking:
        """Write `changes` over `booking` as it is known here. Raises StaleRow."""
        repository = self._of(booking)
        edited: Booking = await repository.update(booking.id, changes, legs=legs, based_on=booking.updated_at)
        before = {name: getattr(booking, name) for name in changes}
        legs_before = None if legs is None else _plain(booking)

        async def undo() -> None:
            now = await self.current(edited)
            touched = any(getattr(now, name) != getattr(edited, name) for name in changes)
            if touched or (legs is not None and _plain(now) != _plain(edited)):
                raise StaleRow(now, f"Not undone: someone else has changed the {describe(now)} since.")
            await repository.update(now.id, before, legs=legs_before, based_on=now.updated_at)

        async def redo() -> None:
            now = await self._as_before(booking, before)
            await self.edit(now, changes, legs, label=label)

        self.planner.undo.push(label or f"editing the {describe(booking)}", undo, redo)
        return edited

    async def write(self, booking: Booking, changes: Mapping[str, object]) -> Booking:
        """Write `changes` without a step of its own to take back: for callers that make one of several. StaleRow."""
        written: Booking = await self._of(booking).update(booking.id, changes, based_on=booking.updated_at)
        return written

    async def edit_all(self, edits: Sequence[Edit], label: str) -> list[Booking]:
        """Write several changes at once, all or none, with one way back. Raises StaleRow."""
        batches = self._batches()
        edited = await batches.edit([(edit.booking, edit.changes) for edit in edits])
        written = [edit for edit in edits if edit.changes]
        before = [{name: getattr(edit.booking, name) for name in edit.changes} for edit in written]

        async def undo() -> None:
            back = []
            for booking, edit, was in zip(edited, written, before, strict=True):
                now = await self.current(booking)
                if any(getattr(now, name) != getattr(booking, name) for name in edit.changes):
                    raise StaleRow(now, f"Not undone: someone else has changed the {describe(now)} since.")
                back.append((now, was))
            await batches.edit(back)

        async def redo() -> None:
            pairs = [
                (await self._as_before(edit.booking, was), edit) for edit, was in zip(written, before, strict=True)
            ]
            await self.edit_all([replace(edit, booking=now) for now, edit in pairs], label)

        if edited:
            self.planner.undo.push(label, undo, redo)
        return edited

    async def delete_all(self, bookings: Sequence[Booking], label: str) -> None:
        """Delete several at once, all or none, with one way back. Raises StaleRow."""
        batches = self._batches()
        graves = await batches.delete(bookings)

        async def redo() -> None:
            await self.delete_all([await self._as_before(booking, {}) for booking in bookings], label)

        self.planner.undo.push(label, lambda: batches.restore(graves), redo)

    def _batches(self) -> BookingBatches:
        from tripsage_tui.data.booking_batches import BookingBatches

        planner = self.planner
        kinds = (planner.flights, planner.accommodations, planner.transportation, planner.items)
        return BookingBatches(planner.database, kinds)

    async def delete(self, booking: Booking) -> None:
        """Delete the row as it is known here. Raises StaleRow."""
        repository = self._of(booking)
        deleted = await repository.delete(booking.id, based_on=booking.updated_at)

        async def undo() -> None:
            await repository.restore(deleted)

        async def redo() -> None:
            await self.delete(await self._as_before(booking, {}))

        self.planner.undo.push(f"deleting the {describe(booking)}", undo, redo)

    async def current(self, booking: Booking) -> Booking:
        """The row as it is now. Raises NotFound."""
        now: Booking = await self._of(booking).get(booking.id)
        return now

    def _of(self, booking: BookingFields) -> BookingRepository[Any, Any]:
        """The repository of a kind of booking."""
        match booking:
            case FlightFields():
                return self.planner.flights
            case AccommodationFields():
                return self.planner.accommodations
            case TransportationFields():
                return self.planner.transportation
            case ItineraryItemFields():
                return self.planner.items
        raise TypeError(f"{type(booking).__name__} is none of the four kinds of booking")

    async def _as_before(self, booking: Booking, before: Mapping[str, object]) -> Booking:
        """The row as it is now. Raises StaleRow where it is not as `before` says any more."""
        now = await self.current(booking)
        if any(getattr(now, name) != value for name, value in before.items()):
            raise StaleRow(now, f"Not redone: someone else has changed the {describe(now)} since.")
        return now

    async def _delete_unchanged(self, added: Booking) -> None:
        now = await self.current(added)
        if now.updated_at != added.updated_at:
            raise StaleRow(now, f"Not undone: the {describe(now)} has been changed since it was added.")
        await self._of(now).delete(now.id, based_on=now.updated_at)


def _plain(booking: Booking) -> list[LegFields]:
    return [plain_leg(leg) for leg in legs_of(booking)]
