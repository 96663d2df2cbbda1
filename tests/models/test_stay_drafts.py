"""The form of a stay: nights, and prices that must agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.stored import JAPAN, japan_context, stored_draft
from tripsage_tui.models.booking_drafts import edit_booking, read_stay, values_of
from tripsage_tui.models.bookings import Accommodation
from tripsage_tui.models.money import CODES, quantize
from tripsage_tui.models.trips import StopFields

CONTEXT = japan_context()
HOTEL = {"name": "Hotel Gracery", "check_in_date": "2 oct", "check_out_date": "14 nights", "price_per_night": "180"}


def test_nights_times_price() -> None:
    draft = read_stay(HOTEL | {"check_in_time": "15:00", "check_out_time": "11"}, CONTEXT)
    assert draft.errors == {}
    assert draft.fields is not None
    assert (draft.fields.check_in_date, draft.fields.check_out_date) == (date(2027, 10, 2), date(2027, 10, 16))
    assert draft.fields.check_in_at == datetime(2027, 10, 2, 6, 0, tzinfo=UTC)
    assert draft.fields.check_out_at == datetime(2027, 10, 16, 2, 0, tzinfo=UTC)
    assert (draft.fields.price_per_night, draft.fields.total_price) == (Decimal("180.00"), Decimal("2520.00"))
    assert draft.notes == {
        "check_in_date": "Sat 2 Oct 2027",
        "check_out_date": "Sat 16 Oct 2027; 14 nights; 1 day after the trip ends",
        "total_price": "14 nights × €180 = €2,520",
    }


def test_the_reception_closes_in_the_evening_or_after_midnight() -> None:
    for typed, until in (("22:00", time(22)), ("0:30", time(0, 30))):
        draft = read_stay(HOTEL | {"check_in_time": "15:00", "check_in_until": typed}, CONTEXT)
        assert draft.fields is not None
        assert draft.fields.check_in_until == until
        stored = stored_draft(draft)
        assert edit_booking(stored, values_of(stored, CONTEXT), CONTEXT).changes == {}
    draft = read_stay(HOTEL | {"check_in_time": "15:00", "check_in_until": "14:00"}, CONTEXT)
    assert draft.errors == {"check_in_until": "That is before one can check in (15:00)."}


def test_a_rate_is_frozen_and_means_nothing_in_another_currency() -> None:
    draft = read_stay(HOTEL | {"price_per_night": "18000 JPY", "exchange_rate": "1/160"}, CONTEXT)
    assert draft.fields is not None
    assert draft.fields.exchange_rate == Decimal("0.00625")
    assert "€1,575.00 at" in draft.notes["exchange_rate"]
    stored = stored_draft(draft)
    assert edit_booking(stored, {}, CONTEXT).changes == {}
    for currency in ("KRW", "EUR"):
        edit = edit_booking(stored, {"currency": currency, "price_per_night": "180"}, CONTEXT)
        assert edit.changes["exchange_rate"] is None
    assert edit_booking(stored, {"exchange_rate": "0.007"}, CONTEXT).changes == {"exchange_rate": Decimal("0.007")}


def test_a_check_out_long_after_the_trip_is_more_than_information() -> None:
    draft = read_stay(HOTEL | {"check_out_date": "20 nov"}, CONTEXT)
    assert draft.notes["check_out_date"].startswith("! 36 days after the trip ends; ")


@pytest.mark.parametrize(
    ("typed", "nights"),
    [
        ({"check_out_date": "4 nights"}, 4),
        ({"check_out_date": "5 days"}, 4),
        ({"check_out_date": "6 oct"}, 4),
        ({"check_out_date": "wed"}, 4),
        ({"check_out_date": "sat"}, 7),
        ({"check_out_date": "+4"}, 4),
        ({"check_out_date": "", "nights": "4"}, 4),
        ({"check_out_date": "6 oct", "nights": "4"}, 4),
    ],
)
def test_ways_to_say_how_long(typed: dict[str, str], nights: int) -> None:
    draft = read_stay(HOTEL | typed, CONTEXT)
    assert draft.fields is not None, draft.errors
    assert draft.fields.nights == nights


def test_a_total_makes_the_price_of_a_night() -> None:
    draft = read_stay(
        HOTEL | {"nights": "3", "check_out_date": "", "price_per_night": "", "total_price": "100"}, CONTEXT
    )
    assert draft.fields is not None
    assert (draft.fields.price_per_night, draft.fields.total_price) == (Decimal("33.33"), Decimal("100.00"))
    assert draft.notes["price_per_night"] == "€33.33 a night"


@pytest.mark.parametrize(("per_night", "total"), [("33.33", "100"), ("33.33", "99.99"), ("180", "540")])
def test_both_prices_may_differ_by_rounding(per_night: str, total: str) -> None:
    typed = HOTEL | {"check_out_date": "3 nights", "price_per_night": per_night, "total_price": total}
    assert read_stay(typed, CONTEXT).errors == {}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"total_price": "2500"}, "total_price", "14 nights × €180 = €2,520, not €2,500."),
        ({"check_out_date": "2 oct"}, "check_out_date", "The check-out has to be after the check-in."),
        ({"check_out_date": "1 oct 2027"}, "check_out_date", "The check-out has to be after the check-in."),
        ({"check_out_date": ""}, "check_out_date", "Which day do you leave, or how many nights? For example 4 nights."),
        ({"nights": "3"}, "nights", "The dates make 14 nights, not 3."),
        ({"nights": "0", "check_out_date": ""}, "nights", "Type a whole number from 1 to 1,100."),
        ({"rating": "6"}, "rating", "Type a rating from 0 to 5, for example 4.5."),
        ({"rating": "5.1"}, "rating", "A rating is at most 5."),
        (
            {"price_per_night": "€5", "total_price": "¥70"},
            "price_per_night",
            "One amount is in JPY, this one in EUR; a booking has one currency.",
        ),
        ({"name": " "}, "name", "What is the place called?"),
        (
            {"cancel_free_until": "later"},
            "cancel_free_until",
            "“later” is not a date. Try 2 oct, 2027-10-02, fri or +3.",
        ),
    ],
)
def test_errors(changes: dict[str, str], field: str, sentence: str) -> None:
    draft = read_stay(HOTEL | changes, CONTEXT)
    assert draft.fields is None
    assert draft.errors == {field: sentence}


def test_times_need_a_zone() -> None:
    context = japan_context(trip=JAPAN.model_copy(update={"time_zone": None}))
    assert read_stay(HOTEL, context).errors == {}
    assert read_stay(HOTEL | {"check_in_time": "15:00"}, context).errors == {
        "time_zone": "In which time zone is it? For example Asia/Tokyo."
    }


def test_the_zone_is_that_of_the_stop_of_the_day() -> None:
    stops = (
        StopFields(place="Seoul", time_zone="Asia/Seoul", arrive_date=date(2027, 10, 2), depart_date=date(2027, 10, 5)),
        StopFields(
            place="Guam", time_zone="Pacific/Guam", arrive_date=date(2027, 10, 5), depart_date=date(2027, 10, 9)
        ),
    )
    context = japan_context(stops=stops)
    zones = []
    for day in ("4 oct", "5 oct", "10 oct"):
        draft = read_stay(HOTEL | {"check_in_date": day}, context)
        assert draft.fields is not None
        zones.append(draft.fields.check_in_zone)
    assert zones == ["Asia/Seoul", "Pacific/Guam", "Asia/Tokyo"]


def test_free_cancellation_until_a_day_lasts_to_its_end_there() -> None:
    for typed, until in (
        ("28 sep 2027", datetime(2027, 9, 28, 14, 59, tzinfo=UTC)),
        ("28 sep 2027 18:00", datetime(2027, 9, 28, 9, 0, tzinfo=UTC)),
        ("2027-09-28 6 pm", datetime(2027, 9, 28, 9, 0, tzinfo=UTC)),
    ):
        draft = read_stay(HOTEL | {"cancel_free_until": typed}, CONTEXT)
        assert draft.fields is not None
        assert draft.fields.cancel_free_until == until


def test_a_deadline_that_has_passed_is_noted() -> None:
    assert read_stay(HOTEL | {"pay_by": "2026-11-01"}, CONTEXT).notes["pay_by"] == "this deadline has passed"
    assert "pay_by" not in read_stay(HOTEL | {"pay_by": "2026-11-01", "payment_status": "paid"}, CONTEXT).notes


def test_more_nights_cost_more_when_only_the_nights_are_edited() -> None:
    stored = stored_draft(read_stay(HOTEL, CONTEXT))
    edit = edit_booking(stored, {"check_out_date": "15 nights"}, CONTEXT)
    assert edit.changes == {"check_out_date": date(2027, 10, 17), "total_price": Decimal("2700.00")}


def test_an_inconsistent_row_can_be_edited_without_touching_its_prices() -> None:
    stored = stored_draft(read_stay(HOTEL, CONTEXT))
    assert isinstance(stored, Accommodation)
    odd = stored.model_copy(
        update={"total_price": Decimal(2000), "check_out_zone": "Asia/Seoul", "rating": Decimal("4.333")}
    )
    edit = edit_booking(odd, {"room_type": "Twin"}, CONTEXT)
    assert edit.draft.errors == {}
    assert edit.changes == {"room_type": "Twin"}


@given(
    st.sampled_from(sorted(CODES)), st.decimals(0, 10**6, places=3), st.integers(1, 60), st.booleans(), st.booleans()
)
def test_prices_agree_and_read_back(currency: str, amount: Decimal, nights: int, whole: bool, timed: bool) -> None:
    price = quantize(amount, currency)
    typed = {
        "name": "Inn",
        "check_in_date": "2027-10-02",
        "nights": str(nights),
        "currency": currency,
        "total_price" if whole else "price_per_night": f"{price}",
        "check_in_time": "16:00" if timed else "",
    }
    draft = read_stay(typed, CONTEXT)
    assert draft.errors == {}
    assert draft.fields is not None
    assert draft.fields.price_per_night == quantize(draft.fields.total_price / nights, currency)
    stored = stored_draft(draft)
    again = read_stay(values_of(stored, CONTEXT), CONTEXT)
    assert again.errors == {}
    assert again.fields == draft.fields
