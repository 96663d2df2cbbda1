"""Sample trips for the first start and the demo, always in the same place in time relative to `today`.

They are written like a person would type them into the forms, and read by the forms' own rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from tripsage_tui.models.booking_drafts import FormContext, read_flight, read_item, read_stay, read_transport
from tripsage_tui.models.bookings import (
    AccommodationFields,
    FlightFields,
    ItineraryItemFields,
    LegFields,
    TransportationFields,
)
from tripsage_tui.models.rates import KnownRate, parse_rate
from tripsage_tui.models.trip_drafts import read_trip
from tripsage_tui.models.trips import StopFields, TripFields

_ZONES = {
    **dict.fromkeys(("FRA", "BER"), "Europe/Berlin"),
    **dict.fromkeys(("HND", "NRT"), "Asia/Tokyo"),
    "LIS": "Europe/Lisbon",
    "ZRH": "Europe/Zurich",
    "JFK": "America/New_York",
    "SFO": "America/Los_Angeles",
    "HAM": "Europe/Berlin",
    "DUB": "Europe/Dublin",
}
F = TypeVar("F")


@dataclass(frozen=True)
class SampleTrip:
    """A trip with all that is in it, ready to be stored. Flights and transports come with their legs."""

    trip: TripFields
    stops: tuple[StopFields, ...] = ()
    flights: tuple[tuple[FlightFields, tuple[LegFields, ...]], ...] = ()
    stays: tuple[AccommodationFields, ...] = ()
    transports: tuple[TransportationFields, ...] = ()
    items: tuple[ItineraryItemFields, ...] = ()


@dataclass
class SampleBuilder:
    """Collects a sample trip. Days are counted from 1, the trip's first day."""

    today: date
    start: date
    trip: TripFields
    stops: tuple[StopFields, ...] = ()
    rates: tuple[KnownRate, ...] = ()
    flights: list[tuple[FlightFields, tuple[LegFields, ...]]] = field(default_factory=list)
    stays: list[AccommodationFields] = field(default_factory=list)
    transports: list[TransportationFields] = field(default_factory=list)
    items: list[ItineraryItemFields] = field(default_factory=list)

    @classmethod
    def begin(cls, today: date, start: date, days: int, **values: str) -> SampleBuilder:
        end = start + timedelta(days=days - 1)
        draft = read_trip({"start_date": start.isoformat(), "end_date": end.isoformat(), **values}, today)
        return cls(today, start, _accepted(draft.fields, draft.errors))

    def rate(self, currency: str, text: str) -> None:
        """What the amounts in a currency are worth: `1/161`."""
        self.rates = (*self.rates, KnownRate(currency, parse_rate(text, currency, self.trip.currency), None))

    def on(self, day: int) -> str:
        """The date of a day of the trip, as typed into a form."""
        return (self.start + timedelta(days=day - 1)).isoformat()

    def stop(self, place: str, country: str, zone: str, *, days: tuple[int, int], currency: str | None = None) -> None:
        arrive, depart = (self.start + timedelta(days=day - 1) for day in days)
        stop = StopFields(
            place=place, country=country, time_zone=zone, arrive_date=arrive, depart_date=depart, currency=currency
        )
        self.stops = (*self.stops, stop)

    def flight(self, route: str, day: int, times: str, **values: str) -> None:
        """`route` is `FRA-HND`, `times` is `12:15-08:55`."""
        origin, destination = route.split("-")
        typed = {"origin": origin, "destination": destination, "departure_date": self.on(day), **_times(times)}
        draft = read_flight(typed | values, self._context)
        self.flights.append((_accepted(draft.fields, draft.errors), draft.legs))

    def back(self, day: int, times: str, number: str) -> dict[str, str]:
        """The fields of the return flight, to be given to `flight`."""
        leaves, _, lands = times.partition("-")
        return {
            "return_date": self.on(day),
            "return_departure_time": leaves,
            "return_arrival_time": lands,
            "return_flight_number": number,
        }

    def stay(self, name: str, first: int, nights: int, **values: str) -> None:
        typed = {"name": name, "check_in_date": self.on(first), "nights": str(nights), **values}
        draft = read_stay(typed, self._context)
        self.stays.append(_accepted(draft.fields, draft.errors))

    def transport(self, kind: str, route: str, day: int, times: str, **values: str) -> None:
        """`route` is `Tokyo > Kyoto`, `times` is `09:03-11:15`."""
        origin, destination = route.split(" > ")
        typed = {"transport_type": kind, "origin": origin, "destination": destination, "departure_date": self.on(day)}
        draft = read_transport(typed | _times(times) | values, self._context)
        self.transports.append(_accepted(draft.fields, draft.errors))

    def item(self, title: str, day: int | None = None, times: str = "", **values: str) -> None:
        """Without a day it is an idea; without times it keeps its place in the order of the day."""
        typed = {"title": title, **values}
        if day:
            typed["day"] = self.on(day)
        if times:
            start, _, end = times.partition("-")
            typed |= {"start_time": start, "end_time": end}
        draft = read_item(typed, self._context)
        fields = _accepted(draft.fields, draft.errors)
        self.items.append(fields.model_copy(update={"position": len(self.items)}))

    def done(self) -> SampleTrip:
        return SampleTrip(
            self.trip, self.stops, tuple(self.flights), tuple(self.stays), tuple(self.transports), tuple(self.items)
        )

    @property
    def _context(self) -> FormContext:
        return FormContext(self.today, self.trip, self.stops, _ZONES.get, rates=self.rates)


Sample = Callable[[date], SampleTrip]


def sample_trips(today: date, which: Sequence[str] | None = None) -> tuple[SampleTrip, ...]:
    """The named samples, all of them by default: lisbon (now), new-york and ireland (soon), japan, garda (past)."""
    known = samples()
    return tuple(known[name](today) for name in (known if which is None else which))


def samples() -> Mapping[str, Sample]:
    """Every sample by name."""
    from tripsage_tui.models.sample_japan import japan
    from tripsage_tui.models.sample_journeys import garda, ireland, lisbon, new_york

    return {"lisbon": lisbon, "new-york": new_york, "ireland": ireland, "japan": japan, "garda": garda}


def _accepted(fields: F | None, errors: Mapping[str, str]) -> F:
    if fields is None:
        raise ValueError(f"The sample does not follow its own rules: {dict(errors)}")
    return fields


def _times(times: str) -> dict[str, str]:
    leaves, _, lands = times.partition("-")
    return {"departure_time": leaves, "arrival_time": lands}
