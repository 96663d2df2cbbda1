"""Rows become models and models become rows, both by way of JSON.

A query returns whole rows as JSON text built by the server, read without losing a digit, because one column per row is
cheaper to transfer and decode than thirty. The list of trips, which can be long, is the exception (`Shape.columns`,
`Shape.from_record`).

What comes from the database is trusted to satisfy the schema's constraints and is not validated again. What the
constraints leave open (the year 20000, NaN, a million digits, missing timestamps) is brought into range instead of
failing: a collaborator with another program could write it, and one odd row must not hide all others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin
from uuid import UUID

from tripsage_tui.data.errors import InvalidValue
from tripsage_tui.models.trips import Record

M = TypeVar("M", bound=Record)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_INSTANT = datetime(1, 1, 1, tzinfo=UTC)
_LAST_INSTANT = datetime(9999, 12, 31, tzinfo=UTC)
_LARGEST = Decimal(10) ** 15
_set = object.__setattr__


def decode(text: str) -> Any:
    """JSON with exact numbers."""
    return json.loads(text, parse_float=Decimal, parse_int=_whole)


def bounded(number: Any) -> Decimal:
    """A number as people count money: finite, at most 10^15 in size."""
    amount = Decimal(number)
    if amount.is_finite() and -_LARGEST <= amount <= _LARGEST:
        return amount
    return Decimal(0) if amount.is_nan() else _LARGEST.copy_sign(amount)


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < 20 else Decimal(digits)


class Shape(Generic[M]):
    """How one model is stored in one table. `computed` fields are not columns; the query or the caller adds them."""

    def __init__(self, model: type[M], *, computed: Iterable[str] = ()) -> None:
        self.model = model
        self._computed = frozenset(computed)
        self._types = {
            name: _bare(field.annotation) for name, field in model.model_fields.items() if name not in self._computed
        }
        self._from_json = [(name, *_reader(model, name, kind)) for name, kind in self._types.items()]
        self._converted = [
            (name, convert)
            for name, convert, _ in self._from_json
            if convert and (self._types[name] is tuple or issubclass(self._types[name], StrEnum))
        ]
        self._defaults = [(name, missing) for name, _, missing in self._from_json if missing is not None]
        # Shared by all records: they are frozen, and copies make their own.
        self._fields_set = set(model.model_fields)

    def json_columns(self, alias: str) -> str:
        """A select list for `to_json`."""
        return ", ".join(f"{alias}.{name}" for name in self._types)

    def columns(self, alias: str) -> str:
        """A select list of plain columns, each brought into Python's range by the server."""
        return ", ".join(f"{_in_range(f'{alias}.{name}', kind)} as {name}" for name, kind in self._types.items())

    def from_json(self, row: Mapping[str, Any], **computed: object) -> M:
        """The model of one decoded JSON row."""
        values: dict[str, Any] = {}
        for name, convert, missing in self._from_json:
            value = row[name]
            if value is None:
                values[name] = missing
            else:
                values[name] = value if convert is None else convert(value)
        values.update(computed)
        return self._build(values)

    def from_text(self, text: str, **computed: object) -> M:
        """The model of one row as JSON text."""
        return self.from_json(decode(text), **computed)

    def from_record(self, values: dict[str, Any]) -> M:
        """The model of one row of plain columns; takes over `values`, computed fields included."""
        for name, missing in self._defaults:
            if values[name] is None:
                values[name] = missing
        for name, convert in self._converted:
            if (value := values[name]) is not None:
                values[name] = convert(value)
        return self._build(values)

    def _build(self, values: dict[str, Any]) -> M:
        # What model_construct does, without its walk over the fields: 10,000 trips in 10 ms instead of 100.
        record = self.model.__new__(self.model)
        _set(record, "__dict__", values)
        _set(record, "__pydantic_fields_set__", self._fields_set)
        _set(record, "__pydantic_extra__", None)
        _set(record, "__pydantic_private__", None)
        return record


def encode(fields: Mapping[str, object], allowed: type[Record]) -> dict[str, object]:
    """Column values as JSON can carry them without loss. Raises InvalidValue for what must not be stored.

    Only fields of `allowed` are columns that a caller may set: a name that is not among them never reaches SQL.
    """
    encoded = {}
    for name, value in fields.items():
        if name not in allowed.model_fields:
            raise InvalidValue(name, "This cannot be changed.")
        encoded[name] = _encoded(name, value)
    return encoded


def dump(fields: Record, allowed: type[Record]) -> dict[str, object]:
    """`encode` for all fields of `allowed` in a model (which may have more)."""
    return encode({name: getattr(fields, name) for name in allowed.model_fields}, allowed)


def _encoded(name: str, value: object) -> object:
    if isinstance(value, str):
        return _storable(name, str(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise InvalidValue(name, "This must be a number.")
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidValue(name, "A time needs a time zone.")
        return value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple | list):
        return [_encoded(name, part) for part in value]
    if value is None or isinstance(value, int):
        return value
    raise InvalidValue(name, "This value cannot be stored.")


def _storable(name: str, text: str) -> str:
    if "\0" in text:
        raise InvalidValue(name, "This text contains a NUL character, which cannot be stored.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValue(name, "This text contains half a character, which cannot be stored.") from None
    return text


def _bare(annotation: Any) -> type[Any]:
    """The type without `| None` and without what is in brackets."""
    if get_origin(annotation) in {Union, UnionType}:
        (annotation,) = (part for part in get_args(annotation) if part is not type(None))
    origin: type[Any] | None = get_origin(annotation)
    bare: type[Any] = annotation if origin is None else origin
    return bare


def _reader(model: type[Record], name: str, kind: type[Any]) -> tuple[Callable[[Any], Any] | None, Any]:
    """How to read a field from JSON, and what stands for NULL there."""
    if kind is tuple:
        return _parts, ()
    if issubclass(kind, StrEnum):
        members = {member.value: member for member in kind}
        return members.__getitem__, None
    if kind is datetime:
        return _instant, EPOCH if model.model_fields[name].is_required() else None
    readers: dict[type[Any], Callable[[Any], Any]] = {date: _day, time: _clock, Decimal: bounded, UUID: UUID}
    return readers.get(kind), None


def _parts(parts: list[Any]) -> tuple[Any, ...]:
    return tuple([part for part in parts if part is not None]) if parts else ()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min if text.startswith("-") or text.endswith("BC") else date.max


def _clock(text: str) -> time:
    # PostgreSQL has a 24:00:00 at the end of a day, Python does not.
    return time(23, 59) if text.startswith("24") else time.fromisoformat(text)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return _FIRST_INSTANT if text.startswith("-") or text.endswith("BC") else _LAST_INSTANT


def _in_range(column: str, kind: type[Any]) -> str:
    if kind is Decimal:
        return f"least(greatest(coalesce(nullif({column}, 'NaN'), 0), -1e15), 1e15)"
    if kind not in {date, datetime}:
        return column
    name = "timestamptz" if kind is datetime else "date"
    zone = " 00:00+00" if kind is datetime else ""
    return (
        f"case when {column} is not null then "
        f"least(greatest({column}, {name} '0001-01-01{zone}'), {name} '9999-12-31{zone}') end"
    )
