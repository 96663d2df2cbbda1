"""Asking a model: opens a stream, retries while nothing has come, learns what a server does not take.

Layers, outermost first: circuit breaker, retry (stamina), the wire. After the first piece of an answer nothing is
retried: what came stays, and going on is the user's decision.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tripsage_tui.assistant import chat_wire, responses_wire
from tripsage_tui.assistant.endpoint import KEYLESS, Endpoint, Wire
from tripsage_tui.assistant.events import Event
from tripsage_tui.assistant.failures import LONGEST_WAIT, AnswerFailed, Kind, classify, failure
from tripsage_tui.assistant.turns import Turn, paired
from tripsage_tui.data.breaker import Breaker, CircuitOpen
from tripsage_tui.data.collecting import collection_paused
from tripsage_tui.model_windows import window_in

if TYPE_CHECKING:
    from openai import AsyncOpenAI

TRIES = 3
ADAPTATIONS = 4
"""How often one request may be changed because the server does not know a parameter."""


class Model:
    """One server and model. Not bound to a conversation; `close` ends its connections."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        first_token: float = 120.0,
        between_tokens: float = 60.0,
        backoff: float = 0.5,
        breaker: Breaker | None = None,
    ) -> None:
        """`first_token` and `between_tokens` are seconds of silence; `backoff` the first wait between tries."""
        self.endpoint = endpoint
        self.breaker = breaker or Breaker(first_pause=30.0)
        self._first_token = first_token
        self._between_tokens = between_tokens
        self._backoff = backoff
        self._client: AsyncOpenAI | None = None
        self._learned: list[tuple[str, str]] = []
        self.windows: dict[str, int] = {}
        """Tokens that models read, as far as the server's list says; filled by `names`."""

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def names(self) -> list[str]:
        """The models that the server offers. Raises AnswerFailed."""
        try:
            page = await (await self._connected()).models.list()
            models = list(page.data or ())
            said = {model.id: window_in(model.model_dump()) for model in models}
            self.windows = {name: tokens for name, tokens in said.items() if tokens is not None}
            return sorted(said)
        except Exception as error:
            raise classify(error, host=self.endpoint.host, started=False) from error

    async def answer(
        self,
        system: str,
        turns: Sequence[Turn],
        tools: Sequence[dict[str, Any]] = (),
        *,
        on_wait: Callable[[float, AnswerFailed], None] | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The events of one answer, `Done` last.

        Close it (`contextlib.aclosing`) when leaving early, or the server goes on writing. `on_wait` hears of each wait
        in seconds and its reason. Raises AnswerFailed; cancelling ends the request at once.
        """
        wire = responses_wire if self.endpoint.speaks is Wire.RESPONSES else chat_wire
        body = wire.request(self.endpoint.model, system, paired(turns), tools)
        for parameter, message in self._learned:
            wire.adapt(body, parameter, message)
        async with (
            self._guarded(),
            await self._opened(wire, body, on_wait) as stream,
            aclosing(wire.events(stream, self.endpoint.host)) as events,
        ):
            async for event in self._timed(events):
                yield event

    async def _timed(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        """The same events; silence ends them. What the reader does between two of them is no silence."""
        patience, started = self._first_token, False
        while True:
            try:
                async with asyncio.timeout(patience):
                    event = await anext(events)
            except StopAsyncIteration:
                return
            except Exception as error:
                raise classify(error, host=self.endpoint.host, started=started) from error
            patience, started = self._between_tokens, True
            yield event

    async def _opened(
        self, wire: ModuleType, body: dict[str, Any], on_wait: Callable[[float, AnswerFailed], None] | None
    ) -> Any:
        import stamina

        tried = 0

        def again(error: Exception) -> bool | float:
            nonlocal tried
            if not isinstance(error, AnswerFailed) or not error.retryable:
                return False
            tried += 1
            wait = min(error.retry_after or self._backoff * 2 ** (tried - 1), LONGEST_WAIT)
            if on_wait is not None and tried < TRIES:
                on_wait(wait, error)
            return wait

        async for attempt in stamina.retry_context(on=again, attempts=TRIES, timeout=None):
            with attempt:
                return await self._open_adapting(wire, body)
        raise AssertionError("unreachable: the last attempt raises")

    async def _open_adapting(self, wire: ModuleType, body: dict[str, Any]) -> Any:
        for _ in range(ADAPTATIONS):
            try:
                async with asyncio.timeout(self._first_token):
                    return await wire.open_stream(await self._connected(), body)
            except Exception as error:
                refused = classify(error, host=self.endpoint.host, started=False)
                if refused.kind is not Kind.REFUSED or not wire.adapt(body, refused.parameter, str(refused)):
                    raise refused from error
                self._learned.append((refused.parameter, str(refused)))
        raise failure(Kind.REFUSED, self.endpoint.host, "not in any form")

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[None]:
        try:
            probe = self.breaker.enter()
        except CircuitOpen as error:
            raise AnswerFailed(
                Kind.PAUSED,
                f"{self.endpoint.host} failed several times; it is asked again in {error.retry_in:.0f} seconds.",
                retry_after=error.retry_in,
            ) from error
        failed: bool | None = None
        try:
            yield
            failed = False
        except AnswerFailed as error:
            failed = True if error.counts else None
            raise
        finally:
            self.breaker.left(probe, failed)

    async def _connected(self) -> AsyncOpenAI:
        if self._client is None:
            if not self.endpoint.usable:
                raise failure(Kind.NO_KEY)
            self._client = await asyncio.to_thread(self._build)
        return self._client

    def _build(self) -> AsyncOpenAI:
        with collection_paused(keep=True):
            import httpx2
            from openai import AsyncOpenAI

        key = self.endpoint.api_key.get_secret_value() if self.endpoint.api_key else KEYLESS
        return AsyncOpenAI(
            api_key=key or KEYLESS,
            base_url=self.endpoint.base_url,
            max_retries=0,
            timeout=httpx2.Timeout(self._first_token, connect=5.0, write=30.0, pool=10.0),
        )
