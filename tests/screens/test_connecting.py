"""Connections in the forms: added, typed, stored, shown again, removed; a draft has them too."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.widgets import Button

from tests.screens.planning import Host, settled, shown, type_into
from tripsage_tui.models.bookings import Flight, Transportation
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.forms.flight_form import FlightForm
from tripsage_tui.screens.forms.form import FormScreen
from tripsage_tui.screens.forms.transport_form import TransportForm

ENDS = {"origin": "FRA", "destination": "HND", "departure_date": "2 oct", "departure_time": "10:40"}
VIA = {"via1_at": "HEL", "via1_arrival_time": "14:15", "via1_departure_time": "17:25", "via1_number": "AY61"}


def form_on(app: Host) -> FormScreen[Any]:
    screen = app.screen_stack[1]
    assert isinstance(screen, FormScreen)
    return screen


async def fill(pilot: Pilot[Any], values: dict[str, str]) -> None:
    assert isinstance(pilot.app, Host)
    for key, value in values.items():
        form_on(pilot.app).fields[key].value = value
    await settled(pilot)


def route(flight: Flight | Transportation) -> list[tuple[str, str, str | None]]:
    return [(leg.origin, leg.destination, leg.number) for leg in flight.legs]


async def test_a_connection_is_added_typed_stored_changed_and_taken_out(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await fill(pilot, {**ENDS, "flight_number": "AY1412", "arrival_time": "9:10"})
        await pilot.press("f2")
        await settled(pilot)
        # The cursor is where one changes; from there enter leads through what is usually known.
        for typed in ("HEL", "1415", "1725", "AY61"):
            await type_into(pilot, typed)
            await settled(pilot)
            await pilot.press("enter")
        await settled(pilot)
        order = list(form_on(app).fields)
        assert order.index("via1_number") < order.index("arrival_time")
        assert "3 h 10 min to change" in form_on(app).fields["via1_departure_time"].message
        await pilot.press("ctrl+s")
        await settled(pilot)
    (flight,) = app.results
    assert isinstance(flight, Flight)
    assert route(flight) == [("FRA", "HEL", "AY1412"), ("HEL", "HND", "AY61")]
    assert await planner.flights.get(flight.id) == flight

    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops, flight))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert form_on(app).fields["via1_at"].value == "HEL"
        assert not form_on(app).typed
        await pilot.press("f3")
        await settled(pilot)
        assert "via1_at" not in form_on(app).fields
        order = list(form_on(app).fields)
        assert order.index("arrival_time") == order.index("departure_time") + 1
        await pilot.press("ctrl+s")
        await settled(pilot)
    (plain,) = app.results
    assert route(plain) == [("FRA", "HND", "AY1412")]
    await planner.undo.undo()
    assert route(await planner.flights.get(flight.id)) == route(flight)


async def test_the_button_adds_one_in_the_direction_where_one_was(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        form = form_on(app)
        form.fields["return_date"].target.focus()
        await settled(pilot)
        form.query_one("#form-connect", Button).focus()
        await pilot.press("enter")
        await settled(pilot)
        assert "return_via1_at" in form.fields
        assert form.focused is form.fields["return_via1_at"].target
        await pilot.press("f2")
        await settled(pilot)
        await fill(pilot, {"return_via1_at": "HEL", "return_via2_at": "MUC"})
        form.fields["return_via1_at"].target.focus()
        await pilot.press("f3")
        await settled(pilot)
        assert (form.fields["return_via1_at"].value, "return_via2_at" in form.fields) == ("MUC", False)


async def test_a_train_with_a_change(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: TransportForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("f2")
        await settled(pilot)
        await fill(
            pilot,
            {
                "origin": "Osaka",
                "destination": "Haneda",
                "departure_date": "5 oct",
                "departure_time": "9:00",
                "first_number": "Nozomi 12",
                "via1_at": "Shinagawa",
                "via1_arrival_time": "11:20",
                "via1_departure_time": "11:35",
                "via1_number": "Keikyu",
                "arrival_time": "11:50",
            },
        )
        await pilot.press("ctrl+s")
        await settled(pilot)
    (train,) = app.results
    assert isinstance(train, Transportation)
    assert route(train) == [("Osaka", "Shinagawa", "Nozomi 12"), ("Shinagawa", "Haneda", "Keikyu")]


async def test_a_draft_brings_its_connections_back(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("f2")
        await settled(pilot)
        await fill(pilot, {**ENDS, **VIA})
        await pilot.press("escape", "enter")
        await settled(pilot)
    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops, resume=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        values = form_on(app).values
        assert {key: values.get(key) for key in VIA} == VIA
        assert "Connection 1" in shown(app)
