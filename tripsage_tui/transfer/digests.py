"""What two rows have in common: a digest of their content, and which columns differ."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from tripsage_tui.data.exact_json import dumps
from tripsage_tui.data.transfer_tables import Table


def told(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its vectors as digests, as the database tells them when nobody needs all their numbers."""
    return {column.name: _told(column.kind, row[column.name]) for column in table.columns}


def digest(table: Table, row: Mapping[str, Any]) -> str:
    """SHA-256 of all columns that stay as they were written, as hex."""
    if table.touched:
        return content_digest(table, row)
    return hashlib.sha256(dumps(told(table, row)).encode()).hexdigest()


def content_digest(table: Table, row: Mapping[str, Any]) -> str:
    """SHA-256 of the columns that do not change by themselves, as hex."""
    shown = {name: value for name, value in told(table, row).items() if name not in table.quiet}
    return hashlib.sha256(dumps(shown).encode()).hexdigest()


def differing(table: Table, one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns in which two rows say something else, apart from those that change by themselves."""
    return tuple(
        column.name
        for column in table.columns
        if column.name not in table.quiet and not _same(column.kind, one[column.name], other[column.name])
    )


def _told(kind: str, value: Any) -> Any:
    if kind == "vector" and isinstance(value, str) and value.startswith("["):
        return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
    return value


def _same(kind: str, one: Any, other: Any) -> bool:
    if kind == "json":
        one, other = _unsigned(one), _unsigned(other)
    return bool(dumps(_told(kind, one)) == dumps(_told(kind, other)))


def _unsigned(value: Any) -> Any:
    """An id within JSON is negative on the side where its row is gone, and need not be on the other."""
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value)
    if isinstance(value, list):
        return [_unsigned(each) for each in value]
    if isinstance(value, dict):
        return {name: _unsigned(each) for name, each in value.items()}
    return value
