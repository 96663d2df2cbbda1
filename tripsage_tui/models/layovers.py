"""The time between two legs, and where it is spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tripsage_tui.models.bookings import LegFields
from tripsage_tui.models.when import duration_text


@dataclass(frozen=True)
class Layover:
    """From one arrival to the next departure; `place` is `MUC`, or `LHR → LGW` where one goes on from elsewhere."""

    start: datetime
    end: datetime
    place: str

    @property
    def length(self) -> str:
        return duration_text(self.end - self.start)


def layover(before: LegFields, after: LegFields) -> Layover | None:
    """The wait between two legs; None where a time is not known or it is not possible."""
    start, end = before.arrival_time, after.departure_time
    if not start or not end or end <= start:
        return None
    same = before.destination == after.origin
    return Layover(start, end, after.origin if same else f"{before.destination} → {after.origin}")
