"""What changes on the way, and the agenda on another clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.models.stored import JAPAN, japan_context, plan, stored_draft
from tripsage_tui.models.agenda import agenda
from tripsage_tui.models.agenda_clocks import Clocks, now_place, on_clock
from tripsage_tui.models.booking_drafts import read_flight, read_item
from tripsage_tui.models.borders import BEFORE, borders
from tripsage_tui.models.grounds import Ground, grounds
from tripsage_tui.models.trips import StopFields
from tripsage_tui.models.zones import local

CONTEXT = japan_context()
GERMANY = Ground("DE", "Germany", "EUR", 50.0, 8.6)
TOKYO = Ground("JP", "Japan", "JPY", 35.6, 139.8)
OSAKA = Ground("JP", "Japan", "JPY", 34.6, 135.5)
NOWHERE_NEAR = Ground("JP", "Japan", "JPY")
KNOWN = {"FRA": GERMANY, "HND": TOKYO, "Tokyo": TOKYO, "Osaka": OSAKA, "Kyoto": NOWHERE_NEAR, "Japan": NOWHERE_NEAR}
OUT = stored_draft(
    read_flight(
        {
            "origin": "FRA",
            "destination": "HND",
            "departure_date": "2 oct",
            "departure_time": "12:15",
            "arrival_time": "8:55",
        },
        CONTEXT,
    )
)


def look_up(name: str, zone: str | None, country: str | None) -> Ground:
    return KNOWN.get(name, Ground())


def stop(place: str, arrive: int, depart: int) -> StopFields:
    first = JAPAN.start_date.replace(day=1)
    return StopFields(
        place=place,
        arrive_date=first + timedelta(days=arrive - 1),
        depart_date=first + timedelta(days=depart - 1),
        time_zone="Asia/Tokyo",
    )


def test_everything_that_changes_is_said_once_below_the_landing() -> None:
    trip = plan(OUT)
    days = agenda(trip)
    assert borders(days, grounds(trip, days, look_up)) == {
        (date(2027, 10, 3), 0): "Japan · JST, clocks 7 h ahead · JPY"
    }


def test_without_places_the_clocks_are_said_and_a_trip_in_one_place_says_nothing() -> None:
    assert borders(agenda(plan(OUT)), {}) == {(date(2027, 10, 3), 0): "JST, clocks 7 h ahead"}
    assert borders(agenda(plan()), {}) == {}


def test_the_clocks_of_one_place_change_in_the_night() -> None:
    trip = plan(
        trip=JAPAN.model_copy(
            update={"time_zone": "Europe/Berlin", "start_date": date(2027, 10, 29), "end_date": date(2027, 11, 2)}
        )
    )
    assert borders(agenda(trip), {}) == {(date(2027, 10, 31), BEFORE): "clocks go back 1 h"}


def test_days_stand_where_their_stop_is_else_where_one_landed_or_leaves() -> None:
    trip = plan(OUT, stops=[stop("Tokyo", 4, 6), stop("Kyoto", 6, 9), stop("Osaka", 9, 12)])
    found = grounds(trip, agenda(trip), look_up)
    assert found[date(2027, 10, 2)] == GERMANY
    assert found[date(2027, 10, 3)] == found[date(2027, 10, 14)] == TOKYO
    kyoto = found[date(2027, 10, 7)]
    assert kyoto.about
    assert (kyoto.country, round(kyoto.longitude or 0, 1)) == ("JP", 137.7)
    assert found[date(2027, 10, 10)] == OSAKA
    empty = plan()
    assert set(grounds(empty, agenda(empty), look_up).values()) == {NOWHERE_NEAR}


def test_the_day_of_the_flight_home_is_lived_where_it_leaves() -> None:
    both = {
        "origin": "FRA", "destination": "HND", "departure_date": "2 oct", "departure_time": "12:15",
        "arrival_time": "8:55", "return_date": "15 oct", "return_departure_time": "12:30",
        "return_arrival_time": "19:05",
    }  # fmt: skip
    trip = plan(stored_draft(read_flight(both, CONTEXT)))
    days = agenda(trip)
    found = grounds(trip, days, look_up)
    assert days[-1].zone == "Asia/Tokyo"
    assert found[date(2027, 10, 15)] == TOKYO


def test_another_clock_marks_another_date() -> None:
    days = on_clock(agenda(plan(OUT)), "Europe/Berlin")
    assert (days[0].entries[0].time, days[0].entries[0].until_text) == ("12:15", "01:55+1")
    assert days[1].entries[0].time == "01:55"
    honolulu = on_clock(agenda(plan(OUT)), "Pacific/Honolulu")
    assert (honolulu[0].entries[0].time, honolulu[1].entries[0].time) == ("00:15", "13:55-1")
    assert not any(entry.zone_label or entry.until_label for day in honolulu for entry in day.entries)


@given(st.sampled_from(["Asia/Tokyo", "UTC", "America/New_York", "Pacific/Kiritimati"]))
def test_clocks_change_no_order_and_no_instant(zone: str) -> None:
    days = agenda(plan(OUT))
    shown = on_clock(days, zone)
    assert [[entry.at for entry in day.entries] for day in shown] == [[e.at for e in day.entries] for day in days]
    for day in shown:
        for entry in day.entries:
            assert entry.at is None or entry.time.startswith(f"{local(entry.at, zone):%H:%M}")


def test_clocks_go_round() -> None:
    assert Clocks.PLACE.following.following.following is Clocks.PLACE


def test_now_stands_between_what_is_over_and_what_is_to_come() -> None:
    items = [
        stored_draft(read_item({"title": start, "day": "5 oct", "start_time": start}, CONTEXT), number)
        for number, start in enumerate(("09:00", "12:00", "18:00"))
    ]
    day = agenda(plan(*items))[3]
    at = datetime(2027, 10, 5, 3, 30, tzinfo=UTC)  # 12:30 in Tokyo
    assert now_place(day, at) == 2
    assert now_place(day, at + timedelta(hours=11)) == 3
    assert now_place(day, at + timedelta(hours=12)) is None
    assert now_place(day, at - timedelta(hours=12)) == 0
