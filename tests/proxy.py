"""A TCP proxy in front of a server's socket that delays, counts round trips, goes silent and cuts connections."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType


class Proxy:
    """Listens on a loopback port (`port`) and forwards to a PostgreSQL socket folder.

    `round_trip` is the seconds that a question and its answer take together. `round_trips` counts how often the client
    spoke after the server had spoken (or first), over all connections; `connections` counts those.
    """

    def __init__(self, folder: str, port: int = 5432, *, round_trip: float = 0.0) -> None:
        self._socket = f"{folder}/.s.PGSQL.{port}"
        self._delay = round_trip / 2
        self._server: asyncio.Server | None = None
        self._pairs: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._talk = asyncio.Event()
        self._talk.set()
        self.refusing = False
        self.port = 0
        self.round_trips = 0
        self.connections = 0

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        self._talk.set()
        await asyncio.gather(*self._pairs)

    def cut(self) -> None:
        """Close all connections, as a crashing router does."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def go_silent(self) -> None:
        """Keep connections open and forward nothing any more."""
        self._talk.clear()

    def talk_again(self) -> None:
        self._talk.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pairs.add(task)
        self._writers.add(writer)
        try:
            if self.refusing:
                return
            self.connections += 1
            server_reader, server_writer = await asyncio.open_unix_connection(self._socket)
            self._writers.add(server_writer)
            conversation = _Conversation()
            await asyncio.gather(
                self._forward(reader, server_writer, conversation, from_client=True),
                self._forward(server_reader, writer, conversation, from_client=False),
            )
            self._writers.discard(server_writer)
        except OSError:
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._pairs.discard(task)

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        conversation: _Conversation,
        *,
        from_client: bool,
    ) -> None:
        pending: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        sending = asyncio.create_task(self._send(pending, writer))
        clock = asyncio.get_running_loop().time
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._talk.wait()
                if conversation.turns_to(from_client):
                    self.round_trips += 1
                pending.put_nowait((clock() + self._delay, data))
        pending.put_nowait((clock() + self._delay, b""))
        await sending

    async def _send(self, pending: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        with suppress(OSError):
            while True:
                due, data = await pending.get()
                if (wait := due - clock()) > 0:
                    await asyncio.sleep(wait)
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()


class _Conversation:
    """Whose turn it was last."""

    def __init__(self) -> None:
        self._client_spoke = False

    def turns_to(self, client: bool) -> bool:
        """Note who speaks; True when the client begins a new question."""
        new = client and not self._client_spoke
        self._client_spoke = client
        return new
