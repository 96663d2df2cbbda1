"""Who may do what: every table, every operation, every actor, over both ways into the database.

The world: Ada owns a trip with a row in every table, and shares it with three people at three levels; they and a
stranger have a household of their own. Each check runs one statement in a transaction that is rolled back and compares
the ids that it reached with the ids that the rule grants. A refusal is either nothing reached or "insufficient
privilege"; any other error (a foreign key that speaks of foreign rows, say) fails the check.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from tests.data.sample_rows import ROWS, Household, furnish, insert, share
from tests.database import Database, User, clone, drop
from tests.postgres import Server

MEMBERS = ("owner", "admin", "edit", "view")
EDITORS = ("owner", "admin", "edit")
MANAGERS = ("owner", "admin")
PEOPLE = (*MEMBERS, "stranger")
TICKETS = ("no ticket", "empty ticket", "expired ticket", "closed ticket", "truncated ticket", "upper-case ticket",
           "hash as ticket", "invented ticket")  # fmt: skip
CLAIMS = ("no claims", "anon")
ACTORS = [("tripsage_client", name) for name in (*PEOPLE, *TICKETS)] + [
    ("authenticated", name) for name in (*PEOPLE, *CLAIMS)
]


@dataclass(frozen=True)
class Rule:
    """Which actors reach Ada's rows of one table, and how to try.

    `insert` is a row of one's own below Ada's rows; `impersonate` a row in Ada's name; `take` moves Ada's row below
    one's own rows and `give` one's own row below Ada's, by setting the columns `parents`. A column that nobody may
    update belongs in `parents` too: the attempt must fail for its owner as well.
    """

    change: str
    parents: tuple[str, ...]
    read: tuple[str, ...] = ("owner",)
    insert: tuple[str, ...] = ("owner",)
    update: tuple[str, ...] = ("owner",)
    delete: tuple[str, ...] = ("owner",)
    take: tuple[str, ...] = ()
    give: tuple[str, ...] = ()


def _part(change: str, *parents: str, moves: bool = True) -> Rule:
    movers = EDITORS if moves else ()
    return Rule(change, parents, MEMBERS, EDITORS, EDITORS, EDITORS, movers, movers)


def _cache() -> Rule:
    return Rule("source = 'changed'", ("user_id",), insert=PEOPLE)


RULES = {
    "trips": Rule("name = 'changed'", ("user_id",), read=MEMBERS, insert=PEOPLE, update=EDITORS),
    "trip_stops": _part("place = 'changed'", "trip_id", moves=False),
    "flights": _part("price = 1", "trip_id"),
    "accommodations": _part("total_price = 1", "trip_id"),
    "transportation": _part("price = 1", "trip_id"),
    "itinerary_items": _part("price = 1", "trip_id"),
    "legs": _part("seat = '1A'", "trip_id", "flight_id", moves=False),
    "travellers": _part("name = 'changed'", "trip_id", moves=False),
    "expenses": _part("amount = 1", "trip_id", moves=False),
    "expense_shares": _part("paid = 1", "trip_id", "expense_id", moves=False),
    "settlements": _part("amount = 1", "trip_id", moves=False),
    "trip_invitations": Rule("permission_level = 'view'", ("trip_id",), MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "file_attachments": _part("mime_type = 'text/plain'", "trip_id"),
    "chat_sessions": Rule("ended_at = now()", ("trip_id",), insert=MEMBERS, take=("owner",), give=MEMBERS),
    "chat_messages": Rule("content = 'changed'", ("session_id",)),
    "chat_tool_calls": Rule("status = 'failed'", ("message_id",)),
    "memories": Rule("pinned = true", ("user_id",)),
    "session_memories": Rule("content = 'changed'", ("user_id", "session_id")),
    "search_destinations": _cache(),
    "search_activities": _cache(),
    "search_flights": _cache(),
    "search_hotels": _cache(),
    "transferred_rows": Rule("state = 'written'", ("user_id",), insert=PEOPLE),
    "api_keys": Rule("last_used = now()", ("user_id",), insert=(), update=(), delete=()),
    # tested apart: it has a row per guest and rules between guests
    "trip_collaborators": Rule("permission_level = 'view'", ("trip_id", "user_id")),
}
OWNERSHIP = ("user_id", "added_by", "invited_by")
OPERATIONS = ("read", "insert", "impersonate", "update", "delete", "take", "give")


@dataclass
class World:
    """The database, everybody in it, and a connection for each actor."""

    database: Database
    households: dict[str, Household] = field(default_factory=dict)
    second: Household | None = None  # another trip of Ada's, for her own moves
    guests: dict[str, int] = field(default_factory=dict)
    newcomer: UUID = field(default_factory=uuid4)
    tickets: dict[str, str | None] = field(default_factory=dict)
    _clients: dict[str, asyncpg.Connection] = field(default_factory=dict)
    _authenticator: asyncpg.Connection | None = None

    def home(self, actor: str) -> Household:
        """The household of that actor; without identity the stranger's, which is as much out of reach."""
        return self.households.get(actor, self.households["stranger"])

    @asynccontextmanager
    async def acting(self, way: str, actor: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection of that actor in a transaction that leaves nothing behind."""
        if way == "tripsage_client":
            if actor not in self._clients:
                self._clients[actor] = await self.database.client(ticket=self.tickets[actor])
            connection = self._clients[actor]
        else:
            if self._authenticator is None:
                self._authenticator = await self.database.connect("authenticator")
            connection = self._authenticator
        transaction = connection.transaction()
        await transaction.start()
        try:
            if way == "authenticated":
                # as PostgREST does for each request
                claims = {"role": "authenticated"}
                if actor in self.households:
                    claims["sub"] = str(self.households[actor].user.id)
                await connection.execute(
                    "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
                    "anon" if actor == "anon" else "authenticated",
                    "" if actor == "no claims" else json.dumps(claims),
                )
            yield connection
        finally:
            await transaction.rollback()


async def _tickets(database: Database, people: dict[str, User]) -> dict[str, str | None]:
    owner = await database.owner()
    tickets: dict[str, str | None] = {name: await database.ticket(user) for name, user in people.items()}
    ada = people["owner"]
    good = await database.ticket(ada)
    expired, closed = await database.ticket(ada), await database.ticket(ada)
    await owner.execute(
        "update private.database_sessions set expires_at = now() - interval '1 second' "
        "where ticket_hash = sha256(convert_to($1, 'UTF8'))",
        expired,
    )
    await (await database.client(ticket=closed)).execute("select close_database_session()")
    return tickets | {
        "no ticket": None,
        "empty ticket": "",
        "expired ticket": expired,
        "closed ticket": closed,
        "truncated ticket": good[:-1],
        "upper-case ticket": good.upper() if good != good.upper() else good + "A",
        "hash as ticket": await owner.fetchval("select encode(sha256(convert_to($1, 'UTF8')), 'hex')", good),
        "invented ticket": "0" * 64,
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(server: Server, template: str) -> AsyncIterator[World]:
    """The world, built once: no check changes it."""
    world = World(await clone(server, template, "policies"))
    owner = await world.database.owner()
    people = {name: await world.database.create_user(name) for name in PEOPLE}
    for name, user in people.items():
        world.households[name] = await furnish(owner, user)
    world.second = await furnish_second_trip(owner, world.households["owner"])
    for level in ("admin", "edit", "view"):
        world.guests[level] = await share(owner, world.households["owner"], people[level], level)
    world.newcomer = (await world.database.create_user("newcomer")).id
    world.tickets = await _tickets(world.database, people)
    yield world
    await drop(world.database)


async def furnish_second_trip(owner: asyncpg.Connection, ada: Household) -> Household:
    """A second trip and conversation of the same user, as targets for moves."""
    second = Household(ada.user)
    for table in ("trips", "flights", "expenses", "chat_sessions", "chat_messages"):
        second.ids[table] = await insert(owner, table, ROWS[table](ada.user.id, second.ids))
    return second


async def attempt(connection: asyncpg.Connection, query: str, *arguments: object) -> set[Any]:
    """The ids that a statement reached. Insufficient privilege reaches nothing."""
    try:
        return {row["id"] for row in await connection.fetch(query, *arguments)}
    except asyncpg.InsufficientPrivilegeError:
        return set()


def _parent(world: World, column: str, household: Household) -> Any:
    """The value of a parent column that puts a row below that household's rows."""
    tables = {
        "trip_id": "trips",
        "flight_id": "flights",
        "expense_id": "expenses",
        "session_id": "chat_sessions",
        "message_id": "chat_messages",
    }
    return household.user.id if column in OWNERSHIP else household.ids[tables[column]]


def _everything_of(world: World, table: str, actor: str, allowed: tuple[str, ...]) -> set[Any]:
    """Ids that a statement without WHERE must reach: one's own rows, and Ada's if the rule says so."""
    reached = set()
    names = (table, "fellow traveller") if table == "travellers" else (table,)
    if actor in world.households and (actor != "owner" or allowed):
        reached.update(world.households[actor].ids[name] for name in names)
    if actor in allowed:
        reached.update(world.households["owner"].ids[name] for name in names)
    if actor == "owner" and allowed and world.second and table in world.second.ids:
        reached.add(world.second.ids[table])
    return reached


async def _reached_and_expected(
    world: World, connection: asyncpg.Connection, table: str, operation: str, actor: str
) -> tuple[set[Any], set[Any]]:
    rule, ada, home = RULES[table], world.households["owner"], world.home(actor)
    aim = world.second if actor == "owner" else home
    assert aim is not None
    match operation:
        case "read":
            return await attempt(connection, f"select id from {table}"), _everything_of(world, table, actor, rule.read)
        case "update" | "delete":
            allowed = rule.update if operation == "update" else rule.delete
            statement = f"update {table} set {rule.change}" if operation == "update" else f"delete from {table}"
            mine = _everything_of(world, table, actor, allowed)
            return await attempt(connection, f"{statement} returning id"), mine if allowed else set()
        case "insert" | "impersonate":
            values = ROWS[table](home.user.id if operation == "insert" else ada.user.id, ada.ids)
            allowed = rule.insert
            if operation == "impersonate":
                allowed = tuple(name for name in rule.insert if name == "owner")
                if table in ROWS and not set(OWNERSHIP) & set(values):
                    pytest.skip("names no user")
            try:
                made = {await insert(connection, table, values)}
            except asyncpg.InsufficientPrivilegeError:
                made = set()
            return {bool(made)}, {actor in allowed}
        case "take":
            row, target, allowed = ada.ids[table], aim, rule.take
        case _:
            row, target, allowed = home.ids[table], ada, rule.give
            if actor == "owner":
                target = aim
    changes = [f"{column} = ${number}" for number, column in enumerate(rule.parents, start=2)]
    values_ = [_parent(world, column, target) for column in rule.parents]
    reached = await attempt(
        connection, f"update {table} set {', '.join(changes)} where id = $1 returning id", row, *values_
    )
    return reached, {row} if actor in allowed else set()


def _checks() -> Iterator[Any]:
    for table in RULES:
        if table == "trip_collaborators":
            continue
        for operation in OPERATIONS:
            if operation == "impersonate" and not set(OWNERSHIP) & set(
                ROWS[table](uuid4(), dict.fromkeys((*ROWS, "fellow traveller"), 1))
            ):
                continue
            for way, actor in ACTORS:
                yield pytest.param(table, operation, way, actor, id=f"{table}-{operation}-{way}-{actor}")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("table", "operation", "way", "actor"), list(_checks()))
