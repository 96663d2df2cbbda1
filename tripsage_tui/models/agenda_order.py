"""The order of a day: what has a time by its instant, the rest where a traveller would expect it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from enum import IntEnum

from tripsage_tui.models.agenda_entries import Entry, Moment
from tripsage_tui.models.zones import local, zone_info

USUAL_CHECK_IN = time(15)
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
# Of two moments at the same minute: out of the old place, on the way, into the new one.
_SEQUENCE = (
    *(Moment.ENDS, Moment.RETURN, Moment.CHECK_OUT, Moment.DEPARTURE, Moment.ARRIVAL, Moment.PICK_UP),
    *(Moment.CHECK_IN, Moment.ITEM),
)


class _Rank(IntEnum):
    UNDER_WAY = 0
    CHECK_OUT = 1
    DEPARTURE = 2
    TIMED = 3
    ITEM = 4
    NIGHT = 5


_UNTIMED = {
    Moment.UNDERWAY: _Rank.UNDER_WAY,
    Moment.IN_USE: _Rank.UNDER_WAY,
    Moment.CONTINUES: _Rank.UNDER_WAY,
    Moment.CHECK_OUT: _Rank.CHECK_OUT,
    Moment.DEPARTURE: _Rank.DEPARTURE,
    Moment.PICK_UP: _Rank.DEPARTURE,
    Moment.CHECK_IN: _Rank.TIMED,
    Moment.STAYING: _Rank.NIGHT,
}


def in_order(entries: Sequence[Entry], zone: str | None) -> tuple[Entry, ...]:
    """The entries of one day that is lived in `zone`.

    A changeover day reads out, travel, in, whether its times are known or not: a check-out without a time comes first,
    a check-in without one in the afternoon, after the last arrival. Items without a time keep the order that the user
    gave them and follow those with one; the night closes the day.
    """
    check_in = _usual_check_in(entries, zone)
    return tuple(sorted(entries, key=lambda entry: _key(entry, check_in)))


def _key(entry: Entry, check_in: datetime) -> tuple[int, datetime, int, int, int]:
    sequence = _SEQUENCE.index(entry.moment) if entry.moment in _SEQUENCE else len(_SEQUENCE)
    if entry.at:
        rank, at = _Rank.TIMED, entry.at
    else:
        rank = _UNTIMED.get(entry.moment, _Rank.ITEM)
        at = check_in if entry.moment is Moment.CHECK_IN else _NEVER
    return rank, at, sequence, entry.booking.position, entry.booking.id


def _usual_check_in(entries: Sequence[Entry], zone: str | None) -> datetime:
    """When a check-in without a time is to be expected: from 15:00 on, and not before one is there."""
    if not entries:
        return _NEVER
    usual = datetime.combine(entries[0].day, USUAL_CHECK_IN, tzinfo=zone_info(zone))
    arrivals = [
        arrival
        for entry in entries
        if entry.moment in {Moment.DEPARTURE, Moment.ARRIVAL} and (arrival := entry.until)
        if local(arrival, entry.until_zone).date() == entry.day
    ]
    return max([usual, *arrivals])
