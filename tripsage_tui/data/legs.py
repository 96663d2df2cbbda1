"""Legs: the single vehicles of a flight or a transportation. They come and go with their booking."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tripsage_tui.data.rows import Shape, dump
from tripsage_tui.models.bookings import Leg, LegFields

LEG = Shape(Leg)
TABLE = "legs"
FIELD = "legs"

# What a caller sets, as columns and as the row type of a JSON array; `position` is the place in that array.
NAMES = ", ".join((*LegFields.model_fields, "position"))
RECORDSET = (
    "direction text, origin text, destination text, departure_time timestamptz, departure_zone text, "
    "arrival_time timestamptz, arrival_zone text, carrier text, number text, seat text, position integer"
)


def aggregated(source: str) -> str:
    """SQL for a JSON array of the legs that `source` selects under the alias l, in order of travel."""
    return (
        f"(select coalesce(json_agg(x order by x.direction, x.position, x.id), '[]') "
        f"from (select {LEG.json_columns('l')} from {source}) x)"
    )


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Leg, ...]:
    """Models of decoded JSON rows."""
    return tuple(LEG.from_json(row) for row in rows)


def rows(legs: Sequence[LegFields]) -> list[dict[str, object]]:
    """Column values in the order given."""
    return [{**dump(leg, LegFields), "position": position} for position, leg in enumerate(legs)]


def write(legs: Sequence[LegFields]) -> str:
    """A JSON array for `jsonb_to_recordset(... ) as l(RECORDSET)`. Raises InvalidValue."""
    return json.dumps(rows(legs))


def same(stored: Sequence[LegFields], wanted: Sequence[LegFields]) -> bool:
    """Whether the legs say the same, apart from their ids."""
    return [dump(leg, LegFields) for leg in stored] == [dump(leg, LegFields) for leg in wanted]
