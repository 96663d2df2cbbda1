"""What a trip costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.models.stored import japan_context, plan, sample_plan, stored_draft
from tripsage_tui.models.booking_drafts import read_flight, read_item, read_stay, read_transport
from tripsage_tui.models.costs import Category, Sums, costs, remaining
from tripsage_tui.models.samples import sample_trips

CONTEXT = japan_context()
FLIGHT = {"origin": "FRA", "destination": "HND", "departure_date": "2 oct", "price": "1840", "booking_status": "booked"}
STAY = {"name": "Inn", "check_in_date": "3 oct", "nights": "3"}
TRAIN = {"origin": "Tokyo", "destination": "Kyoto", "departure_date": "7 oct", "price": "¥28340"}


def test_planned_booked_and_paid_by_currency_and_category() -> None:
    trip = plan(
        stored_draft(read_flight(FLIGHT | {"payment_status": "paid"}, CONTEXT), 1),
        stored_draft(read_stay(STAY | {"total_price": "300", "booking_status": "reserved"}, CONTEXT), 2),
        stored_draft(read_stay(STAY | {"total_price": "¥50000"}, CONTEXT), 3),
        stored_draft(read_transport(TRAIN, CONTEXT), 4),
        stored_draft(read_item({"title": "Dinner", "item_type": "meal", "price": "80"}, CONTEXT), 5),
        stored_draft(read_item({"title": "Off", "price": "999", "booking_status": "cancelled"}, CONTEXT), 6),
        stored_draft(read_item({"title": "Free walk"}, CONTEXT), 7),
    )
    found = costs(trip)
    assert found.planned == {"EUR": Decimal("2220.00"), "JPY": Decimal(78340)}
    assert found.booked == {"EUR": Decimal("2140.00")}
    assert found.paid == {"EUR": Decimal("1840.00")}
    assert list(found.by_category) == [Category.FLIGHTS, Category.STAYS, Category.TRANSPORT, Category.MEALS]
    assert found.by_category[Category.STAYS] == Sums(
        planned={"EUR": Decimal("300.00"), "JPY": Decimal(50000)}, booked={"EUR": Decimal("300.00")}, paid={}
    )
    assert remaining(trip) == Decimal("3780.00")


def test_three_decimals_and_none() -> None:
    trip = plan(
        stored_draft(read_item({"title": "Souk", "price": "KWD 3.500"}, CONTEXT), 1),
        stored_draft(read_item({"title": "Souk", "price": "KWD 0.250"}, CONTEXT), 2),
        stored_draft(read_item({"title": "Fondue", "price": "CHF 24.50"}, CONTEXT), 3),
        stored_draft(read_item({"title": "Sushi", "price": "JPY 4500"}, CONTEXT), 4),
    )
    assert {code: str(amount) for code, amount in costs(trip).planned.items()} == {
        "KWD": "3.750",
        "CHF": "24.50",
        "JPY": "4500",
    }


def test_categories_add_up_to_the_whole() -> None:
    for sample in sample_trips(date(2026, 11, 22)):
        found = costs(sample_plan(sample))
        for code, amount in found.planned.items():
            assert amount == sum(sums.planned.get(code, Decimal(0)) for sums in found.by_category.values())


def test_an_empty_trip_costs_nothing() -> None:
    assert costs(plan()).planned == {}
    assert remaining(plan()) == Decimal("6000.00")
