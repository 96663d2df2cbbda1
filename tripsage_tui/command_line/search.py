"""`tripsage-tui search`: everything that contains some words, as a table or as JSON."""

from __future__ import annotations

import argparse
import asyncio

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.command_line.trips import print_json, print_table
from tripsage_tui.models.found import Found, grouped, words_of


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; exit code 1 when nothing was."""
    text = " ".join(arguments.words)
    if not words_of(text):
        raise CommandError("Say what to search for: letters or digits.", Exit.USAGE)

    async def read() -> list[Found]:
        async with signed_in(arguments) as planner:
            return await planner.search.find(text, most=50)

    found = [each for group in grouped(asyncio.run(read())).values() for each in group]
    if arguments.json:
        print_json([each.model_dump(mode="json") for each in found])
    elif found:
        print_table([("kind", "id", "what", "when", "trip", "where"), *map(_line, found)])
    else:
        print("Nothing found.")
    return Exit.OK if found else Exit.PROBLEM


def _line(found: Found) -> tuple[str, ...]:
    when = found.day.isoformat() if found.day else ""
    return (found.kind.value, found.id, found.title, when, found.trip_name, found.place)
