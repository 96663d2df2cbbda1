"""The stops of a trip: written together, in order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tripsage_tui.data.rows import Shape, dump
from tripsage_tui.models.trips import StopFields, TripStop

STOP = Shape(TripStop)
COLUMNS = STOP.json_columns("s")

# The row type of the JSON array that `write` makes.
RECORDSET = (
    "place text, country text, arrive_date date, depart_date date, time_zone text, currency text, position integer"
)
_NAMES = ", ".join((*StopFields.model_fields, "position"))
_VALUES = ", ".join(f"r.{name}" for name in (*StopFields.model_fields, "position"))

INSERT = f"""
insert into public.trip_stops (trip_id, {_NAMES})
select $1, {_VALUES} from jsonb_to_recordset($2::jsonb) as r ({RECORDSET})
"""

# Coordinates are not ours to set; a place that stays keeps them.
REPLACE = f"""
with gone as (
  delete from public.trip_stops where trip_id = $1 returning place, latitude, longitude
), s as (
  insert into public.trip_stops (trip_id, {_NAMES}, latitude, longitude)
  select $1, {_VALUES}, g.latitude, g.longitude
  from jsonb_to_recordset($2::jsonb) as r ({RECORDSET})
  left join (select distinct on (place) place, latitude, longitude from gone order by place) g on g.place = r.place
  returning *
)
select coalesce(json_agg(x order by x.position), '[]')::text from (select {COLUMNS} from s) x
"""


def write(stops: Sequence[StopFields]) -> str:
    """A JSON array of rows. Raises InvalidValue."""
    return json.dumps([{**dump(stop, StopFields), "position": position} for position, stop in enumerate(stops)])


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[TripStop, ...]:
    """Models of decoded JSON rows."""
    return tuple(STOP.from_json(row) for row in rows)
