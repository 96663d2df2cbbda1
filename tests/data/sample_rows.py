"""A world with at least one row in every table, of several people who share some of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from tests.database import Database, User

VECTOR = "[" + ",".join(["0.1"] * 1536) + "]"
SECRET = "aesgcm1:" + "A" * 44


@dataclass(frozen=True)
class Household:
    """One user and the ids of the rows made for this user, by table."""

    user: User
    ids: Mapping[str, Any]


def tables_query() -> str:
    """Every table of the exposed schema."""
    return "select tablename::text from pg_tables where schemaname = 'public' order by 1"


async def furnish(owner: asyncpg.Connection, user: User) -> Household:
    """Make one row in every table for that user: a trip with everything in it, a conversation, memories, caches."""
    ids: dict[str, Any] = {}

    async def insert(table: str, **values: Any) -> Any:
        columns = ", ".join(values)
        places = ", ".join(
            f"${number}{'::text::extensions.vector' if name == 'embedding' else ''}"
            for number, name in enumerate(values, start=1)
        )
        ids[table] = await owner.fetchval(
            f"insert into public.{table} ({columns}) values ({places}) returning id", *values.values()
        )
        return ids[table]

    me: UUID = user.id
    day, later = date(2027, 10, 2), date(2027, 10, 16)
    expires = datetime(2099, 1, 1, tzinfo=UTC)
    cached = {
        "user_id": me,
        "query_hash": f"hash of {user.name}",
        "results": "[]",
        "source": "cached",
        "expires_at": expires,
    }
    trip = await insert("trips", user_id=me, name=f"Trip of {user.name}", start_date=day, end_date=later,
                        destination="Tokyo", budget=6000, travelers=2)  # fmt: skip
    await insert("trip_stops", trip_id=trip, place="Kyoto")
    flight = await insert("flights", trip_id=trip, origin="FRA", destination="HND", departure_date=day, price=900)
    await insert("accommodations", trip_id=trip, name="Ryokan", check_in_date=day, check_out_date=later,
                 price_per_night=100, total_price=1400)  # fmt: skip
    await insert("transportation", trip_id=trip, transport_type="train", origin="Tokyo", destination="Kyoto", price=90)
    await insert("itinerary_items", trip_id=trip, title="Tea", item_type="meal")
    await insert("legs", trip_id=trip, flight_id=flight, origin="FRA", destination="HND")
    session = await insert("chat_sessions", user_id=me, trip_id=trip)
    message = await insert("chat_messages", session_id=session, role="user", content=f"Words of {user.name}")
    await insert("chat_tool_calls", message_id=message, tool_id="1", tool_name="find")
    await insert("memories", user_id=me, content=f"{user.name} likes windows", embedding=VECTOR, embedding_model="test")
    await insert("session_memories", session_id=session, user_id=me, content="turn")
    await insert("search_destinations", query="japan", **cached)
    await insert("search_activities", destination="Tokyo", query_parameters="{}", **cached)
    await insert("search_flights", origin="FRA", destination="HND", departure_date=day, query_parameters="{}", **cached)
    await insert("search_hotels", destination="Tokyo", check_in_date=day, check_out_date=later, query_parameters="{}",
                 **cached)  # fmt: skip
    await insert("file_attachments", user_id=me, trip_id=trip, filename="a.pdf", original_filename="a.pdf", file_size=1,
                 mime_type="application/pdf", file_path=f"{me}/a.pdf")  # fmt: skip
    ids["api_keys"] = await owner.fetchval("select private.put_api_key($1, 'openai', $2)", me, SECRET)
    return Household(user, ids)


async def add_sample_rows(database: Database) -> tuple[Household, Household]:
    """Two furnished users; the second may edit the first one's trip, so that no table is empty."""
    owner = await database.owner()
    ada = await furnish(owner, await database.create_user("Ada"))
    ben = await furnish(owner, await database.create_user("Ben"))
    await owner.execute(
        "insert into trip_collaborators (trip_id, user_id, permission_level, added_by) values ($1, $2, 'edit', $3)",
        ada.ids["trips"],
        ben.user.id,
        ada.user.id,
    )
    return ada, ben


async def read_rows(owner: asyncpg.Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables in public, in the order of their ids."""
    tables = [row[0] for row in await owner.fetch(tables_query())]
    return {
        table: [dict(row) for row in await owner.fetch(f'select * from public."{table}" order by id')]
        for table in tables
    }
