"""A user with at least one row of everything that moves, and what two worlds have in common."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import asyncpg

from tests.database import Database, User
from tripsage_tui.data.exact_json import dumps
from tripsage_tui.data.transfer_reading import Row, Rows
from tripsage_tui.data.transfer_tables import FAMILIES, TABLES
from tripsage_tui.transfer.worlds import Source

VECTOR = "[" + ",".join(str(round(0.001 * n, 3)) for n in range(1536)) + "]"

_TRIP = """
insert into trips (user_id, name, start_date, end_date, destination, budget, travelers, currency, notes, tags,
                   deleted_at, archived_at, created_at, updated_at, flexibility)
values ($1, $2, '2027-10-02', '2027-10-16', 'Tōkyō', 6000.50, 2, 'EUR', '{a note, b}', '{x}', $3, $4,
        '2026-01-02 03:04:05.678901+00', '2026-02-03 00:00+00',
        '{"days": 1.50, "deep": [{"n": 12345678901234567890.10}]}')
returning id
"""


async def fill(connection: asyncpg.Connection, user: User, *, trips: int = 3, trashed: bool = True) -> list[int]:
    """Everything, as the user's own client would write it; the ids of the trips."""
    made = []
    for number in range(trips):
        deleted = "now()" if trashed and number == 1 else "null"
        trip = await connection.fetchval(
            _TRIP.replace("$3", f"{deleted}::timestamptz").replace("$4", "'2026-05-05'" if number == 2 else "null"),
            user.id,
            f"Trip {number} 🗻",
        )
        made.append(trip)
        await fill_trip(connection, user, trip)
    await fill_conversations(connection, user, made)
    return made


async def fill_trip(connection: asyncpg.Connection, user: User, trip: int) -> None:
    """Stops, bookings of all kinds, people and money."""
    await connection.execute(
        "insert into trip_stops (trip_id, position, place, latitude) "
        "values ($1, 1, 'Kyoto', 35.0116), ($1, 2, 'Nara', null)",
        trip,
    )
    flight = await connection.fetchval(
        "insert into flights (trip_id, origin, destination, departure_date, price, currency, exchange_rate, metadata, "
        "cancel_free_until, position) values ($1, 'FRA', 'HND', '2027-10-02', 900.10, 'JPY', 0.0061, "
        "'{\"a\": [1, 2.50]}', 'infinity', 3) returning id",
        trip,
    )
    train = await connection.fetchval(
        "insert into transportation (trip_id, transport_type, origin, destination, price, departure_time, "
        "departure_zone) values ($1, 'train', 'Tokyo', 'Kyoto', 90, '2027-10-05 09:00+09', 'Asia/Tokyo') returning id",
        trip,
    )
    await connection.execute(
        "insert into legs (trip_id, flight_id, transportation_id, origin, destination, position) "
        "values ($1, $2, null, 'FRA', 'HND', 0), ($1, null, $3, 'Tokyo', 'Kyoto', 0)",
        trip, flight, train,
    )  # fmt: skip
    stay = await connection.fetchval(
        "insert into accommodations (trip_id, name, check_in_date, check_out_date, price_per_night, total_price, "
        "amenities, check_in_until, rating) values ($1, 'Ryokan', '2027-10-02', '2027-10-06', 100, 400, "
        "'{bath}', '22:30', 4.5) returning id",
        trip,
    )
    item = await connection.fetchval(
        "insert into itinerary_items (trip_id, title, item_type, closed_weekdays, closed_on_holidays, stands_after) "
        "values ($1, 'Tea', 'meal', '{1,2}', true, 600) returning id",
        trip,
    )
    await connection.execute(
        "update trips set known_findings = array[$2, 'odd'] where id = $1",
        trip, f"double-bed:accommodation-{stay},item-{item}:2027-10-09",
    )  # fmt: skip
    ada, ben = [
        await connection.fetchval(
            "insert into travellers (trip_id, name, user_id) values ($1, $2, $3) returning id", trip, name, who
        )
        for name, who in (("Ada", user.id), ("Ben", None))
    ]
    expense = await connection.fetchval(
        "insert into expenses (trip_id, title, category, amount, booking_kind, booking_id) "
        "values ($1, 'Sushi', 'food', 80, 'stay', $2) returning id",
        trip, stay,
    )  # fmt: skip
    # a link to a booking that is gone
    await connection.execute(
        "insert into expenses (trip_id, title, amount, booking_kind, booking_id) "
        "values ($1, 'Lost', 1, 'item', 999999)",
        trip,
    )
    await connection.execute(
        "insert into expense_shares (trip_id, expense_id, traveller_id, paid, weight) "
        "values ($1, $2, $3, 80, 1), ($1, $2, $4, 0, 2)",
        trip, expense, ada, ben,
    )  # fmt: skip
    await connection.execute(
        "insert into settlements (trip_id, from_traveller, to_traveller, amount) values ($1, $2, $3, 12.34)",
        trip,
        ben,
        ada,
    )


