"""A trip day by day: everything on the local day where it happens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.stored import JAPAN, japan_context, plan, sample_plan, stored_draft
from tripsage_tui.models.agenda import Day, Entry, EntryCache, Moment, agenda, ideas, next_entry
from tripsage_tui.models.booking_drafts import read_flight, read_item, read_stay, read_transport
from tripsage_tui.models.bookings import Booking, Flight
from tripsage_tui.models.samples import sample_trips
from tripsage_tui.models.trips import StopFields

CONTEXT = japan_context()


def flight(number: int = 1, **typed: str) -> Booking:
    base = {"origin": "FRA", "destination": "HND", "departure_date": "2 oct", "departure_time": "12:15"}
    return stored_draft(read_flight(base | typed, CONTEXT), number)


def stay(name: str, day: str, nights: int, number: int = 2, **typed: str) -> Booking:
    base = {"name": name, "check_in_date": day, "nights": str(nights)}
    return stored_draft(read_stay(base | typed, CONTEXT), number)


def train(number: int = 3, **typed: str) -> Booking:
    base = {"origin": "Tokyo", "destination": "Kyoto", "departure_date": "7 oct"}
    return stored_draft(read_transport(base | typed, CONTEXT), number)


def item(title: str, number: int = 4, position: int = 0, **typed: str) -> Booking:
    return stored_draft(read_item({"title": title} | typed, CONTEXT), number).model_copy(update={"position": position})


def on(days: tuple[Day, ...], month_day: str) -> Day:
    return next(day for day in days if day.date == date.fromisoformat(f"2027-{month_day}"))


def lines(day: Day) -> list[str]:
    """`12:15 departure FRA → HND` and so on, as a reader of the day sees them."""
    return [" ".join(part for part in (each.time, each.moment.value, each.title) if part) for each in day.entries]


def test_an_empty_trip_has_all_its_days() -> None:
    days = agenda(plan())
    assert [day.number for day in days] == list(range(1, 15))
    assert (days[0].date, days[-1].date) == (JAPAN.start_date, JAPAN.end_date)
    assert {day.zone for day in days} == {"Asia/Tokyo"}


def test_a_flight_that_lands_a_day_later_is_on_both_days() -> None:
    days = agenda(plan(flight(arrival_time="8:55", flight_number="LH716", airline="Lufthansa", price="900")))
    leaves, lands = on(days, "10-02"), on(days, "10-03")
    assert lines(leaves) == ["12:15 departure FRA → HND"]
    assert (leaves.entries[0].until_text, leaves.entries[0].until_label) == ("08:55+1", "JST")
    assert leaves.entries[0].zone_label == ""
    assert leaves.entries[0].detail == "Lufthansa LH716 · 13 h 40 min"
    assert leaves.zone == "Europe/Berlin"
    assert lines(lands) == ["08:55 arrival FRA → HND"]
    assert lands.entries[0].zone_label == ""
    assert lands.zone == "Asia/Tokyo"
    assert [each.price is None for each in (leaves.entries[0], lands.entries[0])] == [False, True]


def test_east_over_the_date_line_is_one_day_with_the_arrival_after_the_departure() -> None:
    days = agenda(plan(flight(origin="SIN", destination="SFO", departure_time="9:40", arrival_time="8:00")))
    day = on(days, "10-02")
    assert lines(day) == ["09:40 departure SIN → SFO"]
    assert (day.entries[0].until_text, day.entries[0].until_label) == ("08:00", "PDT")
    assert day.entries[0].until is not None
    assert day.entries[0].at is not None
    assert day.entries[0].until > day.entries[0].at


def test_a_flight_may_arrive_the_day_before() -> None:
    days = agenda(plan(flight(origin="HND", destination="HNL", departure_time="0:05", arrival_time="12:05")))
    assert lines(on(days, "10-01")) == ["12:05 arrival HND → HNL"]
    assert on(days, "10-01").number is None
    assert on(days, "10-02").entries[0].until_text == "12:05-1"


def test_a_changeover_day_reads_out_travel_in() -> None:
    days = agenda(
        plan(
            stay("Hotel B", "7 oct", 3, 20, check_in_time="18:00"),
            flight(
                origin="HND", destination="TYO", departure_date="7 oct", departure_time="15:15", arrival_time="17:20"
            ),
            stay("Hotel A", "3 oct", 4, 10, check_out_time="10:00"),
        )
    )
    assert lines(on(days, "10-07")) == [
        "10:00 check-out Hotel A",
        "15:15 departure HND → TYO",
        "18:00 check-in Hotel B",
    ]


def test_a_changeover_day_without_times_reads_the_same() -> None:
    days = agenda(
        plan(stay("Hotel B", "7 oct", 3, 20), train(), item("Market", day="7 oct"), stay("Hotel A", "3 oct", 4, 10))
    )
    assert lines(on(days, "10-07")) == [
        "check-out Hotel A",
        "departure Tokyo → Kyoto",
        "check-in Hotel B",
        "item Market",
    ]


def test_a_check_in_without_a_time_waits_for_the_late_train() -> None:
    late = train(departure_time="18:30", arrival_time="20:45")
    dinner = item("Dinner", day="7 oct", start_time="21:00")
    days = agenda(plan(stay("Hotel", "7 oct", 3), late, dinner))
    assert lines(on(days, "10-07")) == ["18:30 departure Tokyo → Kyoto", "check-in Hotel", "21:00 item Dinner"]


def test_a_stay_is_a_check_in_nights_and_a_check_out() -> None:
    days = agenda(plan(stay("Hotel", "3 oct", 3, check_in_time="15:00", check_out_time="11:00", price_per_night="100")))
    moments = [(day.date.day, entry.moment, entry.price) for day in days for entry in day.entries]
    assert [(day, moment) for day, moment, _ in moments] == [
        (3, Moment.CHECK_IN),
        (4, Moment.STAYING),
        (5, Moment.STAYING),
        (6, Moment.CHECK_OUT),
    ]
    assert [price for *_, price in moments][1:] == [None, None, None]
    assert on(days, "10-03").entries[0].detail == "3 nights"


def test_the_night_closes_the_day_and_untimed_items_keep_their_order() -> None:
    days = agenda(
        plan(
            stay("Hotel", "3 oct", 3),
            item("Third", 5, 2, day="4 oct"),
            item("First", 6, 0, day="4 oct"),
            item("Second", 7, 1, day="4 oct"),
            item("Evening", 8, 9, day="4 oct", start_time="20:00"),
            item("Morning", 9, 9, day="4 oct", start_time="8:00"),
        )
    )
    assert lines(on(days, "10-04")) == [
        "08:00 item Morning",
        "20:00 item Evening",
        "item First",
        "item Second",
        "item Third",
        "staying Hotel",
    ]


def test_a_hired_car_is_picked_up_used_and_returned() -> None:
    car = train(
        transport_type="car rental",
        destination="Tokyo",
        departure_time="9:00",
        arrival_date="9 oct",
        arrival_time="18:00",
        provider="Nippon Rent-A-Car",
    )
    days = agenda(plan(car))
    assert lines(on(days, "10-07")) == ["09:00 pick-up Tokyo"]
    assert lines(on(days, "10-08")) == ["in use Tokyo"]
    assert lines(on(days, "10-09")) == ["18:00 return Tokyo"]
    assert on(days, "10-07").entries[0].until_text == "18:00+2"


def test_days_at_sea_are_under_way() -> None:
    ferry = train(transport_type="other", departure_time="9:00", arrival_date="9 oct", arrival_time="8:00")
    assert lines(on(agenda(plan(ferry)), "10-08")) == ["under way Tokyo → Kyoto"]


def test_a_long_event_is_on_each_of_its_days_but_a_late_dinner_is_not() -> None:
    festival = item("Festival", 5, day="4 oct", start_time="18:00", end_time="12:00+2")
    dinner = item("Dinner", 6, day="4 oct", start_time="20:00", end_time="1:00")
    days = agenda(plan(festival, dinner))
    assert lines(on(days, "10-04")) == ["18:00 item Festival", "20:00 item Dinner"]
    assert lines(on(days, "10-05")) == ["continues Festival"]
    assert lines(on(days, "10-06")) == ["12:00 ends Festival"]


def test_clocks_that_differ_from_the_days_are_labelled() -> None:
    call = item("Call home", day="4 oct", start_time="9:00", end_time="9:30", time_zone="Europe/Berlin")
    days = agenda(plan(stay("Hotel", "3 oct", 3), call))
    entry = next(entry for entry in on(days, "10-04").entries if entry.moment is Moment.ITEM)
    assert (entry.time, entry.zone_label, entry.until_text, entry.until_label) == ("09:00", "CEST", "09:30", "CEST")


def test_a_day_is_lived_where_its_bed_is_or_its_stop() -> None:
    stops = (
        StopFields(place="Seoul", time_zone="Asia/Seoul", arrive_date=date(2027, 10, 2), depart_date=date(2027, 10, 4)),
        StopFields(
            place="Guam", time_zone="Pacific/Guam", arrive_date=date(2027, 10, 4), depart_date=date(2027, 10, 9)
        ),
    )
    days = agenda(plan(stay("Hotel", "5 oct", 2, time_zone="Pacific/Palau"), stops=stops))
    seen = [(day.date.day, day.place, day.zone) for day in days if day.date.day in {3, 4, 5, 7, 8, 10}]
    assert seen == [
        (3, "Seoul", "Asia/Seoul"),
        (4, "Guam", "Pacific/Guam"),
        (5, "Guam", "Pacific/Palau"),
        (7, "Guam", "Pacific/Palau"),
        (8, "Guam", "Pacific/Guam"),
        (10, None, "Asia/Tokyo"),
    ]


def test_bookings_outside_the_trip_have_their_days() -> None:
    days = agenda(plan(flight(departure_date="30 sep 2027"), item("Pack", day="29 sep 2027")))
    assert [(day.date.isoformat(), day.number) for day in days if day.number is None] == [
        ("2027-09-29", None),
        ("2027-09-30", None),
    ]


def test_ideas_are_in_the_users_order_and_on_no_day() -> None:
    trip = plan(item("Later", 5, 2), item("First", 6, 1), item("Dated", 7, 0, day="4 oct"))
    assert [idea.title for idea in ideas(trip)] == ["First", "Later"]
    assert [entry.title for day in agenda(trip) for entry in day.entries] == ["Dated"]


def test_a_row_of_the_web_application_is_on_its_days() -> None:
    row = flight(return_date="12 oct", airline="Lufthansa", flight_number="LH716")
    assert isinstance(row, Flight)
    days = agenda(plan(row.model_copy(update={"legs": ()})))
    assert lines(on(days, "10-02")) == ["departure FRA → HND"]
    assert lines(on(days, "10-12")) == ["departure HND → FRA"]
    assert on(days, "10-02").entries[0].detail == "Lufthansa LH716"


def test_a_stay_of_a_thousand_years_does_not_fill_the_screen() -> None:
    endless = stay("Grave", "3 oct", 3).model_copy(update={"check_out_date": date(3027, 1, 1)})
    assert len(agenda(plan(endless))) < 1_000


def test_what_comes_next() -> None:
    trip = plan(
        flight(arrival_time="8:55"),
        stay("Hotel", "3 oct", 3, check_in_time="15:00", check_out_time="11:00"),
        item("Walk", day="4 oct"),
        item("Off", 9, day="3 oct", start_time="9:00", booking_status="cancelled"),
    )
    days = agenda(trip)

    def title(*when: int) -> str | None:
        found = next_entry(days, datetime(2027, *when, tzinfo=UTC))
        return f"{found.moment.value} {found.title}" if found else None

    assert title(9, 1) == "departure FRA → HND"
    assert title(10, 2, 12) == "arrival FRA → HND"
    assert title(10, 2, 23, 56) == "check-in Hotel"
    assert title(10, 3, 7) == "item Walk"
    assert title(10, 4, 10) == "item Walk"
    assert title(10, 4, 16) == "check-out Hotel"
    assert title(10, 7) is None


@pytest.mark.parametrize("number", range(5))
def test_the_samples_have_every_moment_once_and_in_order(number: int) -> None:
    sample = sample_plan(sample_trips(date(2026, 11, 22))[number])
    days = agenda(sample)
    assert [day.date for day in days] == sorted({day.date for day in days})
    for day in days:
        for entry in day.entries:
            assert entry.day == day.date
    priced = [entry.booking for day in days for entry in day.entries if entry.price]
    assert len(priced) == len({id(booking) for booking in priced})
    shown = {id(entry.booking) for day in days for entry in day.entries} | {id(idea) for idea in ideas(sample)}
    assert shown == {id(booking) for booking in sample.bookings}


def ends(entries: tuple[Entry, ...]) -> list[Any]:
    return [(entry.at, entry.moment) for entry in entries if entry.at]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 13), st.integers(0, 23), st.integers(1, 60)), max_size=12))
def test_timed_entries_are_in_order_and_none_is_lost(hours: list[tuple[int, int, int]]) -> None:
    bookings = [
        item(
            f"Item {n}",
            n + 1,
            day=str(JAPAN.start_date + timedelta(days=day)),
            start_time=f"{hour}:00",
            end_time=f"{hour}:30+{length // 24}",
        )
        for n, (day, hour, length) in enumerate(hours)
    ]
    days = agenda(plan(*bookings))
    for day in days:
        times = [at for at, _ in ends(day.entries)]
        assert times == sorted(times)
    assert sum(entry.moment is Moment.ITEM for day in days for entry in day.entries) == len(hours)


def test_what_has_not_changed_is_worked_out_once_and_nothing_stale_is_kept() -> None:
    first, second = item("A", 1, day="5 oct"), item("B", 2, day="5 oct", start_time="9:00")
    cache = EntryCache()
    before = plan(first, second)
    assert agenda(before, cache) == agenda(before)
    moved = second.model_copy(update={"day": date(2027, 10, 6), "start_time": None})
    after = plan(first, moved)
    assert agenda(after, cache) == agenda(after)
    assert agenda(after, cache)[3].entries[0] is agenda(after, cache)[3].entries[0]
    elsewhere = plan(first, moved, trip=JAPAN.model_copy(update={"time_zone": "Europe/Berlin"}))
    assert agenda(elsewhere, cache) == agenda(elsewhere)
