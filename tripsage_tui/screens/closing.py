"""Leaving a screen once, and that screen only."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType


class ClosesOnce(Screen[ScreenResultType]):
    """A screen whose `dismiss` can be called by a key and by an answer of the database at the same time.

    Named after ModalScreen among the bases of a dialog: style sheets know a class by its first base.

    Textual's own takes whatever stands on top from the stack, and fails at the second call (8.2.8).
    """

    _dismissed = False

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close this screen, and what was opened over it in the meantime, with nobody's answer."""
        stack = self.app.screen_stack
        if self._dismissed or self not in stack:
            return AwaitComplete()
        for screen in reversed(stack[stack.index(self) + 1 :]):
            screen.dismiss()
        self._dismissed = True
        return super().dismiss(result)
