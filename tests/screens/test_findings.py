"""The checker on the trip screen, on a real database."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from textual.pilot import Pilot

from tests.database import Database, User
from tests.screens.planning import JAPAN, NOW, Host, a_trip, planner_of, said, settled, shown, type_into
from tests.screens.test_trip import cursor, screen_of
from tripsage_tui.models.booking_drafts import FormContext, read_flight, read_stay
from tripsage_tui.models.bookings import PaymentStatus
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.finding_fixes import FixDialog
from tripsage_tui.screens.forms.flight_form import FlightForm
from tripsage_tui.screens.forms.stay_form import StayForm
from tripsage_tui.screens.trip import TripScreen

BOOKED = {"booking_status": "booked", "payment_status": "paid", "confirmation_code": "X7K2QM"}


async def add_flight(planner: Planner, trip_id: int, route: str, day: str, times: str, **typed: str) -> None:
    await planner.airports.load()
    context = FormContext(planner.today, JAPAN, zone_of=planner.airports.zone_of)
    (origin, destination), (leaves, lands) = route.split("-"), times.split("-")
    values = {"origin": origin, "destination": destination, "departure_date": day, "departure_time": leaves}
    draft = read_flight(values | {"arrival_time": lands} | BOOKED | typed, context)
    assert draft.fields is not None, draft.errors
    await planner.flights.add(trip_id, draft.fields, legs=draft.legs, key=uuid4())


async def add_stay(planner: Planner, trip_id: int, name: str, first: str, nights: int, **typed: str) -> None:
    values = {"name": name, "check_in_date": first, "nights": str(nights)} | BOOKED | typed
    draft = read_stay(values, FormContext(planner.today, JAPAN))
    assert draft.fields is not None, draft.errors
    await planner.accommodations.add(trip_id, draft.fields, key=uuid4())


@pytest.fixture
async def faulty(planner: Planner) -> TripPlan:
    """35 minutes to change in Haneda, and two nights in Osaka without a bed."""
    trip = await a_trip(planner)
    await add_flight(planner, trip.id, "FRA-HND", "2 oct", "12:15-08:55+1")
    await add_flight(planner, trip.id, "HND-ITM", "3 oct", "09:30-10:40", flight_number="NH15")
    await add_stay(planner, trip.id, "Cross Hotel", "3 oct", 10)
    await add_flight(planner, trip.id, "KIX-FRA", "15 oct", "10:30-17:05")
    return await planner.trips.plan(trip.id)


def header(app: Host) -> str:
    return "\n".join(shown(app).splitlines()[:6])


async def opened(pilot: Pilot[Any]) -> Host:
    await settled(pilot)
    assert isinstance(pilot.app, Host)
    return pilot.app


async def test_the_head_the_marks_and_the_panel_say_what_is_wrong(planner: Planner, faulty: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, faulty.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        assert "!! 2 errors" in header(app)
        signs = {(line.title, line.finding) for line in screen_of(app).agenda.lines_shown if line.finding}
        assert signs == {("FRA → HND", "!!"), ("HND → ITM", "!!"), ("Wed 13 Oct", "!!"), ("Thu 14 Oct", "!!")}
        assert "35 min to change" not in shown(app)
        await pilot.press("c")
        await settled(pilot)
        panel = shown(app)
        assert "35 min to change in HND (Tokyo)" in panel
        assert "No bed in Osaka for 2 nights: Wed 13 to Thu 14 Oct" in panel
        assert "f: Add a stay in Osaka" in panel
        await pilot.press("escape")
        await settled(pilot)
        assert "35 min to change" not in shown(app)
        assert isinstance(app.screen, TripScreen)


async def test_from_finding_to_finding(planner: Planner, faulty: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, faulty.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        places = []
        for key in ("right_square_bracket", "right_square_bracket", "right_square_bracket", "left_square_bracket"):
            await pilot.press(key)
            await settled(pilot)
            places.append(cursor(app))
        # On the 13th the hotel is left, and there is nothing for the night.
        assert places == ["HND → ITM", "Cross Hotel", "HND → ITM", "Cross Hotel"]
        assert screen_of(app).day == date(2027, 10, 13)
        assert "No bed" in said(app)
        await pilot.press("c", "g", "enter")
        await settled(pilot)
        assert cursor(app) == "HND → ITM"
        assert screen_of(app).agenda.has_focus


async def test_both_faults_are_remedied_by_keyboard(planner: Planner, faulty: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, faulty.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("c", "j", "f")
        await settled(pilot)
        form = app.screen
        assert isinstance(form, StayForm)
        assert (form.values["check_in_date"], form.values["check_out_date"]) == ("2027-10-13", "2027-10-15")
        assert "Nothing is saved yet" in shown(app)
        form.fields["name"].value = "Capsule hotel"
        form.fields["confirmation_code"].value = "C1"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "!! 1 error" in header(app)
        await pilot.press("right_square_bracket", "f")
        await settled(pilot)
        flight = app.screen
        assert isinstance(flight, FlightForm)
        assert flight.fields["departure_time"].has_focus_within
        flight.fields["departure_time"].value = "12:30"
        flight.fields["arrival_time"].value = "13:40"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "✓ nothing missing" in header(app)
        await pilot.press("u")
        await settled(pilot)
        assert "!! 1 error" in header(app)


async def test_a_finding_that_one_knows_of_is_put_aside_and_told_again(planner: Planner, faulty: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, faulty.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("c", "i")
        await settled(pilot)
        assert "!! 1 error" in header(app)
        assert "known" in shown(app)
        stored = (await planner.trips.get(faulty.trip.id)).known_findings
        assert len(stored) == 1
        assert (
            await planner.trips.duplicate(faulty.trip.id, start_date=JAPAN.start_date, name="x", key=uuid4())
        ) is not None
        await pilot.press("u")
        await settled(pilot)
        assert "!! 2 errors" in header(app)
        assert (await planner.trips.get(faulty.trip.id)).known_findings == ()


async def test_what_has_no_form_is_asked_first(planner: Planner) -> None:
    trip = await a_trip(planner)
    late = {"payment_status": "unpaid", "booking_status": "reserved", "pay_by": "19 sep 2027", "total_price": "500"}
    await add_stay(planner, trip.id, "Cross Hotel", "2 oct", 13, **late)
    app = Host(lambda: TripScreen(planner, trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "!! 1 error" in header(app)
        await pilot.press("right_square_bracket", "f")
        await settled(pilot)
        assert isinstance(app.screen, FixDialog)
        await pilot.press("escape")
        await settled(pilot)
        assert (await planner.trips.plan(trip.id)).accommodations[0].payment_status is PaymentStatus.UNPAID
        await pilot.press("f", "enter")
        await settled(pilot)
        assert (await planner.trips.plan(trip.id)).accommodations[0].payment_status is PaymentStatus.PAID
        assert "✓ nothing missing" in header(app)


async def test_who_may_only_look_sees_findings_and_no_remedy(
    database: Database, planner: Planner, faulty: TripPlan, ann: User, tmp_path: Any
) -> None:
    ben = await database.create_user("Ben")
    owner = await database.owner()
    await owner.execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by)"
        " values ($1, $2, 'view', $3)",
        faulty.trip.id,
        ben.id,
        ann.id,
    )
    async with planner_of(database, ben, tmp_path / "ben", clock=lambda: NOW) as looking:
        app = Host(lambda: TripScreen(looking, faulty.trip.id))
        async with app.run_test(size=(120, 40)) as pilot:
            await opened(pilot)
            await pilot.press("c")
            await settled(pilot)
            assert "35 min to change" in shown(app)
            assert "f: " not in shown(app)
            await pilot.press("f", "i")
            await settled(pilot)
            assert isinstance(app.screen, TripScreen)
            assert "not to change" in said(app)


async def test_a_trip_of_many_entries_is_looked_at_beside_the_screen(planner: Planner) -> None:
    trip = await a_trip(planner)
    await add_stay(planner, trip.id, "Cross Hotel", "2 oct", 12)
    app = Host(lambda: TripScreen(planner, trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "!! 1 error" in header(app)
        await type_into(pilot, "c")
        await settled(pilot)
        assert "No bed in Osaka for 1 night" in shown(app).replace("\n", " ")
        assert screen_of(app).findings[0].day == date(2027, 10, 14)
