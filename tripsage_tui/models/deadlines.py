"""What has to be done by when before a trip: pay, cancel for free, check in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Protocol

from tripsage_tui.models.bookings import Booking, BookingStatus, PaymentStatus
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.zones import local, zone_info


class DeadlineKind(StrEnum):
    """The value is the words for it."""

    PAY = "pay by"
    CANCEL = "free cancellation until"
    CHECK_IN = "check-in opens"


class Dated(Protocol):
    """What the deadlines of a booking are read from. Flights have `check_in_opens_at` as well."""

    @property
    def booking_status(self) -> str: ...
    @property
    def payment_status(self) -> PaymentStatus: ...
    @property
    def pay_by(self) -> date | None: ...
    @property
    def cancel_free_until(self) -> datetime | None: ...


@dataclass(frozen=True)
class Deadline:
    """`at` is the instant of a deadline with a time, `day` its day where the trip's home zone (or UTC) shows it."""

    kind: DeadlineKind
    booking: Booking
    day: date
    at: datetime | None = None

    def passed(self, now: datetime) -> bool:
        """Whether it is over; a day counts until its end on the clock of `now`."""
        return self.at < now if self.at else self.day < now.date()


def deadlines(plan: TripPlan) -> tuple[Deadline, ...]:
    """All deadlines of bookings that are not cancelled, in order; what is paid has none for paying."""
    zone = plan.trip.time_zone
    found = [Deadline(kind, booking, day, at) for booking in plan.bookings for kind, day, at in moments(booking, zone)]
    return tuple(sorted(found, key=lambda deadline: (_instant(deadline, zone), deadline.booking.id)))


def moments(booking: Dated, zone: str | None) -> Iterator[tuple[DeadlineKind, date, datetime | None]]:
    """The deadlines of one booking: kind, day on the calendar of `zone`, and the instant of those with a time."""
    if booking.booking_status == BookingStatus.CANCELLED:
        return
    if booking.pay_by and booking.payment_status is not PaymentStatus.PAID:
        yield DeadlineKind.PAY, booking.pay_by, None
    if at := booking.cancel_free_until:
        yield DeadlineKind.CANCEL, local(at, zone).date(), at
    if at := getattr(booking, "check_in_opens_at", None):
        yield DeadlineKind.CHECK_IN, local(at, zone).date(), at


def _instant(deadline: Deadline, zone: str | None) -> datetime:
    return deadline.at or datetime.combine(deadline.day, time(23, 59), tzinfo=zone_info(zone))