async def test_who_may_do_what(world: World, table: str, operation: str, way: str, actor: str) -> None:
    async with world.acting(way, actor) as connection:
        reached, expected = await _reached_and_expected(world, connection, table, operation, actor)
    assert reached == expected


# Collaborators: rules between people of one trip ---------------------------------------------------------------------

GUESTS = ("admin", "edit", "view")


def _guest_checks() -> Iterator[Any]:
    everyone = {name: set(GUESTS) for name in MEMBERS}
    themselves = {name: {name} for name in GUESTS}
    expected: dict[str, dict[str, set[str]]] = {
        "read": everyone,
        # an admin changes everybody's level but the own one
        "update": {"owner": set(GUESTS), "admin": {"edit", "view"}},
        # and everybody may leave
        "delete": themselves | {"owner": set(GUESTS), "admin": set(GUESTS)},
    }
    for operation, allowed in expected.items():
        for way, actor in ACTORS:
            yield pytest.param(operation, way, actor, allowed.get(actor, set()), id=f"{operation}-{way}-{actor}")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("operation", "way", "actor", "expected"), list(_guest_checks()))
async def test_who_may_manage_guests(world: World, operation: str, way: str, actor: str, expected: set[str]) -> None:
    query = {
        "read": "select id from trip_collaborators",
        "update": "update trip_collaborators set permission_level = 'admin' returning id",
        "delete": "delete from trip_collaborators returning id",
    }[operation]
    async with world.acting(way, actor) as connection:
        reached = await attempt(connection, query)
    assert reached == {world.guests[name] for name in expected}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("way", "actor"), ACTORS)
