"""What has to be done by when."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.models.stored import japan_context, plan, stored_draft
from tripsage_tui.models.booking_drafts import read_flight, read_stay
from tripsage_tui.models.deadlines import DeadlineKind, deadlines

CONTEXT = japan_context()
STAY = {"name": "Inn", "check_in_date": "3 oct", "nights": "3"}
FLIGHT = {"origin": "FRA", "destination": "HND", "departure_date": "2 oct"}


def test_deadlines_in_order() -> None:
    inn = stored_draft(read_stay(STAY | {"pay_by": "2027-09-20", "cancel_free_until": "2027-09-20 12:00"}, CONTEXT), 1)
    flight = stored_draft(read_flight(FLIGHT, CONTEXT), 2)
    flight = flight.model_copy(update={"check_in_opens_at": datetime(2027, 10, 1, 10, 15, tzinfo=UTC)})
    found = deadlines(plan(inn, flight))
    assert [(each.kind, each.day) for each in found] == [
        (DeadlineKind.CANCEL, date(2027, 9, 20)),
        (DeadlineKind.PAY, date(2027, 9, 20)),
        (DeadlineKind.CHECK_IN, date(2027, 10, 1)),
    ]
    assert [each.passed(datetime(2027, 9, 20, 20, tzinfo=UTC)) for each in found] == [True, False, False]


def test_what_is_paid_or_cancelled_has_no_deadline() -> None:
    typed = STAY | {"pay_by": "2027-09-20"}
    paid = stored_draft(read_stay(typed | {"payment_status": "paid"}, CONTEXT), 1)
    off = stored_draft(read_stay(typed | {"booking_status": "cancelled"}, CONTEXT), 2)
    assert deadlines(plan(paid, off)) == ()
