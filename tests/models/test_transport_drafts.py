"""The form of trains, cars and taxis."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.models.stored import japan_context, stored_draft
from tripsage_tui.models.booking_drafts import edit_booking, read_transport, values_of
from tripsage_tui.models.bookings import Leg, LegFields, Transportation, TransportType
from tripsage_tui.models.rates import KnownRate
from tripsage_tui.models.trips import StopFields

CONTEXT = japan_context()
SHINKANSEN = {
    "transport_type": "train",
    "origin": "Tokyo",
    "destination": "Kyoto",
    "departure_date": "6 oct",
    "departure_time": "9:03",
    "arrival_time": "11:15",
    "seat": "7-12D",
    "price": "¥28,340",
    "provider": "JR Central",
}


def test_a_train_in_the_trips_zone_and_its_own_currency() -> None:
    draft = read_transport(SHINKANSEN, CONTEXT)
    assert draft.errors == {}
    assert draft.fields is not None
    assert draft.fields.departure_time == datetime(2027, 10, 6, 0, 3, tzinfo=UTC)
    assert draft.fields.arrival_time == datetime(2027, 10, 6, 2, 15, tzinfo=UTC)
    assert (draft.fields.price, draft.fields.currency) == (Decimal(28340), "JPY")
    assert draft.fields.day == date(2027, 10, 6)
    assert draft.legs == ()
    assert draft.notes == {
        "departure_date": "Wed 6 Oct 2027",
        "departure_zone": "Asia/Tokyo, the trip's time zone",
        "arrival_zone": "Asia/Tokyo, the trip's time zone",
        "arrival_time": "2 h 12 min",
        "currency": "JPY, as typed with the amount",
        "exchange_rate": "how many EUR is 1 JPY? Without it the price is counted apart",
    }


def test_a_night_train_arrives_the_next_morning() -> None:
    draft = read_transport(SHINKANSEN | {"departure_time": "21:50", "arrival_time": "7:08"}, CONTEXT)
    assert draft.notes["arrival_time"] == "arrives a day later, Thu 7 Oct 2027; 9 h 18 min"


def test_a_hired_car_is_returned_days_later() -> None:
    typed = SHINKANSEN | {"transport_type": "Car rental", "arrival_date": "9 oct", "arrival_time": "18:00"}
    draft = read_transport(typed, CONTEXT)
    assert draft.errors == {}
    assert draft.fields is not None
    assert draft.fields.transport_type is TransportType.CAR_RENTAL
    assert draft.fields.arrival_time == datetime(2027, 10, 9, 9, 0, tzinfo=UTC)
    assert draft.notes["arrival_time"] == "arrives 3 days later, Sat 9 Oct 2027; 3 d 8 h"


def test_a_journey_without_times_keeps_its_day() -> None:
    draft = read_transport(SHINKANSEN | {"departure_time": "", "arrival_time": ""}, CONTEXT)
    assert draft.fields is not None
    assert (draft.fields.day, draft.fields.departure_time) == (date(2027, 10, 6), None)
    stored = stored_draft(draft)
    assert edit_booking(stored, values_of(stored, CONTEXT), CONTEXT).changes == {}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"transport_type": "rocket"},
            "transport_type",
            "“rocket” is not one of: flight, train, bus, car rental, taxi, other.",
        ),
        ({"destination": ""}, "destination", "Where does it go?"),
        (
            {"arrival_date": "7 oct", "arrival_time": ""},
            "arrival_time",
            "Type the time too; the day of arrival is kept with its time only.",
        ),
        (
            {"arrival_date": "1 oct 2027"},
            "arrival_time",
            "That arrives 4 d 21 h before it departs. Check the times, the time zones and the day (08:55+1).",
        ),
        (
            {"arrival_date": "7 oct", "arrival_time": "9:00+3"},
            "arrival_time",
            "“9:00+3” and the arrival date disagree.",
        ),
    ],
)
def test_errors(changes: dict[str, str], field: str, sentence: str) -> None:
    draft = read_transport(SHINKANSEN | changes, CONTEXT)
    assert draft.fields is None
    assert draft.errors[field] == sentence


@pytest.mark.parametrize("arrival", ["11:15", "8:00", "11:15+1", ""])
def test_an_untouched_form_changes_nothing(arrival: str) -> None:
    draft = read_transport(SHINKANSEN | {"arrival_time": arrival}, CONTEXT)
    stored = stored_draft(draft)
    shown = values_of(stored, CONTEXT)
    edit = edit_booking(stored, shown, CONTEXT)
    assert (edit.draft.errors, edit.changes, edit.legs) == ({}, {}, None)
    assert edit.draft.fields == draft.fields


def test_the_legs_of_an_imported_journey_follow_its_ends() -> None:
    draft = read_transport(SHINKANSEN, CONTEXT)
    assert draft.fields is not None
    stored = stored_draft(draft)
    assert isinstance(stored, Transportation)
    legs = (
        LegFields(
            origin="Tokyo",
            destination="Nagoya",
            departure_time=draft.fields.departure_time,
            departure_zone="Asia/Tokyo",
            number="Nozomi 219",
        ),
        LegFields(
            origin="Nagoya",
            destination="Kyoto",
            arrival_time=draft.fields.arrival_time,
            arrival_zone="Asia/Tokyo",
            number="Kodama 705",
        ),
    )
    stored = stored.model_copy(
        update={"legs": tuple(Leg(**leg.model_dump(), id=n, trip_id=1) for n, leg in enumerate(legs))}
    )
    edit = edit_booking(stored, {"arrival_time": "11:45"}, CONTEXT)
    assert edit.changes == {"arrival_time": datetime(2027, 10, 6, 2, 45, tzinfo=UTC)}
    assert edit.legs is not None
    assert [leg.number for leg in edit.legs] == ["Nozomi 219", "Kodama 705"]
    assert edit.legs[1].arrival_time == datetime(2027, 10, 6, 2, 45, tzinfo=UTC)


def test_a_new_booking_has_the_rate_of_an_earlier_one_unless_it_is_unknown() -> None:
    context = japan_context(rates=(KnownRate("JPY", Decimal("0.0062"), date(2027, 10, 3)),))
    draft = read_transport(SHINKANSEN, context)
    assert draft.fields is not None
    assert draft.fields.exchange_rate == Decimal("0.0062")
    assert draft.notes["exchange_rate"].endswith("1 EUR = 161.29 JPY, as on Sun 3 Oct 2027; ? for none")
    unknown = read_transport({**SHINKANSEN, "exchange_rate": "?"}, context)
    assert unknown.fields is not None
    assert unknown.fields.exchange_rate is None


def test_a_station_in_a_stop_has_the_clock_of_the_stop_whether_its_days_are_known_or_not() -> None:
    stops = (StopFields(place="Tokyo", time_zone="Asia/Tokyo"), StopFields(place="Seoul", time_zone="Asia/Seoul"))
    madrid = (*stops, StopFields(place="Madrid", time_zone="Europe/Madrid"))
    draft = read_transport({**SHINKANSEN, "origin": "Atocha, Madrid"}, japan_context(stops=madrid))
    assert draft.fields is not None
    assert (draft.fields.departure_zone, draft.fields.arrival_zone) == ("Europe/Madrid", "Asia/Tokyo")
    assert read_transport({**SHINKANSEN, "origin": "Madridejos"}, japan_context(stops=madrid)).fields != draft.fields
