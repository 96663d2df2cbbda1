"""Which available bookings serve the same need."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.models.stored import japan_context, plan, stored_draft
from tripsage_tui.models.booking_drafts import read_flight, read_stay, read_transport
from tripsage_tui.models.bookings import Accommodation, Flight, Transportation
from tripsage_tui.models.options import changes_of, journey_length, need_of, needs, rivals_in

CONTEXT = japan_context()


def stay(number: int, first: str, nights: int, **values: str) -> Accommodation:
    typed = {"name": f"Inn {number}", "check_in_date": first, "nights": str(nights), "price_per_night": "100"}
    found: Accommodation = stored_draft(read_stay(typed | values, CONTEXT), number)
    return found


def flight(number: int, **values: str) -> Flight:
    typed = {"origin": "FRA", "destination": "HND", "departure_date": "2 oct", "price": "900"}
    found: Flight = stored_draft(read_flight(typed | values, CONTEXT), number)
    return found


def train(number: int, **values: str) -> Transportation:
    typed = {"transport_type": "train", "origin": "Tokyo", "destination": "Kyoto", "departure_date": "6 oct"}
    found: Transportation = stored_draft(read_transport(typed | values, CONTEXT), number)
    return found


def test_stays_of_the_same_nights_are_options_and_the_cheapest_comes_first() -> None:
    dear, cheap = stay(1, "3 oct", 3, price_per_night="180"), stay(2, "4 oct", 2, price_per_night="120")
    (need,) = needs(plan(dear, cheap, stay(3, "10 oct", 2), stay(4, "3 oct", 3, booking_status="booked")))
    assert [(option.booking.id, option.price, option.more, option.cheapest) for option in need.options] == [
        (2, Decimal(240), Decimal(0), True),
        (1, Decimal(540), Decimal(300), False),
    ]
    assert need.options[1].per_night == Decimal(180)
    assert "3–6 Oct" in need.title


def test_nights_that_only_touch_are_two_needs() -> None:
    assert needs(plan(stay(1, "3 oct", 3), stay(2, "6 oct", 3))) == ()


def test_in_a_chain_only_what_overlaps_gives_way() -> None:
    first, middle, last = stay(1, "3 oct", 3), stay(2, "5 oct", 3), stay(3, "7 oct", 3)
    (need,) = needs(plan(first, last, middle))
    assert [rival.id for rival in need.rivals(first)] == [2]
    assert [rival.id for rival in need.rivals(middle)] == [1, 3]


def test_flights_of_one_route_and_day() -> None:
    one, other = flight(1), flight(2, origin="fra", price="700")
    plans = plan(one, other, flight(3, departure_date="3 oct"), flight(4, destination="NRT"))
    (need,) = needs(plans)
    assert {option.booking.id for option in need.options} == {1, 2}
    assert need_of(plans, one) == need
    assert [rivals_in(plans, each) for each in plans.flights] == [1, 1, 0, 0]
    assert need_of(plans, plans.flights[2]) is None


def test_another_currency_without_a_rate_is_not_compared() -> None:
    euros, yen = stay(1, "3 oct", 2), stay(2, "3 oct", 2, price_per_night="9000", currency="JPY")
    (need,) = needs(plan(euros, yen))
    assert [(option.booking.id, option.price, option.more) for option in need.options] == [
        (1, Decimal(200), Decimal(0)), (2, None, None),
    ]  # fmt: skip
    both = [each.model_copy(update={"currency": "GBP"}) for each in (euros, stay(3, "3 oct", 2, price_per_night="130"))]
    (need,) = needs(plan(*both))
    assert [(option.currency, option.more) for option in need.options] == [("GBP", Decimal(0)), ("GBP", Decimal(60))]
    rated = yen.model_copy(update={"exchange_rate": Decimal("0.006")})
    (need,) = needs(plan(euros, rated))
    assert [(option.booking.id, option.price) for option in need.options] == [(2, Decimal(108)), (1, Decimal(200))]


def test_how_long_it_takes() -> None:
    ride = train(1, departure_time="9:03", arrival_time="11:15")
    length = journey_length(ride)
    assert length is not None
    assert length.total_seconds() == 132 * 60
    assert journey_length(stay(2, "3 oct", 1)) is None
    assert changes_of(flight(3)) == 0
    assert needs(plan(ride, train(2), train(3, departure_date="7 oct")))[0].options[0].booking.day in {
        date(2027, 10, 6),
        None,
    }
