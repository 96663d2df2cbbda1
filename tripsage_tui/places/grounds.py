"""What is known offline of a place by its name: airport codes, cities with an airport, countries, zones."""

from __future__ import annotations

from tripsage_tui.models.grounds import Ground
from tripsage_tui.places.airports import Airport, Airports
from tripsage_tui.places.countries import country_code, country_name, country_of_zone, currency_of


class Grounds:
    """Answers are remembered; the first one reads the airports: ask in a thread."""

    def __init__(self, airports: Airports) -> None:
        self._airports = airports
        self._known: dict[tuple[str, str | None, str | None], Ground] = {}

    def look_up(self, name: str, zone: str | None, country: str | None) -> Ground:
        """The ground of a place; where the name is one of many (Nara in Mali), zone and country decide."""
        key = (name, zone, country)
        if key not in self._known:
            self._known[key] = self._find(name, zone, country)
        return self._known[key]

    def _find(self, name: str, zone: str | None, country: str | None) -> Ground:
        code = country_code(country) if country else None
        airport = self._airport(name, zone, code)
        code = code or (airport.country if airport else country_code(name) or country_of_zone(zone))
        if code is None:
            return Ground()
        latitude, longitude = (airport.latitude, airport.longitude) if airport else (None, None)
        return Ground(code, country_name(code), currency_of(code), latitude, longitude)

    def _airport(self, name: str, zone: str | None, country: str | None) -> Airport | None:
        if name.isupper() and (found := self._airports.get(name)):
            return found
        fitting = [
            airport
            for airport in self._airports.cities(name)
            if (country is None or airport.country == country)
            and (zone is None or country is not None or airport.zone == zone)
        ]
        return fitting[0] if fitting else None
