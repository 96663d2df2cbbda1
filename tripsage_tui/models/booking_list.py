"""The bookings of all trips in one list: in which groups and order they stand, and what is due by when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from pydantic import Field

from tripsage_tui.models.bookings import PaymentStatus
from tripsage_tui.models.deadlines import DeadlineKind, moments
from tripsage_tui.models.trips import Access, Record
from tripsage_tui.models.zones import local, zone_info

_STATES = ("available", "planned", "reserved", "booked", "completed", "cancelled")
_HELD = frozenset({"reserved", "booked", "completed"})


class Kind(StrEnum):
    """The four kinds of booking; the value is the word for filters and for the shell."""

    FLIGHT = "flight"
    STAY = "stay"
    TRANSPORT = "transport"
    ITEM = "item"


class BookingRow(Record):
    """A booking as the list shows it: what is the same for all four kinds, and the trip it belongs to.

    `starts_at` and `ends_at` are instants where the times are known, `day` and `last_day` the calendar days of the
    place; `word` is the kind in a word for people (`train`, `meal`). `reference` is the confirmation code.
    """

    kind: Kind
    id: int
    trip_id: int
    trip_name: str
    trip_zone: str | None = None
    access: Access = Access.OWNER
    word: str
    title: str
    about: str | None = None
    starts_at: datetime | None = None
    start_zone: str | None = None
    day: date | None = None
    ends_at: datetime | None = None
    end_zone: str | None = None
    last_day: date | None = None
    booking_status: str
    payment_status: PaymentStatus = PaymentStatus.UNPAID
    pay_by: date | None = None
    cancel_free_until: datetime | None = None
    check_in_opens_at: datetime | None = None
    price: Decimal = Decimal(0)
    currency: str = "USD"
    provider: str | None = None
    reference: str | None = Field(default=None, repr=False)
    updated_at: datetime

    @property
    def key(self) -> BookingKey:
        return self.kind, self.id

    @property
    def zone(self) -> str | None:
        """The zone of the place where it begins; the trip's where that is not known."""
        return self.start_zone or self.trip_zone

    @property
    def first_day(self) -> date | None:
        """The day on which it begins, where it begins; None for an idea without a date."""
        return local(self.starts_at, self.zone).date() if self.starts_at else self.day

    @property
    def cancelled(self) -> bool:
        return self.booking_status == "cancelled"

    @property
    def unpaid(self) -> bool:
        """Whether something is still to be paid: it costs something, and it is not cancelled."""
        return bool(self.price) and not self.cancelled and self.payment_status is not PaymentStatus.PAID

    @property
    def lacks_reference(self) -> bool:
        """Whether it is held (reserved, booked) without a confirmation code; things to do need none."""
        return not self.reference and self.booking_status in _HELD and self.kind is not Kind.ITEM

    def past(self, now: datetime) -> bool:
        """Whether it is over; a day counts until its end on the calendar of the place."""
        return ends(self) <= now


BookingKey = tuple[Kind, int]


class Group(StrEnum):
    """The value is the title of the group."""

    UPCOMING = "upcoming"
    IDEAS = "without a day"
    PAST = "past"


class BookingOrder(StrEnum):
    """By what the bookings of a group are sorted; the value is the word that the list shows."""

    WHEN = "date"
    TRIP = "trip"
    KIND = "kind"
    STATE = "state"
    DEADLINE = "deadline"
    PRICE = "price"

    @property
    def next(self) -> BookingOrder:
        """The order after this one, round and round."""
        orders = list(BookingOrder)
        return orders[(orders.index(self) + 1) % len(orders)]


