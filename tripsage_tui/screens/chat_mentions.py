"""What `@` may name: the open trip, its bookings and days, other trips, memories, files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tripsage_tui.assistant.enclosures import mention, nameable
from tripsage_tui.models.booking_names import kind_of, name_of
from tripsage_tui.models.showing import one_line
from tripsage_tui.models.when import format_date
from tripsage_tui.widgets.composer import Offer

if TYPE_CHECKING:
    from tripsage_tui.models.memories import Memory
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.models.trips import Trip

MOST = 12
"""Offers of one kind."""
LOOKED_AT = 5_000
"""Entries of a folder."""
FILES = Offer("@./", "@./", "a text file of this folder; @~/ of your own")


def of_the_trip(typed: str, plan: TripPlan, today: date) -> list[Offer]:
    """The open trip, its bookings and its days."""
    trip = plan.trip
    everything = [Offer(f"@{trip.name}", f"“{trip.name}” ", "the trip")]
    everything += [
        Offer(f"@{name_of(booking)}", f"“{name_of(booking)}” ({kind_of(booking)} {booking.id}) ", kind_of(booking))
        for booking in plan.bookings
    ]
    everything += [
        Offer(f"@day {number + 1}", f"day {number + 1} ({day.isoformat()}) ", format_date(day, today))
        for number in range(min(trip.days, 60))
        for day in (trip.start_date + timedelta(days=number),)
    ]
    return [offer for offer in everything if typed in offer.title.casefold()][: 2 * MOST]


def of_trips(typed: str, trips: Sequence[Trip], open_trip: int | None, today: date) -> list[Offer]:
    """Other trips, by name and destination."""
    found = [
        Offer(
            f"@{one_line(trip.name)}",
            f"“{one_line(trip.name)}” (trip {trip.id}) ",
            f"trip, {format_date(trip.start_date, today)} to {format_date(trip.end_date, today)}",
        )
        for trip in trips
        if trip.id != open_trip and typed in f"{trip.name} {trip.destination}".casefold()
    ]
    return found[:MOST]


def of_memories(memories: Sequence[Memory]) -> list[Offer]:
    """What is remembered; the whole of it goes into the question, where it can be read before it is sent."""
    found = [(memory.id, one_line(memory.content)) for memory in memories]
    return [Offer(f"@{_short(text)}", f"“{text}” (memory {number}) ", "memory") for number, text in found][:MOST]


def of_files(word: str) -> list[Offer]:
    """Files and folders that begin like what was typed, in the folder that it names, else in the one we are in."""
    typed = word.removeprefix("@").removeprefix('"')
    folder, _, begun = typed.rpartition("/")
    here = Path(f"{folder}/").expanduser() if "/" in typed else Path.cwd()
    if "/" not in typed and not begun:
        return [FILES]
    found: list[Offer] = []
    try:
        with os.scandir(here) as entries:
            fitting = [entry for entry in islice(entries, LOOKED_AT) if _fits(entry.name, begun, anywhere="/" not in typed)]
            for entry in sorted(fitting, key=lambda entry: entry.name.casefold())[:MOST]:
                found.append(_file(entry, here))
    except OSError:
        return []
    return found


def _fits(name: str, begun: str, *, anywhere: bool) -> bool:
    if not nameable(name) or (name.startswith(".") and not begun.startswith(".")):
        return False
    return begun.casefold() in name.casefold() if anywhere else name.casefold().startswith(begun.casefold())


def _file(entry: os.DirEntry[str], folder: Path) -> Offer:
    named = mention((folder / entry.name).absolute())
    if entry.is_dir():
        # Left open, so that what is in it is offered next.
        inside = f"{named.removesuffix(chr(34))}/"
        return Offer(f"@{entry.name}/", inside, "folder")
    return Offer(f"@{entry.name}", f"{named} ", f"file, {_size(entry.stat().st_size)}")


def _size(count: int) -> str:
    return f"{count:,} bytes" if count < 10_000 else f"{count / 1_000:,.0f} kB"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
