"""Who shares a trip: members with their level, invitations sent and received."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from tripsage_tui.data.changing import Guarded
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import Forbidden, InvalidValue, NotFound
from tripsage_tui.data.rows import Shape, decode
from tripsage_tui.models.people import (
    LEVELS,
    Collaborator,
    Invitation,
    Owner,
    ReceivedInvitation,
    Traveller,
    TripPeople,
    read_address,
)
from tripsage_tui.models.text import InputError
from tripsage_tui.models.trips import Access

_COLLABORATOR = Shape(Collaborator)
_INVITATION = Shape(Invitation)
_RECEIVED = Shape(ReceivedInvitation)
_TRAVELLER = Shape(Traveller)

_GONE = "This trip is no longer there."
_ENDED = "This invitation is no longer valid."

_OF_TRIP = f"""
select private.trip_level(t.id) as access,
  (select json_agg(p) from public.trip_people(t.id) p)::text as members,
  (select json_agg(x order by x.created_at, x.id) from (
     select {_INVITATION.json_columns("b")} from public.trip_invitations b
     where b.trip_id = t.id and b.expires_at > statement_timestamp()) x)::text as invitations,
  (select json_agg(x order by lower(x.name), x.id) from (
     select {_TRAVELLER.json_columns("b")} from public.travellers b where b.trip_id = t.id) x)::text as travellers
