"""Whose files are shown: a trip's with its bookings, or a conversation's with its messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from tripsage_tui.models.attachments import Attachment, Subject
from tripsage_tui.models.booking_names import kind_of as word_of
from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.chats import Role, Spoken
from tripsage_tui.models.costs import days_of, kind_of
from tripsage_tui.models.when import format_date
from tripsage_tui.screens.file_lines import Section

_SPEAKERS = {Role.USER: "You", Role.ASSISTANT: "Assistant"}

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.planner import Planner


def subject_of(booking: Booking) -> Subject:
    """What a file of this booking belongs to."""
    return Subject.booking(booking.trip_id, kind_of(booking), booking.id)


class TripShelf:
    """A trip's own files, then those of its bookings in order of time; begins at `booking` where one is given."""

    def __init__(self, plan: TripPlan, booking: Booking | None = None) -> None:
        self._plan = plan
        self.start = subject_of(booking) if booking else Subject.trip(plan.trip.id)

    @property
    def title(self) -> str:
        return self._plan.trip.name

    @property
    def may_edit(self) -> bool:
        return self._plan.trip.access.may_edit

    @property
    def sections(self) -> Sequence[Section]:
        trip = self._plan.trip
        bookings = sorted(self._plan.bookings, key=lambda booking: (days_of(booking)[:1] or (trip.end_date,))[0])
        return (
            Section(Subject.trip(trip.id), "The trip", always=True),
            *(
                Section(subject, self._title(each), subject == self.start)
                for each in bookings
                for subject in (subject_of(each),)
            ),
        )

    def _title(self, booking: Booking) -> str:
        days = days_of(booking)
        when = f" · {format_date(days[0], self._plan.trip.start_date, weekday=False)}" if days else ""
        return f"{word_of(booking).capitalize()} {name_of(booking)}{when}"

    async def read(self, planner: Planner) -> list[Attachment]:
        files = await planner.attachments.of(Subject.trip(self._plan.trip.id))
        known = {section.subject for section in self.sections}
        if any(file.subject not in known for file in files):
            # Somebody has added a booking, and a file to it.
            self._plan = await planner.trips.plan(self._plan.trip.id)
            known = {section.subject for section in self.sections}
        # Of a booking that is gone by now: the trip's.
        trip = Subject.trip(self._plan.trip.id)
        lost = {"booking_kind": None, "booking_id": None}
        return [
            file if file.subject in known else file.model_copy(update=lost)
            for file in files
            if file.trip_id == trip.trip_id
        ]

    def concerns(self, change: Change) -> bool:
        return change.table == "file_attachments" and change.trip_id == self._plan.trip.id


class ConversationShelf:
    """The files of a conversation; `message` is the one that a file is attached to."""

    may_edit = True

    def __init__(self, session_id: UUID, title: str, messages: Sequence[Spoken], message: Spoken) -> None:
        self._session_id = session_id
        self._messages = messages
        self.title = title
        self.start = Subject.message(message.first.id)

    @property
    def sections(self) -> Sequence[Section]:
        return [
            Section(subject, f"{_SPEAKERS.get(each.role, 'Note')}: {each.text[:80]}", subject == self.start)
            for each in self._messages
            for subject in (Subject.message(each.first.id),)
        ]

    async def read(self, planner: Planner) -> list[Attachment]:
        known = {section.subject for section in self.sections}
        return [file for file in await planner.attachments.of_session(self._session_id) if file.subject in known]

    def concerns(self, change: Change) -> bool:
        return change.table == "file_attachments" and change.trip_id is None
