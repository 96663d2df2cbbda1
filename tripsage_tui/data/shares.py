"""Shares of an expense: who paid and who owes. They come and go with their expense."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tripsage_tui.data.rows import Shape, dump
from tripsage_tui.models.expenses import ExpenseShare, ShareFields

SHARE = Shape(ExpenseShare)
TABLE = "expense_shares"
FIELD = "shares"
NAMES = ", ".join(ShareFields.model_fields)
RECORDSET = "traveller_id bigint, paid numeric, weight numeric, owed numeric"


def aggregated(source: str) -> str:
    """SQL for a JSON array of the shares that `source` selects under the alias l, in the order of travellers."""
    return (
        f"(select coalesce(json_agg(x order by x.traveller_id, x.id), '[]') "
        f"from (select {SHARE.json_columns('l')} from {source}) x)"
    )


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[ExpenseShare, ...]:
    """Models of decoded JSON rows."""
    return tuple(SHARE.from_json(row) for row in rows)


def rows(shares: Sequence[ShareFields]) -> list[dict[str, object]]:
    """Column values; a fixed amount takes the place of a part."""
    return [
        dump(share if share.owed is None else share.model_copy(update={"weight": None}), ShareFields)
        for share in shares
    ]


def write(shares: Sequence[ShareFields]) -> str:
    """A JSON array for `jsonb_to_recordset(... ) as l(RECORDSET)`. Raises InvalidValue."""
    return json.dumps(rows(shares))


def same(stored: Sequence[ShareFields], wanted: Sequence[ShareFields]) -> bool:
    """Whether the shares say the same, apart from their ids and their order."""
    return sorted(map(_key, stored)) == sorted(map(_key, wanted))


def _key(share: ShareFields) -> str:
    (row,) = rows([share])
    return json.dumps(
        {name: str(value.normalize()) if hasattr(value, "normalize") else value for name, value in row.items()}
    )