from public.trips t where t.id = $1
"""

_GET = f"""
select row_to_json(x)::text from (
  select {_COLLABORATOR.json_columns("p")}
  from public.trip_collaborators c, lateral public.trip_people(c.trip_id) p
  where c.id = $1 and p.id = c.id
) x
"""

# Asking again takes the place of the earlier invitation, expired or not, and counts its days anew.
_INVITE = f"""
with gone as (
  delete from public.trip_invitations where trip_id = $1 and email = $2 returning id
), b as (
  insert into public.trip_invitations (trip_id, email, permission_level, invited_by)
  select $1, $2, $3, private.current_user_id() from (select count(*) from gone) as cleared
  returning *
)
select row_to_json(x)::text from (select {_INVITATION.json_columns("b")} from b) x
"""

_REVOKE = "delete from public.trip_invitations where id = $1 returning id"

_CHANGE = """
update public.trip_collaborators set permission_level = $3 where id = $1 and updated_at = $2 returning updated_at
"""

_REMOVE = "delete from public.trip_collaborators where id = $1 and updated_at = $2 returning id"

_RESTORE = """
insert into public.trip_collaborators (id, trip_id, user_id, permission_level, added_by) overriding system value
values ($1, $2, $3, $4, private.current_user_id()) on conflict do nothing
"""

_LEAVE = """
delete from public.trip_collaborators where trip_id = $1 and user_id = (select private.current_user_id()) returning id
"""

_RECEIVED_ALL = f"""
select coalesce(json_agg(x), '[]')::text
from (select {_RECEIVED.json_columns("i")} from public.my_invitations() i) x
"""

Addresses = Callable[[str], Awaitable[str]]


class PeopleRepository(Guarded[Collaborator]):
    """The people of trips that the signed-in user sees; errors are those of `data.errors`.

    `addresses` gives the address of somebody by name where people are told apart by name (in one computer's database);
    it raises InvalidValue for a name that nobody has.
    """

    def __init__(self, database: Database, addresses: Addresses | None = None) -> None:
        self._database = database
        self._addresses = addresses

    async def of_trip(self, trip_id: int) -> TripPeople:
        """Members, pending invitations and travellers of a trip in one query. Raises NotFound."""
        row = await self._database.fetchrow(_OF_TRIP, trip_id, name="people.of_trip")
        if row is None or row["members"] is None:
            raise NotFound(_GONE)
        owner, *others = decode(row["members"])
        return TripPeople(
            access=Access(row["access"]),
            owner=Owner(user_id=owner["user_id"], name=owner["name"]),
            collaborators=tuple(_COLLABORATOR.from_json(each) for each in others),
            invitations=tuple(_INVITATION.from_json(each) for each in decode(row["invitations"] or "[]")),
            travellers=tuple(_TRAVELLER.from_json(each) for each in decode(row["travellers"] or "[]")),
        )

    async def get(self, row_id: int) -> Collaborator:
        """One collaborator. Raises NotFound."""
        text = await self._database.fetchval(_GET, row_id, name="people.get")
        if text is None:
            raise NotFound("This person is no longer with the trip.")
        return _COLLABORATOR.from_json(decode(text))

    async def invite(self, trip_id: int, whom: str, level: Access) -> Invitation:
        """Invite an e-mail address (or, within one computer, a name) for 14 days; a second time replaces the first.

        Whether there is an account of that address makes no difference. Raises InvalidValue, Forbidden.
        """
        text = await self._database.fetchval(
            _INVITE, trip_id, await self._address(whom), _grantable(level), name="people.invite", write=True
        )
        return _INVITATION.from_json(decode(text))

    async def revoke(self, invitation: Invitation) -> None:
        """Take an invitation back; one that is gone already, or not ours to revoke, stays as it is."""
        await self._database.fetchval(_REVOKE, invitation.id, name="people.revoke", write=True, idempotent=True)

    async def change_level(self, person: Collaborator, level: Access, *, based_on: datetime) -> Collaborator:
        """Give somebody another level. Raises StaleRow, Forbidden (also for the own level), NotFound."""
        granted = _grantable(level)

        async def write() -> Collaborator | None:
            changed = await self._database.fetchval(
                _CHANGE, person.id, based_on, granted, name="people.change_level", write=True
            )
            if changed is None:
                return None
            return person.model_copy(update={"permission_level": level, "updated_at": changed})

        return await self._guarded(write, person.id, based_on, lambda current: current.permission_level is level)

    async def remove(self, person: Collaborator, *, based_on: datetime) -> Collaborator:
        """Take somebody off the trip, with all invitations to and by them. Raises StaleRow, Forbidden, NotFound."""
        current = await self.get(person.id)

        async def write() -> Collaborator | None:
            gone = await self._database.fetchval(_REMOVE, person.id, based_on, name="people.remove", write=True)
            return None if gone is None else current

        return await self._guarded_delete(write, current, based_on)

    async def restore(self, trip_id: int, person: Collaborator) -> Collaborator:
        """Undo a removal. Raises Forbidden, NotFound."""
        values = (person.id, trip_id, person.user_id, _grantable(person.permission_level))
        await self._database.execute(_RESTORE, *values, name="people.restore", write=True, idempotent=True)
        return await self.get(person.id)

    async def leave(self, trip_id: int) -> None:
        """End the own part in a trip; only an invitation brings one back. Raises NotFound."""
        left = await self._database.fetchval(_LEAVE, trip_id, name="people.leave", write=True, idempotent=True)
        if left is None:
            row = await self._database.fetchrow(_OF_TRIP, trip_id, name="people.leave")
            if row is not None and row["access"] == Access.OWNER:
                raise Forbidden("This trip is yours: you cannot leave it, only delete it.")
            raise NotFound(_GONE)

    async def invitations(self) -> list[ReceivedInvitation]:
        """What the signed-in user is invited to and can accept."""
        text = await self._database.fetchval(_RECEIVED_ALL, name="people.invitations")
        return [_RECEIVED.from_json(each) for each in decode(text)]

    async def accept(self, invitation_id: int) -> int:
        """Join the trip and return its id. Raises NotFound for an invitation that is not valid (any more)."""
        trip_id: int | None = await self._database.fetchval(
            "select public.accept_invitation($1)", invitation_id, name="people.accept", write=True
        )
        if trip_id is None:
            raise NotFound(_ENDED)
        return trip_id

    async def decline(self, invitation_id: int) -> None:
        """Refuse an invitation; one that is gone already is none."""
        await self._database.fetchval(
            "select public.decline_invitation($1)", invitation_id, name="people.decline", write=True, idempotent=True
        )

    async def _address(self, whom: str) -> str:
        try:
            if self._addresses and whom.strip() and "@" not in whom:
                return await self._addresses(whom)
            return read_address(whom)
        except InputError as wrong:
            raise InvalidValue("email", str(wrong)) from None


def _grantable(level: Access) -> str:
    if level not in LEVELS:
        raise InvalidValue("permission_level", "One can be invited to view, to edit or to administer.")
    return level.value
