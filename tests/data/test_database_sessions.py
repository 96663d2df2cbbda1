"""Tickets: how they are opened over PostgREST and locally, how long they last, how they end."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.database import Database, User

Refused = asyncpg.InsufficientPrivilegeError


async def _sign_in(database: Database, user: User, **session: Any) -> UUID:
    """A session of Supabase Auth, as signing in makes it."""
    columns = {"id": uuid4(), "user_id": user.id, **session}
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    query = f"insert into auth.sessions ({', '.join(columns)}) values ({places})"
    await (await database.owner()).execute(query, *columns.values())
    identifier: UUID = columns["id"]
    return identifier


async def _call(database: Database, function: str, claims: dict[str, Any] | None) -> asyncpg.Record:
    """One RPC as PostgREST makes it, committed."""
    connection = await database.connect("authenticator")
    async with connection.transaction():
        await connection.execute(
            "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
            "" if claims is None else json.dumps(claims),
        )
        row = await connection.fetchrow(f"select * from public.{function}()")
    assert row is not None
    return row


def _claims(user: User, session: UUID | None, lasts: float = 3600) -> dict[str, Any]:
    return {"sub": str(user.id), "session_id": session and str(session), "exp": int(time.time() + lasts)}


async def test_a_verified_token_buys_a_ticket_that_ends_with_it(database: Database) -> None:
    ada = await database.create_user("Ada")
    claims = _claims(ada, await _sign_in(database, ada))
    row = await _call(database, "open_database_session", claims)
    assert row["expires_at"] == datetime.fromtimestamp(claims["exp"], UTC)
    assert len(row["ticket"]) == 64
    assert set(row["ticket"]) <= set("0123456789abcdef")
    client = await database.client(ticket=row["ticket"])
    assert await client.fetchval("select private.current_user_id()") == ada.id


async def test_only_the_hash_is_kept(database: Database) -> None:
    ada = await database.create_user("Ada")
    ticket = await database.ticket(ada)
    rows = await (await database.owner()).fetch("select s::text from private.database_sessions s")
    assert len(rows) == 1
    assert ticket not in rows[0][0]


async def test_no_ticket_without_a_living_session(database: Database) -> None:
    ada, ben = await database.create_user("Ada"), await database.create_user("Ben")
    good = await _sign_in(database, ada)
    ended = await _sign_in(database, ada, not_after=datetime.now(UTC) - timedelta(seconds=1))
    for claims in (
        None,
        {},
        _claims(ada, None),
        _claims(ada, uuid4()),
        _claims(ada, ended),
        _claims(ada, good, lasts=-1),
        _claims(ben, good),
        {"sub": str(ada.id), "session_id": str(good)},
    ):
        with pytest.raises(Refused, match="not signed in"):
            await _call(database, "open_database_session", claims)
    assert await (await database.owner()).fetchval("select count(*) from private.database_sessions") == 0


async def test_signing_out_over_postgrest_ends_all_tickets_of_that_session_only(database: Database) -> None:
    ada = await database.create_user("Ada")
    phone, laptop = await _sign_in(database, ada), await _sign_in(database, ada)
    tickets = {
        name: (await _call(database, "open_database_session", _claims(ada, session)))["ticket"]
        for name, session in (("phone", phone), ("phone again", phone), ("laptop", laptop))
    }
    clients = {name: await database.client(ticket=ticket) for name, ticket in tickets.items()}
    await _call(database, "close_database_session", _claims(ada, phone))
    alive = [name for name, client in clients.items() if await client.fetchval("select private.current_user_id()")]
    assert alive == ["laptop"]


async def test_a_ticket_closes_itself_and_nothing_else(database: Database) -> None:
    ada = await database.create_user("Ada")
    one, other = await database.client(ada), await database.client(ada)
    await one.execute("select close_database_session()")
    assert await one.fetchval("select private.current_user_id()") is None
    assert await other.fetchval("select private.current_user_id()") == ada.id
    await (await database.client()).execute("select close_database_session()")  # without a ticket: nothing to close
    assert await other.fetchval("select private.current_user_id()") == ada.id


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(days=91)])
async def test_local_tickets_have_a_sensible_lifetime(database: Database, lifetime: timedelta) -> None:
    ada = await database.create_user("Ada")
    with pytest.raises(asyncpg.InvalidParameterValueError):
        await database.ticket(ada, lifetime)


async def test_local_tickets_are_for_users_that_exist(database: Database) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await database.ticket(uuid4())


async def test_expired_tickets_are_swept_and_old_ones_give_way(database: Database) -> None:
    ada, ben = await database.create_user("Ada"), await database.create_user("Ben")
    owner = await database.owner()
    await database.ticket(ben)
    await owner.execute("update private.database_sessions set expires_at = now()")
    first = await database.client(ada)
    assert await owner.fetch("select user_id from private.database_sessions") == [(ada.id,)]
    await owner.execute("select private.open_local_session($1, '1 hour') from generate_series(1, 300)", ada.id)
    assert await owner.fetchval("select count(*) from private.database_sessions") == 256
    assert await first.fetchval("select private.current_user_id()") is None


async def test_profile_names_are_unique_whatever_the_case(database: Database) -> None:
    await database.create_user("Ada")
    owner = await database.owner()
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(
            "insert into auth.users (id, email, raw_user_meta_data) values ($1, 'other@local', $2)",
            uuid4(),
            json.dumps({"name": "aDA"}),
        )


async def test_a_ticket_ends_with_its_session_wherever_that_is_ended(database: Database) -> None:
    ada = await database.create_user("Ada")
    phone, laptop = await _sign_in(database, ada), await _sign_in(database, ada)
    tickets = [
        (await _call(database, "open_database_session", _claims(ada, session)))["ticket"] for session in (phone, laptop)
    ]
    clients = [await database.client(ticket=ticket) for ticket in [*tickets, await database.ticket(ada)]]
    auth = await database.connect("supabase_auth_admin")
    await auth.execute("delete from auth.sessions where id = $1", phone)
    assert [await client.fetchval("select private.current_user_id()") for client in clients] == [None, ada.id, ada.id]


async def test_a_password_alone_opens_nothing_where_a_second_factor_is_in_use(database: Database) -> None:
    ada, ben = await database.create_user("Ada"), await database.create_user("Ben")
    owner = await database.owner()
    factor = "insert into auth.mfa_factors (id, user_id, factor_type, status) values ($1, $2, 'totp', $3)"
    await owner.execute(factor, uuid4(), ada.id, "verified")
    await owner.execute(factor, uuid4(), ben.id, "unverified")
    for user, level, opens in ((ada, "aal1", False), (ada, None, False), (ada, "aal2", True), (ben, "aal1", True)):
        claims = _claims(user, await _sign_in(database, user)) | ({"aal": level} if level else {})
        connection = await database.connect("authenticator")
        async with connection.transaction():
            settings = "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)"
            await connection.execute(settings, json.dumps(claims))
            assert await connection.fetchval("select private.current_user_id()") == (user.id if opens else None)
        if opens:
            assert (await _call(database, "open_database_session", claims))["ticket"]
        else:
            with pytest.raises(Refused, match="not signed in"):
                await _call(database, "open_database_session", claims)
