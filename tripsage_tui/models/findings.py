"""What the checker finds: a sentence, a reason, the rows that it is about, and where one exists the remedy.

Texts contain names as they are stored; whoever shows them makes them safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from tripsage_tui.models.bookings import Accommodation, Booking, Flight, ItineraryItem, Transportation
from tripsage_tui.models.when import count_of

RefKind = Literal["flight", "accommodation", "transportation", "item", "traveller"]


class Severity(StrEnum):
    """How bad it is: the trip breaks, it may, or something is not complete. The value is the word for it."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def sign(self) -> str:
        """A sign beside the word or instead of it, so that the colour is never alone."""
        return _SIGNS[self]


_SIGNS = {Severity.ERROR: "!!", Severity.WARNING: "!", Severity.NOTE: "i"}
_ORDER = tuple(Severity)


@dataclass(frozen=True, order=True, slots=True)
class ItemRef:
    """A row: its kind and its id."""

    kind: RefKind
    id: int


@dataclass(frozen=True)
class AddBooking:
    """Open the form of a new booking; `word` is `flight`, `stay`, `transport` or `item`, `values` fill its fields."""

    word: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EditBooking:
    """Open the form of a booking with `values` typed into it and the cursor in the field `at`."""

    item: ItemRef
    at: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EditTrip:
    """Open the form of the trip with `values` typed into it."""

    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DeleteBooking:
    """Delete a booking, after asking."""

    item: ItemRef


@dataclass(frozen=True)
class SetFields:
    """Write fields of a booking, after asking."""

    item: ItemRef
    changes: Mapping[str, object] = field(default_factory=dict)


Remedy = AddBooking | EditBooking | EditTrip | DeleteBooking | SetFields


@dataclass(frozen=True)
class Fix:
    """What can be done about a finding: in words (`Add a stay in Osaka`), and as something that a screen can run."""

    label: str
    remedy: Remedy


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `day` is the local day it is about, `last_day` the last where there are several."""

    code: str
    severity: Severity
    message: str
    why: str
    day: date | None = None
    items: tuple[ItemRef, ...] = ()
    fix: Fix | None = None
    last_day: date | None = None

    @property
    def key(self) -> str:
        """The same for the same finding of the same rows on the same days; names do not matter."""
        rows = ",".join(f"{ref.kind}-{ref.id}" for ref in self.items)
        days = "/".join(day.isoformat() for day in (self.day, self.last_day) if day)
        return f"{self.code}:{rows}:{days}"


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first, then by day (those without a day last) and code."""
    return tuple(
        sorted(
            findings, key=lambda one: (_ORDER.index(one.severity), one.day or date.max, one.code, one.items, one.key)
        )
    )


def count_text(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning`; `nothing missing` where there is nothing."""
    counts = [(severity, sum(finding.severity is severity for finding in findings)) for severity in Severity]
    return ", ".join(count_of(count, severity.value) for severity, count in counts if count) or "nothing missing"


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The worst severity among findings, None where there are none."""
    return min((finding.severity for finding in findings), key=_ORDER.index, default=None)


def ref_of(booking: Booking) -> ItemRef:
    """How a finding names a booking."""
    return ItemRef(_KINDS[type(booking)], booking.id)


_KINDS: Mapping[type[Booking], RefKind] = {
    Flight: "flight",
    Accommodation: "accommodation",
    Transportation: "transportation",
    ItineraryItem: "item",
}
