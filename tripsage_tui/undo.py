"""The changes made in this program that can be taken back, newest first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tripsage_tui.data.errors import Forbidden, NotFound, StaleRow

HOPELESS = (StaleRow, NotFound, Forbidden)


@dataclass(frozen=True)
class _Step:
    label: str
    undo: Callable[[], Awaitable[None]]


class UndoStack:
    """What `u` takes back. Each step writes through a repository, so the database decides whether it still may."""

    def __init__(self, depth: int = 200) -> None:
        self._steps: deque[_Step] = deque(maxlen=depth)
        self._one_at_a_time = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def label(self) -> str | None:
        """What the next undo takes back, in words."""
        return self._steps[-1].label if self._steps else None

    def push(self, label: str, undo: Callable[[], Awaitable[None]]) -> None:
        """Remember how to take back what was just done; `label` completes the sentence "Undone: ..."."""
        self._steps.append(_Step(label, undo))

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
            return step.label
