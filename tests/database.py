"""A database per test: cloned from a template that went through the bootstrap and all migrations."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

import tripsage_tui.data
from tests.postgres import SUPERUSER, Server
from tripsage_tui.data.migrations import MigrationRunner

BOOTSTRAP = Path(tripsage_tui.data.__file__).with_name("bootstrap.sql")
OWNER = "postgres"
CLIENT = "tripsage_client"


@dataclass(frozen=True)
class User:
    """A row of auth.users."""

    id: UUID
    name: str


@dataclass
class Database:
    """One database of a test server, and ways into it. Connections made here are closed with it."""

    server: Server
    name: str
    _connections: list[asyncpg.Connection] = field(default_factory=list)
    _owner: asyncpg.Connection | None = None

    @property
    def host(self) -> str:
        """The socket folder."""
        return self.server.host

    @property
    def port(self) -> int:
        return self.server.port

    async def connect(self, user: str, **settings: str) -> asyncpg.Connection:
        """A new connection of that role; `settings` are start-up parameters."""
        connection = await asyncpg.connect(
            host=self.host, port=self.port, database=self.name, user=user, server_settings=settings
        )
        self._connections.append(connection)
        return connection

    async def owner(self) -> asyncpg.Connection:
        """The owner's connection: not a superuser, bypasses row level security. One per database."""
        if self._owner is None or self._owner.is_closed():
            self._owner = await self.connect(OWNER)
        return self._owner

    async def superuser(self) -> asyncpg.Connection:
        """A connection that may do everything."""
        return await self.connect(SUPERUSER)

    async def create_user(self, name: str) -> User:
        """A new local profile."""
        user = User(uuid4(), name)
        await (await self.owner()).execute(
            "insert into auth.users (id, email, raw_app_meta_data, raw_user_meta_data) "
            """values ($1, $2, '{"provider": "local"}', $3)""",
            user.id,
            f"{name.lower().replace(' ', '-')}@local",
            json.dumps({"name": name}),
        )
        return user

    async def ticket(self, user: User | UUID, lifetime: timedelta = timedelta(hours=1)) -> str:
        """A fresh ticket."""
        user_id = user.id if isinstance(user, User) else user
        owner = await self.owner()
        ticket: str = await owner.fetchval("select ticket from private.open_local_session($1, $2)", user_id, lifetime)
        return ticket

    async def client(self, user: User | UUID | None = None, ticket: str | None = None) -> asyncpg.Connection:
        """A raw connection as the data layer opens it: of tripsage_client, with the user's ticket (or with none)."""
        if user is not None and ticket is None:
            ticket = await self.ticket(user)
        settings = {} if ticket is None else {"tripsage.ticket": ticket}
        return await self.connect(CLIENT, **settings)

    async def close(self) -> None:
        """Close what was opened here."""
        for connection in self._connections:
            if not connection.is_closed():
                connection.terminate()


async def _on_the_side(server: Server, *commands: str) -> None:
    connection = await asyncpg.connect(host=server.host, port=server.port, user=SUPERUSER, database="template1")
    try:
        for command in commands:
            await connection.execute(command)
    finally:
        await connection.close()


async def prepare(server: Server, name: str, *, migrate: bool = True) -> Database:
    """A new database with the bootstrap in it and, unless told otherwise, the migrations, run as its owner."""
    await _on_the_side(server, f'create database "{name}"')
    database = Database(server, name)
    superuser = await database.superuser()
    await superuser.execute(BOOTSTRAP.read_text("utf-8"))
    if migrate:
        await MigrationRunner(await database.owner()).migrate()
        # What runs for a while has been analysed; plans in tests should not depend on chance.
        await superuser.execute("analyze")
    await database.close()
    return database


async def clone(server: Server, template: str, name: str) -> Database:
    """A copy of a prepared database. A copy does not inherit grants on the database, so they are made again."""
    await _on_the_side(
        server,
        f'create database "{name}" template "{template}" owner {OWNER}',
        f'revoke temporary on database "{name}" from public',
    )
    return Database(server, name)


async def drop(database: Database) -> None:
    """Close and remove it."""
    await database.close()
    await _on_the_side(database.server, f'drop database if exists "{database.name}" with (force)')