@pytest.mark.parametrize("forgery", ["", "by another", "oneself", "the owner"])
@pytest.mark.parametrize("level", GUESTS)
async def test_who_may_invite(world: World, way: str, actor: str, forgery: str, level: str) -> None:
    """Owner and admins invite, in their own name, others than themselves; nobody invites the owner."""
    ada, home = world.households["owner"], world.home(actor)
    guest = {"oneself": home.user.id, "the owner": ada.user.id}.get(forgery, world.newcomer)
    host = world.households["view"].user.id if forgery == "by another" else home.user.id
    query = (
        "insert into trip_collaborators (trip_id, user_id, permission_level, added_by) values ($1, $2, $3, $4) "
        "returning id"
    )
    async with world.acting(way, actor) as connection:
        if actor == "admin" and forgery == "the owner":
            # somebody who sees both anyway is told the reason
            with pytest.raises(asyncpg.CheckViolationError, match="owner of a trip cannot be its collaborator"):
                await attempt(connection, query, ada.ids["trips"], guest, level, host)
            return
        reached = await attempt(connection, query, ada.ids["trips"], guest, level, host)
    assert bool(reached) == (actor in {"owner", "admin"} and not forgery)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("way", "actor"), ACTORS)
@pytest.mark.parametrize("column", ["trip_id", "user_id", "added_by"])
async def test_a_collaboration_is_never_moved(world: World, way: str, actor: str, column: str) -> None:
    home = world.home(actor)
    value = home.user.id if column in OWNERSHIP else home.ids["trips"]
    async with world.acting(way, actor) as connection:
        assert not await attempt(connection, f"update trip_collaborators set {column} = $1 returning id", value)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("way", "actor"), ACTORS)
