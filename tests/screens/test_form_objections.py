"""What forms object to, and how that goes away."""

from __future__ import annotations

from decimal import Decimal

from textual.widgets import Static

from tests.screens.planning import Host, settled, shown, type_into
from tripsage_tui.models.bookings import ItineraryItem
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.forms.flight_form import FlightForm
from tripsage_tui.screens.forms.form import FormScreen
from tripsage_tui.screens.forms.item_form import ItemForm
from tripsage_tui.widgets.form_airport import AirportList


def form_on(app: Host) -> FormScreen[object]:
    screen = app.screen_stack[1]
    assert isinstance(screen, FormScreen)
    return screen


async def test_the_complaint_above_the_fields_goes_with_its_reasons(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        form = form_on(app)
        form.fields["start_time"].value = "19:30"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "2 fields need a look." in shown(app)
        form.fields["title"].value = "Dinner"
        await settled(pilot)
        assert "One field needs a look." in shown(app)
        form.fields["day"].value = "5 oct"
        await settled(pilot)
        assert not form.query_one("#form-banner", Static).display


async def test_another_currency_brings_the_field_of_its_rate(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        form = form_on(app)
        assert "exchange_rate" not in form.fields
        for key, value in {"title": "Tea", "price": "2400 JPY", "closed": "mon, holidays"}.items():
            form.fields[key].value = value
            await settled(pilot)
        form.fields["exchange_rate"].value = "1/160"
        await settled(pilot)
        assert "€15.00 at" in form.fields["exchange_rate"].message
        await pilot.press("ctrl+s")
        await settled(pilot)
    (item,) = app.results
    assert isinstance(item, ItineraryItem)
    assert (item.exchange_rate, item.closed_weekdays, item.closed_on_holidays) == (Decimal("0.00625"), (1,), True)
    assert await planner.items.get(item.id) == item


async def test_the_airports_hang_under_their_field_wherever_the_cursor_is(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        places = set()
        for letter in "tok":
            await type_into(pilot, letter)
            await settled(pilot)
            places.add(app.screen.query_one(AirportList).region.offset)
        assert len(places) == 1
        assert places.pop().y == form_on(app).fields["origin"].target.region.bottom
        assert "TYO  Tokyo" in shown(app)
