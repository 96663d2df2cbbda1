"""The checker: what it finds, and what it leaves alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from tests.models.checking import (
    CONTEXT,
    NOW,
    STOPS,
    TODAY,
    but,
    codes,
    flight,
    found,
    found_in,
    item,
    ride,
    stay,
    there_and_back,
    whole_trip,
)
from tests.models.stored import JAPAN, sample_plan
from tripsage_tui.models.bookings import Booking, PaymentStatus
from tripsage_tui.models.checker import Papers, check
from tripsage_tui.models.findings import (
    AddBooking,
    DeleteBooking,
    EditBooking,
    EditTrip,
    Finding,
    SetFields,
    Severity,
    count_text,
    ref_of,
)
from tripsage_tui.models.samples import samples
from tripsage_tui.models.trips import TripStatus


def only(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, [finding.message for finding in findings]
    return findings[0]


def nights(findings: tuple[Finding, ...]) -> set[int]:
    """Days of October whose night has no bed."""
    return {
        day
        for finding in findings
        if finding.code == "night-without-bed" and finding.day and finding.last_day
        for day in range(finding.day.day, finding.last_day.day + 1)
    }


@pytest.mark.parametrize("name", samples())
def test_no_false_alarm_on_the_samples(name: str) -> None:
    for days in range(0, 366, 5):
        today = date(2026, 11, 23) + timedelta(days=days)
        now = datetime.combine(today, time(9), tzinfo=UTC)
        assert check(sample_plan(samples()[name](today)), today=today, now=now, context=CONTEXT) == (), today


def test_a_whole_trip_has_nothing_missing() -> None:
    findings = found(*whole_trip())
    assert findings == ()
    assert count_text(findings) == "nothing missing"


def test_a_trip_that_is_not_planned_yet_is_left_alone() -> None:
    assert found(item("Senso-ji", "4 oct")) == ()


# ---- nights


def test_a_night_without_a_bed_says_where_and_offers_a_stay() -> None:
    bookings = whole_trip()
    bookings[4] = stay("Cross Hotel", "7 oct", 5, address="Osaka")
    finding = only(found(*bookings))
    assert (finding.code, finding.severity) == ("night-without-bed", Severity.ERROR)
    assert finding.message == "No bed in Osaka for 3 nights: Tue 12 to Thu 14 Oct."
    assert "Cross Hotel ends on Tue 12 Oct" in finding.why
    assert finding.fix is not None
    assert finding.fix.remedy == AddBooking(
        "stay", {"check_in_date": "2027-10-12", "check_out_date": "2027-10-15", "address": "Osaka"}
    )


def test_nights_under_way_at_home_and_the_last_one_need_no_bed() -> None:
    assert nights(found(*there_and_back())) == set(range(3, 15))
    # Home is where it began: the days before leaving and after coming back.
    early = [flight("FRA-HND", "4 oct", "12:15-08:55+1"), flight("HND-FRA", "13 oct", "12:30-19:05")]
    assert nights(found(*early)) == set(range(5, 13))


def test_a_landing_after_midnight_needs_the_night_before() -> None:
    late = flight("VIE-FRA", "3 oct", "22:10-00:40+1")
    finding = only(
        tuple(
            each
            for each in found(late, stay("Inn", "4 oct", 11), stops=())
            if each.code == "night-without-bed" and each.day == date(2027, 10, 3)
        )
    )
    assert "arrives at 00:40 in the night" in finding.why
    assert ref_of(late) in finding.items
    early_bird = stay("Inn", "4 oct", 11, check_in_time="01:00")
    assert not nights(found(late, early_bird, stops=())) & {3}


def test_a_flight_over_the_date_line_is_a_bed_for_both_nights() -> None:
    there = flight("SFO-AKL", "2 oct", "22:30-06:30+2")
    assert nights(found(there, stay("Inn", "4 oct", 11), stops=())) == set()
    back = flight("AKL-SFO", "13 oct", "19:00-11:00+0")
    inn = stay("Inn", "4 oct", 9)
    assert nights(found(there, inn, back, flight("SFO-HNL", "15 oct", "09:00-11:30"), stops=())) == set()


def test_changing_in_the_night_is_no_night() -> None:
    one = flight("FRA-VIE", "2 oct", "22:00-23:30")
    other = flight("VIE-HND", "3 oct", "05:15-23:50")
    assert 2 not in nights(found(one, other))
    assert 2 in nights(found(one, flight("VIE-HND", "3 oct", "12:15-06:50+1")))


def test_options_are_beds_where_there_is_nothing_else_and_never_two() -> None:
    bookings = whole_trip()
    bookings[4] = stay("Cross Hotel", "7 oct", 8, booking_status="available")
    other = stay("Capsule hotel", "7 oct", 8, booking_status="available")
    assert found(*bookings, other) == ()
    cancelled = stay("Cross Hotel", "7 oct", 8, booking_status="cancelled")
    assert nights(found(*bookings[:4], cancelled, bookings[5])) == set(range(7, 15))


def test_two_beds() -> None:
    other = stay("Capsule hotel", "9 oct", 2)
    finding = only(found(*whole_trip(), other))
    assert (finding.code, finding.day, finding.last_day) == ("double-bed", date(2027, 10, 9), date(2027, 10, 10))
    assert "Cross Hotel and Capsule hotel" in finding.message
    # Two rooms of one house are none; the same row twice is, and can be deleted.
    assert found(*whole_trip(), stay("Cross Hotel", "7 oct", 8, address="Osaka", confirmation_code="ROOM2")) == ()
    bookings = whole_trip()
    again = stay("Cross Hotel", "7 oct", 8, address="Osaka")
    twice = only(found(*bookings, again))
    assert twice.fix is not None
    assert twice.fix.remedy == DeleteBooking(ref_of(again))


def test_the_reception_closes() -> None:
    train = ride("train", "Tokyo-Osaka", "7 oct", "19:30-22:10")
    hotel = but(stay("Cross Hotel", "7 oct", 8, address="Osaka"), check_in_until=time(22))
    bookings = whole_trip()
    bookings[3:5] = [train, hotel]
    finding = only(found(*bookings))
    assert (finding.code, finding.severity) == ("late-check-in", Severity.ERROR)
    assert finding.items == (ref_of(hotel), ref_of(train))
    bookings[4] = but(hotel, check_in_until=time(0, 30))
    assert found(*bookings) == ()


def test_an_outing_after_the_check_in_is_not_late() -> None:
    bookings = whole_trip()
    bookings[4] = but(bookings[4], check_in_until=time(20))
    outing = [ride("train", "Osaka-Nara", "7 oct", "14:00-14:50"), ride("train", "Nara-Osaka", "7 oct", "21:00-21:50")]
    assert found(*bookings, *outing) == ()


def test_a_room_from_the_day_before_the_landing() -> None:
    bookings = whole_trip()
    bookings[2] = stay("Hotel Gracery", "2 oct", 5, address="Tokyo")
    finding = only(found(*bookings))
    assert finding.code == "late-check-in"
    assert finding.fix is not None
    assert isinstance(finding.fix.remedy, EditBooking)
    assert finding.fix.remedy.values == {"check_in_date": "2027-10-03"}


# ---- connections and overlaps


def test_a_connection_in_haneda_of_35_minutes() -> None:
    bookings = whole_trip()
    onward = flight("HND-ITM", "3 oct", "09:30-10:40", flight_number="NH15", confirmation_code="T1")
    bookings[0] = but(bookings[0], confirmation_code="T1")
    bookings[2:4] = [stay("Cross Hotel", "3 oct", 4, address="Osaka")]
    finding = only(found(*bookings, onward))
    assert (finding.code, finding.severity) == ("tight-connection", Severity.ERROR)
    assert finding.message.startswith("35 min to change in HND (Tokyo)")
    assert "arrives at 08:55" in finding.message
    assert "NH15 leaves at 09:30" in finding.message
    assert finding.items == (ref_of(bookings[0]), ref_of(onward))
    assert found(*bookings, onward, minimum_connection={"HND": 30}) == ()
    assert only(found(*bookings, onward, minimum_connection={"HND": 36})).code == "tight-connection"


@pytest.mark.parametrize(
    ("minutes", "own_ticket", "severity"),
    [(84, False, "error"), (95, False, None), (95, True, "warning"), (160, True, None)],
)
def test_two_tickets_need_more(minutes: int, own_ticket: bool, severity: str | None) -> None:
    first = flight("FRA-HND", "2 oct", "12:15-08:55+1", confirmation_code="A")
    leaves = (datetime(2027, 10, 3, 8, 55) + timedelta(minutes=minutes)).strftime("%H:%M")  # noqa: DTZ001
    onward = flight("HND-ITM", "3 oct", f"{leaves}-14:00", confirmation_code="B" if own_ticket else "A")
    findings = found(first, onward, stay("Cross Hotel", "3 oct", 12, address="Osaka"), stops=())
    assert [finding.severity for finding in findings if finding.code == "tight-connection"] == (
        [Severity(severity)] if severity else []
    )


def test_legs_of_one_flight_and_a_connection_that_has_left() -> None:
    first, onward = flight("FRA-VIE", "2 oct", "08:00-09:30"), flight("VIE-HND", "2 oct", "09:20-04:50+1")
    finding = only(tuple(each for each in found(first, onward, stops=()) if each.code != "night-without-bed"))
    assert "has left 10 min before you arrive" in finding.message
    assert finding.severity is Severity.ERROR


def test_another_airport_of_the_same_city() -> None:
    onward = flight("NRT-ITM", "3 oct", "10:55-12:10")
    first = flight("FRA-HND", "2 oct", "12:15-08:55+1")
    assert "From HND to NRT" in next(
        each.why for each in found(first, onward, stops=()) if each.code == "tight-connection"
    )


def test_trains_taxis_and_flights() -> None:
    landing = flight("FRA-HND", "2 oct", "12:15-08:55+1")
    hotel = stay("Hotel", "3 oct", 12)
    assert "overlap" in codes(found(landing, hotel, ride("taxi", "HND-Tokyo", "3 oct", "08:50-09:40"), stops=())) or (
        "tight-connection" in codes(found(landing, hotel, ride("taxi", "HND-Tokyo", "3 oct", "08:50-09:40"), stops=()))
    )
    assert "tight-connection" not in codes(
        found(landing, hotel, ride("taxi", "HND-Tokyo", "3 oct", "09:00-09:40"), stops=())
    )
    train = ride("train", "HND-Tokyo", "3 oct", "09:10-09:40")
    assert [each.severity for each in found(landing, hotel, train, stops=())] == [Severity.WARNING]
    home = flight("HND-FRA", "15 oct", "12:30-19:05")
    late = ride("train", "Shin-Osaka-Tokyo", "15 oct", "09:30-11:54")
    assert only(found(*whole_trip()[:-1], late)[:1]).code == "tight-connection"
    assert home is not None


def test_overlaps_of_plans_and_journeys() -> None:
    tour = item("Walking tour", "4 oct", "10:00-12:00")
    lunch = item("Lunch", "4 oct", "11:30-13:00")
    finding = only(found(*whole_trip(), tour, lunch))
    assert (finding.code, finding.severity) == ("overlap", Severity.WARNING)
    assert finding.message == "Lunch begins at 11:30, before Walking tour ends at 12:00."
    assert found(*whole_trip(), tour, item("Lunch", "4 oct", "12:00-13:00")) == ()
    assert found(*whole_trip(), item("Nikko", "4 oct", "08:00-19:00"), lunch) == ()
    assert codes(found(*whole_trip(), item("Market", "7 oct", "09:30-10:30"))) == ["overlap"]
    both = ride("bus", "Nara-Kobe", "9 oct", "10:00-12:00"), ride("bus", "Kobe-Himeji", "9 oct", "11:00-13:00")
    assert "overlap" in codes(found(*whole_trip(), ride("bus", "Nara-Uji", "9 oct", "11:00-13:00"), both[0]))


def test_options_of_one_need_do_not_collide() -> None:
    options = [
        flight("HND-ITM", "3 oct", "10:30-11:40", booking_status="available"),
        flight("HND-ITM", "3 oct", "10:45-11:55", booking_status="available"),
        ride("train", "Tokyo-Osaka", "3 oct", "10:33-13:03", booking_status="available"),
    ]
    hotel = stay("Cross Hotel", "3 oct", 12, address="Osaka")
    assert [each for each in found(*there_and_back(), *options, hotel) if each.code == "overlap"] == []


# ---- what cannot be


def test_a_leg_that_ends_before_it_starts() -> None:
    leg = whole_trip()[0].legs[0]  # type: ignore[union-attr]
    wrong = leg.model_copy(update={"arrival_time": leg.departure_time - timedelta(minutes=20)})  # type: ignore[operator]
    bookings = whole_trip()
    bookings[0] = but(bookings[0], legs=(wrong,))
    finding = found(*bookings)[0]
    assert (finding.code, finding.severity) == ("impossible-leg", Severity.ERROR)
    assert "20 min before it departs" in finding.message
    assert "CEST" in finding.why


def test_landing_before_departing_by_the_clock_is_possible() -> None:
    across = flight("SIN-SFO", "2 oct", "09:25-09:05")
    assert not {"impossible-leg", "faster-than-physics"} & set(codes(found(across, stops=())))


def test_faster_than_physics() -> None:
    row = flight("FRA-HND", "2 oct", "12:15-08:55+1")
    leg = row.legs[0]  # type: ignore[union-attr]
    quick = but(row, legs=(leg.model_copy(update={"arrival_time": leg.departure_time + timedelta(hours=2)}),))
    finding = next(each for each in found(quick, stops=()) if each.code == "faster-than-physics")
    assert "9,363 km in 2 h" in finding.message


def test_another_city() -> None:
    bookings = whole_trip()
    del bookings[3]
    finding = only(found(*bookings))
    assert (finding.code, finding.severity) == ("wrong-city", Severity.WARNING)
    assert finding.message == "You are in Tokyo, but Cross Hotel is in Osaka."
    assert finding.fix is not None
    assert isinstance(finding.fix.remedy, AddBooking)
    assert finding.fix.remedy.values["destination"] == "Osaka"
    car = ride("car rental", "Tokyo-Osaka", "6 oct", "10:00-18:00", arrival_date="8 oct")
    assert found(*bookings, car) == ()
    assert found(*bookings, item("Night bus", "7 oct", item_type="transport")) == ()


def test_outside_the_trip() -> None:
    sight = item("Last ramen", "17 oct", "18:00-19:00")
    finding = only(found(*whole_trip(), sight))
    assert finding.code == "outside-trip"
    assert finding.fix is not None
    assert finding.fix.remedy == EditTrip({"end_date": "2027-10-17"})
    assert isinstance(only(found(*whole_trip(), item("Ramen", "17 oct 2028"))).fix.remedy, EditBooking)  # type: ignore[union-attr]
    # Who flies home overnight on the last day is not outside.
    home = flight("HND-FRA", "15 oct", "22:50-05:55+1")
    assert found(*(booking for booking in whole_trip()[2:]), whole_trip()[0], home) == ()


# ---- money, papers, details


def test_paying() -> None:
    bookings = whole_trip()
    owing = stay(
        "Cross Hotel", "7 oct", 8, address="Osaka", payment_status="unpaid", total_price="900", pay_by="31 aug"
    )
    bookings[4] = but(owing, pay_by=date(2027, 8, 31))
    late = only(found(*bookings))
    assert (late.code, late.severity) == ("unpaid", Severity.ERROR)
    assert "€900" in late.message
    assert late.fix is not None
    assert late.fix.remedy == SetFields(ref_of(owing), {"payment_status": PaymentStatus.PAID})
    bookings[4] = but(owing, pay_by=TODAY + timedelta(days=7))
    assert only(found(*bookings)).severity is Severity.WARNING
    bookings[4] = but(owing, pay_by=TODAY + timedelta(days=8))
    assert found(*bookings) == ()
    bookings[4] = but(owing, pay_by=date(2027, 8, 31), payment_status=PaymentStatus.PAID)
    assert found(*bookings) == ()


def test_over_budget_counts_one_of_several_options_and_frozen_rates() -> None:
    def hotel(**typed: str) -> Booking:
        return stay("Cross Hotel", "7 oct", 8, address="Osaka", **typed)

    bookings = whole_trip()
    bookings[4] = hotel(total_price="5900")
    assert found(*bookings) == ()
    train = but(bookings[3], price=Decimal(20_000), currency="JPY", exchange_rate=Decimal("0.006"))
    finding = only(found(*[*bookings[:3], train, *bookings[4:]]))
    assert finding.code == "over-budget"
    assert finding.message == "The plan costs €20 more than the budget."
    assert finding.fix is not None
    assert finding.fix.remedy == EditTrip({"budget": "6020.00"})
    option = stay("Capsule", "7 oct", 8, total_price="300", booking_status="available")
    assert found(*bookings, option) == ()
    assert codes(found(*bookings, other_costs=Decimal(200))) == ["over-budget"]


def test_papers() -> None:
    people = (
        Papers(1, "Ann", passport_expires=date(2027, 10, 10)),
        Papers(2, "Ben", passport_expires=date(2028, 1, 1), visa_expires=date(2027, 10, 14)),
        Papers(3, "Cleo", passport_expires=date(2031, 1, 1), visa_expires=date(2027, 10, 15)),
    )
    findings = found(*whole_trip(), papers=people)
    assert [(finding.code, finding.severity.value, finding.items[0].id) for finding in findings] == [
        ("passport-expires", "error", 1),
        ("visa-expires", "error", 2),
        ("passport-expires", "warning", 2),
    ]


def test_closed_on_a_weekday_or_a_holiday() -> None:
    museum = but(item("Museum", "11 oct"), closed_weekdays=(1,))
    finding = only(found(*whole_trip(), museum))
    assert (finding.code, finding.day) == ("closed-that-day", date(2027, 10, 11))
    assert "closed on Mondays" in finding.why
    assert finding.fix is not None
    assert isinstance(finding.fix.remedy, EditBooking)
    assert finding.fix.remedy.values == {"day": "2027-10-12"}
    garden = but(item("Garden", "12 oct"), closed_on_holidays=True)
    holidays = {"JP": {date(2027, 10, 12): "Sports Day"}, "DE": {date(2027, 10, 13): "x"}}
    assert "Sports Day" in only(found(*whole_trip(), garden, holidays=holidays)).why
    assert found(*whole_trip(), but(item("Garden", "13 oct"), closed_on_holidays=True), holidays=holidays) == ()


def test_missing_zones() -> None:
    bookings = whole_trip()
    bare = [leg.model_copy(update={"arrival_zone": None}) for leg in bookings[0].legs]  # type: ignore[union-attr]
    bookings[0] = but(bookings[0], legs=tuple(bare))
    finding = only(found(*bookings))
    assert finding.code == "missing-zone"
    assert finding.fix is not None
    assert isinstance(finding.fix.remedy, EditBooking)
    assert finding.fix.remedy.values == {"arrival_zone": "Asia/Tokyo"}
    homeless = JAPAN.model_copy(update={"time_zone": None})
    tea = but(item("Tea", "8 oct", "14:00-15:00"), start_zone=None, end_zone=None)
    assert codes(found(*whole_trip(), tea, trip=homeless)) == ["missing-zone"]
    assert found(*whole_trip(), tea) == ()
    assert codes(found(*whole_trip(), but(tea, start_zone="Mars/Phobos"))) == ["missing-zone"]


def test_a_booking_without_its_reference() -> None:
    bookings = whole_trip()
    bookings[4] = stay("Cross Hotel", "7 oct", 8, address="Osaka", confirmation_code=" ")
    finding = only(found(*bookings))
    assert (finding.code, finding.severity) == ("missing-reference", Severity.NOTE)
    reserved = stay("Cross Hotel", "7 oct", 8, address="Osaka", confirmation_code="", booking_status="reserved")
    assert found(*bookings[:4], reserved, bookings[5]) == ()
    assert found(*whole_trip(), ride("taxi", "Tokyo-Ginza", "5 oct", "10:00-10:20", confirmation_code="")) == ()


# ---- when it is over, and in which order


def test_what_is_past_is_not_told() -> None:
    gap = [*there_and_back(), whole_trip()[2]]
    assert nights(found(*gap, today=date(2027, 10, 10), now=datetime(2027, 10, 10, tzinfo=UTC))) == set(range(10, 15))
    assert found(*gap, today=date(2027, 10, 16), now=datetime(2027, 10, 16, tzinfo=UTC)) == ()
    assert found(*gap, trip=JAPAN.model_copy(update={"status": TripStatus.CANCELLED})) == ()


def test_the_worst_comes_first_and_findings_have_keys() -> None:
    bookings = [*there_and_back(), item("A", "4 oct", "10:00-12:00"), item("B", "4 oct", "11:00-13:00")]
    findings = found(*bookings)
    assert [finding.severity for finding in findings] == [Severity.ERROR, Severity.ERROR, Severity.WARNING]
    assert count_text(findings) == "2 errors, 1 warning"
    assert len({finding.key for finding in findings}) == 3
    assert all(earlier.day <= later.day for earlier, later in pairwise(findings[:2]))  # type: ignore[operator]


def test_without_any_facts_it_still_works() -> None:
    assert check(sample_plan(samples()["japan"](TODAY)), today=TODAY, now=NOW) == ()
    assert found_in(sample_plan(samples()["japan"](TODAY))) == ()
    assert STOPS
