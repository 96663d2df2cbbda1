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
        self._typed: deque[events.Key | events.Paste] = deque()
        self._following: asyncio.Task[None] | None = None
        self._text_under_way = False

    async def on_event(self, event: events.Event) -> None:
        """Handle a key or a paste, or keep it until those before it have been handled; other events pass."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._following is not None and not self._following.done():
            self._typed.append(event)
        elif self._is_text(event):
            self._text_under_way = True
            await super().on_event(event)
        elif self._text_under_way:
            # A key with priority (saving) is acted on at once: it would overtake the characters before it.
            self._typed.append(event)
            self._following = asyncio.create_task(self._follow())
        else:
            await super().on_event(event)
            self._following = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        """Wait for what was forwarded last, then forward the keys that came meanwhile, each after the other."""
        await self._handled()
        while self._typed:
            key = self._typed.popleft()
            if self._is_text(key):
                self._text_under_way = True
                await super().on_event(key)
                continue
            if self._text_under_way:
                await self._handled()
            await super().on_event(key)
            await self._handled()

    def _is_text(self, key: events.Key | events.Paste) -> bool:
        """Whether the focused widget just takes the key as a character: no other character has to wait for it."""
        if isinstance(key, events.Paste):
            return True
        return self.focused is not None and self.focused.check_consume_key(key.key, key.character)

    async def _handled(self) -> None:
        self._text_under_way = False
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
