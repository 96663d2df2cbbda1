"""What `@` may name: the open trip, its bookings and days, other trips, memories, files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tripsage_tui.assistant.enclosures import mention, nameable
from tripsage_tui.models.booking_names import kind_of, name_of
from tripsage_tui.models.showing import one_line
from tripsage_tui.models.sizes import size_text
from tripsage_tui.models.when import format_date
from tripsage_tui.widgets.composer import Offer
from tripsage_tui.widgets.folder_entries import FolderEntry, entries, split

if TYPE_CHECKING:
    from tripsage_tui.models.memories import Memory
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.models.trips import Trip

MOST = 12
"""Offers of one kind."""
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
    folder, begun = split(typed)
    if not folder and not begun:
        return [FILES]
    here = Path(folder or ".")
    found = [entry for entry in entries(typed, anywhere=not folder) if nameable(entry.name)]
    found.sort(key=lambda entry: entry.name.casefold())
    return [_file(entry, here) for entry in found[:MOST]]


def _file(entry: FolderEntry, folder: Path) -> Offer:
    named = mention((folder.expanduser() / entry.name).absolute())
    if entry.is_folder:
        # Left open, so that what is in it is offered next.
        inside = f"{named.removesuffix(chr(34))}/"
        return Offer(f"@{entry.name}/", inside, "folder")
    return Offer(f"@{entry.name}", f"{named} ", f"file, {size_text(entry.size)}")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
