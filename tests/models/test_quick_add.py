"""One line becomes the strings of a form, and every word of it is accounted for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile import HOSTILE
from tests.models.stored import japan_context
from tripsage_tui.models.booking_drafts import FlightDraft, TransportationDraft
from tripsage_tui.models.bookings import (
    AccommodationFields,
    BookingStatus,
    FlightFields,
    ItemType,
    ItineraryItemFields,
    TransportationFields,
    TransportType,
)
from tripsage_tui.models.quick_add import EXAMPLES, QuickAdd, form_values, read_line, review
from tripsage_tui.models.quick_line import GLUE
from tripsage_tui.models.typed_dates import parse_date
from tripsage_tui.models.zones import local

JAPAN = japan_context()
CONTEXT = replace(JAPAN, zone_of=lambda code: "Europe/Berlin" if code == "MUC" else JAPAN.zone_of(code))
TRIP = CONTEXT.trip
assert TRIP is not None


def fields_of(line: str) -> object:
    """What would be saved; the line has to be understood to the last word."""
    quick = read_line(line, CONTEXT)
    assert not quick.unknown, [quick.text_of(part) for part in quick.unknown]
    draft = review(quick, CONTEXT)
    assert draft.fields is not None, draft.errors
    return draft.fields


def unknown(line: str) -> list[str]:
    quick = read_line(line, CONTEXT)
    return [quick.text_of(part) for part in quick.unknown]


# ---- what the lines mean


@pytest.mark.parametrize("line", [*EXAMPLES, "taxi HND > Ginza 10:30 2 oct", "fri 19:30 dinner Septime 120 eur"])
def test_the_examples_can_be_saved_as_they_are(line: str) -> None:
    fields_of(line)


def test_a_flight() -> None:
    line = "flight LH716 FRA 13:40 > HND 08:55+1 12 Oct 890 EUR ref ABC123"
    flight = fields_of(line)
    assert isinstance(flight, FlightFields)
    assert (flight.origin, flight.destination, flight.flight_number) == ("FRA", "HND", "LH716")
    assert flight.departure_date.replace(year=1904) == date(1904, 10, 12)
    assert (flight.price, flight.currency, flight.confirmation_code) == (Decimal(890), "EUR", "ABC123")
    draft = review(read_line(line, CONTEXT), CONTEXT)
    assert isinstance(draft, FlightDraft)
    (leg,) = draft.legs
    assert leg.arrival_time is not None
    assert local(leg.arrival_time, "Asia/Tokyo").strftime("%d %H:%M") == "13 08:55"


@pytest.mark.parametrize(
    "line",
    [
        "flight LH716 FRA 13:40 > HND 08:55+1 5 oct €1.234,50 ref ABC123 seat 23A business",
        "5 oct LH 716 FRA > HND 13:40-08:55+1 1234,50 EUR seat 23A confirmation ABC123 business class",
        "1,234.50 EUR #ABC123 business flight FRA-HND LH716 13:40 08:55+1 oct 5 seat 23A",
        "flight from FRA 5 oct 13:40 to HND 6 oct 08:55 LH716 ref: ABC123 EUR 1234.50 business seat 23A",
        "FRA 1:40pm → HND 8:55am +1 lh716 5 oct 1 234,50 € booking code ABC123 seat 23A business",
    ],
)
def test_words_in_any_order_say_the_same(line: str) -> None:
    quick = read_line(line, CONTEXT)
    draft = review(quick, CONTEXT)
    assert not quick.unknown
    assert isinstance(draft, FlightDraft)
    assert draft.fields is not None, draft.errors
    assert (draft.fields.origin, draft.fields.destination, draft.fields.price) == ("FRA", "HND", Decimal("1234.50"))
    assert (draft.fields.flight_class, draft.fields.seat, draft.fields.confirmation_code) == (
        "business",
        "23A",
        "ABC123",
    )
    assert (draft.fields.flight_number or "").replace(" ", "").upper() == "LH716"
    leg = draft.legs[0]
    assert leg.departure_time
    assert leg.arrival_time
    assert local(leg.departure_time, "Europe/Berlin").strftime("%d.%m %H:%M") == "05.10 13:40"
    assert local(leg.arrival_time, "Asia/Tokyo").strftime("%d.%m %H:%M") == "06.10 08:55"


@pytest.mark.parametrize(
    "line",
    [
        "FRA 13:40 > MUC 14:35 / MUC 15:50 > HND 11:30+1 LH714 2 oct",
        "flight FRA 13:40 > MUC 14:35 15:50 LH714 > HND 11:30+1 2 oct",
        "flight LH100 FRA 13:40 > MUC 14:35 / LH714 15:50 > HND 11:30+1 2 oct",
    ],
)
def test_a_journey_with_a_change(line: str) -> None:
    quick = read_line(line, CONTEXT)
    draft = review(quick, CONTEXT)
    assert not quick.unknown
    assert isinstance(draft, FlightDraft)
    assert draft.fields is not None, draft.errors
    first, second = draft.legs
    assert (first.origin, first.destination, second.origin, second.destination) == ("FRA", "MUC", "MUC", "HND")
    assert second.departure_time
    assert first.arrival_time
    assert second.arrival_time
    assert local(first.arrival_time, "Europe/Berlin").strftime("%d %H:%M") == "02 14:35"
    assert local(second.departure_time, "Europe/Berlin").strftime("%d %H:%M") == "02 15:50"
    assert local(second.arrival_time, "Asia/Tokyo").strftime("%d %H:%M") == "03 11:30"
    assert "75" in draft.notes["via"] or "1 h 15 min" in draft.notes["via"]


def test_a_change_that_leaves_before_one_has_arrived_is_said() -> None:
    draft = review(read_line("flight FRA 13:40 > MUC 14:35 15:50 > HND 14:00 2 oct", CONTEXT), CONTEXT)
    assert draft.fields is not None  # lands the next day at 14:00, which is possible
    draft = review(read_line("flight FRA 13:40 > MUC 14:35+1 14:20+0 > HND 14:40 2 oct", CONTEXT), CONTEXT)
    assert "via" in draft.errors


def test_a_train() -> None:
    line = "train Tokyo 9:03 > Kyoto 11:15 7 oct 13320 JPY seat car 7 12E"
    train = fields_of(line)
    assert isinstance(train, TransportationFields)
    assert (train.transport_type, train.origin, train.destination) == (TransportType.TRAIN, "Tokyo", "Kyoto")
    assert (train.price, train.currency, train.seat) == (Decimal(13320), "JPY", "car 7 12E")
    assert train.departure_time == datetime(train.day.year, 10, 7, 0, 3, tzinfo=UTC) if train.day else False


def test_a_ferry_over_night_and_a_bus_with_a_change() -> None:
    ferry = fields_of("ferry from Osaka to Beppu 12 oct 19:05 > 13 oct 6:55")
    assert isinstance(ferry, TransportationFields)
    assert (ferry.origin, ferry.destination, ferry.transport_type) == ("Osaka", "Beppu", TransportType.OTHER)
    assert ferry.departure_time
    assert ferry.arrival_time
    assert ferry.arrival_time - ferry.departure_time == timedelta(hours=11, minutes=50)
    draft = review(read_line("bus Takayama 9:00 > Nagoya 11:30 12:00 > Ise 14:00 7 oct", CONTEXT), CONTEXT)
    assert isinstance(draft, TransportationDraft)
    assert [(leg.origin, leg.destination) for leg in draft.legs] == [("Takayama", "Nagoya"), ("Nagoya", "Ise")]


@pytest.mark.parametrize(
    ("line", "name", "nights", "total", "currency"),
    [
        ("hotel Kyoto Granvia 14-18 Oct 4x180", "Kyoto Granvia", 4, 720, None),
        ("Hotel Okura 5 oct 4 nights x 180 USD", "Hotel Okura", 4, 720, "USD"),
        ("30 Sep - 3 Oct Park Hotel 720 USD", "Park Hotel", 3, 720, "USD"),
        ("ryokan Tawaraya day 3-5 45000 JPY per night paid", "Tawaraya", 2, 90000, "JPY"),
        ("airbnb 2027-10-05..2027-10-08 $95,50/night", "airbnb", 3, None, None),
        ("hotel Fri-Mon Granvia 3x180", "Granvia", 3, 540, None),
        ("stay Anna's flat 5 oct 2 nights", "Anna's flat", 2, 0, None),
    ],
)
def test_a_stay(line: str, name: str, nights: int, total: int | None, currency: str | None) -> None:
    stay = fields_of(line)
    assert isinstance(stay, AccommodationFields)
    assert (stay.name, stay.nights) == (name, nights)
    if total is not None:
        assert stay.total_price == total
    if currency:
        assert stay.currency == currency


@pytest.mark.parametrize(
    ("line", "title", "location", "kind"),
    [
        ("dinner Sat 19:30 Gion", "dinner", "Gion", ItemType.MEAL),
        ("Sat 19:30 dinner Gion", "dinner Gion", None, ItemType.MEAL),
        ("dinner at Gion Corner Sat 7pm", "dinner", "Gion Corner", ItemType.MEAL),
        ("museum day 3", "museum", None, ItemType.ACTIVITY),
        ("idea: teamLab", "teamLab", None, ItemType.ACTIVITY),
        ("bus tour day 4 9:00", "bus tour", None, ItemType.ACTIVITY),
        ("Sunday roast sat 19:30", "Sunday roast", None, ItemType.ACTIVITY),
        ("walk to the temple", "walk to the temple", None, ItemType.ACTIVITY),
        ("taxi 10:00 5 oct", "taxi", None, ItemType.TRANSPORT),
    ],
)
def test_something_to_do(line: str, title: str, location: str | None, kind: ItemType) -> None:
    item = fields_of(line)
    assert isinstance(item, ItineraryItemFields)
    assert (item.title, item.location, item.item_type) == (title, location, kind)


def test_a_weekday_is_the_first_one_in_the_trip_and_days_of_the_trip_have_numbers() -> None:
    item = fields_of("dinner sat 19:30-22:00")
    assert isinstance(item, ItineraryItemFields)
    assert item.day is not None
    assert TRIP is not None
    assert item.day.weekday() == 5
    assert 0 <= (item.day - TRIP.start_date).days < 7
    third = fields_of("museum day 3")
    assert isinstance(third, ItineraryItemFields)
    assert third.day is not None
    assert (third.day - TRIP.start_date).days == 2


def test_states_and_who_it_was_booked_with() -> None:
    flight = fields_of("flight FRA > HND 5 oct 13:40 reserved paid via Expedia")
    assert isinstance(flight, FlightFields)
    assert (flight.booking_status, flight.payment_status, flight.provider) == ("reserved", "paid", "Expedia")
    stay = fields_of("hotel Paid Inn 3-5 oct paid")
    assert isinstance(stay, AccommodationFields)
    assert (stay.name, stay.payment_status) == ("Paid Inn", "paid")


def test_what_is_typed_into_a_planner_is_booked_already_and_a_day_under_the_cursor_counts() -> None:
    quick = read_line("taxi HND > Ginza 10:30", CONTEXT)
    values = form_values(quick, CONTEXT, date(2027, 10, 5))
    assert (values["departure_date"], values["booking_status"]) == ("2027-10-05", BookingStatus.BOOKED)
    assert "day" not in form_values(read_line("idea: teamLab", CONTEXT), CONTEXT, date(2027, 10, 5))


def test_a_time_zone_in_full() -> None:
    item = fields_of("call home sat 19:30 Europe/Berlin")
    assert isinstance(item, ItineraryItemFields)
    assert (item.title, item.start_zone) == ("call home", "Europe/Berlin")
    train = fields_of("train Seoul 9:00 Asia/Seoul > Tokyo 20:00 asia/tokyo 7 oct")
    assert isinstance(train, TransportationFields)
    assert (train.departure_zone, train.arrival_zone) == ("Asia/Seoul", "Asia/Tokyo")


# ---- what is not understood


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("train Tokyo 9:03 > Kyoto 11:15 7 oct terminal 3", ["terminal 3"]),
        ("31 Feb dinner", ["31 Feb"]),
        ("dinner 2/10", ["2/10"]),
        ("hotel X 14-18 Oct 5x180", ["5"]),
        ("airbnb 14 oct 4 nights 95,50", ["95,50"]),
        ("dinner 19:30 20:30 21:30 sat", ["21:30"]),
        ("flight FRA 13:40 > HND 08:55 5 oct ???", ["???"]),
        ("flight 890 EUR FRA > HND 5 oct 120 USD", ["120 USD"]),
        ("x" * 500, ["x" * 500]),
    ],
)
def test_what_is_not_understood_is_named(line: str, parts: list[str]) -> None:
    assert unknown(line) == parts


def test_why_is_said_where_it_is_known() -> None:
    (part,) = read_line("31 feb dinner", CONTEXT).unknown
    assert "does not exist" in part.why
    (part,) = read_line("dinner 2/10", CONTEXT).unknown
    assert "2 Oct or 10 Feb" in part.why


# ---- whatever is typed

_VOCABULARY = """
flight train hotel dinner idea: museum ref ABC123 #A1 seat 12E car 7 > → / - , x 4 180 4x180 day 3 sat fri 14-18 oct
2027 12 Oct 31 feb 2/10 2027-10-05 13:40 08:55+1 9pm +1 19:30-22:00 noon EUR 890 €890,50 1.234,50 ¥13320 $ kr LH716
LH 716 FRA HND MUC FRA-HND Tokyo Kyoto Granvia at in to from via pay by paid booked 4 nights per night /night total
next on the a '27 ?? 0 00 99 . : ; to until business class 180/night hotel: teamLab
"""
_WORDS = st.sampled_from(_VOCABULARY.split())
_LINES = st.one_of(
    st.lists(_WORDS, max_size=16).map(" ".join), st.text(max_size=60), st.sampled_from(list(HOSTILE.values()))
)


@given(_LINES)
def test_understood_and_not_understood_are_the_whole_line(line: str) -> None:
    quick = read_line(line, CONTEXT)
    end = 0
    for part in quick.parts:
        assert not line[end : part.start].strip()
        assert part.start < part.end
        end = part.end
    assert not line[end:].strip()
    assert bool(quick.word) == bool(line.strip() and quick.values) or quick.unknown or quick.parts


@given(_LINES)
def test_a_form_shows_what_was_typed(line: str) -> None:
    quick = read_line(line, CONTEXT)
    for name, value in quick.values.items():
        spans = [part for part in quick.parts if part.field == name]
        typed = " ".join(quick.text_of(part) for part in spans)
        if name in _AS_TYPED and spans:
            assert value in typed
        if name in {"departure_date", "check_in_date", "day"} and not typed.casefold().startswith(("day", "on")):
            assert spans
            if len(value) == 10 and value[4] == "-":
                date.fromisoformat(value)
            else:
                assert value == typed
                parse_date(value, CONTEXT.today, CONTEXT.after, CONTEXT.start)
    assert {part.field for part in quick.parts} - {None, GLUE, *quick.values} <= {"item_type", "transport_type"}


_AS_TYPED = {
    *("title", "name", "location", "address", "airline", "seat", "confirmation_code", "provider", "flight_number"),
    *("start_time", "end_time", "check_in_time", "check_out_time", "departure_time", "total_price", "price_per_night"),
}


@given(_LINES)
def test_reading_a_form_of_any_line_says_what_is_wrong_and_never_raises(line: str) -> None:
    quick = read_line(line, CONTEXT)
    draft = review(quick, CONTEXT)
    assert (draft.fields is None) == bool(draft.errors)


@given(_LINES)
def test_a_line_needs_no_trip(line: str) -> None:
    assert isinstance(read_line(line, replace(CONTEXT, trip=None, stops=())), QuickAdd)


# ---- what people write beside the syntax


def test_the_only_time_of_a_flight_with_a_change_is_when_it_leaves() -> None:
    quick = read_line("flight FRA > MUC > HND 5 oct 11:00", CONTEXT)
    assert (quick.values["departure_time"], quick.values.get("arrival_time")) == ("11:00", None)


def test_a_number_alone_behind_the_days_of_a_stay_is_not_its_name() -> None:
    assert unknown("hotel in Kyoto 10-14 oct 480") == ["480"]
    values = read_line("hotel in Kyoto 10-14 oct 480", CONTEXT).values
    assert (values["address"], values["name"]) == ("Kyoto", "hotel")
    assert read_line("motel 6 10-14 oct", CONTEXT).values["name"] == "6"


def test_days_with_the_dots_of_numbers() -> None:
    values = read_line("Hotel Granvia 10.10.-14.10. 700 EUR total", CONTEXT).values
    assert (values["check_in_date"][5:], values["check_out_date"][5:]) == ("10-10", "10-14")


@pytest.mark.parametrize("line", ["Prado 5 oct 15€ each", "Prado 5 oct 15 EUR per person", "Prado 5 oct for 2, 30 EUR"])
def test_a_price_for_each_of_all_who_travel(line: str) -> None:
    item = fields_of(line)
    assert isinstance(item, ItineraryItemFields)
    assert (item.title, item.location, item.price) == ("Prado", None, Decimal(30))
