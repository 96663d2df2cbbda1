"""`/realtime/v1/websocket` as Supabase Realtime serves it: Phoenix channels, authorised by the database's own policies.

Joining runs the queries that Realtime runs, as the role and with the claims of the token, on `realtime.messages`. What
`realtime.send` inserted there goes to whoever has joined the topic, after the commit.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg
from aiohttp import WSMsgType, web

from tests.hosted.faults import reset
from tests.hosted.tokens import TokenRefused

if TYPE_CHECKING:
    from tests.hosted.project import HostedProject

Json = dict[str, Any]

_CONFIGURE = """
select set_config('role', $1, true), set_config('realtime.topic', $2, true), set_config('request.jwt.claims', $3, true)
"""
_INSERT = "insert into realtime.messages (topic, extension) values ($1, 'broadcast')"
# Instead of the replication slot.
_TELL = """
create or replace function realtime.stand_in() returns trigger language plpgsql security definer as $$
begin
  perform pg_notify('realtime_stand_in', json_build_object(
    'topic', new.topic, 'event', new.event, 'payload', new.payload, 'private', new.private, 'id', new.id)::text);
  return null;
end
$$;
create or replace trigger stand_in after insert on realtime.messages
  for each row when (new.event is not null) execute function realtime.stand_in();
"""


def routes(project: HostedProject) -> list[web.RouteDef]:
    """The part of the server that Realtime is."""
    return [web.get("/realtime/v1/websocket", project.realtime.serve)]


@dataclass(eq=False)
class Socket:
    """One client."""

    request: web.Request
    wire: web.WebSocketResponse
    channels: dict[str, Channel] = field(default_factory=dict)


@dataclass(eq=False)
class Channel:
    """What a client has joined; `topic` begins with "realtime:"."""

    socket: Socket
    topic: str
    ref: str | None
    token: str
    expiry: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self.topic.removeprefix("realtime:")


class Realtime:
    """The faults may be set at any time: `refuse` with a reason, `silent` for a network that swallows everything.

    `flow` cleared keeps news back until it is set again; `begins_late` says only then that news begins to come.
    """

    def __init__(self, project: HostedProject) -> None:
        self._project = project
        self._sockets: set[Socket] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ear: asyncpg.Connection | None = None
        self._hand = asyncio.Lock()
        self.refuse = ""
        self.silent = False
        self.flow = asyncio.Event()
        self.flow.set()
        self.joined: list[str] = []
        """Topics, in the order in which they were joined."""
        self.renewed = asyncio.Event()
        """Set when a client sent another token on an open channel."""

    @property
    def channels(self) -> list[Channel]:
        return [channel for socket in self._sockets for channel in socket.channels.values()]

    def drop(self) -> None:
        """Break every connection, as a crashing router does."""
        for socket in tuple(self._sockets):
            reset(socket.request)

    async def restart(self) -> None:
        """Close every connection politely, as a server does before it goes."""
        for socket in tuple(self._sockets):
            await socket.wire.close(code=1001)

    async def close(self) -> None:
        self.drop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Sockets ---------------------------------------------------------------------------------------------------------

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        wire = web.WebSocketResponse(autoping=False)
        await wire.prepare(request)
        socket = Socket(request, wire)
        self._sockets.add(socket)
        try:
            async for message in wire:
                if self.silent:
                    continue
                if message.type is WSMsgType.PING:
                    await wire.pong(message.data)
                elif message.type is WSMsgType.TEXT:
                    await self._take(socket, json.loads(message.data))
        finally:
            self._sockets.discard(socket)
            for channel in socket.channels.values():
                _stop(channel)
        return wire

    async def _take(self, socket: Socket, message: Json) -> None:
        topic, ref = message["topic"], message.get("ref")
        match message["event"]:
            case "heartbeat":
                await self._reply(socket, topic, ref, "ok", {})
            case "phx_join":
                await self._join(socket, topic, ref, message["payload"])
            case "access_token" if topic in socket.channels:
                await self._renew(socket.channels[topic], str(message["payload"]["access_token"]))
            case "broadcast" if topic in socket.channels:
                await self._pass_on(socket.channels[topic], message["payload"])
            case "phx_leave":
                if channel := socket.channels.pop(topic, None):
                    _stop(channel)
                await self._reply(socket, topic, ref, "ok", {})
                await self._send(socket, topic, "phx_close", {}, ref)

    async def _join(self, socket: Socket, topic: str, ref: str | None, payload: Json) -> None:
        token = str(payload.get("access_token", ""))
        self._project.plant(token)
        channel = Channel(socket, topic, ref, token)
        if reason := await self._objection(channel, private=bool(payload["config"].get("private"))):
            await self._reply(socket, topic, ref, "error", {"reason": reason})
            return
        await self._listen()
        socket.channels[topic] = channel
        self.joined.append(channel.name)
        self._expire_in_time(channel)
        await self._reply(socket, topic, ref, "ok", {"postgres_changes": []})
        if payload["config"]["broadcast"].get("replication_ready"):
            await self.begin(channel)

    async def begin(self, channel: Channel) -> None:
        """Say that what the database sends comes from now on."""
        await self._system(channel, "ok", "Replication connection established")

    async def _objection(self, channel: Channel, *, private: bool = True) -> str:
        """Why a channel may not be joined, in Realtime's words; empty when it may."""
        if self.refuse:
            return self.refuse
        if not private:
            return "PrivateOnly: This project only allows private channels"
        try:
            claims = self._project.signer.verify(channel.token, skew=self._project.skew)
        except TokenRefused as refused:
            return (
                "InvalidJWTToken: Token has expired 1 seconds ago" if refused.expired else "JwtSignatureError: Failed"
            )
        if not (await self._may(claims, channel.name))[0]:
            return f"Unauthorized: You do not have permissions to read from this Channel topic: {channel.name}"
        return ""

    async def _may(self, claims: Json, topic: str) -> tuple[bool, bool]:
        """Whether those claims may receive on the topic, and send."""
        settings = (claims.get("role", "anon"), topic, json.dumps(claims))
        connection = await self._listen()
        answers = []
        async with self._hand:
            transaction = connection.transaction()
            await transaction.start()
            row = await connection.fetchval(f"{_INSERT} returning id", topic)
            await connection.execute(_CONFIGURE, *settings)
            answers.append(bool(await connection.fetch("select from realtime.messages where id = $1", row)))
            await transaction.rollback()
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(_CONFIGURE, *settings)
            try:
                await connection.execute(_INSERT, topic)
                answers.append(True)
            except asyncpg.InsufficientPrivilegeError:
                answers.append(False)
            await transaction.rollback()
        return answers[0], answers[1]

    async def _renew(self, channel: Channel, token: str) -> None:
        self._project.plant(token)
        channel.token = token
        if reason := await self._objection(channel):
            await self.shut(channel, reason)
        else:
            self._expire_in_time(channel)
            self.renewed.set()

    def _expire_in_time(self, channel: Channel) -> None:
        _stop(channel)
        left = self._project.signer.verify(channel.token, skew=-(10**9))["exp"] - time.time() - self._project.skew

        async def expire() -> None:
            await asyncio.sleep(left)
            await self.shut(channel, "Token has expired 0 seconds ago")

        channel.expiry = self._in_background(expire())

    async def shut(self, channel: Channel, reason: str) -> None:
        """End one channel; the connection stays."""
        await self._system(channel, "error", reason)
        await self._send(channel.socket, channel.topic, "phx_close", {}, channel.ref)
        channel.socket.channels.pop(channel.topic, None)

    # News ------------------------------------------------------------------------------------------------------------

    async def _listen(self) -> asyncpg.Connection:
        if self._ear is None:
            self._ear = await self._project.database.superuser()
            await self._ear.execute(_TELL)
            await self._ear.add_listener("realtime_stand_in", self._heard)
        return self._ear

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._in_background(self._deliver(json.loads(str(payload))))

    async def _deliver(self, row: Json) -> None:
        await self.flow.wait()
        for channel in self.channels:
            if channel.name == row["topic"] and row["private"]:
                payload = {key: row[key] for key in ("event", "payload")} | {"type": "broadcast"}
                await self._send(channel.socket, channel.topic, "broadcast", payload | {"meta": {"id": row["id"]}})

    async def _pass_on(self, sender: Channel, payload: Json) -> None:
        """What a client sends: to the others on the topic, if the policies let it."""
        claims = self._project.signer.verify(sender.token, skew=self._project.skew)
        if (await self._may(claims, sender.name))[1]:
            for channel in self.channels:
                if channel.topic == sender.topic and channel is not sender:
                    await self._send(channel.socket, channel.topic, "broadcast", payload)

    # Messages --------------------------------------------------------------------------------------------------------

    async def _system(self, channel: Channel, status: str, message: str) -> None:
        payload = {"channel": channel.name, "extension": "system", "status": status, "message": message}
        await self._send(channel.socket, channel.topic, "system", payload)

    async def _reply(self, socket: Socket, topic: str, ref: str | None, status: str, response: Json) -> None:
        await self._send(socket, topic, "phx_reply", {"status": status, "response": response}, ref)

    async def _send(self, socket: Socket, topic: str, event: str, payload: Json, ref: str | None = None) -> None:
        if not self.silent:
            with suppress(ConnectionError):
                await socket.wire.send_json({"topic": topic, "event": event, "payload": payload, "ref": ref})

    def _in_background(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _stop(channel: Channel) -> None:
    if channel.expiry is not None:
        channel.expiry.cancel()
