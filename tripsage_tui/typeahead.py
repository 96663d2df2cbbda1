"""Keys typed ahead of the screen arrive where the traveller meant them.

Textual forwards every key at once to the widget that has the focus at that moment, while the effect of the key before
(the next field, a new screen) is still on its way through message queues. Over a slow line a whole burst of keys then
lands in one field, or on the list behind the form that was being opened. Here a key waits until the one before it has
been handled, for at most `PATIENCE`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

PATIENCE = 0.5
"""Seconds that one key may hold up the next: a handler that hangs must not make the keyboard dead."""


class OrderedKeys(App[None]):
    """An app that handles one key after the other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._typed: deque[events.Key] = deque()
        self._following: asyncio.Task[None] | None = None

    async def on_event(self, event: events.Event) -> None:
        """Handle a key, or keep it until those before it have been handled; other events pass."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._following is not None and not self._following.done():
            self._typed.append(event)
        else:
            typed = self._is_text(event)
            await super().on_event(event)
            if not typed:
                self._following = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        """Wait for the key that was just forwarded, then forward those that came meanwhile, each after the other."""
        await self._handled()
        while self._typed:
            key = self._typed.popleft()
            typed = self._is_text(key)
            await super().on_event(key)
            if not typed:
                await self._handled()

    def _is_text(self, key: events.Key) -> bool:
        """Whether the focused widget just takes the key as a character: nothing then depends on its being done."""
        return self.focused is not None and self.focused.check_consume_key(key.key, key.character)

    async def _handled(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                if self.is_running and self._screen_stack:
                    await self._drained()
        except TimeoutError:
            return

    async def _drained(self) -> None:
        """Return when the queues between the focused widget and the app are empty and the focus has come to rest."""
        while True:
            screen, focused = self.screen, self.focused
            while not screen.is_mounted:  # noqa: ASYNC110 - Textual has no public event for it
                await asyncio.sleep(0.002)
            pumps: list[MessagePump] = [*(focused or screen).ancestors_with_self]
            for pump in pumps:
                await _reached(pump)
            if (screen, focused) == (self.screen, self.focused):
                return


async def _reached(pump: MessagePump) -> None:
    """Return when a widget has worked off what is in its queue now."""
    done = asyncio.Event()
    if pump.is_running and pump.call_later(done.set):
        await done.wait()
