"""Comparing options of one need and taking one, on a real database, by keyboard."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.screens.planning import Host, at_rest, said, settled, shown, until
from tripsage_tui.models.bookings import AccommodationFields, BookingStatus
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.options import OptionsScreen


@pytest.fixture
async def inns(planner: Planner, plan: TripPlan) -> list[int]:
    """Three stays for the same three nights, the second one the cheapest."""
    found = []
    for name, price in (("Inn of the Moon", 180), ("Inn of the Sun", 120), ("Inn of the Stars", 150)):
        fields = AccommodationFields(
            name=name,
            check_in_date=plan.trip.start_date + timedelta(days=1),
            check_out_date=plan.trip.start_date + timedelta(days=4),
            price_per_night=Decimal(price),
            total_price=Decimal(price * 3),
            currency="EUR",
            notes=f"Notes of the {name}.",
        )
        found.append((await planner.accommodations.add(plan.trip.id, fields, key=uuid4())).id)
    return found


async def states(planner: Planner, plan: TripPlan) -> dict[str, str]:
    return {stay.name: stay.booking_status.value for stay in await planner.accommodations.by_trip(plan.trip.id)}


async def opened(pilot: Pilot[None]) -> None:
    await settled(pilot)
    await pilot.pause()


async def test_side_by_side_take_one_and_take_it_back(planner: Planner, plan: TripPlan, inns: list[int]) -> None:
    before = await states(planner, plan)
    app = Host(lambda: OptionsScreen(planner, plan.trip.id, at=("Accommodation", inns[0])))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        text = shown(app)
        assert "3 options for a place to sleep, 3–6 Oct" in text
        prices = next(line for line in text.splitlines() if "Per night" in line)
        assert prices.index("€120.00") < prices.index("€150.00") < prices.index("€180.00")
        assert "€180.00 more" in text
        assert "the cheapest" in text
        await pilot.press("left", "enter")
        await opened(pilot)
        assert "Take the stay Inn of the Stars" in shown(app)
        await pilot.press("b", "enter")
        await opened(pilot)
        assert await states(planner, plan) == {
            "Inn of the Moon": "cancelled", "Inn of the Sun": "cancelled", "Inn of the Stars": "booked",
        }  # fmt: skip
        assert "2 others cancelled" in said(app)
        assert "nothing to compare" in shown(app)
        await pilot.press("u")
        await opened(pilot)
        assert await states(planner, plan) == before
        assert "3 options" in shown(app)
        await pilot.press("ctrl+r")
        await opened(pilot)
        assert sorted((await states(planner, plan)).values()) == ["booked", "cancelled", "cancelled"]
        await pilot.press("u")
        await opened(pilot)
        assert await states(planner, plan) == before


async def test_the_others_can_be_deleted_and_come_back_with_one_undo(
    planner: Planner, plan: TripPlan, inns: list[int]
) -> None:
    app = Host(lambda: OptionsScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "Inn of the Sun" in shown(app)
        await pilot.press("enter", "d", "enter")
        await opened(pilot)
        assert await states(planner, plan) == {"Inn of the Sun": "reserved"}
        await pilot.press("u")
        await opened(pilot)
        stays = await planner.accommodations.by_trip(plan.trip.id)
        assert sorted(stay.id for stay in stays) == sorted(inns)
        assert {stay.booking_status for stay in stays} == {BookingStatus.AVAILABLE}


async def test_narrow_options_stand_below_each_other_and_the_cursor_shows_each(
    planner: Planner, plan: TripPlan, inns: list[int]
) -> None:
    app = Host(lambda: OptionsScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        for name in ("Inn of the Sun", "Inn of the Stars", "Inn of the Moon"):
            assert f"▸ {name}" in shown(app)
            await pilot.press("j")
            await opened(pilot)


async def test_nothing_to_compare_says_what_options_are(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: OptionsScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "leave its state at available" in shown(app)
        await pilot.press("enter", "e", "j", "tab", "escape")
        await opened(pilot)
        assert app.results == [None]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_look(
    planner: Planner, plan: TripPlan, inns: list[int], size: tuple[int, int], snapshot: SnapshotAssertion
) -> None:
    app = Host(lambda: OptionsScreen(planner, plan.trip.id, at=("Accommodation", inns[0])))
    async with app.run_test(size=size) as pilot:
        await until(pilot, "Difference", "€90.00 more")
        await settled(pilot)
        assert "\n".join((await at_rest(pilot)).splitlines()[1:-2]) == snapshot