async def test_only_the_owner_uses_the_trash(world: World, way: str, actor: str) -> None:
    """deleted_at is the owner's to set; after that the trip is nobody else's to see or write."""
    ada = world.households["owner"]
    async with world.acting(way, actor) as connection:
        query = "update trips set deleted_at = now() where id = $1 returning id"
        assert bool(await attempt(connection, query, ada.ids["trips"])) == (actor == "owner")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("way", "actor"), [each for each in ACTORS if each[1] in PEOPLE])
async def test_a_trip_in_the_trash_is_its_owners_alone(world: World, way: str, actor: str) -> None:
    ada = world.households["owner"]
    owner = await world.database.owner()
    await owner.execute("update trips set deleted_at = now() where id = $1", ada.ids["trips"])
    try:
        for table in ("trips", "flights", "itinerary_items", "file_attachments", "legs"):
            async with world.acting(way, actor) as connection:
                seen = await attempt(connection, f"select id from {table} where id = $1", ada.ids[table])
                assert bool(seen) == (actor == "owner")
            async with world.acting(way, actor) as connection:
                query = f"update {table} set {RULES[table].change} where id = $1 returning id"
                assert bool(await attempt(connection, query, ada.ids[table])) == (actor == "owner")
    finally:
        await owner.execute("update trips set deleted_at = null where id = $1", ada.ids["trips"])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("way", "actor"), [each for each in ACTORS if each[1] != "anon"])
