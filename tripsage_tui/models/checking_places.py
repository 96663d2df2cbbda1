"""The rule that one has to be where the next booking begins."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, time

from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.bookings import Accommodation, ItemType
from tripsage_tui.models.checking_cities import City, Places
from tripsage_tui.models.checking_clock import SMALL_HOURS, at_clock, from_ordinal, wall
from tripsage_tui.models.checking_plan import Bed, Checked, Move
from tripsage_tui.models.findings import AddBooking, Finding, Fix, Severity

Step = Move | Bed


def wrong_city(checked: Checked) -> Iterator[Finding]:
    """`wrong-city`: the next journey or bed is not where the last one ended, and nothing goes there.

    A hired car, an item of transport or a journey to a place that is not known may have gone there.
    """
    freely = _Freely(checked)
    here: City | None = None
    last: tuple[datetime, Step] | None = None
    for at, step in _steps(checked):
        start, end = _ends(step, checked.places)
        moved = last is not None and freely.between(last[0], at)
        wrong = last and here and start and not moved and not checked.places.near(here, start)
        if wrong and here and start and last and _day(step) >= checked.today:
            yield _finding(here, start, last[1], step)
        # A bed at an unknown address is where one was before; a journey to an unknown place leads there.
        here = end or (here if isinstance(step, Bed) and not moved else None)
        last = at, step


def _steps(checked: Checked) -> list[tuple[datetime, Step]]:
    """Journeys when they begin, beds at the end of their first night, when one has certainly arrived."""
    steps: list[tuple[datetime, Step]] = [(move.begins, move) for move in checked.moves]
    steps += [(_settled(checked, bed), bed) for bed in checked.chosen_beds]
    return sorted(steps, key=lambda step: (step[0], step[1].ref))


def _ends(step: Step, places: Places) -> tuple[City | None, City | None]:
    if isinstance(step, Move):
        return places.city(step.leg.origin), places.city(step.leg.destination)
    texts = (getattr(step.booking, name, None) for name in ("address", "location", "name", "title"))
    city = next((city for text in texts if text and (city := places.named(text))), None)
    return city, city


def _finding(here: City, there: City, before: Step, step: Step) -> Finding:
    day = _day(step)
    came = before.name if isinstance(before, Move) else name_of(before.booking)
    if isinstance(step, Move):
        message = f"You are in {here.name}, but {step.vehicle} leaves from {there.name}."
    else:
        message = f"You are in {here.name}, but {name_of(step.booking)} is in {there.name}."
    values = {"origin": here.name, "destination": there.name, "departure_date": day.isoformat()}
    return Finding(
        code="wrong-city",
        severity=Severity.WARNING,
        message=message,
        why=f"After {came} nothing in the plan goes from {here.name} to {there.name}.",
        day=day,
        items=(step.ref, before.ref),
        fix=Fix(f"Add a transport from {here.name} to {there.name}", AddBooking("transport", values)),
    )


def _day(step: Step) -> date:
    return step.day if isinstance(step, Move) else from_ordinal(step.first)


def _settled(checked: Checked, bed: Bed) -> datetime:
    stay = bed.booking
    zone = stay.check_in_zone if isinstance(stay, Accommodation) else stay.start_zone
    return at_clock(from_ordinal(bed.first + 1), SMALL_HOURS, zone or checked.trip.time_zone)


class _Freely:
    """When one can have gone anywhere: with a hired car, or by something that is noted as an item of transport."""

    def __init__(self, checked: Checked) -> None:
        self._hires = [
            (hire.departure_time, hire.arrival_time)
            for hire in checked.hires
            if hire.departure_time or hire.arrival_time
        ]
        zone = checked.trip.time_zone
        days = [checked.day_of_item(item) for item in checked.items if item.item_type is ItemType.TRANSPORT]
        self._rides = sorted(at_clock(day, time(12), zone) for day in days if day)
        self._days = {wall(at, zone).date() for at in self._rides}
        self._zone = zone

    def between(self, start: datetime, end: datetime) -> bool:
        if any((not begin or begin < end) and (not over or over > start) for begin, over in self._hires):
            return True
        place = bisect_left(self._rides, start)
        if place < len(self._rides) and self._rides[place] <= end:
            return True
        return bool({wall(start, self._zone).date(), wall(end, self._zone).date()} & self._days)
