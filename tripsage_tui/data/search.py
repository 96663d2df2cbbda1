"""Search over everything that the user sees: one query."""

from __future__ import annotations

from typing import Any

from tripsage_tui.data.database import Database
from tripsage_tui.models.found import MASKED_CODE, Found, FoundKind, code_of, day_of, place_of, words_of

SEARCH = """
select kind, id, trip_id, trip_name, trip_zone, archived, title, more,
       case when isfinite(day) then day end as day, case when isfinite(last_day) then last_day end as last_day,
       case when isfinite(at) then at end as at, zone, by_code
from private.search_everything($1, $2, $3)
"""


class SearchRepository:
    """Trips with all that is in them, conversations and memories of the user, by words."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, text: str, *, most: int = 8) -> list[Found]:
        """What contains all words of `text`, at most `most` of each kind, the best of a kind first.

        Words count as beginnings of words, in any order, without case and diacritics. A confirmation code is found
        when `text` is all of it, and is not in the answer.
        """
        if not (words := words_of(text)):
            return []
        rows = await self._database.fetch(SEARCH, words, code_of(text), most, name="search")
        return [_found(row, words) for row in rows]


def _found(row: Any, words: list[str]) -> Found:
    title = row["title"] or ""
    return Found(
        kind=FoundKind(row["kind"]),
        id=row["id"],
        trip_id=row["trip_id"],
        trip_name=row["trip_name"] or "",
        archived=row["archived"],
        title=title,
        place=place_of(title, row["more"] or "", words) or (MASKED_CODE if row["by_code"] else ""),
        day=row["day"] or day_of(row["at"], row["zone"], row["trip_zone"]),
        last_day=row["last_day"],
    )
