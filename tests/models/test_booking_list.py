"""The list of all bookings: what is over, what is due, what matches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tripsage_tui.models.booking_filter import BookingFilter, BookingSearch
from tripsage_tui.models.booking_list import BookingOrder, BookingRow, Group, Kind, all_due, due, grouped, next_deadline
from tripsage_tui.models.booking_words import remaining_text
from tripsage_tui.models.bookings import PaymentStatus
from tripsage_tui.models.deadlines import DeadlineKind

NOW = datetime(2027, 9, 20, 8, 0, tzinfo=UTC)
TOKYO, HONOLULU = "Asia/Tokyo", "Pacific/Honolulu"


def row(number: int = 1, **values: Any) -> BookingRow:
    base = {
        "kind": Kind.STAY, "id": number, "trip_id": 1, "trip_name": "Japan", "word": "stay", "title": f"Inn {number}",
        "booking_status": "booked", "price": Decimal(100), "currency": "EUR", "updated_at": NOW, "start_zone": TOKYO,
    }  # fmt: skip
    return BookingRow(**{**base, **values})


def test_a_day_ends_with_the_day_of_the_place() -> None:
    """At 08:00 UTC on the 20th it is still the 19th in Honolulu, where 20 Sep 08:00 UTC is 22:00."""
    assert not row(day=date(2027, 9, 19), start_zone=HONOLULU).past(NOW)
    assert row(day=date(2027, 9, 19)).past(NOW)
    assert not row(day=date(2027, 9, 20)).past(NOW)


def test_a_way_back_without_a_time_keeps_a_flight_from_being_over() -> None:
    out = row(starts_at=NOW - timedelta(days=5), ends_at=NOW - timedelta(days=4), last_day=date(2027, 10, 1))
    assert not out.past(NOW)
    assert out.model_copy(update={"last_day": None}).past(NOW)


def test_groups_and_their_order() -> None:
    rows = [
        row(1, day=date(2027, 9, 1), last_day=date(2027, 9, 2)),
        row(2, day=date(2027, 9, 10), last_day=date(2027, 9, 12)),
        row(3),
        row(4, day=date(2027, 10, 5)),
        row(5, starts_at=NOW + timedelta(days=2)),
        row(6, day=date(2027, 9, 15), last_day=date(2027, 9, 25)),
    ]
    found = {group: [each.id for each in listed] for group, listed in grouped(rows, NOW).items()}
    assert found == {Group.UPCOMING: [6, 5, 4], Group.IDEAS: [3], Group.PAST: [2, 1]}


def test_the_ends_of_the_calendar_break_nothing() -> None:
    rows = [
        row(1, day=date.min),
        row(2, day=date.max, pay_by=date.max),
        row(3, starts_at=datetime.max.replace(tzinfo=UTC)),
    ]
    for order in BookingOrder:
        groups = grouped([each.model_copy(update={"start_zone": HONOLULU}) for each in rows], NOW, order)
        assert sum(map(len, groups.values())) == 3


def test_what_was_not_paid_stays_due_and_what_was_cancelled_does_not() -> None:
    late = row(pay_by=date(2027, 9, 18))
    (each,) = due(late, NOW)
    assert each.overdue(NOW)
    assert remaining_text(each, NOW) == "overdue by 2 days"
    assert due(late.model_copy(update={"payment_status": PaymentStatus.PAID}), NOW) == []
    assert due(late.model_copy(update={"booking_status": "cancelled"}), NOW) == []


def test_the_day_to_pay_by_ends_where_the_booking_is() -> None:
    """20 Sep is over in Tokyo at 15:00 UTC, in Honolulu at 10:00 UTC of the 21st."""
    there, here = (row(pay_by=date(2027, 9, 20), start_zone=zone) for zone in (TOKYO, HONOLULU))
    at = datetime(2027, 9, 20, 16, tzinfo=UTC)
    assert [due(each, at)[0].overdue(at) for each in (there, here)] == [True, False]
    assert [remaining_text(due(each, at)[0], at) for each in (there, here)] == ["overdue by 1 day", "today"]


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(minutes=45), "in 45 min"),
        (timedelta(hours=5, minutes=20), "in 5 h"),
        (timedelta(hours=47), "in 47 h"),
        (timedelta(days=3, hours=2), "in 3 days"),
    ],
)
def test_a_countdown_with_a_time_counts_what_is_left(left: timedelta, text: str) -> None:
    (each,) = due(row(cancel_free_until=NOW + left), NOW)
    assert remaining_text(each, NOW) == text


def test_free_cancellation_ends_and_check_in_ends_with_the_departure() -> None:
    assert due(row(cancel_free_until=NOW), NOW) == []
    flight = row(kind=Kind.FLIGHT, check_in_opens_at=NOW - timedelta(hours=3), starts_at=NOW + timedelta(hours=27))
    (each,) = due(flight, NOW)
    assert (each.kind, each.overdue(NOW), remaining_text(each, NOW)) == (DeadlineKind.CHECK_IN, False, "open since 3 h")
    assert due(flight, NOW + timedelta(hours=28)) == []


def test_deadlines_of_all_rows_come_soonest_first() -> None:
    rows = [
        row(1, pay_by=date(2027, 10, 1), cancel_free_until=NOW + timedelta(hours=2)),
        row(2, pay_by=date(2027, 9, 1)),
        row(3),
    ]
    assert [(each.row.id, each.kind) for each in all_due(rows, NOW)] == [
        (2, DeadlineKind.PAY), (1, DeadlineKind.CANCEL), (1, DeadlineKind.PAY),
    ]  # fmt: skip
    first = next_deadline(rows[0], NOW)
    assert first is not None
    assert first.kind is DeadlineKind.CANCEL


def test_filters_work_together() -> None:
    rows = [
        row(1, kind=Kind.FLIGHT, reference="X7K2QM", payment_status=PaymentStatus.PAID),
        row(2, booking_status="reserved", pay_by=date(2027, 9, 25)),
        row(3, booking_status="available", trip_id=2),
        row(4, kind=Kind.ITEM, booking_status="planned", price=Decimal(0)),
        row(5, booking_status="cancelled"),
    ]

    def kept(only: BookingFilter) -> list[int]:
        return [each.id for each in rows if only.lets_through(each, NOW)]

    assert kept(BookingFilter()) == [1, 2, 3, 4, 5]
    assert kept(BookingFilter().with_kind(Kind.FLIGHT).with_kind(Kind.ITEM)) == [1, 4]
    assert kept(BookingFilter().with_states(["available", "planned"])) == [3, 4]
    assert kept(BookingFilter(unpaid=True)) == [2, 3]
    assert kept(BookingFilter(no_reference=True)) == [2]
    assert kept(BookingFilter(due_soon=True)) == [2]
    assert kept(BookingFilter(trip_id=2)) == [3]
    assert kept(replace(BookingFilter(unpaid=True), kinds=frozenset({Kind.FLIGHT}))) == []


def test_search_finds_every_word_and_the_code() -> None:
    search = BookingSearch()
    inn = row(title="Ryokan Shiraume", provider="Booking.com", reference="X7K2QM", day=date(2027, 10, 2))
    for typed in ("ryokan japan", "x7k2qm", "booking.com 2027", "EUR stay", ""):
        assert search.matches(inn, typed.casefold().split()), typed
    assert not search.matches(inn, ["ryokan", "osaka"])
    assert not search.matches(inn.model_copy(update={"title": "Inn"}), ["ryokan"])


def test_the_code_is_in_no_representation() -> None:
    assert "X7K2QM" not in repr(row(reference="X7K2QM"))
