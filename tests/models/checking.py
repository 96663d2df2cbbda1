"""Bookings as people type them, airports that a test needs, and what the checker says about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from tests.models.stored import JAPAN, plan, stored_draft
from tripsage_tui.models.booking_drafts import FormContext, read_flight, read_item, read_stay, read_transport
from tripsage_tui.models.bookings import Booking
from tripsage_tui.models.checker import CheckContext, check
from tripsage_tui.models.findings import Finding
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import StopFields, TripFields

TODAY = date(2027, 9, 1)
NOW = datetime(2027, 9, 1, 9, tzinfo=UTC)


class Facts(NamedTuple):
    iata: str
    city: str
    country: str
    zone: str
    x: float
    """Kilometres along a line, enough for distances."""
    name: str = "Airport"


AIRPORTS = {
    facts.iata: facts
    for facts in (
        Facts("FRA", "Frankfurt", "DE", "Europe/Berlin", 0),
        Facts("VIE", "Vienna", "AT", "Europe/Vienna", 620),
        Facts("HND", "Tokyo", "JP", "Asia/Tokyo", 9363),
        Facts("NRT", "Tokyo", "JP", "Asia/Tokyo", 9420),
        Facts("ITM", "Osaka", "JP", "Asia/Tokyo", 9760),
        Facts("SIN", "Singapore", "SG", "Asia/Singapore", 10260),
        Facts("SFO", "San Francisco", "US", "America/Los_Angeles", 23840),
        Facts("HNL", "Honolulu", "US", "Pacific/Honolulu", 20000),
        Facts("AKL", "Auckland", "NZ", "Pacific/Auckland", 27000),
    )
}
CITIES = {facts.city: facts for facts in reversed(AIRPORTS.values())}


def distance(origin: str, destination: str) -> float | None:
    ends = AIRPORTS.get(origin), AIRPORTS.get(destination)
    return abs(ends[0].x - ends[1].x) if ends[0] and ends[1] else None


CONTEXT = CheckContext(airport=AIRPORTS.get, city=CITIES.get, distance_km=distance)
READING = FormContext(today=TODAY, trip=JAPAN, zone_of=lambda code: AIRPORTS[code].zone if code in AIRPORTS else None)
STOPS = (
    StopFields(
        place="Tokyo",
        country="JP",
        arrive_date=date(2027, 10, 3),
        depart_date=date(2027, 10, 7),
        time_zone="Asia/Tokyo",
    ),
    StopFields(
        place="Osaka",
        country="JP",
        arrive_date=date(2027, 10, 7),
        depart_date=date(2027, 10, 15),
        time_zone="Asia/Tokyo",
    ),
)
_BOOKED = {"booking_status": "booked", "confirmation_code": "X7K2QM", "payment_status": "paid"}
_NUMBERS = iter(range(1, 1_000_000))


def flight(route: str, day: str, times: str = "", **typed: str) -> Booking:
    """`flight("FRA-HND", "2 oct", "12:15-08:55+1")`, booked on a ticket of its own unless said otherwise."""
    number = next(_NUMBERS)
    values = _ends(route, day, times) | {**_BOOKED, "confirmation_code": f"T{number}"} | typed
    return stored_draft(read_flight(values, READING), number)


def ride(kind: str, route: str, day: str, times: str = "", **typed: str) -> Booking:
    values = {"transport_type": kind} | _ends(route, day, times) | _BOOKED | typed
    return stored_draft(read_transport(values, READING), next(_NUMBERS))


def stay(name: str, first: str, nights: int, **typed: str) -> Booking:
    values = {"name": name, "check_in_date": first, "nights": str(nights)} | _BOOKED | typed
    return stored_draft(read_stay(values, READING), next(_NUMBERS))


def item(title: str, day: str, times: str = "", **typed: str) -> Booking:
    start, _, end = times.partition("-")
    values = {"title": title, "day": day, "start_time": start, "end_time": end} | typed
    return stored_draft(read_item(values, READING), next(_NUMBERS))


def but(booking: Booking, **changes: Any) -> Booking:
    """The row with other values, also such that no form lets pass."""
    return booking.model_copy(update=changes)


def there_and_back() -> list[Booking]:
    """From Frankfurt on 2 Oct, arriving on the 3rd, and home on the 15th."""
    return [flight("FRA-HND", "2 oct", "12:15-08:55+1"), flight("HND-FRA", "15 oct", "12:30-19:05")]


def whole_trip() -> list[Booking]:
    """Two weeks without a gap: Tokyo to the 7th, Osaka to the 15th."""
    return [
        *there_and_back(),
        stay("Hotel Gracery", "3 oct", 4, address="Asakusa, Tokyo"),
        ride("train", "Tokyo-Osaka", "7 oct", "09:03-11:33"),
        stay("Cross Hotel", "7 oct", 8, address="Shinsaibashi, Osaka"),
        ride("train", "Shin-Osaka-Tokyo", "15 oct", "06:00-08:24"),
    ]


def found(
    *bookings: Booking,
    trip: TripFields = JAPAN,
    stops: Sequence[StopFields] = STOPS,
    today: date = TODAY,
    now: datetime = NOW,
    **context: Any,
) -> tuple[Finding, ...]:
    return check(plan(*bookings, trip=trip, stops=stops), today=today, now=now, context=replace(CONTEXT, **context))


def found_in(a_plan: TripPlan) -> tuple[Finding, ...]:
    return check(a_plan, today=TODAY, now=NOW, context=CONTEXT)


def codes(findings: Sequence[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def _ends(route: str, day: str, times: str) -> dict[str, str]:
    origin, _, destination = route.rpartition("-")
    leaves, _, lands = times.partition("-")
    return {
        "origin": origin,
        "destination": destination,
        "departure_date": day,
        "departure_time": leaves,
        "arrival_time": lands,
    }
