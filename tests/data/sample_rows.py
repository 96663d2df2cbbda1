"""A world with at least one row in every table, of several people who share some of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from tests.database import Database, User

VECTOR = "[" + ",".join(["0.1"] * 1536) + "]"
SECRET = "aesgcm1:" + "A" * 44
DAY, LATER, NEVER = date(2027, 10, 2), date(2027, 10, 16), datetime(2099, 1, 1, tzinfo=UTC)

Values = dict[str, Any]
Parents = Mapping[str, Any]


def _cached(me: UUID) -> Values:
    return {"user_id": me, "query_hash": "hash", "results": "[]", "source": "cached", "expires_at": NEVER}


# How to make a valid row of each table: for whom, and below which rows (table to id). Parents come before children.
ROWS: dict[str, Callable[[UUID, Parents], Values]] = {
    "trips": lambda me, of: {
        "user_id": me, "name": "Japan", "start_date": DAY, "end_date": LATER, "destination": "Tokyo", "budget": 6000,
        "travelers": 2,
    },
    "trip_stops": lambda me, of: {"trip_id": of["trips"], "place": "Kyoto", "position": uuid4().int % 10**9},
    "flights": lambda me, of: {
        "trip_id": of["trips"], "origin": "FRA", "destination": "HND", "departure_date": DAY, "price": 900,
    },
    "accommodations": lambda me, of: {
        "trip_id": of["trips"], "name": "Ryokan", "check_in_date": DAY, "check_out_date": LATER,
        "price_per_night": 100, "total_price": 1400,
    },
    "transportation": lambda me, of: {
        "trip_id": of["trips"], "transport_type": "train", "origin": "Tokyo", "destination": "Kyoto", "price": 90,
    },
    "itinerary_items": lambda me, of: {"trip_id": of["trips"], "title": "Tea", "item_type": "meal"},
    "legs": lambda me, of: {
        "trip_id": of["trips"], "flight_id": of["flights"], "origin": "FRA", "destination": "HND",
    },
    "travellers": lambda me, of: {"trip_id": of["trips"], "name": "Ada"},
    "expenses": lambda me, of: {"trip_id": of["trips"], "title": "Sushi", "category": "food", "amount": 80},
    "expense_shares": lambda me, of: {
        "trip_id": of["trips"], "expense_id": of["expenses"], "paid": 80,
        "traveller_id": of["travellers" if "expense_shares" not in of else "fellow traveller"],
    },
    "settlements": lambda me, of: {
        "trip_id": of["trips"], "from_traveller": of["travellers"], "to_traveller": of["fellow traveller"],
        "amount": 40,
    },
    "trip_invitations": lambda me, of: {
        "trip_id": of["trips"], "invited_by": me, "email": f"{uuid4()}@example.com",
    },
    "chat_sessions": lambda me, of: {"user_id": me, "trip_id": of["trips"]},
    "chat_messages": lambda me, of: {"session_id": of["chat_sessions"], "role": "user", "content": "Hello"},
    "chat_tool_calls": lambda me, of: {"message_id": of["chat_messages"], "tool_id": "1", "tool_name": "find"},
    "memories": lambda me, of: {
        "user_id": me, "content": "likes windows", "embedding": VECTOR, "embedding_model": "test",
        "source_message_id": of["chat_messages"],
    },
    "session_memories": lambda me, of: {"user_id": me, "session_id": of["chat_sessions"], "content": "turn"},
    "search_destinations": lambda me, of: {"query": "japan", **_cached(me)},
    "search_activities": lambda me, of: {"destination": "Tokyo", "query_parameters": "{}", **_cached(me)},
    "search_flights": lambda me, of: {
        "origin": "FRA", "destination": "HND", "departure_date": DAY, "query_parameters": "{}", **_cached(me),
    },
    "search_hotels": lambda me, of: {
        "destination": "Tokyo", "check_in_date": DAY, "check_out_date": LATER, "query_parameters": "{}", **_cached(me),
    },
    "file_attachments": lambda me, of: {
        "user_id": me, "trip_id": of["trips"], "filename": "a.pdf", "original_filename": "a.pdf", "file_size": 1,
        "mime_type": "application/pdf", "file_path": f"{me}/{uuid4()}.pdf",
    },
    "transferred_rows": lambda me, of: {
        "user_id": me, "source_user": uuid4(), "kind": "trips", "source_id": "1", "target_id": str(of["trips"]),
    },
    "api_keys": lambda me, of: {"user_id": me, "service": str(uuid4()), "vault_secret_name": str(uuid4())},
}  # fmt: skip


@dataclass(frozen=True)
class Household:
    """One user and the ids of the rows made for this user, by table."""

    user: User
    ids: dict[str, Any] = field(default_factory=dict)


async def insert(connection: asyncpg.Connection, table: str, values: Values) -> Any:
    """Insert one row and return its id."""
    columns = ", ".join(values)
    places = ", ".join(
        f"${number}{'::text::extensions.vector' if name == 'embedding' else ''}"
        for number, name in enumerate(values, start=1)
    )
    query = f"insert into public.{table} ({columns}) values ({places}) returning id"
    return await connection.fetchval(query, *values.values())


async def furnish(owner: asyncpg.Connection, user: User) -> Household:
    """Make one row in every table for that user: a trip with everything in it, a conversation, memories, caches."""
    household = Household(user)
    for table, row in ROWS.items():
        if table == "api_keys":
            put = "select private.put_api_key($1, 'openai', $2)"
            household.ids[table] = await owner.fetchval(put, user.id, SECRET)
        else:
            household.ids[table] = await insert(owner, table, row(user.id, household.ids))
        if table == "travellers":
            # money goes between two people
            household.ids["fellow traveller"] = await insert(owner, table, row(user.id, household.ids))
    return household


async def share(owner: asyncpg.Connection, household: Household, guest: User, level: str) -> int:
    """Share the household's trip; returns the id of the collaboration."""
    collaboration: int = await owner.fetchval(
        "insert into trip_collaborators (trip_id, user_id, permission_level, added_by) values ($1, $2, $3, $4) "
        "returning id",
        household.ids["trips"],
        guest.id,
        level,
        household.user.id,
    )
    return collaboration


async def add_sample_rows(database: Database) -> tuple[Household, Household]:
    """Two furnished users; the second may edit the first one's trip, so that no table is empty."""
    owner = await database.owner()
    ada = await furnish(owner, await database.create_user("Ada"))
    ben = await furnish(owner, await database.create_user("Ben"))
    await share(owner, ada, ben.user, "edit")
    return ada, ben


async def read_rows(owner: asyncpg.Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables in public, in the order of their ids."""
    tables = await owner.fetch("select tablename::text from pg_tables where schemaname = 'public' order by 1")
    return {
        table: [dict(row) for row in await owner.fetch(f'select * from public."{table}" order by id')]
        for (table,) in tables
    }
