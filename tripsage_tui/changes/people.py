"""Changing who shares a trip and who travels, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from tripsage_tui.changes.row_steps import push_added, push_deleted, still
from tripsage_tui.data.errors import StaleRow
from tripsage_tui.models.people import Collaborator, Invitation, Traveller, TravellerFields
from tripsage_tui.models.trips import Access, Trip

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


@dataclass(frozen=True)
class PeopleChanges:
    """Writes about the people of one trip; each puts its way back on the undo stack."""

    planner: Planner
    trip: Trip

    async def invite(self, whom: str, level: Access) -> Invitation:
        """Invite an address or a name; undoing revokes it, unless it was accepted by then."""
        people = self.planner.people
        asked = await people.invite(self.trip.id, whom, level)

        async def undo() -> None:
            await people.revoke(asked)

        async def redo() -> None:
            await self.invite(whom, level)

        self.planner.undo.push(f"inviting {asked.invitee}", undo, redo)
        return asked

    async def revoke(self, asked: Invitation) -> None:
        """Take an invitation back; undoing invites again."""
        people = self.planner.people
        await people.revoke(asked)
        again: list[Invitation] = []

        async def undo() -> None:
            again[:] = [await people.invite(self.trip.id, asked.email, asked.permission_level)]

        async def redo() -> None:
            await self.revoke(again[0])

        self.planner.undo.push(f"taking back the invitation of {asked.invitee}", undo, redo)

    async def change_level(self, person: Collaborator, level: Access) -> Collaborator:
        """Give a member another level. Raises StaleRow, Forbidden."""
        people = self.planner.people
        changed = await people.change_level(person, level, based_on=person.updated_at)

        async def undo() -> None:
            now = await people.get(person.id)
            if now.permission_level is not level:
                raise StaleRow(now, f"Not undone: someone else has changed what {now.name} may do since.")
            await people.change_level(now, person.permission_level, based_on=now.updated_at)

        async def redo() -> None:
            now = still(await people.get(person.id), {"permission_level": person.permission_level})
            await self.change_level(now, level)

        self.planner.undo.push(f"changing what {person.name} may do", undo, redo)
        return changed

    async def remove(self, person: Collaborator) -> None:
        """Take a member off the trip; undoing brings the person back with the same level."""
        people = self.planner.people
        gone = await people.remove(person, based_on=person.updated_at)

        async def undo() -> None:
            await people.restore(self.trip.id, gone)

        async def redo() -> None:
            await self.remove(still(await people.get(person.id), {"permission_level": person.permission_level}))

        self.planner.undo.push(f"removing {person.name}", undo, redo)

    async def add_traveller(self, fields: TravellerFields, key: UUID) -> Traveller:
        """Add a traveller; the same `key` again returns the one of the first time."""
        added = await self.planner.travellers.add(self.trip.id, fields, key=key)
        push_added(self.planner.undo, self.planner.travellers, added, f"adding {added.name}")
        return added

    async def add_members(self) -> list[Traveller]:
        """Every member becomes a traveller; those who are one already stay as they are."""
        added = await self.planner.travellers.add_members(self.trip.id)

        async def undo() -> None:
            for traveller in added:
                await self._take_out(traveller)

        async def redo() -> None:
            await self.add_members()

        if added:
            self.planner.undo.push("adding the members as travellers", undo, redo)
        return added

    async def edit_traveller(self, traveller: Traveller, changes: Mapping[str, object]) -> Traveller:
        """Write `changes` over a traveller as known here. Raises StaleRow."""
        travellers = self.planner.travellers
        edited = await travellers.update(traveller.id, changes, based_on=traveller.updated_at)
        before = {name: getattr(traveller, name) for name in changes}

        async def undo() -> None:
            now = await travellers.get(traveller.id)
            if any(getattr(now, name) != getattr(edited, name) for name in changes):
                raise StaleRow(now, f"Not undone: someone else has changed {now.name} since.")
            await travellers.update(now.id, before, based_on=now.updated_at)

        async def redo() -> None:
            await self.edit_traveller(still(await travellers.get(traveller.id), before), changes)

        self.planner.undo.push(f"editing {traveller.name}", undo, redo)
        return edited

    async def delete_traveller(self, traveller: Traveller) -> None:
        """Delete a traveller. Raises StaleRow; InvalidValue while money refers to that person."""
        travellers = self.planner.travellers
        gone = await travellers.delete(traveller.id, based_on=traveller.updated_at)
        push_deleted(self.planner.undo, travellers, gone, f"deleting {traveller.name}")

    async def _take_out(self, traveller: Traveller) -> None:
        now = await self.planner.travellers.get(traveller.id)
        await self.planner.travellers.delete(now.id, based_on=now.updated_at)
