"""How the budget looks, with its chart where there is room. `pytest --snapshot-update` accepts another look."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from textual.pilot import Pilot

from tests.screens import test_trip_snapshots as pictures
from tests.screens.planning import settled
from tripsage_tui.changes.rates import RateChanges
from tripsage_tui.models.expenses import ExpenseCategory, ExpenseFields, ShareFields
from tripsage_tui.models.people import TravellerFields
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.budget import BudgetScreen
from tripsage_tui.themes import LIGHT

picture = pictures.picture
SMALL, LARGE = (80, 24), (120, 40)


def budget_screen(planner: Planner, plan: TripPlan) -> BudgetScreen:
    return BudgetScreen(planner, plan.trip.id)


async def spend(pilot: Pilot[Any]) -> None:
    """Two travellers, a shared dinner in yen, and a rate for every booking but the items."""
    planner, screen = pilot.app.planner, pilot.app.screen  # type: ignore[attr-defined]
    plan = screen.plan
    ann, ben = [
        await planner.travellers.add(plan.trip.id, TravellerFields(name=name), key=uuid4()) for name in ("Ann", "Ben")
    ]
    fields = ExpenseFields(
        title="Ramen",
        category=ExpenseCategory.FOOD,
        amount=Decimal(3000),
        currency="JPY",
        exchange_rate=Decimal("0.0062"),
        spent_on=plan.trip.start_date,
    )
    shares = [ShareFields(traveller_id=ann.id, paid=Decimal(3000)), ShareFields(traveller_id=ben.id)]
    await planner.expenses.add(plan.trip.id, fields, shares=shares, key=uuid4())
    rows = [each for each in (*plan.accommodations, *plan.transportation) if each.currency == "JPY"]
    await RateChanges(planner).freeze(rows, Decimal("0.0062"), "rates")
    screen.refresh_data()
    await settled(pilot)


@pytest.mark.parametrize(
    ("size", "keys", "theme"),
    [
        pytest.param(SMALL, [], "tripsage-dark", id="categories-80x24"),
        pytest.param(LARGE, [], "tripsage-dark", id="categories-120x40"),
        pytest.param(LARGE, ["tab"], LIGHT.name, id="days-light-120x40"),
        pytest.param(SMALL, ["tab", "tab"], "ansi-dark", id="spending-ansi-80x24"),
        pytest.param(SMALL, ["shift+tab"], "tripsage-dark", id="settle-80x24"),
        pytest.param(SMALL, ["a"], "tripsage-dark", id="form-80x24"),
    ],
)
def test_budget(picture: pictures.Picture, size: tuple[int, int], keys: list[str], theme: str) -> None:
    assert picture(budget_screen, size, *keys, before=spend, theme=theme)
