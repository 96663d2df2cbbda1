"""`tripsage-tui next` and `tripsage-tui agenda`: what comes, in the shell."""

from __future__ import annotations

from tripsage_tui.models.next_up import Moment, NextUp, clock, countdown, place_of, sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from datetime import datetime

LONGEST = 400
"""Days of an agenda."""
SOMETHING, NOTHING = 0, 1
"""Exit codes."""


def run_next(arguments: argparse.Namespace) -> int:
    """What comes next; exit code 1 when nothing does."""
    import asyncio

    async def look() -> tuple[NextUp, float]:
        from tripsage_tui.command_line.running import signed_in
        from tripsage_tui.data.coming_up import ComingUpRepository

        async with signed_in(arguments) as planner:
            now = planner.clock()
            return await ComingUpRepository(planner.database).next(now), now.timestamp()

    found, now = asyncio.run(look())
    return show(found, now, as_json=arguments.json, short=arguments.short)


def show(found: NextUp, now: float, *, as_json: bool, short: bool) -> int:
    """Print what comes next: three lines at most, one where `short`. Returns the exit code."""
    if as_json:
        import json

        whole: dict[str, object] = {"now": [_object(each, now) for each in found.now]}
        for name, group in (("next", found.events), ("deadline", found.deadlines)):
            whole[name] = _object(group[0], now) if group else None
        print(json.dumps(whole, indent=2))
    elif short:
        if found.first is not None:
            print(_shown(sentence(found.first, now)))
    else:
        for moment in (*found.now, *found.events[:1], *found.deadlines[:1]):
            print(_shown(sentence(moment, now)))
        if not found:
            print("Nothing is coming up.")
    return SOMETHING if found else NOTHING


def run_agenda(arguments: argparse.Namespace) -> int:
    """What happens in the next days; exit code 1 when nothing does."""
    import asyncio

    from tripsage_tui.command_line.errors import CommandError, Exit

    if not 1 <= arguments.days <= LONGEST:
        raise CommandError(f"--days: type a number from 1 to {LONGEST}.", Exit.USAGE)

    async def look() -> tuple[NextUp, datetime]:
        from datetime import timedelta

        from tripsage_tui.command_line.running import signed_in
        from tripsage_tui.command_line.trips import trip_id_of
        from tripsage_tui.data.coming_up import ComingUpRepository

        async with signed_in(arguments) as planner:
            trip = await trip_id_of(planner, arguments.trip) if arguments.trip else None
            now = planner.clock()
            until = (now + timedelta(days=arguments.days)).replace(hour=0, minute=0, second=0, microsecond=0)
            return await ComingUpRepository(planner.database).between(now, until, trip_id=trip), now

    found, now = asyncio.run(look())
    if arguments.json:
        import json

        moments = [*found.now, *found.events, *found.deadlines]
        print(json.dumps([_object(moment, now.timestamp()) for moment in moments], indent=2))
        return SOMETHING if found else NOTHING
    for moment in found.now:
        print(_shown(sentence(moment, now.timestamp())))
    day = ""
    for moment in sorted((*found.events, *found.deadlines), key=lambda each: (each.day, each.time or "~")):
        if moment.day != day:
            day = moment.day
            print(f"\n{moment.day_text} · {countdown_in_days(moment)}")
        print(_shown(_agenda_line(moment)))
    if not found:
        days = "day" if arguments.days == 1 else f"{arguments.days} days"
        print(f"Nothing happens in the next {days}.")
    return SOMETHING if found else NOTHING


def countdown_in_days(moment: Moment) -> str:
    """`today`, `tomorrow`, `in 5 days`."""
    return {0: "today", 1: "tomorrow"}.get(moment.in_days, f"in {moment.in_days} days")


def _agenda_line(moment: Moment) -> str:
    time = f"{moment.time}" if moment.time else "-"
    where = f" {place_of(moment.zone)}" if moment.time else ""
    until = f" · until {clock('', moment.ends_time)}" if moment.ends_time and moment.group == "event" else ""
    return f"  {time:<6} {moment.what}{until}{f' ·{where}' if where else ''} · {moment.trip}"


def _object(moment: Moment, now: float) -> dict[str, object]:
    return {**moment.as_json(), "what": moment.what, "countdown": countdown(moment, now)}


def _shown(line: str) -> str:
    """The line as it may be shown. The import is left out where it can be: it is a third of the time of `next`."""
    if line.replace("→", "").replace("·", "").isascii() and line.isprintable():
        return line
    from tripsage_tui.models.showing import one_line

    return " " * (len(line) - len(line.lstrip(" "))) + one_line(line)
