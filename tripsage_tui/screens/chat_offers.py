"""What could be meant while a word begins with `/` or `@`."""

from __future__ import annotations

import asyncio
import logging
from datetime import date
from typing import TYPE_CHECKING

from tripsage_tui.assistant.by_hand import commands
from tripsage_tui.assistant.toolbox import Toolbox
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.screens.chat_commands import OWN
from tripsage_tui.screens.chat_mentions import of_files, of_memories, of_the_trip, of_trips
from tripsage_tui.widgets.composer import Offer

if TYPE_CHECKING:
    from tripsage_tui.models.memories import Memory
    from tripsage_tui.planner import Planner

logger = logging.getLogger(__name__)

MOST = 30
ENOUGH = 2
"""Letters from which on memories are looked for."""


def offers(text: str, word: str, plan: TripPlan | None, toolbox: Toolbox, today: date) -> list[Offer]:
    """Offers for the word before the cursor that need nothing to be read, the best first."""
    if word.startswith("/") and text.lstrip() == text and text.startswith(word):
        return _commands(word[1:].casefold(), toolbox)
    if word.startswith("@") and plan is not None:
        return of_the_trip(word[1:].casefold(), plan, today)
    return []


def _commands(typed: str, toolbox: Toolbox) -> list[Offer]:
    known = [(name, about) for name, about in OWN.items()] + commands(toolbox)
    # What is typed in full comes first: enter runs it, whatever else begins like it.
    fitting = sorted((each for each in known if each[0].startswith(typed)), key=lambda each: each[0] != typed)
    if [name for name, _ in fitting] == [typed]:
        return []
    return [Offer(f"/{name}", f"/{name} ", about) for name, about in fitting[:MOST]]


async def more_offers(planner: Planner, word: str, open_trip: int | None) -> list[Offer]:
    """Offers for a word that begins with `@` from the database and the disk. A database that is away has none."""
    from tripsage_tui.data.errors import DataError

    typed = word.removeprefix("@").casefold()
    found: list[Offer] = []
    if not is_path(word):
        try:
            found += of_trips(typed, await planner.trips.list(), open_trip, planner.today)
            found += of_memories(await _memories(planner, typed))
        except DataError:
            logger.info("only what is at hand is offered")
    return found + await asyncio.to_thread(of_files, word)


async def _memories(planner: Planner, typed: str) -> list[Memory]:
    if len(typed) < ENOUGH:
        return []
    return [found.memory for found in await planner.memory.search(typed, MOST)]


def is_path(word: str) -> bool:
    """Whether a word that begins with `@` can only be a file."""
    return "/" in word or word.startswith('@"')
