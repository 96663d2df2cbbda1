"""What a copy of a trip has in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.models.stored import japan_context, plan, stored_draft
from tripsage_tui.models.booking_drafts import read_flight, read_stay
from tripsage_tui.models.copying import EVERYTHING, CopyPart, Duplicate, preview, pruned

CONTEXT = japan_context()
FULL = plan(
    stored_draft(read_flight({"origin": "FRA", "destination": "HND", "departure_date": "2 oct"}, CONTEXT), 1),
    stored_draft(read_stay({"name": "Inn", "check_in_date": "3 oct", "nights": "3"}, CONTEXT), 2),
)


def test_everything_is_the_plan_itself() -> None:
    assert pruned(FULL, EVERYTHING) == FULL


def test_what_is_left_out_is_out_and_the_rest_stays() -> None:
    bare = pruned(FULL, EVERYTHING - {CopyPart.BOOKINGS}, Decimal(99))
    assert bare.bookings == ()
    assert bare.trip.budget == Decimal(99)
    assert bare.stops == FULL.stops
    assert pruned(FULL, frozenset()).trip.notes == ()


def test_the_first_day_is_previewed_on_its_new_date() -> None:
    first, last = preview(FULL, Duplicate("x", date(2029, 4, 7)))
    assert first.day == date(2029, 4, 7)
    assert any("FRA → HND" in entry for entry in first.entries)
    assert (last.day - first.day).days == FULL.trip.days - 1
    assert preview(FULL, Duplicate("x", date(2029, 4, 7), parts=frozenset()))[0].entries == ()
    with pytest.raises(OverflowError):
        preview(FULL, Duplicate("x", date.max))
