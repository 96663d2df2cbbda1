"""A trip gets other dates: nothing is lost, what is anchored stays, clocks stay as they are, there is a way back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.stored import JAPAN, TODAY, plan, sample_plan, stored
from tripsage_tui.models.bookings import (
    AccommodationFields,
    BookingStatus,
    Direction,
    FlightFields,
    ItemStatus,
    ItineraryItemFields,
    LegFields,
    TransportationFields,
    TransportType,
)
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rescheduling import PARTS, Rule, likely_rule, reschedule, restored
from tripsage_tui.models.sample_japan import japan
from tripsage_tui.models.trips import StopFields
from tripsage_tui.models.zones import combine, local

START, END = JAPAN.start_date, JAPAN.end_date
WEEK = timedelta(days=7)
ZONES = sorted(available_timezones())
OPEN = {"available", "planned"}

zones = st.sampled_from(ZONES)
days = st.integers(0, 13).map(lambda number: START + timedelta(days=number))
instants = st.datetimes(datetime(2027, 9, 20), datetime(2027, 11, 20), timezones=st.just(UTC))  # noqa: DTZ001
states = st.sampled_from(BookingStatus)


@st.composite
def items(draw: st.DrawFn) -> ItineraryItemFields:
    zone = draw(zones | st.none())
    start = draw(instants | st.none())
    end = start + draw(st.timedeltas(timedelta(hours=5), timedelta(days=2))) if start and draw(st.booleans()) else None
    day = local(start, zone or JAPAN.time_zone).date() if start else draw(days | st.none())
    return ItineraryItemFields(
        title="x",
        start_time=start,
        start_zone=zone,
        end_time=end,
        end_zone=draw(zones | st.none()),
        day=day,
        booking_status=draw(st.sampled_from(ItemStatus)),
    )


@st.composite
def stays(draw: st.DrawFn) -> AccommodationFields:
    day, zone = draw(days), draw(zones)
    return AccommodationFields(
        name="x",
        check_in_date=day,
        check_out_date=day + timedelta(days=draw(st.integers(1, 20))),
        check_in_at=draw(instants | st.none()),
        check_in_zone=zone,
        price_per_night=Decimal(1),
        total_price=Decimal(1),
        booking_status=draw(states),
    )


@st.composite
def journeys(draw: st.DrawFn) -> tuple[FlightFields | TransportationFields, tuple[LegFields, ...]]:
    start, first, last = draw(instants), draw(zones), draw(zones)
    leg = LegFields(
        direction=draw(st.sampled_from(Direction)),
        origin="A",
        destination="B",
        departure_time=start,
        departure_zone=first,
        arrival_time=start + draw(st.timedeltas(timedelta(hours=5), timedelta(hours=30))),
        arrival_zone=last,
    )
    status = draw(states)
    if draw(st.booleans()):
        day = local(start, first).date()
        return FlightFields(origin="A", destination="B", departure_date=day, price=Decimal(1), booking_status=status), (
            leg,
        )
    ends = {name: getattr(leg, name) for name in ("origin", "destination", "departure_time", "departure_zone")}
    ride = TransportationFields(
        transport_type=TransportType.TRAIN,
        **ends,
        arrival_time=leg.arrival_time,
        arrival_zone=last,
        booking_status=status,
    )
    return ride, (leg,) if draw(st.booleans()) else ()


@st.composite
def plans(draw: st.DrawFn) -> TripPlan:
    fields: list[tuple[Any, tuple[LegFields, ...]]] = [
        (each, ()) for each in draw(st.lists(items(), max_size=3)) + draw(st.lists(stays(), max_size=3))
    ] + draw(st.lists(journeys(), max_size=3))
    stops = [
        StopFields(place=str(number), arrive_date=day, depart_date=day + timedelta(days=2))
        for number, day in enumerate(draw(st.lists(days, max_size=3)))
    ]
    return plan(*(stored(each, number + 1, legs) for number, (each, legs) in enumerate(fields)), stops=stops)


def records(trip_plan: TripPlan) -> list[tuple[str, Any]]:
    return [(part, record) for part in PARTS for record in getattr(trip_plan, part)]


def clocks(record: Any, trip_zone: str | None) -> list[tuple[datetime, str | None]]:
    """All wall clocks of a record with their zones."""
    ends = [
        ("check_in_at", ("check_in_zone",)),
        ("start_time", ("start_zone",)),
        ("end_time", ("end_zone", "start_zone")),
        ("departure_time", ("departure_zone",)),
        ("arrival_time", ("arrival_zone",)),
    ]
    found = []
    for each in (record, *getattr(record, "legs", ())):
        for name, names in ends:
            if at := getattr(each, name, None):
                zone = next((zone for zone_name in names if (zone := getattr(each, zone_name))), trip_zone)
                found.append((local(at, zone), zone))
    return found


@settings(max_examples=60)
@given(plans(), st.integers(-500, 500), st.integers(0, 30), st.sampled_from(Rule))
def test_nothing_is_lost_and_what_stays_is_untouched(found: TripPlan, shift: int, length: int, rule: Rule) -> None:
    start = START + timedelta(days=shift)
    change = reschedule(found, start, start + timedelta(days=length), rule)
    assert [(part, record.id) for part, record in records(change.after)] == [
        (part, record.id) for part, record in records(found)
    ]
    assert (change.after.trip.start_date, change.after.trip.days) == (start, length + 1)
    moving = {row.key for row in change.rows if row.moves}
    for (part, before), (_, after) in zip(records(found), records(change.after), strict=True):
        if (part, before.id) not in moving:
            assert after is before
        else:
            assert rule is not Rule.KEEP
            assert part == "stops" or rule is Rule.SHIFT or before.booking_status in OPEN
            for (was, zone), (now, _) in zip(clocks(before, "Asia/Tokyo"), clocks(after, "Asia/Tokyo"), strict=True):
                wanted = combine(was.date() + timedelta(days=shift), was.time().replace(fold=0), zone or "UTC")
                assert now.replace(tzinfo=None) == local(wanted.instant, zone).replace(tzinfo=None)


@settings(max_examples=60)
@given(plans(), st.integers(-500, 500), st.sampled_from(Rule))
def test_there_is_a_way_back(found: TripPlan, shift: int, rule: Rule) -> None:
    days_off = timedelta(days=shift)
    change = reschedule(found, START + days_off, END + days_off, rule)
    assert restored(change.after, change) == found
    if rule is not Rule.SHIFT:
        return
    back = reschedule(change.after, START, END, rule).after
    # Shifting back is the same, but for clocks that one of the two days does not have, or has twice.
    for (_, before), (_, again) in zip(records(found), records(back), strict=True):
        for (was, _), (now, _) in zip(clocks(before, "Asia/Tokyo"), clocks(again, "Asia/Tokyo"), strict=True):
            assert abs(was - now) <= timedelta(days=1)
            if was.replace(tzinfo=None) == now.replace(tzinfo=None) and not was.fold:
                assert was == now
    if not any(odd(at, zone, shift) for _, each in records(found) for at, zone in clocks(each, "Asia/Tokyo")):
        assert records(back) == records(found)


def odd(at: datetime, zone: str | None, shift: int) -> bool:
    """Whether a wall clock is missing or twice there on its own day or on the other one."""
    naive = at.replace(tzinfo=None, fold=0)
    return any(
        combine((naive + timedelta(days=number)).date(), naive.time(), zone or "UTC").note for number in (0, shift)
    )


def dinner(status: ItemStatus = ItemStatus.PLANNED, **changes: Any) -> ItineraryItemFields:
    at = datetime(2027, 10, 5, 10, 30, tzinfo=UTC)
    return ItineraryItemFields(
        **{"title": "Dinner", "start_time": at, "start_zone": "Asia/Tokyo", "booking_status": status} | changes
    )


def stay(status: BookingStatus = BookingStatus.BOOKED) -> AccommodationFields:
    return AccommodationFields(
        name="Hotel",
        check_in_date=date(2027, 10, 3),
        check_out_date=date(2027, 10, 7),
        price_per_night=Decimal(1),
        total_price=Decimal(4),
        booking_status=status,
        pay_by=date(2027, 9, 1),
    )


def test_anchored_bookings_and_the_stops_with_their_beds_stay_when_the_trip_moves() -> None:
    stops = [
        StopFields(place="Tokyo", arrive_date=date(2027, 10, 3), depart_date=date(2027, 10, 7)),
        StopFields(place="Kyoto", arrive_date=date(2027, 10, 7), depart_date=date(2027, 10, 12)),
    ]
    found = plan(stored(stay()), stored(dinner(), 2), stored(dinner(ItemStatus.RESERVED), 3), stops=stops)
    change = reschedule(found, START + WEEK, END + WEEK, Rule.ANCHOR)
    assert {row.key for row in change.rows if row.moves} == {("items", 2), ("stops", 1)}
    assert {row.key for row in change.rows if row.outside} == {("accommodations", 1), ("stops", 0), ("items", 3)}
    assert change.newly_outside == 3
    # One row each can be decided otherwise.
    other = reschedule(found, START + WEEK, END + WEEK, Rule.ANCHOR, frozenset({("items", 2), ("accommodations", 1)}))
    assert {row.key for row in other.rows if row.moves} == {("accommodations", 1), ("stops", 1)}
    moved_stay = other.after.accommodations[0]
    assert (moved_stay.check_in_date, moved_stay.pay_by) == (date(2027, 10, 10), date(2027, 9, 1))


def test_a_day_cut_off_moves_nothing_and_says_what_is_outside() -> None:
    found = plan(stored(stay()), stored(dinner(), 2))
    assert likely_rule(found, START + timedelta(days=3), END) is Rule.KEEP
    assert likely_rule(found, START + WEEK, END + WEEK) is Rule.ANCHOR
    assert likely_rule(plan(stored(dinner())), START + WEEK, END + WEEK) is Rule.SHIFT
    change = reschedule(found, START + timedelta(days=3), END, Rule.KEEP)
    assert [(row.key, row.moves, row.outside) for row in change.rows] == [
        (("accommodations", 1), False, True),
        (("items", 2), False, False),
    ]


def test_rows_say_old_and_new_by_the_clock_of_the_place() -> None:
    found = sample_plan(japan(TODAY))
    first, last = found.trip.start_date, found.trip.end_date
    change = reschedule(found, first + WEEK, last + WEEK, Rule.SHIFT)
    flight = next(row for row in change.rows if row.key[0] == "flights")
    assert flight.before[0].text(TODAY) != flight.after[0].text(TODAY)
    assert flight.before[0].text(START).endswith("+1")
    assert flight.after[0].starts == flight.before[0].starts


def test_a_night_when_the_clocks_go_forward_does_not_turn_a_journey_round() -> None:
    zone = "Europe/Berlin"
    start = combine(date(2027, 3, 21), datetime(2027, 1, 1, 2, 50).time(), zone).instant  # noqa: DTZ001
    ride = TransportationFields(
        transport_type=TransportType.TAXI,
        origin="A",
        destination="B",
        departure_time=start,
        departure_zone=zone,
        arrival_time=start + timedelta(minutes=20),
        arrival_zone=zone,
    )
    trip = JAPAN.model_copy(update={"start_date": date(2027, 3, 20), "end_date": date(2027, 3, 24)})
    change = reschedule(plan(stored(ride), trip=trip), date(2027, 3, 27), date(2027, 3, 31), Rule.SHIFT)
    taxi = change.after.transportation[0]
    assert taxi.departure_time is not None
    assert taxi.arrival_time == taxi.departure_time + timedelta(minutes=20)


def test_what_would_leave_the_calendar_stays() -> None:
    far = dinner(start_time=datetime(9999, 12, 30, tzinfo=UTC), start_zone="UTC")
    change = reschedule(plan(stored(far)), START + WEEK, END + WEEK, Rule.SHIFT)
    assert [(row.moves, row.stuck) for row in change.rows] == [(False, True)]


def test_what_was_changed_again_is_not_taken_back() -> None:
    found = plan(stored(dinner()))
    change = reschedule(found, START + WEEK, END + WEEK, Rule.SHIFT)
    item = change.after.items[0]
    renamed = change.after.model_copy(update={"items": (item.model_copy(update={"title": "Supper"}),)})
    back = restored(renamed, change)
    assert back is not None
    assert (back.items[0].title, back.items[0].start_time) == ("Supper", found.items[0].start_time)
    later = item.model_copy(update={"start_time": datetime(2027, 10, 20, tzinfo=UTC)})
    assert restored(change.after.model_copy(update={"items": (later,)}), change) is None
    assert restored(change.after.model_copy(update={"items": ()}), change) is None


def test_of_a_shortened_trip_what_is_only_planned_can_become_an_idea() -> None:
    late = END - timedelta(days=1)
    fields = ItineraryItemFields(title="Castle", day=late, start_time=combine(late, time(10), "Asia/Tokyo").instant)
    booked = fields.model_copy(update={"title": "Show", "booking_status": ItemStatus.BOOKED})
    whole = plan(stored(fields, 1), stored(booked, 2))
    shorter = (START, END - WEEK, Rule.KEEP)
    assert (reschedule(whole, *shorter).newly_outside, reschedule(whole, *shorter).possible_ideas) == (2, 1)
    change = reschedule(whole, *shorter, ideas=True)
    castle, show = change.after.items
    assert (castle.day, castle.start_time, show.day) == (None, None, late)
    assert (change.ideas, change.newly_outside) == (1, 1)
    assert restored(change.after, change) == whole
