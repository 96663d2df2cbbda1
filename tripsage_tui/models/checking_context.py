"""What the rules of the checker are told beside the plan: airports, holidays, papers, limits; all plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol


class AirportFacts(Protocol):
    """What is asked of an airport or city; `country` is ISO 3166-1 alpha-2, `zone` is IANA's name."""

    @property
    def iata(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def zone(self) -> str: ...


@dataclass(frozen=True)
class Papers:
    """The travel documents of one traveller, as far as they are known; `id` is that of the row."""

    id: int
    name: str
    passport_expires: date | None = None
    visa_expires: date | None = None


def _nowhere(_: str) -> AirportFacts | None:
    return None


def _no_distance(_: str, __: str) -> float | None:
    return None


@dataclass(frozen=True)
class CheckContext:
    """Without any of it the checker still works, and says less.

    `airport` knows IATA codes, `city` names of cities; `distance_km` is between two codes. `holidays` are names by
    country (ISO 3166-1 alpha-2) and day. `minimum_connection` has minutes by IATA code, and for `default`.
    `other_costs` are expenses that are no booking, in the trip's currency.
    """

    airport: Callable[[str], AirportFacts | None] = _nowhere
    city: Callable[[str], AirportFacts | None] = _nowhere
    distance_km: Callable[[str, str], float | None] = _no_distance
    holidays: Mapping[str, Mapping[date, str]] = field(default_factory=dict)
    papers: tuple[Papers, ...] = ()
    minimum_connection: Mapping[str, int] = field(default_factory=dict)
    other_costs: Decimal = Decimal(0)