@dataclass(frozen=True)
class Due:
    """A deadline of a row that is still of interest.

    `at` is the instant at which it strikes, for a deadline without a time the end of its `day` in the place.
    """

    row: BookingRow
    kind: DeadlineKind
    day: date
    at: datetime
    timed: bool

    @property
    def key(self) -> tuple[Kind, int, DeadlineKind]:
        return *self.row.key, self.kind

    def passed(self, now: datetime) -> bool:
        return self.at <= now

    def overdue(self, now: datetime) -> bool:
        """Whether something was missed; that check-in has opened is good news."""
        return self.kind is not DeadlineKind.CHECK_IN and self.passed(now)


def grouped(
    rows: Iterable[BookingRow], now: datetime, order: BookingOrder = BookingOrder.WHEN
) -> dict[Group, list[BookingRow]]:
    """Rows by group: to come (first to start), without a day, past (last first); within each in `order`."""
    groups: dict[Group, list[BookingRow]] = {group: [] for group in Group}
    for row in rows:
        if row.starts_at is None and row.day is None:
            groups[Group.IDEAS].append(row)
        else:
            groups[Group.PAST if row.past(now) else Group.UPCOMING].append(row)
    for group, found in groups.items():
        found.sort(key=begins, reverse=group is Group.PAST)
        match order:
            case BookingOrder.TRIP:
                found.sort(key=lambda row: (row.trip_name.casefold(), row.trip_id))
            case BookingOrder.KIND:
                found.sort(key=lambda row: (list(Kind).index(row.kind), row.word))
            case BookingOrder.STATE:
                found.sort(key=lambda row: _STATES.index(row.booking_status))
            case BookingOrder.PRICE:
                found.sort(key=lambda row: row.price, reverse=True)
            case BookingOrder.DEADLINE:
                found.sort(key=lambda row: _deadline_place(row, now))
            case BookingOrder.WHEN:
                pass
    return groups


def begins(row: BookingRow) -> datetime:
    """The instant a row begins, a day at its start in the place; ideas come last."""
    if row.starts_at is not None:
        return row.starts_at
    return _midnight(row.day, row.zone) if row.day else _NEVER


def ends(row: BookingRow) -> datetime:
    """The instant at which a row is over: its end, or the end of its last day in the place; never for an idea."""
    zone = row.end_zone or row.zone
    at, last = row.ends_at, row.last_day
    # Of a return flight without times only the day of the way back is known.
    if at is not None and (last is None or last <= local(at, zone).date()):
        return at
    last = last or row.first_day
    return _end_of(last, zone) if last else _NEVER


def due(row: BookingRow, now: datetime) -> list[Due]:
    """What is still to be done by when, soonest first.

    What was not paid in time stays until it is paid. Cancelling for free is over when its time is over, checking in
    when the journey has begun.
    """
    found = []
    for kind, day, at in moments(row, row.zone):
        each = Due(row, kind, day, at or _end_of(day, row.zone), timed=at is not None)
        over = each.passed(now) if kind is DeadlineKind.CANCEL else kind is DeadlineKind.CHECK_IN and begins(row) < now
        if not over:
            found.append(each)
    return sorted(found, key=lambda each: each.at)


def next_deadline(row: BookingRow, now: datetime) -> Due | None:
    """The most pressing of them."""
    return next(iter(due(row, now)), None)


def all_due(rows: Iterable[BookingRow], now: datetime) -> list[Due]:
    """The deadlines of all rows, soonest first."""
    return sorted((each for row in rows for each in due(row, now)), key=lambda each: (each.at, each.key))


def _deadline_place(row: BookingRow, now: datetime) -> datetime:
    first = next_deadline(row, now)
    return first.at if first else _NEVER


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: str | None) -> datetime:
    try:
        return datetime.combine(day, time(), zone_info(zone)).astimezone(UTC)
    except OverflowError:  # the ends of the calendar
        return datetime.combine(day, time(), UTC)


def _end_of(day: date, zone: str | None) -> datetime:
    return _midnight(min(day, date.max - timedelta(days=1)) + timedelta(days=1), zone)


_NEVER = datetime.max.replace(tzinfo=UTC)
