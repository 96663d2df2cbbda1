"""The rules about what follows what: changes that are too short, and two things at one time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tripsage_tui.models import connection_times as least
from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.bookings import Booking, ItemType, ItineraryItem, Transportation, TransportType
from tripsage_tui.models.checking_clock import clock_text, minutes_between, wall
from tripsage_tui.models.checking_plan import Checked, Move, word_of
from tripsage_tui.models.findings import EditBooking, Finding, Fix, ItemRef, Severity, ref_of
from tripsage_tui.models.when import duration_text

BACKGROUND = timedelta(hours=24)
"""What lasts longer (a conference, a rail pass) leaves room for other things."""
OUTING = timedelta(hours=4)
"""What lasts at least as long may contain other plans: lunch on a day trip."""
_LOOKED_AT = 12
"""Things going on at once that one more is compared with; more would be a list of everything."""


def tight_connections(checked: Checked) -> Iterator[Finding]:
    """`tight-connection`: less time between two journeys than the change needs."""
    for before, after in _changes(checked):
        if before.arrives and after.departs and after.departs >= checked.now:
            spare = minutes_between(before.arrives, after.departs)
            needed, wanted, why = _needed(checked, before, after)
            if spare < wanted:
                severity = Severity.ERROR if spare < needed else Severity.WARNING
                yield _tight(checked, (before, after), severity, why)


def overlaps(checked: Checked) -> Iterator[Finding]:
    """`overlap`: two things that happen at one time. A change that is too short is told as such, not here."""
    changes = {frozenset((id(one), id(other))) for one, other in _changes(checked)}
    going_on: list[_Slot] = []
    for slot in sorted(_slots(checked), key=lambda slot: slot.key):
        going_on = [other for other in going_on if other.end > slot.start]
        for other in sorted(going_on, key=lambda each: each.end, reverse=True)[:_LOOKED_AT]:
            if _collide(other, slot) and frozenset((id(other.source), id(slot.source))) not in changes:
                if slot.end >= checked.now:
                    yield _overlap(checked, other, slot)
                break
        if slot.end > slot.start:
            going_on.append(slot)


def _changes(checked: Checked) -> Iterator[tuple[Move, Move]]:
    """Pairs of journeys of which the second follows the first and begins where it ends, as far as that is known."""
    timed = [move for move in checked.moves if move.departs and move.arrives]
    for before, after in pairwise(timed):
        if before.arrives and after.departs:
            one, other = checked.places.city(before.leg.destination), checked.places.city(after.leg.origin)
            if one and other:
                follows = checked.places.near(one, other)
            elif after.departs >= before.arrives:
                follows = True
            else:
                follows = checked.places.key(before.leg.destination) == checked.places.key(after.leg.origin)
            if follows:
                yield before, after


def _needed(checked: Checked, before: Move, after: Move) -> tuple[int, int, str]:
    """Minutes that are needed, minutes that are wanted, and why."""
    international = _international(checked, before, after)
    kind = "an international" if international else "a domestic"
    if before.flies and after.flies:
        return _between_flights(checked, before, after, international=international)
    if after.flies:
        minutes = least.BEFORE_INTERNATIONAL if international else least.BEFORE_DOMESTIC
        return minutes, minutes, f"The counters of {kind} flight close {minutes} min before it leaves."
    if before.flies and _waits_for_nobody(after):
        minutes = least.AFTER_INTERNATIONAL if international else least.AFTER_DOMESTIC
        return 0, minutes, f"From the landing of {kind} flight to a train or bus allow {minutes} min."
    if _waits_for_nobody(after) and _waits_for_nobody(before):
        return 0, least.BETWEEN_TRAINS, "That is hardly enough to change the platform."
    return 0, 0, "It leaves before you are there."


def _between_flights(checked: Checked, before: Move, after: Move, *, international: bool) -> tuple[int, int, str]:
    here, there = checked.places.airport(before.leg.destination), checked.places.airport(after.leg.origin)
    if here and there and here.iata != there.iata and not {here.city, there.city} & {here.iata, there.iata}:
        minutes = least.OTHER_AIRPORT
        return minutes, minutes, f"From {here.iata} to {there.iata} allow {minutes} min, with all bags."
    code = here.iata if here else before.leg.destination
    own = checked.context.minimum_connection
    minutes = least.minimum_minutes(code, international=international, own=own)
    kind = "when a border is crossed" if international else "between domestic flights"
    if before.ticket == after.ticket:
        return minutes, minutes, f"{code} needs {minutes} min at least {kind}."
    wanted = minutes + least.SELF_TRANSFER
    return (
        minutes,
        wanted,
        (
            f"{code} needs {minutes} min at least {kind}; on two tickets allow {wanted} min: "
            "bags are checked in again, and nobody waits or rebooks."
        ),
    )


def _international(checked: Checked, before: Move, after: Move) -> bool:
    """Whether the flights of a change cross a border at which passports are looked at; unknown countries do not."""
    ends = [(move.leg.origin, move.leg.destination) for move in (before, after) if move.flies]
    airports = [checked.places.airport(end) for pair in ends for end in pair]
    return len({least.border_area(airport.country) for airport in airports if airport}) > 1


def _waits_for_nobody(move: Move) -> bool:
    booking = move.booking
    return isinstance(booking, Transportation) and booking.transport_type in {TransportType.TRAIN, TransportType.BUS}


def _tight(checked: Checked, change: tuple[Move, Move], severity: Severity, why: str) -> Finding:
    before, after = change
    arrives, departs = before.arrives or before.begins, after.departs or after.begins
    spare = minutes_between(arrives, departs)
    place = checked.places.shown(before.leg.destination)
    comes = f"{before.vehicle} arrives at {clock_text(arrives, before.arrives_zone)}"
    goes = f"{after.vehicle} leaves at {clock_text(departs, after.departs_zone)}"
    if spare >= 0:
        message = f"{spare} min to change in {place}: {comes}, {goes}."
    else:
        gone = duration_text(timedelta(minutes=-spare))
        message = f"The connection in {place} has left {gone} before you arrive: {comes}, {goes}."
    # The feeder is changed, not the long flight that it belongs to.
    changed = min(reversed(change), key=lambda move: (move.arrives or move.begins) - (move.departs or move.begins))
    at = "departure_time" if changed.leg.direction == "outbound" else "return_departure_time"
    return Finding(
        code="tight-connection",
        severity=severity,
        message=message,
        why=why,
        day=wall(arrives, before.arrives_zone).date(),
        items=(before.ref, after.ref) if before.ref != after.ref else (after.ref,),
        fix=Fix(f"Change the {word_of(changed.booking)} {changed.name}", EditBooking(changed.ref, at)),
    )


@dataclass(frozen=True)
class _Slot:
    """A time that is taken."""

    ref: ItemRef
    booking: Booking
    source: object
    start: datetime
    end: datetime
    zone: str | None
    name: str

    @property
    def key(self) -> tuple[datetime, datetime, ItemRef, str]:
        return self.start, self.end, self.ref, self.name


def _slots(checked: Checked) -> Iterator[_Slot]:
    for move in checked.moves:
        if move.departs and move.arrives:
            yield _Slot(move.ref, move.booking, move, move.departs, move.arrives, move.departs_zone, move.name)
    for item in checked.items:
        start, end = item.start_time, item.end_time or item.start_time
        if start and end and timedelta() <= end - start <= BACKGROUND and item.item_type is not ItemType.ACCOMMODATION:
            yield _Slot(ref_of(item), item, item, start, end, checked.zone_of_item(item), name_of(item))


def _collide(one: _Slot, other: _Slot) -> bool:
    """Whether two slots, `one` the earlier, keep somebody from being at both."""
    if not (isinstance(one.booking, ItineraryItem) and isinstance(other.booking, ItineraryItem)):
        return True
    if other.start == other.end:
        return False
    inside = one.start <= other.start and other.end <= one.end
    promised = {one.booking.booking_status.value, other.booking.booking_status.value} <= {"reserved", "booked"}
    # A museum within a day trip, a lunch within a museum's ticket that is valid all day.
    return not (inside and one.end - one.start >= OUTING and not promised)


def _overlap(checked: Checked, one: _Slot, other: _Slot) -> Finding:
    moving = sum(not isinstance(slot.booking, ItineraryItem) for slot in (one, other))
    begins = clock_text(other.start, other.zone)
    ends = clock_text(one.end, getattr(one.source, "arrives_zone", one.zone))
    ref = other.ref if isinstance(other.booking, ItineraryItem) or moving == 2 else one.ref
    booking = other.booking if ref == other.ref else one.booking
    at = "start_time" if isinstance(booking, ItineraryItem) else "departure_time"
    return Finding(
        code="overlap",
        severity=Severity.ERROR if moving == 2 else Severity.WARNING,
        message=f"{other.name} begins at {begins}, before {one.name} ends at {ends}.",
        why="Nobody can be on two journeys at once." if moving == 2 else "Both are planned for the same time.",
        day=wall(other.start, other.zone).date(),
        items=(one.ref, other.ref) if one.ref != other.ref else (one.ref,),
        fix=Fix(f"Change the {word_of(booking)} {name_of(booking)}", EditBooking(ref, at)),
    )
