"""Sources of destinations, flights, hotels and activities that plug in through entry points.

A package offers one in the group `tripsage_tui.search_providers`: the name of the provider, and a class or function
that makes it without arguments. They are imported with the first search; one that is broken is named in a sentence.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from tripsage_tui.models.searches import RESULTS, Query, Result, SearchKind
from tripsage_tui.places.airports import Airports

logger = logging.getLogger(__name__)

GROUP = "tripsage_tui.search_providers"
OWN = "offline-destinations"
"""Also there where the program runs from its sources and has no entry points."""
KEPT = timedelta(hours=6)
"""How long an answer of an expensive provider is kept."""


@dataclass(frozen=True)
class SearchContext:
    """What a provider may use."""

    airports: Airports
    now: datetime


@runtime_checkable
class SearchProvider(Protocol):
    """`expensive` answers cost time, money or a quota and are kept; `timeout` is in seconds."""

    kind: SearchKind
    expensive: bool
    timeout: float

    async def search(self, query: Query, context: SearchContext) -> Sequence[Result]:
        """The best answers first. Whatever it raises is said to the user in one sentence."""
        ...


class Caches(Protocol):
    """Where answers are kept."""

    async def get(self, query: Query, source: str) -> list[Result] | None: ...
    async def put(self, query: Query, source: str, results: Sequence[Result], *, expires_at: datetime) -> None: ...


@dataclass
class Answers:
    """Of all providers together, in the order of their names; `problems` has a sentence for each that failed."""

    results: list[Result] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class SearchProviders:
    """Asks all providers of a kind side by side."""

    def __init__(self, airports: Airports, caches: Caches, clock: Callable[[], datetime]) -> None:
        self._airports = airports
        self._caches = caches
        self._clock = clock
        self._loaded: tuple[dict[str, SearchProvider], list[str]] | None = None

    async def search(self, query: Query) -> Answers:
        """What the providers of the query's kind answer; none of them can stop another."""
        if self._loaded is None:
            self._loaded = await asyncio.to_thread(load_providers)
        loaded, broken = self._loaded
        asked = {name: each for name, each in sorted(loaded.items()) if each.kind == query.kind}
        answers = await asyncio.gather(*(self._ask(name, each, query) for name, each in asked.items()))
        together = Answers(problems=list(broken))
        for results, problem in answers:
            together.results.extend(results)
            together.problems.extend([problem] if problem else [])
        return together

    async def _ask(self, name: str, provider: SearchProvider, query: Query) -> tuple[Sequence[Result], str]:
        try:
            if provider.expensive and (kept := await self._caches.get(query, name)) is not None:
                return kept, ""
            context = SearchContext(self._airports, self._clock())
            async with asyncio.timeout(provider.timeout):
                results = list(await provider.search(query, context))
            wanted = RESULTS[query.kind]
            if not all(isinstance(result, wanted) for result in results):
                return (), f"The search provider {name} gave an answer of the wrong form."
            if provider.expensive:
                await self._caches.put(query, name, results, expires_at=context.now + KEPT)
        except TimeoutError:
            return (), f"The search provider {name} did not answer within {provider.timeout:g} seconds."
        except Exception as error:
            logger.warning("the search provider %s failed", name, exc_info=error)
            return (), f"The search provider {name} failed ({type(error).__name__}). The log has the details."
        return results, ""


def load_providers() -> tuple[dict[str, SearchProvider], list[str]]:
    """The providers by name, and a sentence for each that cannot be used; imports what they need."""
    from importlib.metadata import entry_points

    from tripsage_tui.places.destinations import OfflineDestinations

    found: dict[str, SearchProvider] = {OWN: OfflineDestinations()}
    broken = []
    for entry in entry_points(group=GROUP):
        if entry.name == OWN:
            continue
        try:
            provider = entry.load()()
        except Exception as error:
            logger.warning("the search provider %s cannot be loaded", entry.name, exc_info=error)
            broken.append(f"The search provider {entry.name} cannot be loaded ({type(error).__name__}).")
            continue
        if isinstance(provider, SearchProvider):
            found[entry.name] = provider
        else:
            broken.append(f"The search provider {entry.name} lacks kind, expensive, timeout or search.")
    return found, broken
