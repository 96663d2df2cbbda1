"""`tripsage-tui next` and `tripsage-tui agenda`: what comes, in the shell."""

from __future__ import annotations

import argparse
import asyncio
import json
from datetime import datetime, timedelta

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.prompt import NOTHING, SOMETHING, as_object, safe, show
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.command_line.trips import trip_id_of
from tripsage_tui.data.coming_up import ComingUpRepository
from tripsage_tui.models.next_up import Moment, NextUp, place_of, sentence

LONGEST = 400
"""Days of an agenda."""


def run_next(arguments: argparse.Namespace) -> int:
    """What comes next; exit code 1 when nothing does."""

    async def look() -> tuple[NextUp, float]:
        async with signed_in(arguments) as planner:
            now = planner.clock()
            return await ComingUpRepository(planner.database).next(now), now.timestamp()

    found, now = asyncio.run(look())
    return show(found, now, as_json=arguments.json, short=arguments.short)


def run_agenda(arguments: argparse.Namespace) -> int:
    """What happens in the next days; exit code 1 when nothing does."""
    if not 1 <= arguments.days <= LONGEST:
        raise CommandError(f"--days: type a number from 1 to {LONGEST}.", Exit.USAGE)

    async def look() -> tuple[NextUp, datetime]:
        async with signed_in(arguments) as planner:
            trip = await trip_id_of(planner, arguments.trip) if arguments.trip else None
            now = planner.clock()
            until = (now + timedelta(days=arguments.days)).replace(hour=0, minute=0, second=0, microsecond=0)
            return await ComingUpRepository(planner.database).between(now, until, trip_id=trip), now

    found, now = asyncio.run(look())
    if arguments.json:
        moments = [*found.now, *found.events, *found.deadlines]
        print(json.dumps([as_object(moment, now.timestamp()) for moment in moments], indent=2))
        return SOMETHING if found else NOTHING
    for moment in found.now:
        print(safe(sentence(moment, now.timestamp())))
    day = ""
    for moment in sorted((*found.events, *found.deadlines), key=lambda each: (each.day, each.time or "~")):
        if moment.day != day:
            day = moment.day
            print(f"\n{moment.day_text} · {countdown_in_days(moment)}")
        print(safe(_agenda_line(moment)))
    if not found:
        days = "day" if arguments.days == 1 else f"{arguments.days} days"
        print(f"Nothing happens in the next {days}.")
    return SOMETHING if found else NOTHING


def countdown_in_days(moment: Moment) -> str:
    """`today`, `tomorrow`, `in 5 days`."""
    return {0: "today", 1: "tomorrow"}.get(moment.in_days, f"in {moment.in_days} days")


def _agenda_line(moment: Moment) -> str:
    time = moment.time or "-"
    where = f" {place_of(moment.zone)}" if moment.time else ""
    until = f" · until {moment.ends_time}" if moment.ends_time and moment.group == "event" else ""
    return f"  {time:<6} {moment.what}{until}{f' ·{where}' if where else ''} · {moment.trip}"
