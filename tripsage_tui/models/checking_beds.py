"""The rules about nights: each has one bed, and one arrives before it is given away.

A night is named by the date of its evening. It needs no bed under way (whoever is still travelling at four in the
morning), at home, and on the trip's last day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from itertools import pairwise

from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.bookings import Accommodation
from tripsage_tui.models.checking_cities import folded
from tripsage_tui.models.checking_clock import (
    SMALL_HOURS,
    at_clock,
    clock_text,
    day_text,
    days_text,
    from_ordinal,
    minutes_between,
    night_of,
    wall,
)
from tripsage_tui.models.checking_plan import Bed, Checked, Move
from tripsage_tui.models.findings import AddBooking, DeleteBooking, EditBooking, Finding, Fix, Severity, ref_of
from tripsage_tui.models.when import count_of

Nights = tuple[int, int]
"""From the first night to before the last, as ordinals of their evenings."""
LONGEST_WAIT = timedelta(hours=6)
"""Between two journeys: who waits longer for the next one in the night wants a bed."""
FROM_AIRPORT = 60
"""Minutes from landing to the reception."""


def nights_without_bed(checked: Checked) -> Iterator[Finding]:
    """`night-without-bed`: nights of the trip for which nothing is planned, together where they are one after another.

    A trip without any journey or stay is not planned yet and has none.
    """
    if not (checked.beds or checked.moves):
        return
    trip = checked.trip
    covered = [(bed.first, bed.after) for bed in checked.beds]
    covered += _under_way(checked.moves)
    covered += _at_home(checked)
    start = max(trip.start_date, checked.today).toordinal()
    for first, after in _gaps(start, trip.end_date.toordinal(), covered):
        for begin, end in _by_place(checked, first, after):
            yield _no_bed(checked, begin, end)


def double_beds(checked: Checked) -> Iterator[Finding]:
    """`double-bed`: two firm stays for the same night. Two rooms of one house are no fault, the same row twice is."""
    firm = [bed for bed in checked.beds if bed.firm and bed.after > checked.today.toordinal()]
    longest: Bed | None = None
    for bed in firm:
        if longest and bed.first < longest.after and not _two_rooms(longest, bed):
            yield _two_beds(checked, longest, bed)
        if longest is None or bed.after > longest.after:
            longest = bed


def late_check_ins(checked: Checked) -> Iterator[Finding]:
    """`late-check-in`: one arrives after the reception has closed, or on a later day than that of the check-in."""
    arrivals = sorted(((move.arrives, move) for move in checked.moves if move.arrives), key=lambda one: one[0])
    moments = [at for at, _ in arrivals]
    for bed in checked.chosen_beds:
        stay = bed.booking
        if isinstance(stay, Accommodation) and stay.check_in_date >= checked.today:
            zone = stay.check_in_zone or checked.trip.time_zone
            evening = at_clock(from_ordinal(bed.first), SMALL_HOURS, zone)
            morning = at_clock(from_ordinal(bed.first + 1), SMALL_HOURS, zone)
            before, place = bisect_right(moments, evening), bisect_right(moments, morning)
            if place > before:
                last = _first_into_town(checked, [move for _, move in arrivals[before:place]])
                yield from _closed(checked, stay, last, zone)
            if place < len(arrivals):
                yield from _days_late(checked, bed, arrivals[place][1], zone)


def _under_way(moves: Iterable[Move]) -> list[Nights]:
    """The nights of journeys; changing in the night, without a long wait, is one journey."""
    spans = [(move.nights.start, move.nights.stop) for move in moves if move.nights]
    timed = [move for move in moves if move.departs and move.arrives]
    for one, other in pairwise(timed):
        if one.arrives and other.departs and timedelta() <= other.departs - one.arrives <= LONGEST_WAIT:
            start, end = (
                night_of(wall(one.arrives, one.arrives_zone)),
                night_of(wall(other.departs, other.departs_zone)),
            )
            # Only a wait that bridges four in the morning; the journeys themselves are counted above.
            spans.append((start, end))
    return spans


def _at_home(checked: Checked) -> list[Nights]:
    """Nights in the city from which the trip starts, unless the trip is (also) about that city or has a bed in it."""
    moves, places = checked.moves, checked.places
    if not moves:
        return []
    home = places.key(moves[0].leg.origin)
    if not home or any(home == places.key(stop.place) for stop in checked.plan.stops):
        return []
    if f" {home} " in f" {folded(checked.trip.destination)} ":
        return []
    leaves = moves[0].nights.start
    spans = [] if any(bed.first < leaves for bed in checked.beds) else [(date.min.toordinal(), leaves)]
    for move, following in pairwise((*moves, None)):
        if move and places.key(move.leg.destination) == home:
            back = move.nights.stop
            spans.append((back, following.nights.start if following else date.max.toordinal()))
    return [span for span in spans if span[0] < span[1]]


def _gaps(start: int, end: int, covered: Iterable[Nights]) -> Iterator[Nights]:
    """What is left of the nights from `start` to before `end`."""
    for first, after in sorted(covered):
        if first >= end:
            break
        if first > start:
            yield start, first
        start = max(start, after)
    if start < end:
        yield start, end


def _by_place(checked: Checked, first: int, after: int) -> Iterator[Nights]:
    """The nights cut where the next stop of the trip begins, or where one travels on."""
    cuts = {stop.arrive_date.toordinal() for stop in checked.plan.stops if stop.arrive_date}
    if not cuts:
        cuts = {move.last_day.toordinal() for move in checked.moves}
    inside = sorted(cut for cut in cuts if first < cut < after)
    yield from pairwise((first, *inside, after))


def _no_bed(checked: Checked, first: int, after: int) -> Finding:
    day, last = from_ordinal(first), from_ordinal(after - 1)
    arrival = next((move for move in reversed(checked.moves) if move.nights.stop <= first), None)
    place = checked.places.stop_of_night(day)
    if place is None and arrival is not None:
        city = checked.places.city(arrival.leg.destination)
        place = city.name if city else arrival.leg.destination
    where = f" in {' '.join(place[:60].split())}" if place else ""
    count = count_of(after - first, "night")
    days = days_text(day, last, checked.today)
    begin, end = from_ordinal(first), from_ordinal(after)
    values = {"check_in_date": begin.isoformat(), "check_out_date": end.isoformat()}
    if place:
        values["address"] = place
    return Finding(
        code="night-without-bed",
        severity=Severity.ERROR,
        message=f"No bed{where} for {count}: {days}.",
        why=_why_no_bed(checked, arrival, first, after),
        day=day,
        items=(arrival.ref,) if arrival and arrival.last_day in {day, from_ordinal(first + 1)} else (),
        fix=Fix(f"Add a stay{where}, {count} from {day_text(begin, checked.today)}", AddBooking("stay", values)),
        last_day=last,
    )


def _why_no_bed(checked: Checked, arrival: Move | None, first: int, after: int) -> str:
    ended = [bed for bed in checked.beds if bed.after == first]
    begins = [bed for bed in checked.beds if bed.first == after]
    if arrival and arrival.arrives and arrival.nights.stop == first and arrival.last_day.toordinal() == first + 1:
        return f"{arrival.name} arrives at {clock_text(arrival.arrives, arrival.arrives_zone)} in the night."
    parts = []
    if ended:
        parts.append(f"{name_of(ended[-1].booking)} ends on {day_text(from_ordinal(first), checked.today)}")
    if begins:
        parts.append(f"{name_of(begins[0].booking)} begins on {day_text(from_ordinal(after), checked.today)}")
    return f"{', '.join(parts)}, and nothing is between." if parts else "No stay and no journey covers them."


def _two_rooms(one: Bed, other: Bed) -> bool:
    """The same house: two rooms, unless it is the same booking twice."""
    same = name_of(one.booking).casefold() == name_of(other.booking).casefold()
    return same and not _twice(one, other)


def _twice(one: Bed, other: Bed) -> bool:
    same = name_of(one.booking).casefold() == name_of(other.booking).casefold()
    nights = (one.first, one.after) == (other.first, other.after)
    return same and nights and one.booking.confirmation_code == other.booking.confirmation_code


def _two_beds(checked: Checked, one: Bed, other: Bed) -> Finding:
    first, after = max(one.first, other.first), min(one.after, other.after)
    names = f"{name_of(one.booking)} and {name_of(other.booking)}"
    days = days_text(from_ordinal(first), from_ordinal(after - 1), checked.today)
    if _twice(one, other):
        fix = Fix(f"Delete the second {name_of(other.booking)}", DeleteBooking(other.ref))
        why = "It is the same stay with the same dates and confirmation code."
    else:
        at = "check_in_date" if isinstance(other.booking, Accommodation) else "day"
        fix = Fix(f"Change {name_of(other.booking)}", EditBooking(other.ref, at))
        why = "Both are reserved or booked. Cancel one, or change its dates."
    return Finding(
        code="double-bed",
        severity=Severity.WARNING,
        message=f"Two beds for {count_of(after - first, 'night')}, {days}: {names}.",
        why=why,
        day=from_ordinal(first),
        items=(one.ref, other.ref),
        fix=fix,
        last_day=from_ordinal(after - 1),
    )


def _first_into_town(checked: Checked, moves: list[Move]) -> Move:
    """Of the arrivals of one day the one with which one comes to the bed.

    It is the last one, or, where that comes back from an outing to another place, the first one into that town.
    """
    key = checked.places.key
    town = key(moves[-1].leg.destination)
    if key(moves[-1].leg.origin) == town:
        return moves[-1]
    return next(move for move in moves if key(move.leg.destination) == town)


def _closed(checked: Checked, stay: Accommodation, arrival: Move, zone: str | None) -> Iterator[Finding]:
    until = stay.check_in_until
    if until is None or arrival.arrives is None:
        return
    # A reception that closes at one closes in the night after the day of the check-in.
    after_midnight = until < time(6)
    closes = at_clock(from_ordinal(stay.check_in_date.toordinal() + after_midnight), until, zone)
    needs = FROM_AIRPORT if arrival.flies else 0
    spare = minutes_between(arrival.arrives, closes)
    if spare >= needs:
        return
    late = spare < 0
    clock = clock_text(arrival.arrives, zone)
    how = f"{arrival.name} arrives at {clock}"
    yield Finding(
        code="late-check-in",
        severity=Severity.ERROR if late else Severity.WARNING,
        message=f"{how}, but {name_of(stay)} takes guests until {until:%H:%M}.",
        why="Nobody is there to let you in." if late else f"From the airport allow {FROM_AIRPORT} min.",
        day=stay.check_in_date,
        items=(ref_of(stay), arrival.ref),
        fix=Fix(f"Change the check-in of {name_of(stay)}", EditBooking(ref_of(stay), "check_in_until")),
    )


def _days_late(checked: Checked, bed: Bed, arrival: Move, zone: str | None) -> Iterator[Finding]:
    """The journey to a stay ends after its first night is over, and began before the check-in day was."""
    stay = bed.booking
    if not isinstance(stay, Accommodation) or arrival.arrives is None:
        return
    there, came = checked.places.city(arrival.leg.destination), arrival.nights
    named = next((city for text in (stay.address, stay.name) if text and (city := checked.places.named(text))), None)
    over_night = bed.first in came and night_of(wall(arrival.arrives, zone)) < bed.after
    if not over_night or (there and named and not checked.places.near(there, named)):
        return
    arrives = wall(arrival.arrives, zone)
    yield Finding(
        code="late-check-in",
        severity=Severity.WARNING,
        message=(
            f"{name_of(stay)} begins on {day_text(stay.check_in_date, checked.today)}, "
            f"but {arrival.name} arrives on {day_text(arrives.date(), checked.today)} at {arrives:%H:%M}."
        ),
        why="A room that nobody comes to is often given away. Tell them, or begin a day later.",
        day=stay.check_in_date,
        items=(bed.ref, arrival.ref),
        fix=Fix(
            f"Begin {name_of(stay)} on {day_text(arrives.date(), checked.today)}",
            EditBooking(bed.ref, "check_in_date", {"check_in_date": arrives.date().isoformat()}),
        ),
    )
