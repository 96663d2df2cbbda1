"""`tripsage-tui people TRIP list|invite|level|remove`."""

from __future__ import annotations

import argparse
import asyncio

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.command_line.trips import print_json, print_table, trip_id_of
from tripsage_tui.models.people import Collaborator, Invitation, TripPeople
from tripsage_tui.models.showing import one_line
from tripsage_tui.models.trips import Access


def list_people(arguments: argparse.Namespace) -> int:
    """Members with their level, pending invitations and travellers of a trip."""

    async def run() -> TripPeople:
        async with signed_in(arguments) as planner:
            return await planner.people.of_trip(await trip_id_of(planner, arguments.trip))

    people = asyncio.run(run())
    if arguments.json:
        print_json(people.model_dump(mode="json"))
        return Exit.OK
    rows = [("who", "level", "since or until"), (people.owner.name, Access.OWNER.value, "")]
    rows += [
        (person.name, person.permission_level.value, f"since {person.added_at:%Y-%m-%d}")
        for person in people.collaborators
    ]
    rows += [
        (asked.email, f"{asked.permission_level.value}, invited", f"until {asked.expires_at:%Y-%m-%d}")
        for asked in people.invitations
    ]
    rows += [(traveller.name, "traveller", "") for traveller in people.travellers]
    print_table(rows)
    return Exit.OK


def invite(arguments: argparse.Namespace) -> int:
    """Invite an e-mail address, or a profile by its name."""
    from tripsage_tui.data.errors import InvalidValue

    async def run() -> Invitation:
        async with signed_in(arguments) as planner:
            trip = await trip_id_of(planner, arguments.trip)
            try:
                return await planner.people.invite(trip, arguments.who, Access(arguments.level))
            except InvalidValue as error:
                raise CommandError(error.sentence, Exit.USAGE) from error

    asked = asyncio.run(run())
    if arguments.json:
        print_json(asked.model_dump(mode="json"))
    else:
        print(f"{one_line(asked.invitee)} is invited until {asked.expires_at:%Y-%m-%d} ({asked.permission_level}).")
    return Exit.OK


def change_level(arguments: argparse.Namespace) -> int:
    """Change what a member, or somebody who is invited, may do."""

    async def run() -> Collaborator | Invitation:
        async with signed_in(arguments) as planner:
            trip, level = await trip_id_of(planner, arguments.trip), Access(arguments.level)
            person = _named(await planner.people.of_trip(trip), arguments.who)
            if isinstance(person, Invitation):
                return await planner.people.invite(trip, person.email, level)
            return await planner.people.change_level(person, level, based_on=person.updated_at)

    person = asyncio.run(run())
    if arguments.json:
        print_json(person.model_dump(mode="json"))
    return Exit.OK


def remove(arguments: argparse.Namespace) -> int:
    """Remove a member, or take an invitation back."""

    async def run() -> Collaborator | Invitation:
        async with signed_in(arguments) as planner:
            person = _named(await planner.people.of_trip(await trip_id_of(planner, arguments.trip)), arguments.who)
            if isinstance(person, Invitation):
                await planner.people.revoke(person)
                return person
            return await planner.people.remove(person, based_on=person.updated_at)

    person = asyncio.run(run())
    if arguments.json:
        print_json(person.model_dump(mode="json"))
    return Exit.OK


def _named(people: TripPeople, who: str) -> Collaborator | Invitation:
    """The member or the invitation that a name or an address means."""
    wanted = who.strip().casefold()
    found: list[Collaborator | Invitation] = [each for each in people.collaborators if each.name.casefold() == wanted]
    found += [each for each in people.invitations if wanted in {each.email.casefold(), each.invitee.casefold()}]
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(f"Several people are called {who!r}: use the program for this.", Exit.USAGE)
    raise CommandError(f"Nobody called {who!r} shares this trip or is invited to it.", Exit.NOT_FOUND)
