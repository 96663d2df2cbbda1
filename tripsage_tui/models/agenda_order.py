"""The order of a day: what has a time by its instant, the rest where a traveller would expect it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum

from tripsage_tui.models.agenda_entries import Entry, Moment
from tripsage_tui.models.bookings import ItineraryItem
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
    a check-in without one in the afternoon, after the last arrival. Items without a time stand where the user put them,
    else after those with one; the night closes the day.
    """
    check_in = usual_check_in(entries, zone)
    return tuple(sorted(entries, key=lambda entry: _key(entry, check_in, zone)))


def is_movable(entry: Entry) -> bool:
    """Whether the user decides where in the day it stands: an item without a time."""
    return isinstance(entry.booking, ItineraryItem) and entry.moment is Moment.ITEM and entry.at is None


def begins(entry: Entry, check_in: datetime) -> datetime | None:
    """When an entry with a place in time counts as beginning; None for those that stand before or after all of these.

    `check_in` is the usual time of check-ins that have none.
    """
    if entry.at:
        return entry.at
    return check_in if entry.moment is Moment.CHECK_IN else None


def _key(entry: Entry, check_in: datetime, zone: str | None) -> tuple[int, datetime, int, int, int]:
    sequence = _SEQUENCE.index(entry.moment) if entry.moment in _SEQUENCE else len(_SEQUENCE)
    item = entry.booking
    if entry.at:
        rank, at = _Rank.TIMED, entry.at
    elif isinstance(item, ItineraryItem) and is_movable(entry) and item.stands_after is not None:
        rank, at, sequence = _Rank.TIMED, minute_of(entry.day, item.stands_after, zone), len(_SEQUENCE) + 1
    else:
        rank = _UNTIMED.get(entry.moment, _Rank.ITEM)
        at = check_in if entry.moment is Moment.CHECK_IN else _NEVER
    return rank, at, sequence, entry.booking.position, entry.booking.id


def minute_of(day: date, minute: int, zone: str | None) -> datetime:
    """The instant at which the clock of a zone shows that minute of a day, 1440 being its end."""
    start = datetime.combine(day, time(), tzinfo=zone_info(zone))
    return start + timedelta(minutes=min(minute, 1439), seconds=59) if minute else start


def usual_check_in(entries: Sequence[Entry], zone: str | None) -> datetime:
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
