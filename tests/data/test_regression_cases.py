"""The cases that other planners got wrong, on PostgreSQL, by their letters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4
from zoneinfo import available_timezones

import pytest

from tests.data.conftest import SignIn
from tests.database import Database as Cluster
from tripsage_tui.data.accommodations import AccommodationRepository
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import Forbidden, NotFound, StaleRow
from tripsage_tui.data.expenses import ExpenseRepository
from tripsage_tui.data.flights import FlightRepository
from tripsage_tui.data.itinerary import ItineraryRepository
from tripsage_tui.data.settlements import SettlementRepository
from tripsage_tui.data.transportation import TransportationRepository
from tripsage_tui.data.travellers import TravellerRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.models.agenda import Moment, agenda
from tripsage_tui.models.arranging import one_step
from tripsage_tui.models.booking_drafts import (
    FormContext,
    edit_booking,
    read_flight,
    read_item,
    read_stay,
    read_transport,
    values_of,
)
from tripsage_tui.models.bookings import Flight
from tripsage_tui.models.budgets import budget_of
from tripsage_tui.models.expense_drafts import ExpenseContext, edit_expense, expense_values, read_expense
from tripsage_tui.models.expenses import Expense, Ledger, SettlementFields
from tripsage_tui.models.people import TravellerFields
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rescheduling import Rule, reschedule, restored
from tripsage_tui.models.settling import SettleUp, settle_up
from tripsage_tui.models.trips import StopFields, Trip, TripFields
from tripsage_tui.models.zones import local, parse_zone
from tripsage_tui.places.airports import Airports

TODAY = date(2027, 9, 1)
WEEK = timedelta(days=7)
TRIP = TripFields(
    name="Japan in autumn",
    destination="Japan",
    start_date=date(2027, 10, 2),
    end_date=date(2027, 10, 15),
    budget=Decimal(6000),
    currency="EUR",
    time_zone="Asia/Tokyo",
)
STOPS = (
    StopFields(place="Tokyo", arrive_date=date(2027, 10, 3), depart_date=date(2027, 10, 9), time_zone="Asia/Tokyo"),
    StopFields(place="Kyoto", arrive_date=date(2027, 10, 9), depart_date=date(2027, 10, 15), time_zone="Asia/Tokyo"),
)
OUT = {
    "origin": "FRA",
    "destination": "HND",
    "departure_date": "2 oct",
    "departure_time": "12:15",
    "arrival_time": "8:55",
    "return_date": "15 oct",
    "return_departure_time": "12:30",
    "return_arrival_time": "19:05",
    "booking_status": "booked",
}


class Desk:
    """A signed-in user who types bookings into forms."""

    def __init__(self, session: Database, trip: Trip, airports: Airports) -> None:
        self.trips = TripRepository(session)
        self.flights, self.stays = FlightRepository(session), AccommodationRepository(session)
        self.rides, self.items = TransportationRepository(session), ItineraryRepository(session)
        self.trip = trip
        self.context = FormContext(
            today=TODAY, trip=trip, stops=STOPS, zone_of=airports.zone_of, distance_km=airports.distance_km
        )

    async def plan(self) -> TripPlan:
        return await self.trips.plan(self.trip.id)

    async def fly(self, **values: str) -> Flight:
        draft = read_flight(values, self.context)
        assert draft.fields is not None, draft.errors
        return await self.flights.add(self.trip.id, draft.fields, legs=draft.legs, key=uuid4())

    async def sleep(self, **values: str) -> None:
        draft = read_stay({"price_per_night": "100", **values}, self.context)
        assert draft.fields is not None, draft.errors
        await self.stays.add(self.trip.id, draft.fields, key=uuid4())

    async def ride(self, **values: str) -> None:
        draft = read_transport(values, self.context)
        assert draft.fields is not None, draft.errors
        await self.rides.add(self.trip.id, draft.fields, legs=draft.legs, key=uuid4())

    async def do(self, **values: str) -> None:
        draft = read_item(values, self.context)
        assert draft.fields is not None, draft.errors
        await self.items.add(self.trip.id, draft.fields, key=uuid4())

    async def furnish(self) -> TripPlan:
        """Two weeks with something of every kind, some of it booked, and an idea."""
        await self.fly(**OUT)
        await self.sleep(name="Asakusa", check_in_date="3 oct", check_out_date="9 oct", check_in_time="15:00",
                         booking_status="booked")  # fmt: skip
        await self.sleep(name="Gion", check_in_date="9 oct", check_out_date="15 oct", booking_status="available")
        await self.ride(origin="Tokyo", destination="Kyoto", departure_date="9 oct", departure_time="9:03",
                        arrival_time="11:15")  # fmt: skip
        await self.do(title="Dinner", day="14 oct", start_time="19:30", end_time="22:00")
        await self.do(title="Concert", day="5 oct", start_time="20:00", booking_status="booked")
        await self.do(title="Walk", day="14 oct")
        await self.do(title="Someday")
        return await self.plan()


@pytest.fixture(scope="session")
def airports() -> Airports:
    return Airports()


@pytest.fixture
async def desk(sign_in: SignIn, database: Cluster, airports: Airports) -> Desk:
    session = await sign_in(await database.create_user("Ann"))
    await airports.load()
    return Desk(session, await TripRepository(session).create(TRIP, stops=STOPS, key=uuid4()), airports)


def contents(plan: TripPlan) -> dict[str, list[object]]:
    """All that a plan says, without the versions of its rows."""
    versions: Mapping[str, None] = dict.fromkeys(("updated_at",))
    rows = {
        part: [record.model_copy(update=dict(versions)) for record in getattr(plan, part)]
        for part in ("stops", "flights", "accommodations", "transportation", "items")
    }
    return {"trip": [plan.trip.model_copy(update=dict(versions))], **rows}


async def test_a_singapore_to_san_francisco_lands_before_it_departs(desk: Desk) -> None:
    await desk.fly(origin="SIN", destination="SFO", departure_date="4 oct", departure_time="9:15", arrival_time="8:50")
    plan = await desk.plan()
    (leg,) = plan.flights[0].legs
    assert leg.departure_time is not None
    assert leg.arrival_time is not None
    assert leg.arrival_time - leg.departure_time == timedelta(hours=14, minutes=35)
    (entry,) = [entry for day in agenda(plan) for entry in day.entries]
    assert (entry.day, entry.time, entry.until_text) == (date(2027, 10, 4), "09:15", "08:50")
    assert entry.detail == "14 h 35 min"
    # Edited and saved untouched it is the same flight.
    edit = edit_booking(plan.flights[0], values_of(plan.flights[0], desk.context), desk.context)
    assert (edit.changes, edit.legs, edit.draft.errors) == ({}, None, {})


async def test_b_frankfurt_to_haneda_spans_two_days_and_shows_on_both(desk: Desk) -> None:
    await desk.fly(**OUT)
    shown = [
        (day.date, entry.moment, entry.time, entry.until_text)
        for day in agenda(await desk.plan())
        for entry in day.entries
    ]
    assert shown == [
        (date(2027, 10, 2), Moment.DEPARTURE, "12:15", "08:55+1"),
        (date(2027, 10, 3), Moment.ARRIVAL, "08:55", ""),
        (date(2027, 10, 15), Moment.DEPARTURE, "12:30", "19:05"),
    ]


async def test_c_a_trip_shortened_by_two_days_keeps_the_bookings_on_them(desk: Desk) -> None:
    plan = await desk.furnish()
    change = reschedule(plan, TRIP.start_date, TRIP.end_date - timedelta(days=2), Rule.SHIFT)
    outside = {row.key[0] for row in change.rows if row.outside}
    assert outside == {"flights", "accommodations", "items", "stops"}
    assert [row.record for row in change.rows if row.moves] == []
    stored = await desk.trips.reschedule(plan, change.after)
    assert contents(stored) == {**contents(plan), "trip": contents(change.after)["trip"]}
    assert stored.trip.end_date == date(2027, 10, 13)
    days = {day.date: day for day in agenda(stored)}
    assert days[date(2027, 10, 14)].number is None
    assert {entry.title for entry in days[date(2027, 10, 14)].entries} == {"Dinner", "Walk", "Gion"}


async def test_d_a_trip_moved_by_a_week_leaves_what_is_anchored(desk: Desk) -> None:
    plan = await desk.furnish()
    change = reschedule(plan, TRIP.start_date + WEEK, TRIP.end_date + WEEK, Rule.ANCHOR)
    stored = await desk.trips.reschedule(plan, change.after)
    assert contents(stored) == contents(change.after)
    assert contents(await desk.plan()) == contents(stored)
    assert stored.flights[0].legs == plan.flights[0].legs
    asakusa, gion = stored.accommodations
    assert (asakusa.check_in_date, gion.check_in_date) == (date(2027, 10, 3), date(2027, 10, 16))
    assert [stop.arrive_date for stop in stored.stops] == [date(2027, 10, 3), date(2027, 10, 16)]
    (train,) = stored.transportation
    assert train.departure_time == datetime(2027, 10, 16, 0, 3, tzinfo=UTC)
    by_title = {item.title: item for item in stored.items}
    assert by_title["Concert"].day == date(2027, 10, 5)
    assert by_title["Dinner"].end_time == datetime(2027, 10, 21, 13, 0, tzinfo=UTC)
    assert by_title["Walk"].day == date(2027, 10, 21)
    assert by_title["Someday"].day is None
    # And all of it back at once.
    back = restored(stored, change)
    assert back is not None
    assert contents(await desk.trips.reschedule(stored, back)) == contents(plan)


async def test_d_nothing_is_written_over_what_others_did_meanwhile(desk: Desk) -> None:
    plan = await desk.furnish()
    change = reschedule(plan, TRIP.start_date + WEEK, TRIP.end_date + WEEK, Rule.SHIFT)
    item = plan.items[0]
    await desk.items.update(item.id, {"title": "Supper"}, based_on=item.updated_at)
    await nothing_written(desk, plan, change.after)
    plan = await desk.plan()
    await desk.do(title="Added", day="4 oct")
    await nothing_written(desk, plan, change.after)
    plan = await desk.plan()
    await desk.trips.set_stops(desk.trip.id, STOPS[:1])
    await nothing_written(desk, plan, change.after)


async def nothing_written(desk: Desk, plan: TripPlan, wanted: TripPlan) -> None:
    before = await desk.plan()
    with pytest.raises(StaleRow):
        await desk.trips.reschedule(plan, wanted)
    assert await desk.plan() == before


async def test_d_who_may_only_look_moves_nothing(desk: Desk, sign_in: SignIn, database: Cluster) -> None:
    plan = await desk.furnish()
    guest = await database.create_user("Guest")
    await share(database, plan.trip, guest.id, "view")
    theirs = TripRepository(await sign_in(guest))
    seen = await theirs.plan(plan.trip.id)
    wanted = reschedule(seen, TRIP.start_date + WEEK, TRIP.end_date + WEEK, Rule.SHIFT).after
    with pytest.raises(Forbidden):
        await theirs.reschedule(seen, wanted)
    assert await desk.plan() == plan
    stranger = TripRepository(await sign_in(await database.create_user("Stranger")))
    with pytest.raises(NotFound):
        await stranger.reschedule(seen, wanted)
    await share(database, plan.trip, guest.id, "edit")
    assert (await theirs.reschedule(seen, wanted)).trip.start_date == TRIP.start_date + WEEK


async def share(database: Cluster, trip: Trip, guest: UUID, level: str) -> None:
    await (await database.owner()).execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by) values ($1, $2, $3, $4) "
        "on conflict (trip_id, user_id) do update set permission_level = excluded.permission_level",
        trip.id, guest, level, trip.user_id,
    )  # fmt: skip


async def test_e_a_changeover_day_reads_out_travel_in(desk: Desk) -> None:
    await desk.fly(origin="HND", destination="KIX", departure_date="9 oct", departure_time="15:15",
                   arrival_time="17:20")  # fmt: skip
    await desk.sleep(name="A", check_in_date="3 oct", check_out_date="9 oct", check_out_time="10:00")
    await desk.sleep(name="B", check_in_date="9 oct", check_out_date="12 oct", check_in_time="18:30")
    await desk.sleep(name="C", check_in_date="12 oct", check_out_date="15 oct")
    await desk.do(title="Lunch", day="9 oct", start_time="12:30")
    await desk.do(title="Pack", day="9 oct")
    plan = await desk.plan()

    def read(month_day: str, plan: TripPlan) -> list[tuple[str, str]]:
        day = next(day for day in agenda(plan) if day.date == date.fromisoformat(f"2027-{month_day}"))
        return [(entry.time, f"{entry.moment.value} {entry.title}") for entry in day.entries if entry.happens]

    travel = [("15:15", "departure HND → KIX"), ("18:30", "check-in B")]
    assert read("10-09", plan) == [("10:00", "check-out A"), ("12:30", "item Lunch"), *travel, ("", "item Pack")]
    assert read("10-12", plan) == [("", "check-out B"), ("", "check-in C")]
    # What has no time goes where the traveller puts it, and stands there in the database too.
    pack = next(item for item in plan.items if item.title == "Pack")
    for _ in range(4):
        (step,) = one_step(plan, agenda(plan), [pack], -1)
        pack = await desk.items.update(pack.id, step.changes, based_on=pack.updated_at)
        plan = await desk.plan()
    assert read("10-09", plan)[:2] == [("", "item Pack"), ("10:00", "check-out A")]


class Purse:
    """The expenses of one trip, typed into forms."""

    def __init__(self, session: Database, trip: Trip) -> None:
        self.trips = TripRepository(session)
        self.expenses = ExpenseRepository(session)
        self.settlements = SettlementRepository(session)
        self.travellers = TravellerRepository(session)
        self.trip = trip

    async def join(self, *names: str) -> list[int]:
        return [(await self.travellers.add(self.trip.id, TravellerFields(name=name), key=uuid4())).id for name in names]

    async def ledger(self) -> Ledger:
        return await self.expenses.ledger(self.trip.id)

    async def context(self) -> ExpenseContext:
        return ExpenseContext(TODAY, self.trip, (await self.ledger()).travellers)

    async def spend(self, amount: str, **values: str) -> Expense:
        draft = read_expense({"title": "Dinner", "amount": amount, "rate": "?", **values}, await self.context())
        assert draft.fields is not None, draft.errors
        return await self.expenses.add(self.trip.id, draft.fields, shares=draft.shares, key=uuid4())

    async def state(self) -> SettleUp:
        ledger = await self.ledger()
        people = [each.id for each in ledger.travellers]
        return settle_up(ledger.expenses, ledger.settlements, people, self.trip.currency)

    async def nets(self) -> dict[str, str]:
        names = {each.id: each.name for each in (await self.ledger()).travellers}
        return {names[each.traveller_id]: str(each.net) for each in (await self.state()).balances}


@pytest.fixture
async def purse(sign_in: SignIn, database: Cluster) -> Purse:
    session = await sign_in(await database.create_user("Ann"))
    return Purse(session, await TripRepository(session).create(TRIP, key=uuid4()))


@pytest.mark.parametrize(
    ("currency", "spent", "planned", "by_day"),
    [
        ("JPY", [("CHF 100.05", "170.5"), ("KWD 1.005", "512.3"), ("¥777", "?")], "18351", ["9176", "9175"]),
        ("KWD", [("¥50000", "0.00205"), ("CHF 10.50", "0.333196"), ("KWD 0.1", "?")], "106.099", ["53.050", "53.049"]),
        ("CHF", [("¥1", "0.0055"), ("KWD 3.5", "3.0012345"), ("CHF 0.05", "?")], "10.56", ["5.28", "5.28"]),
    ],
)
async def test_f_every_currency_keeps_its_own_decimals(
    purse: Purse, currency: str, spent: list[tuple[str, str]], planned: str, by_day: list[str]
) -> None:
    purse.trip = await purse.trips.update(purse.trip.id, {"currency": currency}, based_on=purse.trip.updated_at)
    await purse.join("Ann")
    for amount, rate in spent:
        expense = await purse.spend(amount, rate=rate, paid_by="Ann")
        values = expense_values(expense, await purse.context())
        assert edit_expense(expense, values, await purse.context()).changes == {}
    plan, ledger = await purse.trips.plan(purse.trip.id), await purse.ledger()
    found = budget_of(plan, ledger.expenses, TODAY)
    assert (str(found.total.paid), found.unconverted) == (planned, ())
    assert await purse.nets() == {"Ann": "0" if currency == "JPY" else "0.000" if currency == "KWD" else "0.00"}
    # A stay of two nights of that price costs each night its part, to the last unit.
    stays = AccommodationRepository(purse.trips._database)
    values = {"name": "Inn", "check_in_date": "3 oct", "nights": "2", "total_price": planned, "currency": currency}
    draft = read_stay(values, FormContext(today=TODAY, trip=purse.trip))
    assert draft.fields is not None, draft.errors
    await stays.add(purse.trip.id, draft.fields, key=uuid4())
    nights = budget_of(await purse.trips.plan(purse.trip.id), (), TODAY).by_day.values()
    assert [str(each.planned) for each in nights if each.planned] == by_day


@pytest.mark.parametrize(("currency", "roubles", "dollars"), [("RUB", "?", "90"), ("USD", "1/90", "?")])
async def test_g_roubles_and_dollars_settle_at_their_rates(
    purse: Purse, currency: str, roubles: str, dollars: str
) -> None:
    purse.trip = await purse.trips.update(purse.trip.id, {"currency": currency}, based_on=purse.trip.updated_at)
    await purse.join("Ann", "Ben", "Cem")
    await purse.spend("9000 RUB", rate=roubles, paid_by="Ann", split="all")
    await purse.spend("9000 RUB", rate=roubles, paid_by="Ben", split="all")
    assert len((await purse.state()).transfers) == 2
    last = await purse.spend("100 USD", rate=dollars, paid_by="Cem", split="all")
    state = await purse.state()
    assert (state.transfers, state.left_out) == ((), ())
    assert set((await purse.nets()).values()) == {"0.00"}
    # Without its rate an amount is left out and said to be, and never counted one to one.
    await purse.expenses.update(last.id, {"exchange_rate": None}, based_on=last.updated_at)
    left_out = (await purse.state()).left_out
    assert [each.reason for each in left_out] == (["no rate from USD to RUB"] if currency == "RUB" else [])


async def test_h_who_pays_stays_in_the_split(purse: Purse) -> None:
    ann, ben, _ = await purse.join("Ann", "Ben", "Cem")
    dinner = await purse.spend("90", paid_by="Ann", split="all")
    assert await purse.nets() == {"Ann": "60.00", "Ben": "-30.00", "Cem": "-30.00"}
    edit = edit_expense(dinner, {"paid_by": "Ben"}, await purse.context())
    assert edit.shares is not None
    dinner = await purse.expenses.update(dinner.id, edit.changes, shares=edit.shares, based_on=dinner.updated_at)
    assert await purse.nets() == {"Ann": "-30.00", "Ben": "60.00", "Cem": "-30.00"}
    fields = SettlementFields(from_traveller=ann, to_traveller=ben, amount=Decimal(30), currency="EUR", paid_on=TODAY)
    await purse.settlements.add(purse.trip.id, fields, key=uuid4())
    assert [(each.to_traveller, str(each.amount)) for each in (await purse.state()).transfers] == [(ben, "30.00")]


async def test_f_another_currency_of_the_trip_relabels_nothing(purse: Purse) -> None:
    await purse.spend("¥9000", rate="1/161")
    await purse.spend("20 EUR")
    trip = await purse.trips.update(purse.trip.id, {"currency": "USD"}, based_on=purse.trip.updated_at)
    found = budget_of(await purse.trips.plan(trip.id), (await purse.ledger()).expenses, TODAY)
    assert found.total.planned == 0
    assert found.apart == {"JPY": Decimal(9000), "EUR": Decimal("20.00")}


async def test_j_every_zone_is_accepted_aliases_too(desk: Desk, database: Cluster) -> None:
    zones = sorted(available_timezones())
    day = date(2027, 10, 5)
    rows = []
    for zone in zones:
        draft = read_item(
            {"title": zone, "day": "5 oct", "start_time": "9:30", "time_zone": zone.lower()}, desk.context
        )
        assert draft.fields is not None, (zone, draft.errors)
        rows.append((desk.trip.id, zone, draft.fields.start_time, draft.fields.start_zone, draft.fields.day))
    # Six hundred at once, as the client and under its policies.
    await (await database.client(desk.trip.user_id)).executemany(
        "insert into public.itinerary_items (trip_id, title, item_type, start_time, start_zone, day) "
        "values ($1, $2, 'activity', $3, $4, $5)",
        rows,
    )
    plan = await desk.plan()
    assert sorted(item.start_zone or "" for item in plan.items) == zones
    shown = [entry for each in agenda(plan) for entry in each.entries]
    assert {(entry.day, entry.time) for entry in shown} == {(day, "09:30")}
    # Forty days later, across changes of daylight saving time, it is 09:30 everywhere, and back again.
    later = timedelta(days=40)
    change = reschedule(plan, TRIP.start_date + later, TRIP.end_date + later, Rule.SHIFT)
    stored = await desk.trips.reschedule(plan, change.after)
    assert {f"{local(item.start_time, item.start_zone):%m-%d %H:%M}" for item in stored.items if item.start_time} == {
        "11-14 09:30"
    }
    again = reschedule(stored, TRIP.start_date, TRIP.end_date, Rule.SHIFT)
    assert contents(await desk.trips.reschedule(stored, again.after)) == contents(plan)
    for item in plan.items:
        assert parse_zone(item.start_zone or "") == item.start_zone
        edit = edit_booking(item, values_of(item, desk.context), desk.context)
        assert (edit.changes, edit.draft.errors) == ({}, {})
