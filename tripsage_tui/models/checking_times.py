"""The rules about time: what ends before it begins, what is too fast, what is outside the trip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.bookings import Booking, ItineraryItem
from tripsage_tui.models.checking_clock import add_days, clock_text, day_text, wall
from tripsage_tui.models.checking_plan import Checked, Move, is_firm, word_of
from tripsage_tui.models.findings import EditBooking, EditTrip, Finding, Fix, Severity, ref_of
from tripsage_tui.models.journeys import FASTEST_KM_PER_HOUR
from tripsage_tui.models.when import duration_text
from tripsage_tui.models.zones import zone_abbreviation

FORGIVEN_DAYS = 14
"""A booking not further outside the trip than this is probably right and the trip's dates are not."""


def impossible_legs(checked: Checked) -> Iterator[Finding]:
    """`impossible-leg`: in absolute time it ends before, or at the instant at which, it begins. Options too."""
    zone = checked.trip.time_zone
    for move in checked.all_moves:
        begins = _Moment(move.leg.departure_time, move.departs_zone, f"{_literal(move.name)} arrives {{}} it departs.")
        end = _Moment(move.leg.arrival_time, move.arrives_zone, _at(move, "arrival_time"))
        yield from _impossible(checked, move.booking, begins, end)
    for hire in checked.hires:
        begins = _Moment(
            hire.departure_time, hire.departure_zone or zone, "The hired car goes back {} it is picked up."
        )
        end = _Moment(hire.arrival_time, hire.arrival_zone or zone, "arrival_time")
        yield from _impossible(checked, hire, begins, end)
    for item in checked.items:
        own = checked.zone_of_item(item)
        if item.start_time != item.end_time:
            begins = _Moment(item.start_time, own, f"{_literal(name_of(item))} ends {{}} it begins.")
            yield from _impossible(checked, item, begins, _Moment(item.end_time, item.end_zone or own, "end_time"))
    for stay in checked.stays:
        own = stay.check_in_zone or zone
        begins = _Moment(stay.check_in_at, own, f"{_literal(name_of(stay))} has its check-out {{}} its check-in.")
        end = _Moment(stay.check_out_at, stay.check_out_zone or own, "check_out_date")
        yield from _impossible(checked, stay, begins, end)


def too_fast(checked: Checked) -> Iterator[Finding]:
    """`faster-than-physics`: a flight that would have to be faster than any airliner."""
    for move in checked.all_moves:
        if not (move.flies and move.departs and move.arrives):
            continue
        distance = checked.context.distance_km(
            *(_code(checked, end) for end in (move.leg.origin, move.leg.destination))
        )
        length = move.arrives - move.departs
        hours = length.total_seconds() / 3600
        if not distance or distance / hours <= FASTEST_KM_PER_HOUR:
            continue
        yield Finding(
            code="faster-than-physics",
            severity=Severity.ERROR,
            message=f"{move.name} is {distance:,.0f} km in {duration_text(length)}: {distance / hours:,.0f} km/h.",
            why=f"No airliner flies faster than {FASTEST_KM_PER_HOUR:,} km/h. Usually a time zone or the day is wrong.",
            day=move.day,
            items=(move.ref,),
            fix=Fix(
                f"Change the {word_of(move.booking)} {move.name}", EditBooking(move.ref, _at(move, "arrival_time"))
            ),
        )


