"""Airports and city codes of IATA: search as you type, zones, distances. Offline, loaded on first use.

Source: the CSV files of the package `airportsdata` (MIT). They are read directly, the rows with an IATA code and the
columns that are needed: ready to be searched after 80 ms of CPU, where the package's own two loaders take 160 ms before
the search index is begun. That happens in a thread, when the first form wants it.
"""

from __future__ import annotations

import asyncio
import csv
import importlib.util
import math
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tripsage_tui.places.countries import zone_of_country
from tripsage_tui.places.folding import fold

EARTH_RADIUS_KM = 6371.0088
_BETWEEN_WORDS = str.maketrans("-/(.", "    ")
_OF_A_BIG_CITY = 1
"""Weight of what has a city code, or is an airport of such a city, or less."""
_BRACKETED = re.compile(r"\((.+)\)")


class Airport(NamedTuple):
    """An airport, or all airports of a city (`is_city`); `country` is ISO 3166-1 alpha-2, degrees are WGS 84."""

    iata: str
    name: str
    city: str
    country: str
    zone: str
    latitude: float
    longitude: float
    is_city: bool = False

    @property
    def label(self) -> str:
        """`HND  Tokyo  Tokyo International Airport (Haneda)  JP`; the name alone where it has no city."""
        parts = (self.iata, self.city, self.name if self.name != self.city else "", self.country)
        return "  ".join(part for part in parts if part)


class _Entry(NamedTuple):
    """An airport as it is searched: folded, with the words of its names, and how much a tie is worth."""

    airport: Airport
    code: str
    cities: tuple[str, ...]
    words: str
    text: str
    weight: int


@dataclass(frozen=True)
class _Index:
    by_code: dict[str, Airport] = field(default_factory=dict)
    entries: tuple[_Entry, ...] = ()
    zones_of_cities: dict[str, str] = field(default_factory=dict)
    cities: dict[str, list[_Entry]] = field(default_factory=dict)

    def by_city(self) -> dict[str, list[_Entry]]:
        """Entries by folded city name, gathered on first use."""
        if not self.cities:
            for entry in self.entries:
                for city in entry.cities:
                    self.cities.setdefault(city, []).append(entry)
        return self.cities


class Airports:
    """All of them. `load` before the first keystroke; what is asked before waits for the files."""

    def __init__(self) -> None:
        self._index: _Index | None = None
        self._loading = threading.Lock()

    @property
    def loaded(self) -> bool:
        return self._index is not None

    async def load(self) -> None:
        """Read the files in a thread, unless that has been done."""
        if self._index is None:
            await asyncio.to_thread(self._loaded)

    async def search(self, text: str, limit: int = 8) -> list[Airport]:
        """The best matches: code, start of a big city, of the code, of the city, of a word of the name, anywhere in it.

        Case and diacritics do not count. Within a rank: city codes first, then the airports of such cities, then
        international ones. No match is an empty list.
        """
        await self.load()
        typed = fold(" ".join(text.split())[:60])
        if not typed:
            return []
        found = [(rank, entry) for entry in self._loaded().entries if (rank := _rank(entry, typed)) is not None]
        found.sort(key=lambda pair: (pair[0], pair[1].weight, pair[1].cities, pair[1].code))
        return [entry.airport for _, entry in found[:limit]]

    def get(self, iata: str) -> Airport | None:
        """The airport or city of a code, in any case."""
        code = iata.strip().upper()
        return self._loaded().by_code.get(code) if len(code) == 3 else None

    def zone_of(self, iata: str) -> str | None:
        """The IANA zone of an airport or city code."""
        airport = self.get(iata)
        return airport.zone if airport else None

    def zone_of_city(self, name: str) -> str | None:
        """The zone of a city with an airport, or of a country whose clocks agree; None where that is not one zone."""
        place = name.partition(",")[0].strip()
        return self._loaded().zones_of_cities.get(fold(place)) or zone_of_country(name)

    def cities(self, name: str) -> list[Airport]:
        """The airports and city codes of a city by its name, the most important first; the same name in any country."""
        place = fold(name.partition(",")[0].strip())
        index = self._loaded()
        found = sorted(index.by_city().get(place, ()), key=lambda entry: (entry.weight, entry.code))
        return [entry.airport for entry in found]

    def distance_km(self, origin: str, destination: str) -> float | None:
        """Great-circle distance between two codes, None if one is not known."""
        start, end = self.get(origin), self.get(destination)
        return great_circle_km(start, end) if start and end else None

    def _loaded(self) -> _Index:
        with self._loading:
            if self._index is None:
                self._index = _build()
            return self._index


