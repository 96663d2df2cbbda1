"""Who belongs to a trip: travellers, with an account or without, collaborators with their level, and who is invited."""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import UUID

from tripsage_tui.models.bookings import Stored
from tripsage_tui.models.text import InputError
from tripsage_tui.models.trips import Access, Record

LEVELS = (Access.VIEW, Access.EDIT, Access.ADMIN)
"""What somebody can be invited as or changed to; nobody becomes owner."""
LONGEST_ADDRESS = 320
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[\w.-]+")


class TravellerFields(Record):
    """The fields of a traveller that people set. `user_id` links a member of the trip; anybody else has none."""

    name: str
    user_id: UUID | None = None
    passport_expires: date | None = None
    visa_expires: date | None = None


class Traveller(TravellerFields, Stored):
    """A row of `travellers`."""


class Owner(Record):
    """Whose trip it is."""

    user_id: UUID
    name: str


class Collaborator(Record):
    """A row of `trip_collaborators` with the name of that person; `updated_at` is its version."""

    id: int
    user_id: UUID
    name: str
    permission_level: Access
    added_at: datetime
    updated_at: datetime


class Invitation(Record):
    """A row of `trip_invitations`, as those see it who manage the people of a trip."""

    id: int
    trip_id: int
    email: str
    permission_level: Access
    invited_by: UUID
    created_at: datetime
    expires_at: datetime

    @property
    def invitee(self) -> str:
        """Who is invited, as people say it: the address, or the name within this computer."""
        return self.email.removesuffix("@local")


class ReceivedInvitation(Record):
    """An invitation to the signed-in user; `invited_by` is the name of who asks."""

    id: int
    trip_id: int
    trip_name: str
    destination: str
    start_date: date
    end_date: date
    permission_level: Access
    invited_by: str
    expires_at: datetime

    @property
    def sentence(self) -> str:
        """`Anna invites you to Japan in autumn (edit)`."""
        return f"{self.invited_by} invites you to {self.trip_name} ({self.permission_level.value})"


class TripPeople(Record):
    """Everybody of one trip, as one query returns it; `access` is the signed-in user's own level.

    Invitations are seen by those who may invite only; for others the tuple is empty.
    """

    access: Access
    owner: Owner
    collaborators: tuple[Collaborator, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    travellers: tuple[Traveller, ...] = ()


def read_address(typed: str) -> str:
    """An e-mail address in the form that invitations are kept in. Raises InputError."""
    address = typed.strip().lower()
    if not address:
        raise InputError("Whom do you invite? Type an e-mail address.")
    if not _ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS or not address.isprintable():
        raise InputError("This is not an e-mail address.")
    return address
