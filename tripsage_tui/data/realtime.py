"""Live changes through Supabase Realtime, where no connection stays to LISTEN on: behind a transaction pooler."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from pydantic import SecretStr

from tripsage_tui.data.errors import DataError, NotAuthorized
from tripsage_tui.data.health import DatabaseHealth
from tripsage_tui.data.listening import Change, Listening
from tripsage_tui.data.realtime_channel import ChannelLost, RealtimeChannel, RealtimeSource

__all__ = ["ASK", "RealtimeSource", "RealtimeUpdates"]

ASK = "select topic, since from private.live_topic() where topic is not null"
_PATIENCE = 5.0
_NO_REALTIME = 300.0

Ask = Callable[[], Awaitable[Any]]


class RealtimeUpdates(Listening):
    """Joins the user's private topic, asks for it to be sent to, and joins again whenever the channel is lost.

    `ask` runs `ASK` as the user and returns its row or None. The database is none the wiser when Realtime is away:
    `health.live` is all that changes.
    """

    def __init__(self, source: RealtimeSource, ask: Ask, health: DatabaseHealth, heartbeat: float) -> None:
        super().__init__(health, heartbeat)
        self._source = source
        self._ask = ask
        self._token: SecretStr | None = None

    async def _listen(self) -> None:
        row = await self._ask()
        if row is None:
            # A project without Realtime, which may get it while the program runs.
            with suppress(TimeoutError):
                async with asyncio.timeout(_NO_REALTIME):
                    await self._look.wait()
            self._look.clear()
            return
        self._look.clear()
        self._token = await self._fresh_token()
        channel = await RealtimeChannel.open(
            self._source,
            row["topic"],
            self._token,
            on_news=self._heard,
            on_ready=self._ready,
            wake=self.look,
        )
        try:
            self._missed = self._missed or self._late
            self._opened()
            await self._watch(channel, row)
        finally:
            await channel.close()

    async def _watch(self, channel: RealtimeChannel, row: Any) -> None:
        """Look after the channel until it is lost. Raises ChannelLost, NotAuthorized."""
        while True:
            await self._rest()
            await channel.check(_PATIENCE)
            again = await self._ask_again(row)
            if again is None or again["topic"] != row["topic"]:
                return
            if again["since"] != row["since"]:
                row = again
                self._tell(Change.missed())
            token = await self._token_of_now()
            if self._token is None or token.get_secret_value() != self._token.get_secret_value():
                self._token = token
                await channel.renew(token)

    async def _ask_again(self, row: Any) -> Any:
        """The same question; no answer is as good as the one before, which holds for some minutes."""
        try:
            return await self._ask()
        except NotAuthorized:
            raise
        except DataError:
            return row

    async def _fresh_token(self) -> SecretStr:
        try:
            return await self._source.tokens.access_token()
        except (OSError, TimeoutError) as error:
            raise ChannelLost("The sign-in service cannot be reached.") from error

    async def _token_of_now(self) -> SecretStr:
        """The token to go on with: that of before, while the sign-in service is away."""
        try:
            return await self._fresh_token()
        except DataError:
            if self._token is None:
                raise
            return self._token

    def _heard(self, payload: object) -> None:
        self._tell(Change.read(payload))

    def _ready(self) -> None:
        """Realtime reads the database's messages only from now on."""
        self._tell(Change.missed())
