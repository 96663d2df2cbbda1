"""Changing on the way: typed, stored, shown again, taken out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.stored import ZONES, japan_context, plan, stored, stored_draft
from tripsage_tui.models.agenda import Moment, agenda
from tripsage_tui.models.booking_drafts import edit_booking, read_flight, read_transport, values_of
from tripsage_tui.models.bookings import (
    Direction,
    FlightFields,
    LegFields,
    TransportationFields,
    TransportType,
)
from tripsage_tui.models.layovers import layover
from tripsage_tui.models.leg_chains import connections_in, without_connection
from tripsage_tui.models.zones import local

PLACES = {**ZONES, "HEL": "Europe/Helsinki", "LHR": "Europe/London", "LGW": "Europe/London"}
CONTEXT = japan_context(zone_of=PLACES.get)
OUT = {
    "origin": "FRA",
    "destination": "HND",
    "departure_date": "2 oct",
    "departure_time": "10:40",
    "arrival_time": "9:10",
    "airline": "Finnair",
    "flight_number": "AY1412",
    "via1_at": "HEL",
    "via1_arrival_time": "14:15",
    "via1_departure_time": "17:25",
    "via1_number": "AY61",
    "via1_seat": "12A",
}


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type,misc]


def test_a_flight_with_a_change_has_two_legs_in_the_zones_of_their_ends() -> None:
    draft = read_flight(OUT, CONTEXT)
    assert draft.errors == {}
    assert [
        (leg.origin, leg.destination, leg.carrier, leg.number, leg.seat, leg.departure_time, leg.arrival_time)
        for leg in draft.legs
    ] == [
        ("FRA", "HEL", "Finnair", "AY1412", None, utc(2027, 10, 2, 8, 40), utc(2027, 10, 2, 11, 15)),
        ("HEL", "HND", "Finnair", "AY61", "12A", utc(2027, 10, 2, 14, 25), utc(2027, 10, 3, 0, 10)),
    ]
    assert draft.notes["via1_departure_time"] == "3 h 10 min to change"
    assert draft.notes["arrival_time"].startswith("arrives a day later, Sun 3 Oct 2027")
    (change,) = [
        entry for day in agenda(plan(stored_draft(draft))) for entry in day.entries if entry.moment is Moment.CHANGE
    ]
    assert (change.time, change.until_text, change.title, change.detail) == ("14:15", "17:25", "HEL", "3 h 10 min")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"via1_at": ""}, "via1_at", "Where do you change?"),
        ({"via1_departure_date": "2 oct", "via1_departure_time": "13:00"}, "via1_departure_time",
         "That leaves 1 h 15 min before you are there."),
        ({"via1_at": "Nowhere"}, "via1_zone",
         "No time zone is known for “Nowhere”: type one, for example Europe/Berlin."),
        ({"via1_arrival_time": "14:15-1"}, "via1_arrival_time",
         "That arrives 21 h 25 min before it departs. Check the times, the time zones and the day (08:55+1)."),
    ],
)  # fmt: skip
def test_errors_stand_at_the_fields_of_the_connection(changes: dict[str, str], field: str, sentence: str) -> None:
    draft = read_flight(OUT | changes, CONTEXT)
    assert draft.fields is None
    assert draft.errors[field] == sentence


def test_one_goes_on_the_next_day_and_from_another_airport() -> None:
    typed = OUT | {
        "via1_at": "LHR",
        "via1_from": "LGW",
        "via1_arrival_time": "22:00",
        "departure_time": "21:20",
        "via1_departure_time": "9:00",
    }
    draft = read_flight(typed, CONTEXT)
    assert draft.errors == {}
    wait = layover(*draft.legs)
    assert wait is not None
    assert (wait.length, wait.place) == ("11 h", "LHR → LGW")
    assert draft.legs[1].departure_time == utc(2027, 10, 3, 8, 0)
    shown = values_of(stored_draft(draft), CONTEXT)
    assert (shown["via1_at"], shown["via1_from"], shown["via1_departure_date"]) == ("LHR", "LGW", "")


def test_both_directions_come_back_from_what_is_stored_as_they_were_typed() -> None:
    typed = OUT | {
        "return_date": "15 oct",
        "return_departure_time": "9:30",
        "return_arrival_time": "21:00",
        "return_via1_at": "LHR",
        "return_via1_arrival_time": "14:00",
        "return_via1_departure_time": "15:30",
        "return_via2_at": "HEL",
        "return_via2_arrival_time": "20:20",
        "return_via2_departure_time": "8:00",
        "return_via2_departure_date": "17 oct",
        "return_via2_carrier": "KLM",
    }
    draft = read_flight(typed, CONTEXT)
    assert draft.errors == {}
    assert [leg.direction.value for leg in draft.legs] == ["outbound"] * 2 + ["return"] * 3
    row = stored_draft(draft)
    shown = values_of(row, CONTEXT)
    assert shown["return_via2_departure_date"] == "2027-10-17"
    assert shown["return_via2_carrier"] == "KLM"
    edit = edit_booking(row, shown, CONTEXT)
    assert (edit.changes, edit.legs, edit.draft.errors) == ({}, None, {})
    # The first change of the way back is left out: the second one moves up.
    fewer = without_connection(shown, "return_", 1)
    assert (fewer["return_via1_at"], fewer["return_via2_at"]) == ("HEL", "")
    edit = edit_booking(row, fewer, CONTEXT)
    assert edit.legs is not None
    assert [(leg.origin, leg.destination) for leg in edit.legs if leg.direction is Direction.RETURN] == [
        ("HND", "HEL"),
        ("HEL", "FRA"),
    ]


def test_a_train_with_a_change_keeps_its_numbers_and_is_plain_again_without_it() -> None:
    typed = {
        "origin": "Shin-Osaka",
        "destination": "Haneda",
        "departure_date": "5 oct",
        "departure_time": "9:00",
        "first_number": "Nozomi 12",
        "via1_at": "Shinagawa",
        "via1_arrival_time": "11:20",
        "via1_departure_time": "11:35",
        "via1_number": "Keikyu",
        "arrival_time": "11:50",
    }
    draft = read_transport(typed, CONTEXT)
    assert draft.fields is not None, draft.errors
    assert [leg.number for leg in draft.legs] == ["Nozomi 12", "Keikyu"]
    assert (draft.fields.departure_time, draft.fields.arrival_time) == (
        draft.legs[0].departure_time,
        draft.legs[1].arrival_time,
    )
    row = stored_draft(draft)
    shown = values_of(row, CONTEXT)
    edit = edit_booking(row, shown, CONTEXT)
    assert (edit.changes, edit.legs) == ({}, None)
    single = edit_booking(row, without_connection(shown, "", 1), CONTEXT)
    assert (single.changes, single.legs, single.draft.errors) == ({}, (), {})


zones = st.sampled_from(sorted(available_timezones()))
instants = st.datetimes(datetime(2027, 9, 20), datetime(2027, 11, 20), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def chains(draw: st.DrawFn) -> tuple[LegFields, ...]:
    at = draw(instants).replace(second=0, microsecond=0)
    ends = draw(st.lists(st.tuples(st.sampled_from("ABCD"), zones), min_size=2, max_size=5))
    legs = []
    for (origin, leaves), (destination, arrives) in pairwise(ends):
        start = at + timedelta(minutes=draw(st.integers(0, 2_000)))
        at = start + timedelta(minutes=draw(st.integers(1, 1_800)))
        legs.append(
            LegFields(
                origin=origin,
                destination=destination,
                departure_time=draw(st.sampled_from((start, start, start, None))),
                departure_zone=leaves,
                arrival_time=draw(st.sampled_from((at, at, at, None))),
                arrival_zone=arrives,
                carrier=draw(st.sampled_from((None, "X", "Y"))),
                number=draw(st.sampled_from((None, "1"))),
            )
        )
    return tuple(legs)


@given(chains(), st.booleans())
def test_whatever_is_stored_an_untouched_form_changes_nothing(legs: tuple[LegFields, ...], flies: bool) -> None:
    first, last = legs[0], legs[-1]
    day = local(first.departure_time, first.departure_zone).date() if first.departure_time else date(2027, 10, 1)
    row = stored(
        FlightFields(
            origin=first.origin, destination=last.destination, departure_date=day, price=Decimal(1), airline="X"
        )
        if flies
        else TransportationFields(
            transport_type=TransportType.TRAIN,
            origin=first.origin,
            destination=last.destination,
            departure_time=first.departure_time,
            departure_zone=first.departure_zone,
            arrival_time=last.arrival_time,
            arrival_zone=last.arrival_zone,
            day=day,
        ),
        legs=legs if flies or len(legs) > 1 else (),
    )
    shown = values_of(row, CONTEXT)
    assert connections_in(shown, "") == len(legs) - 1
    edit = edit_booking(row, shown, CONTEXT)
    assert edit.legs is None
    if not edit.draft.errors:
        # What is read is what is stored, not merely the same twice.
        assert [leg.departure_time for leg in edit.draft.legs] == [
            leg.departure_time for leg in getattr(row, "legs", ())
        ]  # type: ignore[union-attr]
        assert [leg.arrival_time for leg in edit.draft.legs] == [leg.arrival_time for leg in getattr(row, "legs", ())]  # type: ignore[union-attr]
