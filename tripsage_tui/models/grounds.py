"""What is known of the place where a day is lived: country, what is paid with, where it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tripsage_tui.models.agenda import Day
from tripsage_tui.models.agenda_entries import Moment
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import TripStop


@dataclass(frozen=True)
class Ground:
    """`country` is ISO 3166-1 alpha-2, `currency` ISO 4217, degrees are WGS 84; `about` says that these are of a place
    nearby.
    """

    country: str | None = None
    country_name: str = ""
    currency: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    about: bool = False


LookUp = Callable[[str, str | None, str | None], Ground]
"""The ground of a place by name, the zone it is in and the country as it was typed, where these are known."""


def grounds(plan: TripPlan, days: Sequence[Day], look_up: LookUp) -> Mapping[date, Ground]:
    """The ground of each day: of its stop, else of the last landing, of the next departure, of the trip's destination.

    A stop whose position is not known takes the one between its neighbours in the same country.
    """
    stops = {stop.place: _of_stop(stop, plan, look_up) for stop in plan.stops}
    order = list(stops)
    for place in (*order, *reversed(order)):
        _borrow(stops, order, place)
    landed: Ground | None = None
    found: dict[date, Ground] = {}
    waiting: list[date] = []
    for day in days:
        ends = list(_journeys(day, look_up))
        if ends:
            for early in waiting:
                found[early] = ends[0][0]
            waiting = []
            landed = ends[-1][1] or ends[0][0]
        if day.place in stops:
            found[day.date] = stops[day.place]
            waiting = []
        elif landed is not None:
            stays_there = bool(ends) and (ends[-1][1] is None or day.zone == ends[0][2] != ends[-1][3])
            found[day.date] = ends[0][0] if stays_there else landed
        else:
            waiting.append(day.date)
    if waiting:
        whole = look_up(plan.trip.destination, plan.trip.time_zone, None)
        found.update(dict.fromkeys(waiting, whole))
    return found


def _of_stop(stop: TripStop, plan: TripPlan, look_up: LookUp) -> Ground:
    known = look_up(stop.place, stop.time_zone or plan.trip.time_zone, stop.country)
    return Ground(
        known.country,
        known.country_name,
        stop.currency or known.currency,
        float(stop.latitude) if stop.latitude is not None and stop.longitude is not None else known.latitude,
        float(stop.longitude) if stop.latitude is not None and stop.longitude is not None else known.longitude,
    )


def _borrow(stops: dict[str, Ground], order: Sequence[str], place: str) -> None:
    own = stops[place]
    if own.latitude is not None:
        return
    at = order.index(place)
    near = [stops[order[index]] for index in (at - 1, at + 1) if 0 <= index < len(order)]
    known = [
        (other.latitude, other.longitude)
        for other in near
        if other.latitude is not None and other.longitude is not None and other.country == own.country
    ]
    if known:
        latitude, longitude = (sum(degrees) / len(known) for degrees in zip(*known, strict=True))
        stops[place] = replace(own, latitude=latitude, longitude=longitude, about=True)


def _journeys(day: Day, look_up: LookUp) -> Iterator[tuple[Ground, Ground | None, str | None, str | None]]:
    """Where the flights and rides of a day leave, and where they land on that day; and the zones of both."""
    for entry in day.entries:
        if entry.leg is None or entry.cancelled or not entry.happens:
            continue
        there = entry.moment is Moment.DEPARTURE and entry.until_text and entry.until_text[-2:-1] in "+-"
        lands = entry.moment is Moment.ARRIVAL or not there
        end = look_up(entry.leg.destination, entry.until_zone, None)
        start = look_up(entry.leg.origin, entry.zone, None) if entry.moment is Moment.DEPARTURE else end
        yield start, end if lands else None, entry.zone, entry.until_zone or entry.zone
