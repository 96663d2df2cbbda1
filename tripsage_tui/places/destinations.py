"""The first search provider: cities, airports and countries that are known offline, with their clocks and money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripsage_tui.models.searches import Destination, DestinationQuery, Query, SearchKind
from tripsage_tui.places.countries import countries_named, country_name, currency_of, zone_of_country

if TYPE_CHECKING:
    from tripsage_tui.search_providers import SearchContext

MOST = 5


class OfflineDestinations:
    """Countries first, then cities, the big ones before; an airport for whoever types its code or name."""

    kind = SearchKind.DESTINATION
    expensive = False
    timeout = 5.0

    async def search(self, query: Query, context: SearchContext) -> list[Destination]:
        """At most five; nothing for less than two letters."""
        if not isinstance(query, DestinationQuery) or len(text := query.query.strip()) < 2:
            return []
        found: dict[tuple[str, str | None], Destination] = {}
        for code in countries_named(text)[:2]:
            name = country_name(code)
            found[name, name] = Destination(
                name=name, what="country", country=name, time_zone=zone_of_country(name), currency=currency_of(code)
            )
        for airport in await context.airports.search(text, limit=4 * MOST):
            country = country_name(airport.country)
            by_code = airport.iata.lower() == text.lower() and not airport.is_city
            name = airport.name if by_code or not airport.city else airport.city
            found.setdefault(
                (name, country),
                Destination(
                    name=name,
                    what="airport" if by_code or not airport.city else "city",
                    code=airport.iata,
                    country=country,
                    time_zone=airport.zone,
                    currency=currency_of(airport.country),
                ),
            )
        return list(found.values())[:MOST]
