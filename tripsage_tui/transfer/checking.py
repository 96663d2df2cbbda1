"""Whether a line of a file can be a row of a table. What the database has to decide (ranges, states) is left to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tripsage_tui.data.transfer_reading import Row
from tripsage_tui.data.transfer_tables import Table
from tripsage_tui.transfer.archive_format import DEEPEST, ArchiveError

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATE = re.compile(r"-?infinity|[0-9]{4,7}-[0-9]{2}-[0-9]{2}( BC)?")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_STAMP = re.compile(r"-?infinity|[0-9]{4,7}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?\+00:00( BC)?")
_NUMBER = re.compile(r"[-+]?[0-9]{1,400}(\.[0-9]{1,400})?")
_VECTOR = re.compile(r"\[[-+.,0-9e]{1,60000}\]")
_PATH = re.compile(r"(\.[A-Za-z0-9]{1,8})?")
_LARGEST = 2**63 - 1


def read_row(table: Table, line: bytes, where: str) -> Row:
    """The row of a line. Raises ArchiveError, which says `where` it is."""
    row = read_object(line, where)
    if row.keys() != set(table.names):
        if unknown := sorted(row.keys() - set(table.names)):
            raise ArchiveError(
                f"{where} has {unknown[0][:40]!r}, which this version does not know: update the program."
            )
        missing = sorted(set(table.names) - row.keys())
        raise ArchiveError(f"{where} is damaged: it lacks {missing[0]}.")
    for column in table.columns:
        value = row[column.name]
        if value is None and column is not table.columns[0]:
            continue
        if not _CHECKS[column.kind](value):
            raise ArchiveError(f"{where} is damaged: its {column.name} is not {_WORDS[column.kind]}.")
    return row


def read_object(line: bytes, where: str) -> dict[str, Any]:
    """A JSON object, numbers exact. Raises ArchiveError."""
    try:
        value = json.loads(line, parse_float=_number, parse_int=_whole, parse_constant=_constant)
    except (ValueError, RecursionError):
        raise ArchiveError(f"{where} is damaged: it is not JSON.") from None
    if not isinstance(value, dict) or not _plain(value):
        raise ArchiveError(f"{where} is damaged: it is not a row.")
    return value


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError("no number that a database has written")
    return Decimal(text)


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) < 20 else _number(text)


def _constant(text: str) -> Any:
    raise ValueError(text)


def _plain(value: Any, depth: int = 0) -> bool:
    """Texts that can be stored, and not deeper than anybody nests."""
    if isinstance(value, str):
        return _text(value)
    if depth > DEEPEST:
        return not isinstance(value, dict | list)
    if isinstance(value, dict):
        return all(_text(name) and _plain(each, depth + 1) for name, each in value.items())
    if isinstance(value, list):
        return all(_plain(each, depth + 1) for each in value)
    return True


def _text(value: Any) -> bool:
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _id(value: Any) -> bool:
    return _integer(value) and value > 0


def _numeric(value: Any) -> bool:
    return _integer(value) or isinstance(value, Decimal) or value in ("NaN", "Infinity", "-Infinity")


def _fits(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(each is None or check(each) for each in value)


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "id": _id,
    "ref": _id,
    "uuid": _fits(_UUID),
    "uuid-ref": _fits(_UUID),
    "int": _integer,
    "text": _text,
    "num": _numeric,
    "bool": lambda value: isinstance(value, bool),
    "date": _fits(_DATE),
    "time": _fits(_TIME),
    "stamp": _fits(_STAMP),
    "json": lambda value: True,
    "texts": _list_of(_text),
    "ints": _list_of(_integer),
    "vector": _fits(_VECTOR),
    "owner": lambda value: value == "owner",
    "path": _fits(_PATH),
}
_WORDS: Mapping[str, str] = {
    "id": "an id",
    "ref": "an id",
    "uuid": "a UUID",
    "uuid-ref": "a UUID",
    "int": "a whole number",
    "text": "a text that can be stored",
    "num": "a number",
    "bool": "true or false",
    "date": "a date",
    "time": "a time",
    "stamp": "a time in UTC",
    "texts": "a list of texts",
    "ints": "a list of whole numbers",
    "vector": "a vector",
    "owner": "the owner or nobody",
    "path": "the ending of a file name",
}
