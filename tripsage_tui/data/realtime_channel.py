"""One private channel of a project's Supabase Realtime, on a socket of its own, by the project's own client library.

The library reconnects by itself a few times, with the token of back then, and says nothing about what was missed. Here
a channel that is lost stays lost: whoever opened it opens another one.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import SecretStr

from tripsage_tui.data.errors import Unavailable

if TYPE_CHECKING:
    from realtime import AsyncRealtimeChannel, AsyncRealtimeClient
    from websockets.asyncio.client import ClientConnection

logger = logging.getLogger(__name__)
for _library in ("realtime", "websockets"):
    logging.getLogger(_library).addHandler(logging.NullHandler())
# Frames hold the access token.
logging.getLogger("websockets").setLevel(logging.INFO)

EVENT = "change"
_JOINING = 10
# Old servers do not say when they begin to read what the database sends.
_READY = 2.0
_FAREWELL = 0.5


class AccessTokens(Protocol):
    """Whoever keeps the user's sign-in to the project."""

    async def access_token(self) -> SecretStr:
        """One that is good for at least another minute. Raises NotAuthorized."""
        ...


@dataclass(frozen=True)
class RealtimeSource:
    """A project: `url` without a slash at its end, its publishable key, and the sign-in to it."""

    url: str
    publishable_key: str
    tokens: AccessTokens


class ChannelLost(Unavailable):
    """No news comes this way (any more). Says nothing about the database."""


class RealtimeChannel:
    """An open channel. `wake` is called when it is lost."""

    def __init__(
        self, client: AsyncRealtimeClient, on_news: Callable[[object], None], wake: Callable[[], None]
    ) -> None:
        self._client = client
        self._on_news = on_news
        self._wake = wake
        self._channel: AsyncRealtimeChannel | None = None
        self._joined = False
        self._ready = asyncio.Event()
        self._on_ready: Callable[[], None] | None = None
        self.lost = ""
        """Why it is lost; empty as long as it is not."""

    @classmethod
    async def open(
        cls,
        source: RealtimeSource,
        topic: str,
        token: SecretStr,
        *,
        on_news: Callable[[object], None],
        on_ready: Callable[[], None],
        wake: Callable[[], None],
    ) -> RealtimeChannel:
        """Join the topic. `on_news` gets each payload. Raises ChannelLost.

        `on_ready` is called when it turns out that what the database sends begins to come only now.
        """
        # Half a second of imports, beside which keys are still answered.
        library = await asyncio.to_thread(importlib.import_module, "realtime")
        client = library.AsyncRealtimeClient(
            f"{source.url}/realtime/v1", source.publishable_key, auto_reconnect=False, timeout=_JOINING
        )
        self = cls(client, on_news, wake)
        try:
            async with asyncio.timeout(_JOINING * 2):
                await client.set_auth(token.get_secret_value())
                await self._join(topic)
            if self._joined and not self.lost:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_READY):
                        await self._ready.wait()
                self._on_ready = on_ready
        except asyncio.CancelledError:
            await self.close()
            raise
        except Exception as error:  # the library's, of its sockets, of TLS: all mean the same
            await self.close()
            raise ChannelLost(f"Supabase Realtime cannot be reached ({type(error).__name__}).") from error
        if not self._joined or self.lost:
            await self.close()
            raise ChannelLost(f"Supabase Realtime refused the channel: {self.lost or 'no answer'}")
        return self

    async def _join(self, topic: str) -> None:
        options: Any = {
            "config": {
                "private": True,
                "broadcast": {"ack": False, "self": False, "replication_ready": True},
                "presence": {"key": "", "enabled": False},
            }
        }
        self._channel = channel = self._client.channel(topic, options)
        channel.on_broadcast(EVENT, lambda message: self._on_news(message.get("payload")))
        channel.on_system(lambda _: self._begins())
        await channel.subscribe(self._state_changed)

    def _begins(self) -> None:
        first = not self._ready.is_set()
        self._ready.set()
        if first and self._on_ready is not None:
            self._on_ready()

    def _state_changed(self, state: str, error: Exception | None) -> None:
        if state == "SUBSCRIBED":
            self._joined = True
            return
        self.lost = self.lost or f"{state.lower().replace('_', ' ')}{f': {error}' if error else ''}"[:300]
        self._wake()

    async def renew(self, token: SecretStr) -> None:
        """Go on with another token. Raises ChannelLost."""
        try:
            await self._client.set_auth(token.get_secret_value())
        except Exception as error:
            raise ChannelLost("Supabase Realtime did not take the new sign-in.") from error

    async def check(self, patience: float) -> None:
        """Raises ChannelLost when the channel is lost, or nobody answers within so many seconds."""
        socket = self._socket
        if self.lost or socket is None:
            raise ChannelLost(f"The channel of Supabase Realtime ended: {self.lost or 'closed'}")
        try:
            async with asyncio.timeout(patience):
                await (await socket.ping())
        except Exception as error:
            raise ChannelLost("Supabase Realtime does not answer.") from error

    @property
    def _socket(self) -> ClientConnection | None:
        # The library waits 40 s for a sign of life and hands its socket to nobody; the tests would notice another name.
        socket: ClientConnection | None = getattr(self._client, "_ws_connection", None)
        return socket

    async def close(self) -> None:
        """Leave; a network that is dead holds nobody up."""
        socket = self._socket
        if self._channel is not None:
            self._channel.rejoin_timer.reset()
            self._channel.join_push.destroy()
            for push in self._channel.messages_waiting_for_ack.values():
                push.destroy()
        with suppress(Exception):
            async with asyncio.timeout(_FAREWELL):
                await self._client.close()
        if socket is not None:
            socket.transport.abort()
        with suppress(Exception):
            await self._client.close()  # also its tasks, which the first attempt may not have reached