async def fill_conversations(connection: asyncpg.Connection, user: User, trips: Sequence[int]) -> None:
    """A conversation about each trip as a tree with calls and turns, and memories that replaced each other."""
    older = None
    for number, trip in enumerate(trips):
        session = await connection.fetchval(
            "insert into chat_sessions (user_id, trip_id, title) values ($1, $2, $3) returning id",
            user.id, trip, f"About {number}",
        )  # fmt: skip
        memory = await connection.fetchval(
            "insert into memories (user_id, content, content_hash, embedding, embedding_model, metadata, mem0_id) "
            "values ($1, $2, $3, $4::text::extensions.vector, 'test', $5, $6) returning id",
            user.id, f"Fact {number}", uuid4().hex, VECTOR, json.dumps({"trip_id": trip}), uuid4(),
        )  # fmt: skip
        if older:
            await connection.execute("update memories set superseded_by = $2 where id = $1", older, memory)
        older = memory
        add = (
            "insert into chat_messages (session_id, parent_id, role, content, metadata) values ($1, $2, $3, $4, $5) "
            "returning id"
        )
        question = await connection.fetchval(add, session, None, "user", "What now?", "{}")
        other = await connection.fetchval(add, session, question, "assistant", "This.", "{}")
        answer = await connection.fetchval(
            add, session, question, "assistant", "That.", json.dumps({"memories": [[memory, 0.25], [999999, 0.5]]})
        )
        await connection.execute(
            "update chat_sessions set active_message_id = $2, metadata = $3 where id = $1",
            session, other, json.dumps({"summary": {"until": answer, "text": "short"}}),
        )  # fmt: skip
        await connection.execute(
            "insert into chat_tool_calls (message_id, tool_id, tool_name, arguments, result, status) values "
            "($1, 'a', 'read_trip', $2, $3, 'completed'), ($1, 'b', 'forget_memory', $4, null, 'failed')",
            answer, json.dumps({"trip_id": trip}),
            json.dumps({"trip": {"id": trip, "budget": 1.50}, "flight": [{"id": 999999}]}),
            json.dumps({"memory_id": memory}),
        )  # fmt: skip
        await connection.execute(
            "insert into session_memories (user_id, session_id, message_id, role, content, state) "
            "values ($1, $2, $3, 'user', 'What now?', 'pending')",
            user.id, session, question,
        )  # fmt: skip
        await connection.execute(
            "update memories set source_session_id = $2, source_message_id = $3 where id = $1",
            memory,
            session,
            question,
        )


async def everything(source: Source) -> dict[str, list[Row]]:
    """All rows of one world, by table."""
    found: dict[str, list[Row]] = {name: [] for name in TABLES}
    for family in FAMILIES:
        rows: Rows = await source.rows(family, [root.id for root in await source.outline(family)], vectors=True)
        for kind, group in rows.items():
            found[kind] += group
    return found


def plain(world: dict[str, list[Row]], *, without: Sequence[str] = ("updated_at",)) -> dict[str, list[str]]:
    """What two worlds must have in common, whatever ids their rows have.

    Ids become places in the order of their tables, in references and within JSON alike; nothing here shares code with
    the program's own remapping.
    """
    places: dict[str, dict[str, str]] = {}
    for kind, rows in world.items():
        keep = sorted(rows, key=lambda row: _order(kind, row))
        places[kind] = {str(row["id"]): f"{kind} #{place}" for place, row in enumerate(keep)}
    return {kind: sorted(_plain(kind, row, places, without) for row in rows) for kind, rows in world.items()}


def _order(kind: str, row: Row) -> Any:
    named = {"chat_sessions": "title", "file_attachments": "filename"}.get(kind)
    return row[named] if named else row["id"]


def _plain(kind: str, row: Row, places: dict[str, dict[str, str]], without: Sequence[str]) -> str:
    told = {name: value for name, value in row.items() if name not in without}
    told["id"] = places[kind][str(row["id"])]
    for column in TABLES[kind].references:
        value = row[column.name]
        told[column.name] = None if value is None else places[column.table or ""].get(str(value), "nothing")
    return dumps(_inner(kind, told, places))


def _inner(kind: str, told: dict[str, Any], places: dict[str, dict[str, str]]) -> dict[str, Any]:
    def named(table: str, number: Any) -> str:
        return places[table].get(str(number), "nothing")

    if kind == "trips":
        told["known_findings"] = [
            " ".join(
                named(
                    {"accommodation": "accommodations", "item": "itinerary_items"}[part.split("-")[0]],
                    part.split("-")[1],
                )
                for part in key.split(":")[1].split(",")
            )
            for key in told["known_findings"]
            if ":" in key
        ]
    elif kind == "expenses":
        known = told["booking_kind"] and named(
            {"stay": "accommodations", "item": "itinerary_items"}[told["booking_kind"]], told["booking_id"]
        )
        told["booking_kind"] = told["booking_id"] = None if known in (None, "nothing") else known
    elif kind == "chat_sessions":
        told["metadata"] = named("chat_messages", told["metadata"]["summary"]["until"])
    elif kind == "chat_messages":
        told["metadata"] = [[named("memories", id_), far] for id_, far in told["metadata"].get("memories", ())]
    elif kind == "file_attachments":
        told["booking_id"] = told["booking_kind"] and named("accommodations", told["booking_id"])
    elif kind == "memories":
        told["metadata"] = named("trips", told["metadata"]["trip_id"])
    elif kind == "chat_tool_calls":
        if told["tool_name"] == "read_trip":
            told["arguments"] = named("trips", told["arguments"]["trip_id"])
            said = told["result"]
            flight = said["flight"][0]["id"]
            told["result"] = [named("trips", said["trip"]["id"]), named("flights", flight), said["trip"]["budget"]]
        else:
            told["arguments"] = named("memories", told["arguments"]["memory_id"])
    return told


async def world_of(database: Database, user: User) -> asyncpg.Connection:
    """A raw connection of that user, as any client has it."""
    return await database.client(user)
