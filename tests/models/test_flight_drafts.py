"""The flight form: two zones, the date line, the way back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.models.stored import japan_context, stored_draft
from tripsage_tui.models.booking_drafts import edit_booking, read_flight, values_of
from tripsage_tui.models.bookings import BookingStatus, Direction, Flight, FlightClass, Leg, LegFields

CONTEXT = japan_context()
RETURN_TICKET = {
    "origin": "fra",
    "destination": "Tokyo (HND)",
    "departure_date": "1 oct",
    "departure_time": "12:15",
    "arrival_time": "8:55",
    "flight_number": "LH716",
    "airline": "Lufthansa",
    "seat": "34H",
    "return_date": "16 oct",
    "return_departure_time": "9:30",
    "return_arrival_time": "16:05",
    "return_flight_number": "LH717",
    "price": "1.840",
    "booking_status": "booked",
    "confirmation_code": "X7K2QM",
}


def flight(**typed: str) -> dict[str, str]:
    """A flight from Singapore to San Francisco with other values."""
    return {"origin": "SIN", "destination": "SFO", "departure_date": "3 oct", "departure_time": "9:40"} | typed


def test_a_return_flight_that_lands_a_day_later_in_its_own_zone() -> None:
    draft = read_flight(RETURN_TICKET, CONTEXT)
    assert draft.errors == {}
    assert draft.fields is not None
    assert (draft.fields.origin, draft.fields.destination) == ("FRA", "HND")
    assert (draft.fields.departure_date, draft.fields.return_date) == (date(2027, 10, 1), date(2027, 10, 16))
    assert (draft.fields.price, draft.fields.currency) == (Decimal("1840.00"), "EUR")
    out, back = draft.legs
    assert (out.direction, out.origin, out.destination, out.number) == (Direction.OUTBOUND, "FRA", "HND", "LH716")
    assert (out.departure_zone, out.arrival_zone) == ("Europe/Berlin", "Asia/Tokyo")
    assert out.departure_time == datetime(2027, 10, 1, 10, 15, tzinfo=UTC)
    assert out.arrival_time == datetime(2027, 10, 1, 23, 55, tzinfo=UTC)
    assert (back.direction, back.origin, back.destination, back.number) == (Direction.RETURN, "HND", "FRA", "LH717")
    assert back.arrival_time == datetime(2027, 10, 16, 14, 5, tzinfo=UTC)
    assert draft.notes["arrival_time"] == "arrives a day later, Sat 2 Oct 2027; 13 h 40 min"
    assert draft.notes["departure_date"] == "Fri 1 Oct 2027; 1 day before the trip starts"
    assert draft.notes["return_date"] == "Sat 16 Oct 2027; 1 day after the trip ends"


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        (flight(arrival_time="8:00"), "13 h 20 min"),
        (flight(arrival_time="8:00+0"), "13 h 20 min"),
        (flight(arrival_time="8:00+1"), "arrives a day later, Mon 4 Oct 2027; 37 h 20 min"),
        (
            flight(origin="HND", destination="HNL", departure_time="0:05", arrival_time="12:05"),
            "arrives the day before, Sat 2 Oct 2027; 7 h",
        ),
        (
            flight(origin="FRA", destination="HND", arrival_time="5:00"),
            "arrives a day later, Mon 4 Oct 2027; 12 h 20 min",
        ),
    ],
)
def test_the_day_of_arrival_follows_from_the_zones(typed: dict[str, str], note: str) -> None:
    draft = read_flight(typed, CONTEXT)
    assert draft.errors == {}
    assert draft.notes["arrival_time"] == note


def test_arriving_before_departing_is_refused() -> None:
    draft = read_flight(flight(arrival_time="8:00-1"), CONTEXT)
    assert draft.errors == {
        "arrival_time": "That arrives 10 h 40 min before it departs. "
        "Check the times, the time zones and the day (08:55+1)."
    }


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        (flight(origin=""), "origin", "Where does it start? An airport code such as FRA is best."),
        (flight(departure_date=""), "departure_date", "Which day does it leave?"),
        (
            flight(origin="Rome"),
            "departure_zone",
            "No time zone is known for “Rome”: type one, for example Europe/Berlin.",
        ),
        (flight(return_departure_time="10:00"), "return_date", "Which day does the return flight leave?"),
        (flight(return_date="2 oct 2027"), "return_date", "The return flight leaves before the outbound one."),
        (
            flight(arrival_time="8:00", return_date="3 oct 2027", return_departure_time="7:00"),
            "return_departure_time",
            "The return flight leaves before the outbound one has arrived.",
        ),
        (flight(price="1.5", currency="JPY"), "price", "JPY amounts have no decimals."),
        (
            flight(flight_class="cargo"),
            "flight_class",
            "“cargo” is not one of: economy, premium economy, business, first.",
        ),
        (
            flight(confirmation_code="x" * 65),
            "confirmation_code",
            "This text is 65 characters long; at most 64 fit here.",
        ),
    ],
)
def test_errors(typed: dict[str, str], field: str, sentence: str) -> None:
    draft = read_flight(typed, CONTEXT)
    assert draft.fields is None
    assert draft.errors == {field: sentence}


def test_all_errors_at_once() -> None:
    typed = flight(origin="", departure_time="25:00", price="x", pay_by="2/10", booking_status="maybe")
    assert set(read_flight(typed, CONTEXT).errors) == {"origin", "departure_time", "price", "pay_by", "booking_status"}


def test_a_flight_faster_than_physics_is_only_noted() -> None:
    draft = read_flight(flight(arrival_time="2:00"), japan_context(distance_km=lambda *_: 13_582.0))
    assert draft.errors == {}
    assert draft.notes["arrival_time"] == "7 h 20 min; too fast for 13,582 km: check the time zones"


def test_an_unknown_airport_is_noted_and_needs_its_zone() -> None:
    draft = read_flight(flight(origin="XQZ", departure_zone="Europe/Rome", arrival_time="15:00"), CONTEXT)
    assert draft.errors == {}
    assert draft.notes["origin"] == "! “XQZ” is not an airport that is known here"
    assert draft.legs[0].departure_zone == "Europe/Rome"


def test_a_flight_without_times_keeps_its_day_and_number() -> None:
    typed = {
        "origin": "Rome",
        "destination": "Kyoto",
        "departure_date": "3 oct",
        "flight_number": "AZ 1",
        "return_date": "9 oct",
    }
    draft = read_flight(typed, CONTEXT)
    assert draft.errors == {}
    assert [(leg.origin, leg.number, leg.departure_time) for leg in draft.legs] == [
        ("Rome", "AZ 1", None),
        ("Kyoto", None, None),
    ]
    assert draft.fields is not None
    assert (draft.fields.departure_date, draft.fields.return_date) == (date(2027, 10, 3), date(2027, 10, 9))
    assert draft.notes["price"] == "no price yet"


def test_the_night_the_clocks_go_back() -> None:
    typed = flight(
        origin="FRA", destination="FRA", departure_date="31 oct 2027", departure_time="2:15", arrival_time="2:15 2nd"
    )
    draft = read_flight(typed, CONTEXT)
    assert draft.errors == {}
    assert draft.notes["arrival_time"].endswith("1 h")
    assert "happens twice" in draft.notes["departure_time"]
    stored = stored_draft(draft)
    assert values_of(stored, CONTEXT)["arrival_time"] == "02:15 2nd"
    assert edit_booking(stored, values_of(stored, CONTEXT), CONTEXT).changes == {}


def test_an_open_jaw_comes_back_from_elsewhere() -> None:
    context = japan_context(
        zone_of={"KIX": "Asia/Tokyo", "FRA": "Europe/Berlin", "HND": "Asia/Tokyo", "MUC": "Europe/Berlin"}.get
    )
    draft = read_flight(RETURN_TICKET | {"return_origin": "KIX", "return_destination": "muc"}, context)
    assert (draft.legs[1].origin, draft.legs[1].destination) == ("KIX", "MUC")
    stored = stored_draft(draft)
    shown = values_of(stored, context)
    assert (shown["return_origin"], shown["return_destination"]) == ("KIX", "MUC")
    edit = edit_booking(stored, shown, context)
    assert (edit.changes, edit.legs) == ({}, None)


def test_an_untouched_form_changes_nothing() -> None:
    stored = stored_draft(read_flight(RETURN_TICKET, CONTEXT))
    edit = edit_booking(stored, values_of(stored, CONTEXT), CONTEXT)
    assert (edit.draft.errors, edit.changes, edit.legs) == ({}, {}, None)
    assert edit.draft.fields == read_flight(RETURN_TICKET, CONTEXT).fields


def test_editing_a_time_changes_the_leg_only() -> None:
    stored = stored_draft(read_flight(RETURN_TICKET, CONTEXT))
    edit = edit_booking(stored, {"arrival_time": "9:10"}, CONTEXT)
    assert edit.changes == {}
    assert edit.legs is not None
    assert edit.legs[0].arrival_time == datetime(2027, 10, 2, 0, 10, tzinfo=UTC)
    assert edit.legs[1] == read_flight(RETURN_TICKET, CONTEXT).legs[1]


def test_removing_the_return_removes_its_leg() -> None:
    stored = stored_draft(read_flight(RETURN_TICKET, CONTEXT))
    gone = dict.fromkeys(("return_date", "return_departure_time", "return_arrival_time", "return_flight_number"), "")
    edit = edit_booking(stored, gone, CONTEXT)
    assert edit.changes == {"return_date": None}
    assert edit.legs is not None
    assert [leg.direction for leg in edit.legs] == [Direction.OUTBOUND]


def test_connections_survive_an_edit_of_the_ends() -> None:
    leg = LegFields(
        origin="FRA", destination="HEL", departure_zone="Europe/Berlin", arrival_zone="Europe/Helsinki", number="AY1412"
    )
    via = LegFields(
        origin="HEL", destination="HND", departure_zone="Europe/Helsinki", arrival_zone="Asia/Tokyo", number="AY73"
    )
    ends = read_flight(RETURN_TICKET, CONTEXT)
    legs = (
        leg.model_copy(update={"departure_time": ends.legs[0].departure_time}),
        via.model_copy(update={"arrival_time": ends.legs[0].arrival_time}),
    )
    stored = stored_draft(ends)
    assert isinstance(stored, Flight)
    stored = stored.model_copy(
        update={
            "legs": tuple(Leg(**each.model_dump(), id=n, trip_id=1) for n, each in enumerate(legs)) + stored.legs[1:]
        }
    )
    assert edit_booking(stored, {}, CONTEXT).legs is None
    edit = edit_booking(stored, {"departure_time": "12:30"}, CONTEXT)
    assert edit.legs is not None
    assert [each.number for each in edit.legs] == ["AY1412", "AY73", "LH717"]
    assert edit.legs[0].departure_time == datetime(2027, 10, 1, 10, 30, tzinfo=UTC)
    assert edit.legs[1] == legs[1]


def test_a_row_of_the_web_application_without_legs_or_zones() -> None:
    row = stored_draft(read_flight(RETURN_TICKET, CONTEXT))
    assert isinstance(row, Flight)
    row = row.model_copy(update={"legs": (), "price": Decimal("1840.005")})
    edit = edit_booking(row, {"flight_class": "premium economy", "booking_status": "Reserved"}, CONTEXT)
    assert edit.draft.errors == {}
    assert edit.changes == {"flight_class": FlightClass.PREMIUM_ECONOMY, "booking_status": BookingStatus.RESERVED}


def test_a_stored_time_without_a_zone_is_shown_in_utc_and_says_so() -> None:
    typed = flight(origin="Nowhere", departure_zone="UTC", arrival_time="8:00")
    stored = stored_draft(read_flight(typed, CONTEXT))
    assert isinstance(stored, Flight)
    bare = stored.legs[0].model_copy(update={"departure_zone": None})
    row = stored.model_copy(update={"legs": (bare,)})
    shown = values_of(row, CONTEXT)
    assert (shown["departure_time"], shown["departure_zone"]) == ("09:40", "UTC")


def test_what_is_no_airport_is_said_and_kept() -> None:
    draft = read_flight(flight(origin="qwertz", departure_zone="UTC"), CONTEXT)
    assert draft.notes["origin"] == "! “qwertz” is not an airport that is known here"
    assert draft.fields is not None
    assert draft.fields.origin == "qwertz"
