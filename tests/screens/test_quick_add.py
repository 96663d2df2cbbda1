"""Quick add on the screen: the line, how it is understood, the form that it fills, and nothing lost on the way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from textual.pilot import Pilot

from tests.database import Database, User
from tests.hostile import HOSTILE, steers
from tests.screens.planning import Host, planner_of, said, settled, shown
from tripsage_tui.models.bookings import Flight, ItineraryItem, ItineraryItemFields
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.forms.flight_form import FlightForm
from tripsage_tui.screens.forms.item_form import ItemForm
from tripsage_tui.screens.forms.opening import form_of
from tripsage_tui.screens.quick_add import QuickAddDialog, QuickLine
from tripsage_tui.screens.trip import TripScreen
from tripsage_tui.typed_lines import TypedLines

FLIGHT = "flight LH716 FRA 13:40 > MUC 14:35 / 15:50 > HND 11:30+1 2 oct 890 EUR ref ABC123"


async def type_line(pilot: Pilot[Any], line: str) -> None:
    pilot.app.screen.query_one(QuickLine).value = line
    await settled(pilot)


async def open_line(pilot: Pilot[Any]) -> None:
    await settled(pilot)
    await pilot.press("A")
    await settled(pilot)
    assert isinstance(pilot.app.screen, QuickAddDialog)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_line_becomes_a_form_and_the_form_a_booking(
    planner: Planner, plan: TripPlan, size: tuple[int, int]
) -> None:
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=size) as pilot:
        await open_line(pilot)
        assert "dinner sat 19:30" in shown(app)
        await type_line(pilot, f"{FLIGHT} terminal 1")
        preview = shown(app)
        assert "MUC 14:35 15:50" in preview
        assert "to change: MUC 1 h 15 min" in preview
        assert "? not understood: “terminal 1”" in preview
        await pilot.press("enter")
        await settled(pilot)
        form = app.screen
        assert isinstance(form, FlightForm)
        assert "Not understood: “terminal 1”" in shown(app)
        assert (form.values["origin"], form.values["arrival_time"]) == ("FRA", "11:30+1")
        assert not (await planner.trips.plan(plan.trip.id)).flights
        await pilot.press("ctrl+s")
        await settled(pilot)
        (flight,) = (await planner.trips.plan(plan.trip.id)).flights
        assert isinstance(flight, Flight)
        assert [(leg.origin, leg.destination) for leg in flight.legs] == [("FRA", "MUC"), ("MUC", "HND")]
        assert (flight.price, flight.confirmation_code) == (Decimal(890), "ABC123")
        assert "Added the flight" in said(app)
        await pilot.press("u")
        await settled(pilot)
    assert not (await planner.trips.plan(plan.trip.id)).flights


async def test_a_line_that_is_left_waits_and_one_that_was_used_can_be_had_again(
    planner: Planner, plan: TripPlan
) -> None:
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_line(pilot)
        await type_line(pilot, "dinner sat 19:30 Gion")
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, ItemForm)
        await pilot.press("ctrl+s")
        await settled(pilot)
        await open_line(pilot)
        await type_line(pilot, "hotel Gran")
        await pilot.press("up")
        assert app.screen.query_one(QuickLine).value == "dinner sat 19:30 Gion"
        await pilot.press("down")
        assert app.screen.query_one(QuickLine).value == "hotel Gran"
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, TripScreen)
        await open_line(pilot)
        assert app.screen.query_one(QuickLine).value == "hotel Gran"
    (item,) = (await planner.trips.plan(plan.trip.id)).items
    assert isinstance(item, ItineraryItem)
    assert (item.title, item.location, item.day) == ("dinner", "Gion", date(2027, 10, 2))


async def test_a_filled_form_that_is_not_saved_survives_the_program(
    planner: Planner, plan: TripPlan, database: Database, ann: User, tmp_path: Path
) -> None:
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_line(pilot)
        await type_line(pilot, FLIGHT)
        await pilot.press("enter")
        await settled(pilot)
    planner.drafts.close()
    async with planner_of(database, ann, tmp_path / "drafts") as again:
        (draft,) = again.drafts.pending()
        form = await form_of(again, draft)
        other = Host(lambda: form)
        async with other.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            assert isinstance(form, FlightForm)
            assert (form.values["via1_at"], form.values["via1_departure_time"]) == ("MUC", "15:50")
            assert form.values["price"] == "890 EUR"


@pytest.mark.parametrize("name", ["clipboard", "direction", "controls", "markup action", "long wide"])
async def test_a_hostile_line_is_only_text(planner: Planner, plan: TripPlan, name: str) -> None:
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_line(pilot)
        await type_line(pilot, f"dinner {HOSTILE[name]} sat")
        assert not steers(shown(app).replace("\n", ""))


def test_lines_are_kept_on_disk_for_their_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "lines" / "ann.json"
    lines = TypedLines(path)
    lines.keep(7, "hotel")
    lines.finish(8, "dinner")
    lines.finish(8, "museum")
    lines.finish(8, "dinner")
    again = TypedLines(path)
    assert (again.unfinished(7), again.history()) == ("hotel", ["museum", "dinner"])
    assert path.stat().st_mode & 0o077 == 0
    path.write_text('{"history": 3, "unfinished": []}')
    assert TypedLines(path).history() == []
    path.write_text("\x00")
    assert TypedLines(path).unfinished(7) == ""
    TypedLines(path).keep(7, "hotel again")
    assert TypedLines(path).unfinished(7) == "hotel again"


async def test_the_form_of_a_new_booking_takes_the_rate_of_an_earlier_one(planner: Planner, plan: TripPlan) -> None:
    rate = Decimal("0.0062")
    known = ItineraryItemFields(title="Tea", currency="JPY", price=Decimal(900), exchange_rate=rate)
    await planner.items.add(plan.trip.id, known, key=uuid4())
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await open_line(pilot)
        await type_line(pilot, "dinner sat 19:30 Gion 9000 JPY")
        await pilot.press("enter")
        await settled(pilot)
        assert "€55.80 at 1 EUR = 161.29 JPY" in shown(app)
        await pilot.press("ctrl+s")
        await settled(pilot)
    added = next(each for each in (await planner.trips.plan(plan.trip.id)).items if each.title == "dinner")
    assert added.exchange_rate == rate
