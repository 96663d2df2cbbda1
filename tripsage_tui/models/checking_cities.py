"""Which city a stored text means, as far as that can be known offline: airports, stops, large cities."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tripsage_tui.models.checking_context import AirportFacts, CheckContext
from tripsage_tui.models.plans import TripPlan

NEAR_KM = 120
"""Airports of one city are not further apart, nor is what a local train reaches from them."""
_CODE = re.compile(r".*\(([A-Z]{3})\)|([A-Z]{3})", re.DOTALL)
_NOT_WORDS = re.compile(r"[\W_]+")
_LONGEST = 500


@dataclass(frozen=True)
class City:
    """A city by the name that compares (`key`) and the name that is shown; `code` is an IATA code near it."""

    key: str
    name: str
    code: str | None = None
    country: str | None = None


class Places:
    """The cities that the places of a plan are in, as far as they can be known offline."""

    def __init__(self, plan: TripPlan, context: CheckContext) -> None:
        self._plan = plan
        self._context = context
        self._airports: dict[str, AirportFacts | None] = {}
        self._cities: dict[str, City | None] = {}

    def airport(self, text: str) -> AirportFacts | None:
        """The airport of `HND` or `Tokyo (HND)`; codes are in capitals."""
        if text not in self._airports:
            match = _CODE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
            self._airports[text] = self._context.airport(match[1] or match[2]) if match else None
        return self._airports[text]

    def city(self, text: str) -> City | None:
        """The city of a place: an airport's, a name of this trip within the text, or a city of its own."""
        if text not in self._cities:
            self._cities[text] = self._find(text)
        return self._cities[text]

    def key(self, text: str) -> str:
        """The same for two texts of one city; of an unknown one, the folded text."""
        city = self.city(text)
        return city.key if city else folded(text)

    def shown(self, text: str) -> str:
        """`HND (Tokyo)`, `Haneda`: a place with its city where the text is a code."""
        airport = self.airport(text)
        name = " ".join(text[:80].split())
        return f"{airport.iata} ({airport.city})" if airport and airport.city else name

    def country_on(self, day: date) -> str | None:
        """The country of the dated stop of a day, ISO 3166-1 alpha-2."""
        for stop in reversed(self._plan.stops):
            if stop.arrive_date and stop.arrive_date <= day <= (stop.depart_date or stop.arrive_date):
                return (stop.country or "").upper() or None
        countries = {stop.country.upper() for stop in self._plan.stops if stop.country}
        return countries.pop() if len(countries) == 1 else None

    def stop_of_day(self, day: date) -> str | None:
        """The name of the stop of a day: of two on a day of change, the one that begins."""
        found = None
        for stop in self._plan.stops:
            if stop.arrive_date and stop.arrive_date <= day <= (stop.depart_date or date.max):
                found = stop.place
        return found

    def stop_of_night(self, night: date) -> str | None:
        """The name of the stop where a night is spent: of two on a day of change, the one that begins."""
        found = None
        for stop in self._plan.stops:
            if stop.arrive_date and stop.arrive_date <= night < (stop.depart_date or date.max):
                found = stop.place
        return found

    def near(self, one: City, other: City) -> bool:
        """Whether two cities are one place for a traveller; where that is not known, names decide."""
        if one.key == other.key:
            return True
        if one.code and other.code:
            distance = self._context.distance_km(one.code, other.code)
            return distance is not None and distance <= NEAR_KM
        return False

    def _find(self, text: str) -> City | None:
        if len(text) > _LONGEST:
            return None
        if airport := self.airport(text):
            name = airport.city or airport.name
            return City(folded(name), name, airport.iata, airport.country)
        if city := self.named(text):
            return city
        found, key = self._context.city(text), folded(text)
        return City(key, " ".join(text.split()), found.iata, found.country) if found and key else None

    def named(self, text: str) -> City | None:
        """The city of this trip whose name occurs in a text (`2-10-2 Kaminarimon, Tokyo`); None where two do."""
        words = f" {folded(text[:_LONGEST])} "
        names = [name for name in self._known if f" {name} " in words]
        longest = max(names, key=len, default="")
        return self._known[longest] if names and all(name in longest for name in names) else None

    @cached_property
    def _known(self) -> dict[str, City]:
        """The stops, and the cities of the airports in the plan."""
        known: dict[str, City] = {}
        for stop in self._plan.stops:
            place = stop.place.partition(",")[0]
            if key := folded(place):
                facts = self._context.city(place)
                same = facts is not None and (not stop.country or facts.country == stop.country.upper())
                known[key] = City(key, place.strip(), facts.iata if facts and same else None, stop.country)
        codes = {leg for flight in self._plan.flights for leg in (flight.origin, flight.destination)}
        codes |= {end for flight in self._plan.flights for leg in flight.legs for end in (leg.origin, leg.destination)}
        for code in sorted(codes):
            airport = self.airport(code)
            if airport and airport.city and (key := folded(airport.city)) not in known:
                known[key] = City(key, airport.city, airport.iata, airport.country)
            elif airport and airport.city and known[key].code is None:
                known[key] = City(key, known[key].name, airport.iata, airport.country)
        return known


def folded(text: str) -> str:
    """Lower case, without diacritics and punctuation, one space between words."""
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    return " ".join(_NOT_WORDS.split(bare)).strip()
