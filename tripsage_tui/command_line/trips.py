"""`tripsage-tui trips list|show|new`."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.models.agenda import agenda, ideas
from tripsage_tui.models.agenda_entries import Entry
from tripsage_tui.models.money import format_amount, format_totals
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.showing import clean, one_line
from tripsage_tui.models.trip_drafts import read_trip
from tripsage_tui.models.trips import TripSummary
from tripsage_tui.models.when import countdown, format_date, format_range
from tripsage_tui.planner import Planner

LARGEST_ID = 2**63 - 1
_TYPED_AS = {
    "name": "name",
    "start_date": "--from",
    "end_date": "--to",
    "trip_type": "--type",
    "stops": "--destination",
}
"""What people typed for a field; the other options are called as their fields are."""


def list_trips(arguments: argparse.Namespace) -> int:
    """The trips of the profile, or the archived or the deleted ones, as a table or as JSON."""

    async def run() -> tuple[list[TripSummary], date]:
        async with signed_in(arguments) as planner:
            trips = await (planner.trips.trash() if arguments.trash else planner.trips.list())
            shown = [trip for trip in trips if arguments.trash or bool(trip.archived_at) is arguments.archived]
            return shown, planner.today

    trips, today = asyncio.run(run())
    if arguments.json:
        print_json([trip.model_dump(mode="json") for trip in trips])
    elif not trips and (arguments.trash or arguments.archived):
        print("The trash is empty." if arguments.trash else "No archived trips.")
    elif not trips:
        print('No trips yet. Create one: tripsage-tui trips new "Japan in autumn" --destination Tokyo ...')
    else:
        head = ("id", "name", "destination", "dates", "when", "status", "planned")
        print_table([head, *(_row(trip, today) for trip in trips)])
    return Exit.OK


def _row(trip: TripSummary, today: date) -> tuple[str, ...]:
    planned = format_totals(trip.planned, trip.currency) or "-"
    dates = format_range(trip.start_date, trip.end_date, today)
    return (str(trip.id), trip.name, trip.destination, dates, countdown(trip, today), trip.status.value, planned)


def show_trip(arguments: argparse.Namespace) -> int:
    """One trip with everything in it."""

    async def run() -> tuple[TripPlan, date]:
        async with signed_in(arguments) as planner:
            return await planner.trips.plan(await trip_id_of(planner, arguments.trip)), planner.today

    plan, today = asyncio.run(run())
    if arguments.json:
        print_json(plan.model_dump(mode="json"))
        return Exit.OK
    trip = plan.trip
    print(clean(f"{trip.name} (id {trip.id})"))
    print(clean(f"{trip.destination}, {format_range(trip.start_date, trip.end_date, today)}, {countdown(trip, today)}"))
    print(f"{trip.travelers} travelling, budget {format_amount(trip.budget, trip.currency)}, {trip.status.value}")
    for day in agenda(plan):
        if day.entries:
            print(f"\n{format_date(day.date)}")
        for entry in day.entries:
            print(f"  {one_line(f'{entry.time} {entry.zone_label}'):<13} {one_line(_line_of(entry))}".rstrip())
    if pool := ideas(plan):
        print("\nIdeas")
    for idea in pool:
        print(f"  {'':<13} {one_line(idea.title)}")
    return Exit.OK


def _line_of(entry: Entry) -> str:
    end = f"until {entry.until_text} {entry.until_label}" if entry.until_text else ""
    price = format_amount(entry.price, entry.currency) if entry.price else ""
    details = ", ".join(part.strip() for part in (entry.moment.value, entry.detail, end, price) if part.strip())
    return f"{entry.title}: {details} [{entry.status}]"


def new_trip(arguments: argparse.Namespace) -> int:
    """Create a trip; prints its id alone, so that scripts can go on with it."""

    async def run() -> tuple[int, str]:
        async with signed_in(arguments, create=True) as planner:
            names = ("name", "destination", "start_date", "end_date", "budget", "currency", "travelers", "trip_type")
            values = {name: getattr(arguments, name) for name in names}
            values["stops"] = arguments.destination if "," in arguments.destination else ""
            await planner.airports.load()
            draft = read_trip(values, planner.today, zone_of_place=planner.airports.zone_of_city)
            if draft.fields is None:
                errors = (f"{_TYPED_AS.get(field, f'--{field}')}: {said}" for field, said in draft.errors.items())
                raise CommandError(" ".join(errors), Exit.USAGE)
            trip = await planner.trips.create(draft.fields, stops=draft.stops, key=uuid4())
            return trip.id, trip.model_dump_json(indent=2)

    trip_id, text = asyncio.run(run())
    print(text if arguments.json else trip_id)
    return Exit.OK


async def trip_id_of(planner: Planner, word: str, *, trash: bool = False) -> int:
    """The id a person means by an id, a name or a part of only one name, among all trips or those in the trash."""
    if word.isascii() and word.isdecimal() and int(word) <= LARGEST_ID:
        return int(word)
    trips = await (planner.trips.trash() if trash else planner.trips.list())
    same = [trip for trip in trips if trip.name.casefold() == word.casefold()]
    if not same and word.strip():
        same = [trip for trip in trips if word.strip().casefold() in trip.name.casefold()]
        if len(same) > 1:
            names = ", ".join(f"{trip.name} ({trip.id})" for trip in same)
            raise CommandError(f"Several trips have {word!r} in their name: {one_line(names)}.", Exit.USAGE)
    if len(same) == 1:
        return same[0].id
    if same:
        ids = ", ".join(str(trip.id) for trip in same)
        raise CommandError(f"Several trips are called {word!r}: name one by its id ({ids}).", Exit.USAGE)
    where = ("no trip {!r} in the trash", " --trash") if trash else ("no trip {!r}", "")
    raise CommandError(f"There is {where[0].format(word)}. See tripsage-tui trips list{where[1]}.", Exit.NOT_FOUND)


def print_json(value: object) -> None:
    """Results for programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Rows of one length below each other, the head first."""
    from rich.cells import cell_len

    shown = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(cell_len(row[column]) for row in shown) for column in range(len(shown[0]))]
    for row in shown:
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
