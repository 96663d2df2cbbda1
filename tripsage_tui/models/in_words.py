"""Values of records in words, for comparing versions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from tripsage_tui.models.bookings import LegFields
from tripsage_tui.models.trips import StopFields
from tripsage_tui.models.when import format_date, local, zone_abbreviation


def in_words(value: object, *, today: date, zone: str | None = None) -> str:
    """One line for any value of a field; empty for nothing. Instants are shown in `zone`, else in UTC."""
    match value:
        case None | "" | ():
            words = ""
        case Enum():
            words = str(value.value).replace("_", " ")
        case datetime():
            clock = local(value, zone)
            words = f"{format_date(clock.date(), today)} {clock:%H:%M} {zone_abbreviation(value, zone)}"
        case date():
            words = format_date(value, today)
        case Decimal():
            words = f"{value.normalize():f}"
        case LegFields():
            words = _leg(value)
        case StopFields():
            words = value.place
        case tuple() | list():
            words = ", ".join(in_words(part, today=today, zone=zone) for part in value)
        case _:
            words = str(value)
    return words


def _leg(leg: LegFields) -> str:
    """`FRA 2.10. 13:25 → HND 3.10. 08:55 LH716`, each end in its own zone."""
    ends = (
        (leg.origin, leg.departure_time, leg.departure_zone),
        (leg.destination, leg.arrival_time, leg.arrival_zone),
    )
    words = []
    for place, instant, zone in ends:
        clock = local(instant, zone) if instant else None
        words.append(f"{place} {clock.day}.{clock.month}. {clock:%H:%M}" if clock else place)
    return " → ".join(words) + (f" {leg.number}" if leg.number else "")