@pytest.mark.parametrize("trashed", [False, True])
async def test_reads_past_the_policies_keep_their_rule(world: World, way: str, actor: str, trashed: bool) -> None:
    """trip_costs, trip_parts, coming_up and the search are definer functions: they tell what the policies would."""
    owner = await world.database.owner()
    trips = [home.ids["trips"] for home in world.households.values()]
    if trashed:
        await owner.execute("update trips set deleted_at = now() where id = any ($1)", trips)
    try:
        async with world.acting(way, actor) as connection:
            visible = {row["id"]: row["name"] for row in await connection.fetch("select id, name from trips")}
            listed = await connection.fetch("select trip_id, access from private.trip_costs()")
            assert {row["trip_id"] for row in listed} == set(visible)
            for row in listed:
                assert row["access"] == await connection.fetchval("select private.trip_level($1)", row["trip_id"])
            coming = await connection.fetch("select * from private.coming_up('2000-01-01', 'infinity', null, 999)")
            assert {row["trip_id"] for row in coming} == set(visible) - set(trips if trashed else ())
            found = await connection.fetch("select * from private.search_everything('{japan}', '', 999)")
            trips_found = {row["trip_id"] for row in found if row["kind"] == "trip"}
            assert trips_found == set(visible) - set(trips if trashed else ())
            assert {row["trip_id"] for row in found} <= {*trips_found, None}
            for trip in (*trips, 10**9):
                parts = await connection.fetchrow("select * from private.trip_parts($1)", trip)
                assert parts is not None
                if trip in visible:
                    assert json.loads(parts["whole"])["name"] == visible[trip]
                    for table, part in (("flights", "flights"), ("itinerary_items", "items"), ("legs", "legs")):
                        rows = await connection.fetch(f"select id from {table} where trip_id = $1 order by id", trip)
                        assert sorted(row["id"] for row in json.loads(parts[part])) == [row["id"] for row in rows]
                else:
                    assert set(parts.values()) == {None}
    finally:
        await owner.execute("update trips set deleted_at = null where id = any ($1)", trips)


# Completeness: a table added later fails until somebody says who may do what with it ---------------------------------


async def unguarded_tables(connection: asyncpg.Connection) -> set[str]:
    """Tables of the exposed schema without a rule here, without row level security or with an operation left open."""
    tables = await connection.fetch(
        """
        select c.relname::text as name, c.relrowsecurity as guarded,
               array(select p.polcmd::text || ':' || r from pg_policy p, unnest(p.polroles::regrole[]::text[]) r
                     where p.polrelid = c.oid) as policies,
               array(select a.privilege_type from aclexplode(c.relacl) a where a.grantee = 'tripsage_client'::regrole)
               as granted
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        """
    )
    commands = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}
    unguarded = set(RULES) - {table["name"] for table in tables}
    for table in tables:
        wanted = {f"{commands[privilege]}:{role}" for privilege in table["granted"] if privilege in commands
                  for role in ("tripsage_client", "authenticated")}  # fmt: skip
        if table["name"] not in RULES or not table["guarded"] or not wanted <= set(table["policies"]) or not wanted:
            unguarded.add(table["name"])
    return unguarded


async def test_every_table_has_a_rule_and_policies(database: Database) -> None:
    assert await unguarded_tables(await database.owner()) == set()


async def test_a_table_added_later_is_noticed(database: Database) -> None:
    owner = await database.owner()
    await owner.execute("create table public.diaries (id bigint primary key, trip_id bigint)")
    assert await unguarded_tables(owner) == {"diaries"}
    await owner.execute("alter table public.memories disable row level security")
    assert await unguarded_tables(owner) == {"diaries", "memories"}
    await owner.execute("drop policy flights_delete on public.flights")
    assert await unguarded_tables(owner) == {"diaries", "memories", "flights"}


async def test_a_ticket_ends_by_the_clock(database: Database) -> None:
    """Also in the middle of a transaction that was opened while it was good."""
    user = await database.create_user("Ada")
    client = await database.client(user, await database.ticket(user, timedelta(milliseconds=200)))
    async with client.transaction():
        assert await client.fetchval("select private.current_user_id()") == user.id
        await client.execute("select pg_sleep(0.25)")
        assert await client.fetchval("select private.current_user_id()") is None
