"""A trip day by day: every booking as moments on the calendar of the place where they happen.

A moment belongs to the day that the local calendar shows then: a flight that lands a day later is on both days, a stay
is a check-in, nights and a check-out. Nothing here is stored; it is derived anew from the plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tripsage_tui.models.agenda_entries import Entry, Moment, entries_of, is_idea
from tripsage_tui.models.agenda_order import in_order
from tripsage_tui.models.bookings import Accommodation, Booking, BookingStatus, ItineraryItem
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.zones import local, zone_info

__all__ = ["Day", "Entry", "EntryCache", "Moment", "agenda", "ideas", "next_entry"]

NOON = time(12)


@dataclass(frozen=True)
class Day:
    """One calendar day. `number` counts from 1 on the trip's first day; None is a day outside the trip.

    `zone` is where the day is lived: local times of that zone are shown without a zone.
    """

    date: date
    number: int | None
    zone: str | None
    place: str | None = None
    entries: tuple[Entry, ...] = ()


class EntryCache:
    """The moments of bookings that have not changed since the last time; one for each trip that is looked at."""

    def __init__(self) -> None:
        self._circumstances: object = None
        self._known: dict[int, tuple[Booking, tuple[Entry, ...]]] = {}

    def of(self, plan: TripPlan) -> list[Entry]:
        """The moments of all bookings. Those of objects that are in the plan no longer are forgotten."""
        trip = plan.trip
        circumstances = (trip.time_zone, (trip.start_date, trip.end_date))
        known = self._known if circumstances == self._circumstances else {}
        kept = {}
        for booking in plan.bookings:
            # By identity: bookings are frozen, an edited one is another object.
            found = known.get(id(booking))
            kept[id(booking)] = found or (booking, tuple(entries_of(booking, *circumstances)))
        self._known, self._circumstances = kept, circumstances
        return [entry for _, entries in kept.values() for entry in entries]


def agenda(plan: TripPlan, cache: EntryCache | None = None) -> tuple[Day, ...]:
    """Every day of the trip, and the days outside it on which something happens, in order."""
    by_day: dict[date, list[Entry]] = {}
    trip = plan.trip
    for entry in (cache or EntryCache()).of(plan):
        by_day.setdefault(entry.day, []).append(entry)
    days = {trip.start_date + timedelta(days=number) for number in range(trip.days)} | by_day.keys()
    places = _Places(plan, [entry for entries in by_day.values() for entry in entries])
    return tuple(_day(plan, day, by_day.get(day, []), places) for day in sorted(days))


def ideas(plan: TripPlan) -> tuple[ItineraryItem, ...]:
    """Items without a day, in the user's order: the pool from which days are filled."""
    found = [item for item in plan.items if is_idea(item)]
    return tuple(sorted(found, key=lambda item: (item.position, item.id)))


def next_entry(days: Iterable[Day], now: datetime) -> Entry | None:
    """What happens next: the first moment that is still to come. Cancelled bookings and nights do not happen.

    An entry without a time counts as noon, and as now in the afternoon of its day.
    """
    best: tuple[datetime, Entry] | None = None
    for day in days:
        untimed = _untimed_still_to_come(day, now)
        for entry in day.entries:
            at = entry.at or untimed
            if at and at >= now and (best is None or at < best[0]) and entry.happens and not entry.cancelled:
                best = at, entry
    return best[1] if best else None


def _untimed_still_to_come(day: Day, now: datetime) -> datetime | None:
    """When the entries of a day that have no time count as happening, None if that is over."""
    if day.date < local(now, day.zone).date():
        return None
    return max(now, datetime.combine(day.date, NOON, tzinfo=zone_info(day.zone)))


def _day(plan: TripPlan, day: date, entries: list[Entry], places: _Places) -> Day:
    trip = plan.trip
    zone = places.zone_on(day, entries)
    number = (day - trip.start_date).days + 1 if trip.start_date <= day <= trip.end_date else None
    return Day(day, number, zone, places.stop_on(day), in_order([entry.seen_from(zone) for entry in entries], zone))


class _Places:
    """Where the traveller is on a day, from what is booked."""

    def __init__(self, plan: TripPlan, entries: Iterable[Entry]) -> None:
        self._plan = plan
        self._stays = [stay for stay in plan.accommodations if stay.booking_status is not BookingStatus.CANCELLED]
        self._landings = sorted(
            (entry.until, entry.until_zone)
            for entry in entries
            if entry.moment is Moment.DEPARTURE and entry.until and entry.until_zone and not entry.cancelled
        )

    def zone_on(self, day: date, entries: Iterable[Entry]) -> str | None:
        """The first of these zones that is known: of the coming night's bed, of last night's, of the dated stop, of the
        last landing before that day, of the day's first moment, of the trip.
        """
        night = [stay for stay in self._stays if stay.check_in_date <= day < stay.check_out_date]
        morning = [stay for stay in self._stays if stay.check_in_date < day == stay.check_out_date]
        for stay in (*reversed(_by_check_in(night)), *reversed(_by_check_in(morning))):
            if zone := stay.check_in_zone or stay.check_out_zone:
                return zone
        dated = [
            stop.time_zone
            for stop in self._plan.stops
            if stop.time_zone and stop.arrive_date and stop.arrive_date <= day <= (stop.depart_date or day)
        ]
        if dated:
            return dated[-1]
        landed = [zone for at, zone in self._landings if local(at, zone).date() < day]
        if landed:
            return landed[-1]
        timed = sorted((entry.at, entry.zone) for entry in entries if entry.at and entry.zone)
        return timed[0][1] if timed else self._plan.trip.time_zone

    def stop_on(self, day: date) -> str | None:
        """The stop of a day; on the day of a change, the one that begins."""
        here = [
            stop.place
            for stop in self._plan.stops
            if stop.arrive_date and stop.arrive_date <= day <= (stop.depart_date or day)
        ]
        return here[-1] if here else None


def _by_check_in(stays: Iterable[Accommodation]) -> list[Accommodation]:
    return sorted(stays, key=lambda stay: (stay.check_in_date, stay.id))
