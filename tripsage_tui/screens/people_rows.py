"""How the people of a trip are listed: members, who is invited, who travels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal
from uuid import UUID

from tripsage_tui.models.people import Collaborator, Invitation, Owner, Traveller, TripPeople
from tripsage_tui.models.trips import Access, Trip
from tripsage_tui.models.when import format_date
from tripsage_tui.widgets.columns import Cell, Column
from tripsage_tui.widgets.rows import Section

Kind = Literal["owner", "member", "invited", "traveller"]
Key = tuple[Kind, int]
Person = Owner | Collaborator | Invitation | Traveller

COLUMNS = (
    Column("Name", 14, 40, rank=9, good=26),
    Column("May", 5, 26, rank=8),
    Column("", 20, 60, rank=7, good=46),
)
LEVEL_WORDS = {
    Access.OWNER: "do everything",
    Access.ADMIN: "edit and invite",
    Access.EDIT: "edit",
    Access.VIEW: "look",
}


def index(people: TripPeople) -> dict[Key, Person]:
    """Everybody by the key of their row, in the order shown."""
    shown: dict[Key, Person] = {("owner", 0): people.owner}
    shown |= {("member", person.id): person for person in people.collaborators}
    shown |= {("invited", asked.id): asked for asked in people.invitations}
    shown |= {("traveller", traveller.id): traveller for traveller in people.travellers}
    return shown


def sections(shown: Mapping[Key, Person]) -> list[Section[Key]]:
    """The groups of the list."""
    groups = (
        ("Share this trip", ("owner", "member")),
        ("Invited", ("invited",)),
        ("Travellers", ("traveller",)),
    )
    found = [(title, [key for key in shown if key[0] in kinds]) for title, kinds in groups]
    return [Section(f"{title} ({len(keys)})", keys) for title, keys in found]


def cells(person: Person, trip: Trip, me: UUID, today: date) -> tuple[Cell, ...]:
    """What the list shows of one person, in the order of `COLUMNS`."""
    match person:
        case Owner():
            return _member(person.name, Access.OWNER, "" if person.user_id != me else "you")
        case Collaborator():
            since = f"since {format_date(person.added_at.astimezone().date(), today)}"
            return _member(person.name, person.permission_level, f"you, {since}" if person.user_id == me else since)
        case Invitation():
            until = format_date(person.expires_at.astimezone().date(), today)
            return Cell(person.invitee), _level(person.permission_level), Cell(f"can accept until {until}", "muted")
        case Traveller():
            text, bad = papers(person, trip, today)
            return Cell(person.name, "strong"), Cell(""), Cell(text, "warn" if bad else "muted")


def _member(name: str, level: Access, note: str) -> tuple[Cell, ...]:
    return Cell(name, "strong"), _level(level), Cell(note, "muted")


def _level(level: Access) -> Cell:
    return Cell(LEVEL_WORDS[level], short=level.value)


def papers(traveller: Traveller, trip: Trip, today: date) -> tuple[str, bool]:
    """What is known about passport and visa, and whether one of them does not last for the trip."""
    parts, bad = [], False
    for name, until in (("passport", traveller.passport_expires), ("visa", traveller.visa_expires)):
        if until is None:
            continue
        short = until < trip.end_date
        bad = bad or short
        parts.append(f"{'! ' if short else ''}{name} until {format_date(until, today)}")
    return " · ".join(parts), bad
