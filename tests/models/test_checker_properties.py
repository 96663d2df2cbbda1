"""The checker on trips that nobody has thought of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.hostile import HOSTILE
from tests.models.checking import CONTEXT, NOW, TODAY
from tests.models.stored import CREATED, plan, stored, stored_trip
from tripsage_tui.models.bookings import (
    AccommodationFields,
    Booking,
    BookingStatus,
    Direction,
    FlightFields,
    ItemStatus,
    ItemType,
    ItineraryItemFields,
    LegFields,
    PaymentStatus,
    TransportationFields,
    TransportType,
)
from tripsage_tui.models.checker import Papers, check
from tripsage_tui.models.findings import Finding
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import StopFields, TripFields

REGIONS = (
    ("Asia/Tokyo", "Asia/Kathmandu", "Australia/Eucla"),
    ("America/St_Johns", "America/New_York", "Europe/Berlin"),
    ("Pacific/Apia", "Pacific/Kiritimati", "Pacific/Chatham"),
)
"""Zones between which a train may go; the flight there and back crosses what it has to."""
BOOKED: dict[str, Any] = {
    "booking_status": BookingStatus.BOOKED,
    "payment_status": PaymentStatus.PAID,
    "confirmation_code": "OK",
}


@dataclass(frozen=True)
class Consistent:
    """A trip without a fault; `stays` are the numbers of its stays."""

    plan: TripPlan
    stays: tuple[int, ...]


def instant(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@st.composite
def consistent(draw: st.DrawFn) -> Consistent:
    """Out overnight, one stay after the other with a train between, things to do by day, and home again."""
    first = draw(st.dates(date(2027, 9, 10), date(2030, 12, 1)))
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    region = draw(st.sampled_from(REGIONS))
    zones = [draw(st.sampled_from(region)) for _ in lengths]
    status = draw(st.sampled_from([BookingStatus.BOOKED, BookingStatus.RESERVED, BookingStatus.AVAILABLE]))
    bookings: list[Booking] = []
    stops: list[StopFields] = []

    def fly(origin: str, destination: str, ends: tuple[datetime, datetime], places: tuple[str, str]) -> None:
        leg = LegFields(
            origin=origin,
            destination=destination,
            departure_time=ends[0],
            departure_zone=places[0],
            arrival_time=ends[1],
            arrival_zone=places[1],
        )
        day = ends[0].astimezone(ZoneInfo(places[0])).date()
        fields = FlightFields(origin=origin, destination=destination, departure_date=day, price=Decimal(100), **BOOKED)
        bookings.append(stored(fields, len(bookings) + 1, [leg]))

    # Arriving at 10:00, after 14 hours in the air.
    arrives = instant(first + timedelta(days=1), time(10), zones[0])
    leaves = arrives - timedelta(hours=14)
    start = leaves.astimezone(ZoneInfo("Europe/Berlin")).date()
    fly("Homeville", "Airport one", (leaves, arrives), ("Europe/Berlin", zones[0]))
    day = first + timedelta(days=1)
    stays = []
    for number, (length, zone) in enumerate(zip(lengths, zones, strict=True)):
        out = day + timedelta(days=length)
        stays.append(len(bookings) + 1)
        stay = AccommodationFields(
            name=f"House {number}",
            check_in_date=day,
            check_in_at=instant(day, time(15), zone),
            check_in_zone=zone,
            check_out_date=out,
            check_out_zone=zone,
            price_per_night=Decimal(10),
            total_price=Decimal(10) * length,
            **(BOOKED | {"booking_status": status}),
        )
        bookings.append(stored(stay, len(bookings) + 1))
        stops.append(StopFields(place=f"City {number}", arrive_date=day, depart_date=out, time_zone=zone))
        for clock in draw(st.lists(st.integers(10, 20), max_size=4, unique=True)):
            begins = instant(day, time(clock), zone)
            if begins < arrives:
                continue
            thing = ItineraryItemFields(
                title="Something", start_time=begins, end_time=begins + timedelta(minutes=50), start_zone=zone, day=day
            )
            if length > 1:
                moved = thing.model_copy(
                    update={
                        "day": day + timedelta(days=1),
                        "start_time": instant(day + timedelta(days=1), time(clock), zone),
                        "end_time": instant(day + timedelta(days=1), time(clock), zone) + timedelta(minutes=50),
                    }
                )
                bookings.append(stored(moved, len(bookings) + 1))
        if number + 1 < len(lengths):
            departs = instant(out, time(12), zone)
            journey = TransportationFields(
                transport_type=TransportType.TRAIN,
                origin=f"City {number} station",
                destination=f"City {number + 1} main station",
                departure_time=departs,
                departure_zone=zone,
                arrival_time=instant(out, time(12), zone) + timedelta(hours=1),
                arrival_zone=zones[number + 1],
                **BOOKED,
            )
            bookings.append(stored(journey, len(bookings) + 1))
        day = out
    back = instant(day, time(13), zones[-1])
    fly("Airport two", "Homeville", (back, back + timedelta(hours=12)), (zones[-1], "Europe/Berlin"))
    trip = TripFields(
        name="Trip",
        destination="Far away",
        start_date=min(start, first),
        end_date=max(day, (back + timedelta(hours=12)).astimezone(ZoneInfo("Europe/Berlin")).date()),
        budget=Decimal(100_000),
        currency="USD",
        time_zone=zones[0],
    )
    return Consistent(plan(*bookings, trip=trip, stops=stops), tuple(stays))


def found(a_plan: TripPlan, **changes: Any) -> tuple[Finding, ...]:
    return check(a_plan, **({"today": TODAY, "now": NOW, "context": CONTEXT} | changes))


def nights(findings: tuple[Finding, ...]) -> set[date]:
    return {
        finding.day + timedelta(days=number)
        for finding in findings
        if finding.code == "night-without-bed" and finding.day and finding.last_day
        for number in range((finding.last_day - finding.day).days + 1)
    }


def shuffled(draw: st.DrawFn, a_plan: TripPlan) -> TripPlan:
    names = ("flights", "accommodations", "transportation", "items")
    return a_plan.model_copy(update={name: tuple(draw(st.permutations(getattr(a_plan, name)))) for name in names})


@given(consistent())
def test_a_consistent_trip_has_no_findings(trip: Consistent) -> None:
    assert [finding.message for finding in found(trip.plan)] == []


@given(consistent(), st.data())
def test_a_stay_that_is_gone_leaves_exactly_its_nights(trip: Consistent, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(trip.stays))
    stay = next(each for each in trip.plan.accommodations if each.id == gone)
    rest = tuple(each for each in trip.plan.accommodations if each.id != gone)
    findings = found(trip.plan.model_copy(update={"accommodations": rest}))
    assert nights(findings) == {stay.check_in_date + timedelta(days=number) for number in range(stay.nights)}


@given(consistent(), st.data())
def test_the_order_of_rows_does_not_matter(trip: Consistent, data: st.DataObject) -> None:
    broken = trip.plan.model_copy(update={"accommodations": trip.plan.accommodations[1:], "items": trip.plan.items * 1})
    assert found(shuffled(data.draw, broken)) == found(broken)


@given(consistent(), st.sampled_from(("UTC", "Etc/GMT+5", "Asia/Kolkata")))
def test_the_zone_in_which_an_instant_is_written_does_not_matter(trip: Consistent, name: str) -> None:
    zone = ZoneInfo(name)

    def elsewhere(booking: Any) -> Any:
        moved = {
            field: value.astimezone(zone)
            for field in type(booking).model_fields
            if isinstance(value := getattr(booking, field), datetime)
        }
        if hasattr(booking, "legs"):
            moved["legs"] = tuple(elsewhere(leg) for leg in booking.legs)
        return booking.model_copy(update=moved)

    broken = trip.plan.model_copy(update={"accommodations": trip.plan.accommodations[1:]})
    names = ("flights", "accommodations", "transportation", "items")
    same = broken.model_copy(
        update={field: tuple(elsewhere(each) for each in getattr(broken, field)) for field in names}
    )
    assert found(same) == found(broken)


TEXTS = st.sampled_from([*HOSTILE.values(), "HND", "FRA", "Tokyo (HND)", "{0}", "%s", "hotel", "../../etc/passwd"])
DAYS = st.one_of(st.dates(), st.sampled_from([date.min, date.max, date(2027, 10, 3)]))
INSTANTS = st.one_of(
    st.none(),
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]),
)
NAMES = st.one_of(
    st.none(), st.sampled_from([*REGIONS[0], "", "/", "Mars/Phobos", "../x", "\x00", "Asia/" + "x" * 3000])
)
AMOUNTS = st.decimals(0, Decimal("9999999999.99"), places=2)
COMMON: dict[str, Any] = {
    "currency": st.sampled_from(["EUR", "JPY", "XXX", ""]),
    "exchange_rate": st.one_of(st.none(), st.decimals(Decimal("0.0001"), 1000, places=4)),
    "confirmation_code": st.one_of(st.none(), TEXTS),
    "payment_status": st.sampled_from(PaymentStatus),
    "pay_by": st.one_of(st.none(), DAYS),
    "day": st.one_of(st.none(), DAYS),
}
STATUS = st.sampled_from(BookingStatus)
LEGS = st.lists(
    st.builds(
        LegFields,
        direction=st.sampled_from(Direction),
        origin=TEXTS,
        destination=TEXTS,
        departure_time=INSTANTS,
        departure_zone=NAMES,
        arrival_time=INSTANTS,
        arrival_zone=NAMES,
        number=st.one_of(st.none(), TEXTS),
    ),
    max_size=3,
)
ROWS = st.one_of(
    st.tuples(
        st.builds(
            FlightFields,
            origin=TEXTS,
            destination=TEXTS,
            departure_date=DAYS,
            return_date=st.one_of(st.none(), DAYS),
            price=AMOUNTS,
            booking_status=STATUS,
            **COMMON,
        ),
        LEGS,
    ),
    st.tuples(
        st.builds(
            AccommodationFields,
            name=TEXTS,
            address=st.one_of(st.none(), TEXTS),
            check_in_date=DAYS,
            check_out_date=DAYS,
            check_in_at=INSTANTS,
            check_in_zone=NAMES,
            check_out_at=INSTANTS,
            check_in_until=st.one_of(st.none(), st.times()),
            price_per_night=AMOUNTS,
            total_price=AMOUNTS,
            booking_status=STATUS,
            **COMMON,
        ),
        st.just([]),
    ),
    st.tuples(
        st.builds(
            TransportationFields,
            transport_type=st.sampled_from(TransportType),
            origin=TEXTS,
            destination=TEXTS,
            departure_time=INSTANTS,
            departure_zone=NAMES,
            arrival_time=INSTANTS,
            arrival_zone=NAMES,
            price=AMOUNTS,
            booking_status=STATUS,
            **COMMON,
        ),
        LEGS,
    ),
    st.tuples(
        st.builds(
            ItineraryItemFields,
            title=TEXTS,
            item_type=st.sampled_from(ItemType),
            start_time=INSTANTS,
            start_zone=NAMES,
            end_time=INSTANTS,
            end_zone=NAMES,
            closed_weekdays=st.lists(st.integers(1, 7), max_size=7).map(tuple),
            closed_on_holidays=st.booleans(),
            price=AMOUNTS,
            booking_status=st.sampled_from(ItemStatus),
            **COMMON,
        ),
        st.just([]),
    ),
)
STOPS = st.lists(
    st.builds(
        StopFields,
        place=TEXTS,
        country=st.one_of(st.none(), st.sampled_from(["JP", "", "xx"])),
        arrive_date=st.one_of(st.none(), DAYS),
        depart_date=st.one_of(st.none(), DAYS),
        time_zone=NAMES,
    ),
    max_size=3,
)


@settings(max_examples=120, phases=(Phase.explicit, Phase.generate))
@given(st.lists(ROWS, max_size=8), STOPS, st.tuples(DAYS, DAYS), NAMES, DAYS)
def test_no_stored_row_makes_it_fail(
    rows: list[Any], stops: list[StopFields], days: tuple[date, date], zone: str | None, today: date
) -> None:
    bookings = [stored(fields, number + 1, legs) for number, (fields, legs) in enumerate(rows)]
    fields = TripFields(
        name="",
        destination="",
        start_date=min(days),
        end_date=max(days),
        budget=Decimal(1),
        time_zone=zone,
    )
    a_plan = plan(*bookings, trip=fields, stops=stops)
    now = datetime.combine(today, time(12), tzinfo=UTC)
    papers = (Papers(1, "x", date.max, date.min), Papers(2, "", date.min, date.max))
    context = CONTEXT.__class__(**{**CONTEXT.__dict__, "papers": papers, "holidays": {"JP": {date.max: "x"}}})
    findings = check(a_plan, today=today, now=now, context=context)
    assert all(finding.key and finding.message for finding in findings)
    assert stored_trip().created_at == CREATED
