"""Which bookings of the list are shown: by what they are, and by the words that were typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tripsage_tui.models.booking_list import BookingKey, BookingRow, Due, Kind, next_deadline

SOON = timedelta(days=14)
"""A deadline that is no further away is soon."""


@dataclass(frozen=True)
class BookingFilter:
    """What is shown; empty sets and False let everything through."""

    kinds: frozenset[Kind] = frozenset()
    states: frozenset[str] = frozenset()
    trip_id: int | None = None
    no_reference: bool = False
    unpaid: bool = False
    due_soon: bool = False

    @property
    def active(self) -> bool:
        return self != BookingFilter()

    def lets_through(self, row: BookingRow, now: datetime) -> bool:
        return (
            (not self.kinds or row.kind in self.kinds)
            and (not self.states or row.booking_status in self.states)
            and self.trip_id in {None, row.trip_id}
            and (not self.no_reference or row.lacks_reference)
            and (not self.unpaid or row.unpaid)
            and (not self.due_soon or _is_soon(next_deadline(row, now), now))
        )

    def with_kind(self, kind: Kind) -> BookingFilter:
        """The filter with a kind put in, or taken out."""
        return replace(self, kinds=self.kinds ^ {kind})

    def with_states(self, states: Iterable[str]) -> BookingFilter:
        """The filter with states put in, or taken out."""
        return replace(self, states=self.states ^ set(states))


class BookingSearch:
    """Substring search over everything a row says, the confirmation code included.

    Every word typed has to occur somewhere; case and order do not matter. Prepared once per row.
    """

    def __init__(self) -> None:
        self._texts: dict[BookingKey, tuple[BookingRow, str]] = {}

    def matches(self, row: BookingRow, words: Sequence[str]) -> bool:
        """Whether all of the casefolded words occur in the row."""
        if not words:
            return True
        known = self._texts.get(row.key)
        if known is None or known[0] is not row:
            parts = (row.title, row.word, row.kind, row.trip_name, row.booking_status, row.payment_status, row.currency)
            more = (row.about, row.provider, row.reference, str(day.year) if (day := row.first_day) else None)
            known = (row, "\n".join(part for part in (*parts, *more) if part).casefold())
            self._texts[row.key] = known
        return all(word in known[1] for word in words)


def _is_soon(deadline: Due | None, now: datetime) -> bool:
    return deadline is not None and deadline.at - now <= SOON
