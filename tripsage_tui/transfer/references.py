"""Rows with the ids of another database: in their columns, in findings put aside, in what tools were asked and said.

What cannot be followed, because the row no longer exists, must not point at another row by accident: a key that may be
missing is left out, and an id within JSON becomes negative, which is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tripsage_tui.data.transfer_tables import TABLES, Column

Find = Callable[[str, str], str | None]
"""The id over there of a row (table, id here); None when it has none."""

_BOOKINGS = {
    "flight": "flights",
    "stay": "accommodations",
    "accommodation": "accommodations",
    "transport": "transportation",
    "transportation": "transportation",
    "item": "itinerary_items",
    "traveller": "travellers",
}
"""What findings, tools and expenses call the rows that they are about."""
_FINDING_ROW = re.compile(r"\b(flight|accommodation|transportation|item|traveller)-([0-9]{1,18})\b")


class Missing(Exception):
    """A row cannot be without a row that is not there; the text names the table."""


def remapped(kind: str, row: Mapping[str, Any], find: Find, soft: Find | None = None) -> dict[str, Any]:
    """The row as it is over there, its own id included. Raises Missing.

    `soft` finds what JSON refers to, where that is another question than which keys can be kept.
    """
    table = TABLES[kind]
    follow = _following(soft or find)
    moved = dict(row)
    moved["id"] = _as_id(table.columns[0], _needed(find, kind, row["id"]))
    for column in table.references:
        value = row[column.name]
        if value is None:
            continue
        there = find(column.table or "", str(value))
        if there is None and column.name in table.required:
            raise Missing(column.table)
        moved[column.name] = None if there is None else _as_id(column, there)
    if (within := _WITHIN.get(kind)) is not None:
        within(moved, follow)
    return moved


Follow = Callable[[str, Any], Any]


def _following(find: Find) -> Follow:
    def follow(kind: str, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0 or not kind:
            return value
        there = find(kind, str(value))
        return -value if there is None else int(there)

    return follow


def _needed(find: Find, kind: str, value: Any) -> str:
    there = find(kind, str(value))
    if there is None:
        raise Missing(kind)
    return there


def _as_id(column: Column, value: str) -> int | str:
    return int(value) if column.kind in {"id", "ref"} else value


def _trip(row: dict[str, Any], follow: Follow) -> None:
    """Findings put aside name their rows: double-bed:accommodation-3:2027-10-09."""

    def renamed(found: re.Match[str]) -> str:
        there = follow(_BOOKINGS[found[1]], int(found[2]))
        # A finding about a row that is gone stays what it was: about nothing.
        return f"{found[1]}-{max(0, there)}"

    keys = row["known_findings"] or []
    row["known_findings"] = [_FINDING_ROW.sub(renamed, key) if isinstance(key, str) else key for key in keys]


def _of_booking(row: dict[str, Any], follow: Follow) -> None:
    """The booking that an expense, or a file, belongs to."""
    if row["booking_id"] is None:
        return
    there = follow(_BOOKINGS.get(str(row["booking_kind"]), ""), row["booking_id"])
    row["booking_id"], row["booking_kind"] = (there, row["booking_kind"]) if there > 0 else (None, None)


def _session(row: dict[str, Any], follow: Follow) -> None:
    row["metadata"] = _changed(row["metadata"], summary=lambda kept: _named(kept, "until", "chat_messages", follow))


def _message(row: dict[str, Any], follow: Follow) -> None:
    def remembered(pairs: Any) -> Any:
        if not isinstance(pairs, list):
            return pairs
        return [[follow("memories", pair[0]), *pair[1:]] if isinstance(pair, list) and pair else pair for pair in pairs]

    row["metadata"] = _changed(row["metadata"], memories=remembered)


def _memory(row: dict[str, Any], follow: Follow) -> None:
    row["metadata"] = _named(row["metadata"], "trip_id", "trips", follow)


def _call(row: dict[str, Any], follow: Follow) -> None:
    """Arguments and results by tool; tools that are not known here keep what they have."""
    row["arguments"] = _asked(str(row["tool_name"]), row["arguments"], follow)
    row["result"] = _said(str(row["tool_name"]), row["result"], follow)


def _asked(tool: str, arguments: Any, follow: Follow) -> Any:
    match tool:
        case "read_trip" | "find_problems" | "read_budget":
            return _named(arguments, "trip_id", "trips", follow)
        case "change_booking" | "delete_booking":
            return _booking(arguments, "kind", follow)
        case "forget_memory":
            return _named(arguments, "memory_id", "memories", follow)
    return arguments


def _said(tool: str, result: Any, follow: Follow) -> Any:
    if tool in _LISTED:
        return _each(result, _LISTED[tool], follow)
    if tool in _TOLD:
        return _named(result, _TOLD[tool], "memories", follow)
    if tool.startswith(("add_", "change_", "delete_")):
        return _booking(result, {"a": "added", "c": "changed", "d": "deleted"}[tool[0]], follow)
    match tool:
        case "read_trip":
            parts = {kind: _eacher(_BOOKINGS[kind], follow) for kind in ("flight", "stay", "transport", "item")}
            return _changed(
                result,
                trip=lambda trip: _named(trip, "id", "trips", follow),
                stops=_eacher("trip_stops", follow),
                **parts,
            )
        case "find_problems" if isinstance(result, list):
            return [_changed(finding, items=_for_each(lambda ref: _booking(ref, "kind", follow))) for finding in result]
    return result


_LISTED = {"list_trips": "trips", "recall_memories": "memories"}
_TOLD = {"remember": "remembered", "forget_memory": "forgotten"}
_WITHIN: Mapping[str, Callable[[dict[str, Any], Follow], None]] = {
    "trips": _trip,
    "expenses": _of_booking,
    "file_attachments": _of_booking,
    "chat_sessions": _session,
    "chat_messages": _message,
    "chat_tool_calls": _call,
    "memories": _memory,
}


def _for_each(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The change for every member of a list; what is none stays."""
    return lambda value: [change(each) for each in value] if isinstance(value, list) else value


def _changed(value: Any, **changes: Callable[[Any], Any]) -> Any:
    """An object with some of its members changed, where it is one and has them."""
    if not isinstance(value, dict):
        return value
    return {**value, **{name: change(value[name]) for name, change in changes.items() if name in value}}


def _named(value: Any, name: str, kind: str, follow: Follow) -> Any:
    return _changed(value, **{name: lambda number: follow(kind, number)})


def _booking(value: Any, kind: str, follow: Follow) -> Any:
    """An object that says what kind of booking the row with its `id` is."""
    if not isinstance(value, dict):
        return value
    return _named(value, "id", _BOOKINGS.get(str(value.get(kind)), ""), follow)


def _each(values: Any, kind: str, follow: Follow) -> Any:
    return [_named(value, "id", kind, follow) for value in values] if isinstance(values, list) else values


def _eacher(kind: str, follow: Follow) -> Callable[[Any], Any]:
    return lambda values: _each(values, kind, follow)
