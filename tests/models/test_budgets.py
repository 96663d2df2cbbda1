"""A trip's money: every amount in its own currency, counted once, or listed apart."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.models.stored import JAPAN, japan_context, plan, sample_plan, stored_draft, stored_expense
from tripsage_tui.models.booking_drafts import read_flight, read_item, read_stay
from tripsage_tui.models.bookings import Booking, BookingStatus
from tripsage_tui.models.budgets import budget_of
from tripsage_tui.models.costs import Sums, known_rates
from tripsage_tui.models.expenses import BookingKind, Expense, ExpenseCategory, ExpenseFields, ShareFields
from tripsage_tui.models.samples import sample_trips

CONTEXT = japan_context()
TODAY = date(2027, 9, 20)
FLIGHT = {"origin": "FRA", "destination": "HND", "departure_date": "2 oct", "price": "1840", "booking_status": "booked"}
STAY = {"name": "Inn", "check_in_date": "3 oct", "nights": "3"}
D = Decimal


def rated(booking: Booking, rate: str) -> Booking:
    return booking.model_copy(update={"exchange_rate": D(rate)})


def expense(amount: str, currency: str = "EUR", number: int = 1, **fields: Any) -> Expense:
    shares = fields.pop("shares", ())
    if rate := fields.pop("rate", None):
        fields["exchange_rate"] = D(rate)
    return stored_expense(ExpenseFields(title="Taxi", amount=D(amount), currency=currency, **fields), shares, number)


def sums(planned: str, booked: str, paid: str) -> Sums:
    return Sums(D(planned), D(booked), D(paid))


def hotel(number: int = 2, **values: str) -> Booking:
    return stored_draft(read_stay(STAY | values, CONTEXT), number)


def test_planned_booked_and_paid_by_category_in_the_trips_currency() -> None:
    trip = plan(
        stored_draft(read_flight(FLIGHT | {"payment_status": "paid"}, CONTEXT), 1),
        rated(hotel(total_price="¥50000", booking_status="reserved"), "0.0062"),
        stored_draft(read_item({"title": "Dinner", "item_type": "meal", "price": "80", "day": "4 oct"}, CONTEXT), 5),
        stored_draft(read_item({"title": "Off", "price": "999", "booking_status": "cancelled"}, CONTEXT), 6),
    )
    found = budget_of(trip, [expense("12.50", category=ExpenseCategory.SHOPPING)], TODAY)
    assert found.by_category == {
        ExpenseCategory.TRANSPORT: sums("1840.00", "1840.00", "1840.00"),
        ExpenseCategory.LODGING: sums("310.00", "310.00", "0.00"),
        ExpenseCategory.FOOD: sums("80.00", "0.00", "0.00"),
        ExpenseCategory.SHOPPING: sums("12.50", "12.50", "12.50"),
    }
    assert found.total == sums("2242.50", "2162.50", "1852.50")
    assert str(found.left) == "3757.50"
    assert found.days_left == 14
    assert str(found.left_per_day) == "268.39"
    assert str(found.per_traveller) == "1121.25"
    assert found.undated == sums("12.50", "12.50", "12.50")


def test_a_stay_is_spread_over_its_nights_to_the_last_cent() -> None:
    found = budget_of(plan(hotel(total_price="100")), [], TODAY)
    spent = {day.day: str(part.planned) for day, part in found.by_day.items() if part.planned}
    assert spent == {3: "33.34", 4: "33.33", 5: "33.33"}
    assert len(found.by_day) == JAPAN.days


def test_minor_units() -> None:
    """Regression case f: yen have no decimals, dinars three, and neither loses nor gains any on the way."""
    dinar = JAPAN.model_copy(update={"currency": "KWD", "budget": D(1000)})
    found = budget_of(plan(rated(hotel(total_price="¥50000"), "0.00205"), trip=dinar), [expense("0.1", "KWD")], TODAY)
    assert str(found.total.planned) == "102.600"
    yen = JAPAN.model_copy(update={"currency": "JPY", "budget": D(1000000)})
    found = budget_of(plan(rated(hotel(total_price="CHF 100.05"), "170.5"), trip=yen), [], TODAY)
    assert str(found.total.planned) == "17059"
    assert [str(part.planned) for part in found.by_day.values() if part.planned] == ["5687", "5686", "5686"]


def test_an_unknown_rate_is_listed_apart_and_never_relabelled() -> None:
    trip = plan(hotel(total_price="¥50000"), hotel(3, check_in_date="6 oct", total_price="300"))
    found = budget_of(trip, [expense("20", "USD", 1), expense("5", "USD", 2, rate="0.9")], TODAY)
    assert str(found.total.planned) == "304.50"
    assert [(cost.key, cost.currency) for cost in found.unconverted] == [(("stay", 2), "JPY"), (("expense", 1), "USD")]
    assert found.apart == {"JPY": D(50000), "USD": D("20.00")}


def test_a_changed_currency_of_the_trip_makes_amounts_unknown_instead_of_other() -> None:
    dollars = JAPAN.model_copy(update={"currency": "USD"})
    found = budget_of(plan(hotel(total_price="300"), trip=dollars), [], TODAY)
    assert found.total.planned == 0
    assert found.apart == {"EUR": D("300.00")}


def test_a_booking_and_its_expense_are_one_cost() -> None:
    link: dict[str, Any] = {"booking_kind": BookingKind.STAY, "booking_id": 2}
    booked = {"total_price": "300", "booking_status": "booked"}
    found = budget_of(plan(hotel(**booked)), [expense("100", **link)], TODAY)
    assert found.total == sums("300.00", "300.00", "100.00")
    assert found.by_category.keys() == {ExpenseCategory.LODGING}
    paid = plan(hotel(**booked, payment_status="paid"))
    assert budget_of(paid, [expense("312", **link)], TODAY).total == sums("312.00", "312.00", "312.00")
    dearer = budget_of(plan(hotel(**booked)), [expense("320", **link)], TODAY)
    assert dearer.total == sums("320.00", "320.00", "320.00")


def test_what_was_paid_for_a_cancelled_or_vanished_booking_still_counts() -> None:
    link: dict[str, Any] = {"booking_kind": BookingKind.STAY, "booking_id": 2, "category": ExpenseCategory.LODGING}
    cancelled = plan(hotel(total_price="300", booking_status="cancelled"))
    assert budget_of(cancelled, [expense("100", **link)], TODAY).total == sums("100.00", "100.00", "100.00")
    assert budget_of(plan(), [expense("100", **link)], TODAY).total == sums("100.00", "100.00", "100.00")


def test_the_expense_of_a_booking_whose_rate_is_missing_shows_on_one_side_only() -> None:
    link: dict[str, Any] = {"booking_kind": BookingKind.STAY, "booking_id": 2}
    yen = {"total_price": "¥50000", "booking_status": "booked"}
    settled = budget_of(plan(hotel(**yen, payment_status="paid")), [expense("310", **link)], TODAY)
    assert settled.total == sums("310.00", "310.00", "310.00")
    assert settled.unconverted == ()
    deposit = budget_of(plan(hotel(**yen)), [expense("60", **link)], TODAY)
    assert deposit.total == sums("60.00", "60.00", "60.00")
    assert [cost.key for cost in deposit.unconverted] == [("stay", 2)]


def test_an_expense_to_come_that_nobody_has_paid_is_planned_only() -> None:
    later = date(2027, 10, 4)
    assert budget_of(plan(), [expense("50", spent_on=later)], TODAY).total == sums("50.00", "0.00", "0.00")
    payer = (ShareFields(traveller_id=1, paid=D(50)),)
    found = budget_of(plan(), [expense("50", spent_on=later, shares=payer)], TODAY)
    assert found.total == sums("50.00", "50.00", "50.00")


def test_days_that_are_left() -> None:
    assert budget_of(plan(), [], date(2027, 10, 14)).days_left == 2
    over = budget_of(plan(), [expense("6100")], date(2027, 10, 16))
    assert over.left_per_day is None
    assert str(over.left) == "-100.00"


def test_rates_are_remembered_from_every_kind_of_row() -> None:
    trip = plan(rated(hotel(total_price="¥50000"), "0.0062"), hotel(3, total_price="¥100"))
    found = known_rates(trip, [expense("5", "USD", rate="0.9", spent_on=date(2027, 10, 4))])
    assert {(known.currency, str(known.rate), known.day) for known in found} == {
        ("JPY", "0.0062", date(2027, 10, 3)),
        ("USD", "0.9", date(2027, 10, 4)),
    }


def test_of_several_options_one_is_counted() -> None:
    options = [hotel(2, total_price="300"), hotel(3, total_price="¥50000"), hotel(4, total_price="200")]
    assert budget_of(plan(*options), [], TODAY).total == sums("200.00", "0.00", "0.00")
    assert budget_of(plan(*options), [], TODAY).unconverted == ()
    taken = hotel(5, total_price="250", booking_status="booked")
    assert budget_of(plan(*options, taken), [], TODAY).total == sums("250.00", "250.00", "0.00")
    deposit = expense("30", booking_kind=BookingKind.STAY, booking_id=2)
    assert budget_of(plan(*options, taken), [deposit], TODAY).total == sums("550.00", "280.00", "30.00")
    later = hotel(6, check_in_date="6 oct", total_price="90")
    assert budget_of(plan(*options, later), [], TODAY).total == sums("290.00", "0.00", "0.00")


AMOUNTS = st.integers(0, 10**9)


@given(st.lists(st.tuples(AMOUNTS, st.sampled_from(["EUR", "JPY", "KWD", "CHF"]), st.integers(1, 40)), max_size=8))
def test_days_and_categories_add_up_to_the_whole(stays: list[tuple[int, str, int]]) -> None:
    bookings = [
        rated(hotel(number, nights=str(nights)), "0.37").model_copy(
            update={"total_price": D(amount) / 100, "currency": code, "booking_status": BookingStatus.BOOKED}
        )
        for number, (amount, code, nights) in enumerate(stays, start=1)
    ]
    found = budget_of(plan(*bookings), [expense("7.77", number=99)], TODAY)
    assert sum(found.by_day.values(), found.undated) == found.total
    assert sum(found.by_category.values(), Sums()) == found.total
    assert not found.unconverted


def test_the_samples_have_every_amount_in_a_sum_or_apart() -> None:
    for sample in sample_trips(date(2026, 11, 22)):
        found = budget_of(sample_plan(sample), [], date(2026, 11, 22))
        assert {cost.key for cost in found.unconverted} == {
            cost.key for cost in found.costs if cost.currency != found.currency and cost.rate is None
        }
        assert sum(found.by_day.values(), found.undated) == found.total
