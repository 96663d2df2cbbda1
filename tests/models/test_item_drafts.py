"""The form of something to do."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.models.stored import JAPAN, japan_context, stored_draft
from tripsage_tui.models.booking_drafts import edit_booking, read_item, values_of
from tripsage_tui.models.bookings import ItemStatus, ItemType

CONTEXT = japan_context()
DINNER = {"title": "Dinner", "item_type": "meal", "day": "3 oct", "start_time": "19:30", "end_time": "1:00"}


def test_a_dinner_past_midnight() -> None:
    draft = read_item(DINNER, CONTEXT)
    assert draft.errors == {}
    assert draft.fields is not None
    assert (draft.fields.item_type, draft.fields.booking_status) == (ItemType.MEAL, ItemStatus.PLANNED)
    assert draft.fields.start_time == datetime(2027, 10, 3, 10, 30, tzinfo=UTC)
    assert draft.fields.end_time == datetime(2027, 10, 3, 16, 0, tzinfo=UTC)
    assert draft.fields.day == date(2027, 10, 3)
    assert draft.notes["end_time"] == "until Mon 4 Oct 2027; 5 h 30 min"


def test_an_idea_has_no_day() -> None:
    draft = read_item({"title": "Onsen"}, CONTEXT)
    assert draft.fields is not None
    assert (draft.fields.day, draft.fields.start_time, draft.fields.start_zone) == (None, None, None)
    assert draft.notes == {}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"title": ""}, "title", "What is it?"),
        ({"day": ""}, "day", "Which day? A time alone has no place in the trip."),
        ({"end_time": "18:00+0"}, "end_time", "“18:00+0” is not after the start."),
        ({"end_time": "18:00"}, "end_time", "“18:00” is before the start. Write 18:00+1 if it ends a day later."),
        ({"closed": "sometimes"}, "closed", "“sometimes” is no day of the week. Try mon, wed-fri or holidays."),
        (
            {"booking_status": "available"},
            "booking_status",
            "“available” is not one of: planned, reserved, booked, completed, cancelled.",
        ),
        ({"description": "x" * 20_001}, "description", "This text is 20,001 characters long; at most 20,000 fit here."),
    ],
)
def test_errors(changes: dict[str, str], field: str, sentence: str) -> None:
    draft = read_item(DINNER | changes, CONTEXT)
    assert draft.fields is None
    assert draft.errors == {field: sentence}


def test_a_time_needs_a_zone() -> None:
    context = japan_context(trip=JAPAN.model_copy(update={"time_zone": None}))
    assert read_item(DINNER, context).errors == {"time_zone": "In which time zone is it? For example Asia/Tokyo."}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"end_time": ""},
        {"start_time": ""},
        {"start_time": "", "end_time": ""},
        {"end_time": "20:00+3"},
        {"end_time": "18:00+1", "closed": "mon, holidays"},
        {"price": "28 USD", "exchange_rate": "0.93"},
        {"day": "", "start_time": "", "end_time": ""},
    ],
)
def test_an_untouched_form_changes_nothing(changes: dict[str, str]) -> None:
    draft = read_item(DINNER | changes, CONTEXT)
    stored = stored_draft(draft)
    edit = edit_booking(stored, values_of(stored, CONTEXT), CONTEXT)
    assert (edit.draft.errors, edit.changes) == ({}, {})
    assert edit.draft.fields == draft.fields


def test_moving_an_idea_to_a_day() -> None:
    stored = stored_draft(read_item({"title": "Onsen"}, CONTEXT))
    assert edit_booking(stored, {"day": "5 oct"}, CONTEXT).changes == {"day": date(2027, 10, 5)}


@pytest.mark.parametrize(("typed", "day"), [("fri", "2027-10-15"), ("+1", "2027-10-13"), ("3 oct", "2027-10-03")])
def test_during_the_trip_weekdays_count_from_today(typed: str, day: str) -> None:
    context = japan_context(today=date(2027, 10, 12))
    draft = read_item({"title": "Walk", "day": typed}, context)
    assert draft.fields is not None
    assert draft.fields.day == date.fromisoformat(day)
