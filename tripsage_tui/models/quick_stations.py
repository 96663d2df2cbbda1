"""Where a route begins, changes and ends: the words between its arrows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tripsage_tui.models.connections import Connection
from tripsage_tui.models.quick_dates import TimeSpan
from tripsage_tui.models.quick_line import GLUE, Line

_NUMBER = re.compile(r"(?:[A-Z]{2}|[A-Z][0-9]|[0-9][A-Z])[0-9]{1,4}|[a-z]{2}[0-9]{2,4}")
_CARRIER = re.compile(r"[A-Z]{2}|[A-Z][0-9]|[0-9][A-Z]")


@dataclass
class Station:
    """The words between two arrows; `change` is the word `/` that parts arriving from leaving."""

    first: int
    last: int
    change: int | None = None
    place: str = ""
    number: str = ""
    times: list[TimeSpan] = field(default_factory=list)


def arrows(line: Line, *, words: bool) -> list[int]:
    """Where the line goes on to another place. `words`: a `to` counts where there is no sign."""
    found = [
        place for place, word in enumerate(line.words) if not word.taken and (word.is_arrow or _joins(line, place))
    ]
    if found or not words:
        return found
    inside = range(1, len(line.words) - 1)
    return [place for place in inside if line.free(place) and line.folded(place)[0] == "to"][:1]


def _joins(line: Line, place: int) -> bool:
    """Whether it is the dash of `FRA-HND`."""
    if line.words[place].text not in {"-", "–"} or not 0 < place < len(line.words) - 1:
        return False
    before, dash, after = line.words[place - 1 : place + 2]
    tight = before.end == dash.start and dash.end == after.start
    return tight and all(len(word.text) == 3 and word.text.isalpha() for word in (before, after))


def flight_numbers(line: Line) -> list[tuple[int, int]]:
    """Each flight number: its first word and how many (`LH716`, `LH 716`)."""
    found = []
    for place, word in enumerate(line.words):
        if line.free(place) and _NUMBER.fullmatch(word.text) and not (word.text[1].isdigit() and len(word.text) < 5):
            found.append((place, 1))
        elif (
            line.free(place, 2)
            and _CARRIER.fullmatch(word.text)
            and re.fullmatch(r"[0-9]{1,4}", line.words[place + 1].text)
        ):
            found.append((place, 2))
    return found


def find_stations(line: Line) -> list[Station]:
    """The line cut at its arrows; one station where there is none."""
    found: list[Station] = []
    first = 0
    for place in (*arrows(line, words=True), len(line.words)):
        changes = [each for each in range(first, place) if line.words[each].text == "/" and line.free(each)]
        found.append(Station(first, place, changes[0] if changes else None))
        if place < len(line.words):
            line.take(GLUE, place)
        first = place + 1
    for station in found:
        if station.change is not None:
            line.take(GLUE, station.change)
    return found


def connection_of(station: Station) -> Connection:
    """A station on the way as the form writes it."""
    change = station.change
    times = [span.text.replace(" ", "") for span in station.times[:2]]
    if len(times) == 1:
        arriving = change is not None and station.times[0].first < change
        times = [times[0], ""] if arriving else ["", times[0]]
    arrives, departs = times or ("", "")
    return Connection(station.place, arrives, departs, station.number)


def take_change(line: Line, station: Station) -> None:
    """The place of a connection, which may be named again where it goes on."""
    for first, count in list(line.runs(station.first, station.last)):
        if line.words[first].text == ",":
            continue
        text = line.slice(first, count)
        if not station.place and any(char.isalnum() for char in text) and not re.search(r"[,;]", text):
            station.place = line.take("via", first, count)
        elif text.casefold() == station.place.casefold():
            line.take("via", first, count)
        else:
            line.refuse(first, count, f"the journey goes on from {station.place}" if station.place else "")
