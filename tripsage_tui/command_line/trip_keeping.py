"""`tripsage-tui trips archive|unarchive|restore`: putting trips away and getting them back."""

from __future__ import annotations

import argparse
import asyncio

from tripsage_tui.command_line.errors import Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.command_line.trips import trip_id_of
from tripsage_tui.models.showing import one_line
from tripsage_tui.models.trips import Trip


def archive(arguments: argparse.Namespace) -> int:
    """Hide a trip from the lists."""
    return _say("Archived", asyncio.run(_archive(arguments, away=True)))


def unarchive(arguments: argparse.Namespace) -> int:
    """Bring it back."""
    return _say("Unarchived", asyncio.run(_archive(arguments, away=False)))


async def _archive(arguments: argparse.Namespace, *, away: bool) -> Trip:
    async with signed_in(arguments) as planner:
        trip = await planner.trips.get(await trip_id_of(planner, arguments.trip))
        if (trip.archived_at is not None) is away:
            return trip
        write = planner.trips.archive if away else planner.trips.unarchive
        return await write(trip.id, trip.updated_at)


def restore(arguments: argparse.Namespace) -> int:
    """Take a trip out of the trash."""

    async def run() -> Trip:
        async with signed_in(arguments) as planner:
            return await planner.trips.restore(await trip_id_of(planner, arguments.trip, trash=True))

    return _say("Restored", asyncio.run(run()))


def _say(done: str, trip: Trip) -> int:
    print(one_line(f"{done} {trip.name} (id {trip.id})."))
    return Exit.OK
