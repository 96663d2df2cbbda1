"""Taking one of several options: one change for the user, one step for undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tripsage_tui.changes.bookings import BookingChanges
from tripsage_tui.models.arranging import Edit
from tripsage_tui.models.booking_names import describe
from tripsage_tui.models.bookings import Booking, BookingStatus
from tripsage_tui.undo import UndoStack

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


@dataclass(frozen=True)
class Taking:
    """What becomes of the chosen one, and whether the others are deleted rather than cancelled."""

    state: BookingStatus = BookingStatus.RESERVED
    delete_others: bool = False


async def take(planner: Planner, chosen: Booking, others: Sequence[Booking], taking: Taking) -> None:
    """Write it as it is known here, with one way back. Raises StaleRow; then what was written is on the undo stack."""
    own = UndoStack()
    changes = BookingChanges(replace(planner, undo=own))
    label = f"taking the {describe(chosen)}"
    edits = [Edit(chosen, {"booking_status": taking.state})]
    if not taking.delete_others:
        edits += [Edit(other, {"booking_status": BookingStatus.CANCELLED}) for other in others]

    try:
        await changes.edit_all(edits, label)
        if taking.delete_others and others:
            await changes.delete_all(others, label)
    finally:
        planner.undo.absorb(own, label)
