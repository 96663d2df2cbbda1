"""Reading the strings of a form, field by field, collecting every error and every note.

An error keeps the form from being saved; a note only tells (how a date was understood, what a total comes to). Both
are one sentence per field, shown beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from tripsage_tui.models.money import Money, parse_currency, parse_money
from tripsage_tui.models.text import LINE_LIMIT, InputError, clean_input, shown
from tripsage_tui.models.trips import Record
from tripsage_tui.models.typed_dates import parse_date
from tripsage_tui.models.typed_times import TypedTime, read_time
from tripsage_tui.models.when import format_date
from tripsage_tui.models.zones import combine, parse_zone

F = TypeVar("F", bound=Record)
E = TypeVar("E", bound=StrEnum)
R = TypeVar("R")
WARNING = "! "
"""Begins a note that is more than information: the form shows it so."""
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Draft(Generic[F]):
    """What a form says: `fields` where nothing is wrong, else `errors`; `notes` either way. Keys are field names."""

    fields: F | None
    errors: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


class FormReader:
    """The values of one form on their way to a model."""

    def __init__(self, values: Mapping[str, str], today: date) -> None:
        self.values = values
        self.today = today
        self.errors: dict[str, str] = {}
        self.notes: dict[str, str] = {}

    def raw(self, name: str) -> str:
        """What stands in a field, without the white space around it."""
        return (self.values.get(name) or "").strip(" \t\r\n")

    def fail(self, name: str, sentence: str) -> None:
        """Say what is wrong with a field; the first complaint stands."""
        self.errors.setdefault(name, sentence)

    def note(self, name: str, sentence: str) -> None:
        """Tell something about a field; several notes become one line."""
        self.notes[name] = f"{self.notes[name]}; {sentence}" if name in self.notes else sentence

    def warn(self, name: str, sentence: str) -> None:
        """Tell something that is probably wrong, before everything else that is told about a field."""
        self.notes[name] = f"{WARNING}{sentence}" + (f"; {self.notes[name]}" if name in self.notes else "")

    def read(self, name: str, parse: Callable[[str], R], *, required: str | None = None) -> R | None:
        """`parse` of the field; None where it is blank or `parse` refuses. `required` is the sentence if blank."""
        typed = self.raw(name)
        if not typed:
            if required:
                self.fail(name, required)
            return None
        try:
            return parse(typed)
        except InputError as error:
            self.fail(name, str(error))
            return None

    def text(self, name: str, limit: int = LINE_LIMIT, *, required: str | None = None) -> str | None:
        return self.read(name, lambda typed: clean_input(typed, limit), required=required)

    def day(
        self, name: str, *, after: date | None = None, near: date | None = None, required: str | None = None
    ) -> date | None:
        """A date; unless it was typed in full, a note says which day was understood."""
        day = self.read(name, lambda typed: parse_date(typed, self.today, after, near), required=required)
        if day:
            self.note_date(name, day)
        return day

    def note_date(self, name: str, day: date) -> None:
        """Say which day was understood, unless the field shows an ISO date anyway."""
        if not _ISO.fullmatch(self.raw(name)):
            self.note(name, format_date(day, self.today))

    def clock(self, name: str) -> TypedTime | None:
        return self.read(name, read_time)

    def zone(self, name: str) -> str | None:
        return self.read(name, parse_zone)

    def choice(self, name: str, kind: type[E], default: E) -> E:
        """A member of an enumeration by value or by its words (`premium economy`), blank for the default."""

        def parse(typed: str) -> E:
            word = re.sub(r"[\s_-]+", "_", typed.casefold())
            for member in kind:
                if member.value == word:
                    return member
            options = ", ".join(member.value.replace("_", " ") for member in kind)
            raise InputError(f"{shown(typed)} is not one of: {options}.")

        return self.read(name, parse) or default

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        def parse(typed: str) -> int:
            if not re.fullmatch(r"[0-9]{1,6}", typed) or not low <= int(typed) <= high:
                raise InputError(f"Type a whole number from {low} to {high:,}.")
            return int(typed)

        number = self.read(name, parse)
        return default if number is None else number

    def words(self, name: str, *, limit: int, most: int) -> tuple[str, ...]:
        """A comma-separated list, each entry once, at most `most` of at most `limit` characters."""

        def parse(typed: str) -> tuple[str, ...]:
            entries: dict[str, str] = {}
            for part in typed.split(","):
                if entry := part.strip(" \t\r\n"):
                    entries.setdefault(entry.casefold(), clean_input(entry, limit))
            if len(entries) > most:
                raise InputError(f"These are {len(entries)}; at most {most} fit here.")
            return tuple(entries.values())

        return self.read(name, parse) or ()

    def instant(self, name: str, day: date, typed: TypedTime, zone: str) -> datetime:
        """The instant of a wall clock time in a zone, noting what the clock change of that day does to it."""
        combined = combine(day, typed.clock, zone)
        if combined.note:
            self.note(name, combined.note)
        return combined.instant


def read_amounts(
    form: FormReader, names: Sequence[str], default: str, currency_name: str = "currency"
) -> tuple[dict[str, Money | None], str]:
    """The amounts of a form and the one currency of all of them.

    That is the currency typed with an amount, if any, else that of the currency field, else `default`. A second amount
    that names another one is refused.
    """
    currency = form.read(currency_name, lambda typed: parse_currency(typed, default)) or default
    named = next((code for name in names if (code := _named_currency(form.raw(name), currency))), currency)
    amounts = {name: form.read(name, lambda typed: parse_money(typed, named)) for name in names}
    for name, money in amounts.items():
        if money and money.currency != named:
            form.fail(name, f"One amount is in {named}, this one in {money.currency}; a booking has one currency.")
            amounts[name] = None
    if named != currency:
        form.note(currency_name, f"{named}, as typed with the amount")
    return amounts, named


def _named_currency(typed: str, currency: str) -> str | None:
    """The currency that an amount names, if that is not `currency` anyway."""
    try:
        money = parse_money(typed, currency)
    except InputError:
        return None
    return money.currency if money.currency != currency else None


def changes(before: Record, after: Record) -> dict[str, object]:
    """The fields of `after` that differ from `before`."""
    return {
        name: value
        for name in type(after).model_fields
        if (value := getattr(after, name)) != getattr(before, name, None)
    }
