"""What the calendar and the sky say about the days of a trip: country, holidays, sunrise and sunset."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from tripsage_tui.models.agenda import Day
from tripsage_tui.models.grounds import Ground, grounds
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.places.airports import Airports
from tripsage_tui.places.grounds import Grounds
from tripsage_tui.places.holidays import holiday_on
from tripsage_tui.places.sun import sun_on


@dataclass(frozen=True)
class DayNote:
    """`holiday` is its name or empty; `sun` rise and set, None in polar day or night and where no position is known."""

    ground: Ground = field(default_factory=Ground)
    holiday: str = ""
    sun: tuple[datetime, datetime] | None = None


@lru_cache(maxsize=4)
def _grounds_of(airports: Airports) -> Grounds:
    return Grounds(airports)


async def day_notes(plan: TripPlan, days: Sequence[Day], airports: Airports) -> Mapping[date, DayNote]:
    """The notes of each day; in a thread, because the first time reads airports and calendars (0.4 s of CPU)."""
    return await asyncio.to_thread(_notes, plan, days, _grounds_of(airports))


def _notes(plan: TripPlan, days: Sequence[Day], known: Grounds) -> Mapping[date, DayNote]:
    where = grounds(plan, days, known.look_up)
    return {day.date: _note(day, where.get(day.date, Ground())) for day in days}


def _note(day: Day, ground: Ground) -> DayNote:
    sun = None
    if ground.latitude is not None and ground.longitude is not None:
        sun = sun_on(ground.latitude, ground.longitude, day.date, day.zone)
    return DayNote(ground, holiday_on(ground.country, day.date), sun)
