"""What search providers answered, kept per user in the tables search_* until it expires."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from tripsage_tui.data.database import Database
from tripsage_tui.models.searches import RESULTS, Query, Result, SearchKind

# The columns of each table that say what was asked. Activities, flights and hotels keep the whole question as well.
_ASKED: dict[SearchKind, tuple[str, str]] = {
    SearchKind.DESTINATION: ("public.search_destinations", "query"),
    SearchKind.FLIGHT: (
        "public.search_flights",
        "origin, destination, departure_date, return_date, passengers, cabin_class, query_parameters",
    ),
    SearchKind.HOTEL: (
        "public.search_hotels",
        "destination, check_in_date, check_out_date, guests, rooms, query_parameters",
    ),
    SearchKind.ACTIVITY: ("public.search_activities", "destination, activity_type, query_parameters"),
}
_GET = """
select results::text from {table}
where user_id = (select private.current_user_id()) and query_hash = $1 and expires_at > statement_timestamp()
order by created_at desc limit 1
"""
# An answer replaces the one before, and takes what has expired with it.
_PUT = """
with gone as (
  delete from {table}
  where user_id = (select private.current_user_id()) and (query_hash = $1 or expires_at <= statement_timestamp())
)
insert into {table} (user_id, query_hash, results, source, expires_at, {columns})
select private.current_user_id(), $1, $2::jsonb, $3, $4, {values}
from jsonb_populate_record(null::{table}, $5::jsonb) q
"""


class SearchCaches:
    """Answers by the question and the provider that gave them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, query: Query, source: str) -> list[Result] | None:
        """The answer that is kept, None where there is none or it has expired or has another form by now."""
        table, _ = _ASKED[query.kind]
        text = await self._database.fetchval(
            _GET.format(table=table), query_hash(query, source), name="search_caches.get"
        )
        if text is None:
            return None
        model = RESULTS[query.kind]
        try:
            return [model.model_validate(row) for row in json.loads(text)]
        except ValueError:
            return None

    async def put(self, query: Query, source: str, results: Sequence[Result], *, expires_at: datetime) -> None:
        """Keep an answer until `expires_at`."""
        table, columns = _ASKED[query.kind]
        asked = query.model_dump(mode="json")
        await self._database.execute(
            _PUT.format(
                table=table, columns=columns, values=", ".join(f"q.{column}" for column in columns.split(", "))
            ),
            query_hash(query, source),
            json.dumps([result.model_dump(mode="json") for result in results]),
            source,
            expires_at,
            json.dumps({**asked, "query_parameters": asked}),
            name="search_caches.put",
            write=True,
            idempotent=True,
        )


def query_hash(query: Query, source: str) -> str:
    """SHA-256 of the question and the provider; case and spaces at the edges of a word do not make another question."""
    asked = {
        name: " ".join(value.split()).casefold() if isinstance(value, str) else value
        for name, value in query.model_dump(mode="json").items()
    }
    text = json.dumps([query.kind, source, asked], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
