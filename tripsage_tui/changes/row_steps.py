"""How rows of a trip that were added or deleted are taken back, and taken back again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripsage_tui.data.errors import StaleRow

if TYPE_CHECKING:
    from tripsage_tui.data.trip_rows import TripRows
    from tripsage_tui.undo import UndoStack


def push_added(undo_stack: UndoStack, rows: TripRows[Any, Any], added: Any, label: str) -> None:
    """A row was added: undone, it goes unless it was changed meanwhile; redone, it is back with its id."""

    async def undo() -> None:
        now = await rows.get(added.id)
        if now.updated_at != added.updated_at:
            raise StaleRow(now, "Not undone: this has been changed since it was added.")
        await rows.delete(now.id, based_on=now.updated_at)

    async def redo() -> None:
        push_added(undo_stack, rows, await rows.restore(added), label)

    undo_stack.push(label, undo, redo)


def push_deleted(undo_stack: UndoStack, rows: TripRows[Any, Any], deleted: Any, label: str) -> None:
    """A row was deleted: undone, it is back; redone, it goes unless it was changed meanwhile."""
    back: list[Any] = []

    async def undo() -> None:
        back[:] = [await rows.restore(deleted)]

    async def redo() -> None:
        now = await rows.get(deleted.id)
        if now.updated_at != back[0].updated_at:
            raise StaleRow(now, "Not redone: this has been changed since it came back.")
        push_deleted(undo_stack, rows, await rows.delete(now.id, based_on=now.updated_at), label)

    undo_stack.push(label, undo, redo)


def still(now: Any, before: dict[str, object]) -> Any:
    """The row as it is now, to be changed again. Raises StaleRow where it is not as `before` says any more."""
    if any(getattr(now, name) != value for name, value in before.items()):
        raise StaleRow(now, "Not redone: someone else has changed this since.")
    return now
