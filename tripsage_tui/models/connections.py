"""Changing on the way: `MUC 14:35 15:50 LH714` between the two ends of a journey, several parted by a comma.

A connection is a place, when one arrives there, when one leaves again and the number of what one leaves with; all but
the place may be missing, and one time alone is when one leaves unless `arr` stands before it. In a form each part has
a field of its own (`models.leg_chains`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tripsage_tui.models.text import InputError, clean_input, shown
from tripsage_tui.models.typed_times import read_time

MOST = 8
"""Connections of one journey."""
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}.*|[0-9]{1,2}(?:am|pm).*", re.IGNORECASE)


@dataclass(frozen=True)
class Connection:
    """One change, as typed."""

    place: str
    arrival_time: str = ""
    departure_time: str = ""
    number: str = ""

    def __str__(self) -> str:
        arrives = f"arr {self.arrival_time}" if self.arrival_time and not self.departure_time else self.arrival_time
        return " ".join(part for part in (self.place, arrives, self.departure_time, self.number) if part)


def write_connections(connections: Iterable[Connection]) -> str:
    """The text of the field; `split_connections` gives the same again."""
    return ", ".join(str(connection) for connection in connections)


def split_connections(typed: str) -> tuple[Connection, ...]:
    """What stands in the field. Raises InputError."""
    found = []
    for part in re.split(r"[,;]|\s/\s", clean_input(typed)):
        words = part.split()
        arriving = "arr" in words
        if not (words := [word for word in words if word != "arr"]):
            continue
        first = next((place for place, word in enumerate(words) if _CLOCK.fullmatch(word)), len(words))
        if not first:
            raise InputError(f"Where is {shown(part.strip())}? Type the place first, for example MUC 14:35 15:50.")
        clocks = [word for word in words[first:] if _CLOCK.fullmatch(word)]
        if len(clocks) > 2:
            raise InputError(f"{shown(part.strip())}: when one arrives and when one leaves again are two times.")
        for clock in clocks:
            read_time(clock)
        rest = " ".join(word for word in words[first:] if not _CLOCK.fullmatch(word))
        times = ["", *clocks] if len(clocks) == 1 and not arriving else [*clocks, "", ""]
        found.append(Connection(" ".join(words[:first]), times[0], times[1], rest))
    if len(found) > MOST:
        raise InputError(f"These are {len(found)} connections; at most {MOST} fit here.")
    return tuple(found)
