"""A trip and its stops, as stored (`Trip`, `TripStop`) and as listed (`TripSummary`)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A value that never changes; edits make a new one."""

    # Lists are built without validation, so most programs never need most of these schemas.
    model_config = ConfigDict(frozen=True, defer_build=True)


class TripStatus(StrEnum):
    """Where a trip stands; the values are the database's."""

    PLANNING = "planning"
    BOOKED = "booked"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TripType(StrEnum):
    """What a trip is for; the values are the database's."""

    LEISURE = "leisure"
    BUSINESS = "business"
    FAMILY = "family"
    SOLO = "solo"
    OTHER = "other"


class Access(StrEnum):
    """What the signed-in user may do with a trip: the owner, or a collaborator's permission level."""

    OWNER = "owner"
    ADMIN = "admin"
    EDIT = "edit"
    VIEW = "view"

    @property
    def may_edit(self) -> bool:
        return self is not Access.VIEW

    @property
    def may_invite(self) -> bool:
        """Whether this level invites people, removes them and changes their levels."""
        return self in {Access.OWNER, Access.ADMIN}


class TripFields(Record):
    """The fields of a trip that people set."""

    name: str
    destination: str
    start_date: date
    end_date: date
    budget: Decimal
    currency: str = "USD"
    travelers: int = 1
    status: TripStatus = TripStatus.PLANNING
    trip_type: TripType = TripType.LEISURE
    time_zone: str | None = None
    notes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """Number of calendar days, both ends counted."""
        return (self.end_date - self.start_date).days + 1


class Trip(TripFields):
    """A row of `trips`, seen by one user (`access`)."""

    id: int
    user_id: UUID
    access: Access = Access.OWNER
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    known_findings: tuple[str, ...] = ()
    """Keys of the checker's findings that are not to be told again."""
    archived_at: datetime | None = None
    """Put away since; everybody who shares the trip sees it as archived."""


class StopFields(Record):
    """The fields of a stop that people set; its order is its place in the list."""

    place: str
    country: str | None = None
    arrive_date: date | None = None
    depart_date: date | None = None
    time_zone: str | None = None
    currency: str | None = None


class TripStop(StopFields):
    """A row of `trip_stops`: one place of a trip, in order."""

    id: int
    trip_id: int
    position: int
    latitude: Decimal | None = None
    longitude: Decimal | None = None


class TripSummary(Trip):
    """A trip as the list shows it: the row and what its bookings cost.

    `planned` and `booked` hold amounts per ISO 4217 code; cancelled bookings count in neither, and `booked` (reserved,
    booked or completed) is part of `planned`. Amounts in other currencies are converted where their row has a rate.
    """

    planned: dict[str, Decimal] = {}
    booked: dict[str, Decimal] = {}
    bookings: int = 0
    items: int = 0