def great_circle_km(start: Airport, end: Airport) -> float:
    """Great-circle distance in kilometres, 0.5 % off at most. Source: haversine formula, IUGG mean Earth radius."""
    lat1, lat2 = math.radians(start.latitude), math.radians(end.latitude)
    half_lat, half_lon = (lat2 - lat1) / 2, math.radians(end.longitude - start.longitude) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


def _rank(entry: _Entry, typed: str) -> int | None:
    """Smaller is better; None is no match."""
    if entry.code == typed:
        return 0
    city = any(name.startswith(typed) for name in entry.cities)
    if city or entry.code.startswith(typed):
        big = typed in entry.cities or (city and entry.weight <= _OF_A_BIG_CITY)
        return 1 if big else 2 if entry.code.startswith(typed) else 3
    if f" {typed}" in entry.words:
        return 4
    if " " in typed and all(f" {word}" in entry.text for word in typed.split()):
        return 5
    return 6 if len(typed) > 2 and typed in entry.words else None


def _build() -> _Index:
    spec = importlib.util.find_spec("airportsdata")
    if spec is None or spec.origin is None:
        return _Index()
    folder = Path(spec.origin).parent
    macs = list(_rows(folder / "iata_macs.csv"))
    airports = {code: airport for code, airport in _airports(folder / "airports.csv", macs) if airport.zone}
    cities = dict(_cities(macs, airports))
    also = {row[3]: (row[2], row[4]) for row in macs}
    entries = tuple(_entry(airport, also.get(code, ("", ""))) for code, airport in {**airports, **cities}.items())
    return _Index({**cities, **airports}, entries, _zones_of_cities(entries))


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        next(file)
        # Three of four rows have no IATA code and are not worth parsing: "00AA","","...
        yield from csv.reader(line for line in file if '","",' not in line[:12])


def _airports(path: Path, macs: Iterable[list[str]]) -> Iterator[tuple[str, Airport]]:
    names = {row[3]: match[0] for row in macs if (match := _BRACKETED.search(row[4]))}
    for _icao, iata, name, city, _subdivision, country, _elevation, latitude, longitude, zone, _lid in _rows(path):
        if iata:
            known_as = f"{name} {names[iata]}" if iata in names and names[iata] not in name else name
            yield iata, Airport(iata, known_as, city, country, zone, float(latitude), float(longitude))


def _cities(macs: Iterable[list[str]], airports: dict[str, Airport]) -> Iterator[tuple[str, Airport]]:
    """City codes that are not an airport's own: TYO, LON, PAR. They lie in the middle of their airports."""
    members: dict[tuple[str, str, str], list[Airport]] = {}
    for country, code, city, iata, _name in macs:
        if iata in airports and code not in airports:
            members.setdefault((code, city, country), []).append(airports[iata])
    for (code, city, country), group in members.items():
        latitude = sum(airport.latitude for airport in group) / len(group)
        longitude = sum(airport.longitude for airport in group) / len(group)
        yield code, Airport(code, "all airports", city, country, group[0].zone, latitude, longitude, is_city=True)


def _entry(airport: Airport, also: tuple[str, str]) -> _Entry:
    city, name = fold(airport.city), fold(airport.name)
    other_city, other_name = fold(also[0]), fold(also[1])
    words = f" {name} {other_name}".translate(_BETWEEN_WORDS)
    cities = tuple(dict.fromkeys(part for part in (city, other_city) if part)) or (name,)
    weight = 0 if airport.is_city else 1 if also[0] else 2 if "international" in name else 3
    text = f" {airport.iata.lower()} {' '.join(cities)}{words} {airport.country.lower()}"
    return _Entry(airport, airport.iata.lower(), cities, words, text, weight)


def _zones_of_cities(entries: Iterable[_Entry]) -> dict[str, str]:
    """The zone of each city name, from its most important airports; none where these disagree."""
    best: dict[str, tuple[int, set[str]]] = {}
    for entry in entries:
        for city in entry.cities if entry.airport.city else ():
            weight, zones = best.get(city, (99, set()))
            if entry.weight < weight:
                best[city] = (entry.weight, {entry.airport.zone})
            elif entry.weight == weight:
                zones.add(entry.airport.zone)
    return {city: next(iter(zones)) for city, (_, zones) in best.items() if len(zones) == 1}
