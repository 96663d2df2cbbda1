"""The changes made in this program that can be taken back, newest first, and those that can be made again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tripsage_tui.data.errors import Forbidden, NotFound, StaleRow

HOPELESS = (StaleRow, NotFound, Forbidden)


Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class _Step:
    label: str
    undo: Act
    redo: Act | None = None


class UndoStack:
    """What `u` takes back. Each step writes through a repository, so the database decides whether it still may."""

    def __init__(self, depth: int = 200) -> None:
        self._steps: deque[_Step] = deque(maxlen=depth)
        self._undone: list[_Step] = []
        self._redoing = False
        self._one_at_a_time = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def label(self) -> str | None:
        """What the next undo takes back, in words."""
        return self._steps[-1].label if self._steps else None

    def push(self, label: str, undo: Act, redo: Act | None = None) -> None:
        """Remember how to take back what was just done; `label` completes the sentence "Undone: ...".

        `redo` does it again and pushes its own way back; without one it cannot be redone. A new change makes what was
        undone before it history.
        """
        self._steps.append(_Step(label, undo, redo))
        if not self._redoing:
            self._undone.clear()

    def absorb(self, other: UndoStack, label: str) -> None:
        """Take over what was pushed onto `other`, as one step: for changes of several writes."""
        if not len(other):
            return
        what = label if len(other) > 1 else other.label or label

        async def undo() -> None:
            while len(other):
                await other.undo()

        async def redo() -> None:
            try:
                while await other.redo() is not None:
                    pass
            finally:
                self.absorb(other, label)

        self.push(what, undo, redo)

    async def undo(self) -> str | None:
        """Take back the newest step and return its label; None if there is nothing.

        Raises what the step raises. A step that failed for the moment (database away, cancelled) stays and can be tried
        again; one that can never work (the row was changed or deleted by someone else) goes, so as not to bar the
        steps below it.
        """
        async with self._one_at_a_time:
            if not self._steps:
                return None
            step = self._steps.pop()
            try:
                await step.undo()
            except HOPELESS:
                raise
            except BaseException:
                self._steps.append(step)
                raise
            if step.redo is None:
                self._undone.clear()
            else:
                self._undone.append(step)
            return step.label

    async def redo(self) -> str | None:
        """Do again what was taken back last and return its label; None if there is nothing. Fails as `undo` does."""
        async with self._one_at_a_time:
            if not self._undone:
                return None
            step = self._undone.pop()
            self._redoing = True
            try:
                if step.redo is not None:
                    await step.redo()
            except HOPELESS:
                raise
            except BaseException:
                self._undone.append(step)
                raise
            finally:
                self._redoing = False
            return step.label