def outside_trip(checked: Checked) -> Iterator[Finding]:
    """`outside-trip`: before the trip's first day or after its last. Coming home the morning after is not."""
    start, end = checked.trip.start_date, checked.trip.end_date
    for booking, first, last in _extents(checked):
        if start <= first and last <= end:
            continue
        before = first < start
        day = first if before else last
        edge = f"begins on {day_text(start, checked.today)}" if before else f"ends on {day_text(end, checked.today)}"
        days = abs((day - (start if before else end)).days)
        firm = is_firm(booking)
        if days <= FORGIVEN_DAYS:
            values = {"start_date" if before else "end_date": day.isoformat()}
            verb = "Begin" if before else "End"
            fix = Fix(f"{verb} the trip on {day_text(day, checked.today)}", EditTrip(values))
        else:
            fix = Fix(f"Change the {word_of(booking)} {name_of(booking)}", EditBooking(ref_of(booking)))
        yield Finding(
            code="outside-trip",
            severity=Severity.WARNING if firm else Severity.NOTE,
            message=f"{_titled(booking)} is on {day_text(day, checked.today)}, outside the trip.",
            why=f"The trip {edge}. Either its dates or those of the {word_of(booking)} are wrong.",
            day=day,
            items=(ref_of(booking),),
            fix=fix,
        )


def _extents(checked: Checked) -> Iterator[tuple[Booking, date, date]]:
    """First and last local day of each booking, by row."""
    days: dict[object, tuple[Booking, date, date]] = {}
    for move in checked.all_moves:
        # An overnight journey home belongs to the day on which it leaves.
        home_next_day = move.departs is None or (move.last_day - move.day).days <= 1
        last = move.day if home_next_day else add_days(move.last_day, -1)
        _, first, latest = days.get(move.ref, (None, move.day, last))
        days[move.ref] = (move.booking, min(first, move.day), max(latest, last))
    for hire in checked.hires:
        ends = [
            wall(at, zone or checked.trip.time_zone).date()
            for at, zone in ((hire.departure_time, hire.departure_zone), (hire.arrival_time, hire.arrival_zone))
            if at
        ] or [day for day in (hire.day,) if day]
        if ends:
            days[ref_of(hire)] = (hire, min(ends), max(ends))
    for stay in checked.stays:
        days[ref_of(stay)] = (stay, stay.check_in_date, stay.check_out_date)
    for item in checked.items:
        if day := checked.day_of_item(item):
            days[ref_of(item)] = (item, day, day)
    yield from days.values()


@dataclass(frozen=True)
class _Moment:
    """An end of something; `words` is the sentence for the first end, the form's field for the last."""

    at: datetime | None
    zone: str | None
    words: str

    def text(self, today: date) -> str:
        return f"{day_text(self.day, today)} {clock_text(self.at, self.zone)} {self.zone_name}" if self.at else ""

    @property
    def day(self) -> date:
        return wall(self.at, self.zone).date() if self.at else date.min

    @property
    def zone_name(self) -> str:
        try:
            return zone_abbreviation(self.at, self.zone) if self.at else ""
        except (OverflowError, ValueError):
            return "UTC"


def _impossible(checked: Checked, booking: Booking, begins: _Moment, ends: _Moment) -> Iterator[Finding]:
    if not begins.at or not ends.at or ends.at > begins.at:
        return
    span = f"{begins.text(checked.today)} to {ends.text(checked.today)}"
    yield Finding(
        code="impossible-leg",
        severity=Severity.ERROR,
        message=begins.words.format(_before(begins.at, ends.at)),
        why=f"From {span}, counted in absolute time. Check the day (08:55+1) and the time zones.",
        day=begins.day,
        items=(ref_of(booking),),
        fix=Fix(f"Change the {word_of(booking)} {name_of(booking)}", EditBooking(ref_of(booking), ends.words)),
    )


def _before(start: datetime, end: datetime) -> str:
    return f"{duration_text(start - end)} before" if end < start else "at the instant at which"


def _code(checked: Checked, place: str) -> str:
    airport = checked.places.airport(place)
    return airport.iata if airport else ""


def _at(move: Move, field: str) -> str:
    """The form's name for a field of a leg."""
    return field if move.leg.direction == "outbound" else f"return_{field}"


def _titled(booking: Booking) -> str:
    return name_of(booking) if isinstance(booking, ItineraryItem) else f"The {word_of(booking)} {name_of(booking)}"


def _literal(name: str) -> str:
    """A name as part of a pattern."""
    return name.replace("{", "{{").replace("}", "}}")
