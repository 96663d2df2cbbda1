"""The budget screen: what it counts, what it leaves out and says so, and who may change what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from textual.pilot import Pilot

from tests.database import Database
from tests.hostile import HOSTILE, steers
from tests.screens.planning import Host, calls, planner_of, said, settled, shown, type_into
from tripsage_tui.changes.trips import TripChanges
from tripsage_tui.models.bookings import AccommodationFields, BookingStatus, ItineraryItemFields
from tripsage_tui.models.expenses import Expense, ExpenseFields, ShareFields
from tripsage_tui.models.people import Traveller, TravellerFields
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.budget import BudgetScreen
from tripsage_tui.screens.budget_rows import View
from tripsage_tui.screens.forms.expense_form import ExpenseForm, resumed_expense

SIZE = (120, 40)


async def a_stay(planner: Planner, plan: TripPlan, price: str = "50000", currency: str = "JPY") -> None:
    fields = AccommodationFields(
        name="Ryokan",
        check_in_date=date(2027, 10, 7),
        check_out_date=date(2027, 10, 9),
        price_per_night=Decimal(price) / 2,
        total_price=Decimal(price),
        currency=currency,
        booking_status=BookingStatus.BOOKED,
    )
    await planner.accommodations.add(plan.trip.id, fields, key=uuid4())


async def travellers(planner: Planner, plan: TripPlan, *names: str) -> list[Traveller]:
    return [await planner.travellers.add(plan.trip.id, TravellerFields(name=name), key=uuid4()) for name in names]


async def an_expense(planner: Planner, plan: TripPlan, amount: str, payer: Traveller, *sharers: Traveller) -> Expense:
    shares = [
        ShareFields(traveller_id=each.id, paid=Decimal(amount) if each.id == payer.id else Decimal(0))
        for each in sharers
    ]
    fields = ExpenseFields(title="Dinner", amount=Decimal(amount), currency="EUR", spent_on=date(2027, 10, 4))
    return await planner.expenses.add(plan.trip.id, fields, shares=shares, key=uuid4())


def opened(planner: Planner, plan: TripPlan) -> Host:
    return Host(lambda: BudgetScreen(planner, plan.trip.id))


def budget(pilot: Pilot[Any]) -> BudgetScreen:
    screen = pilot.app.screen
    assert isinstance(screen, BudgetScreen)
    return screen


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def test_it_opens_with_two_calls_and_counts_what_has_a_rate(planner: Planner, plan: TripPlan) -> None:
    await a_stay(planner, plan)
    ann, ben = await travellers(planner, plan, "Ann", "Ben")
    await an_expense(planner, plan, "90", ann, ann, ben)
    before = calls(planner)
    app = opened(planner, plan)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        made = {name: count - before.get(name, 0) for name, count in calls(planner).items()}
        assert {name for name, count in made.items() if count} == {"trips.plan", "expenses.ledger"}
        assert "€5,910 left  of €6,000 · €90 planned" in shown(app)
        assert "Not counted  ¥50,000: no rate to EUR yet; x types one" in shown(app)


async def test_a_rate_is_typed_once_for_all_amounts_like_it_and_taken_back_at_once(
    planner: Planner, plan: TripPlan
) -> None:
    await a_stay(planner, plan)
    item = ItineraryItemFields(title="Tea", price=Decimal(4500), currency="JPY", day=date(2027, 10, 4))
    await planner.items.add(plan.trip.id, item, key=uuid4())
    app = opened(planner, plan)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "tab", "tab", "x")
        await type_into(pilot, "0.0062")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "the rate of 2 amounts" in said(app)
        assert budget(pilot).rows is not None
        assert str(budget(pilot).rows.budget.total.planned) == "337.90"  # type: ignore[union-attr]
        await press(pilot, "u")
        found = await planner.trips.plan(plan.trip.id)
        assert {booking.exchange_rate for booking in found.bookings} == {None}


async def test_an_expense_is_typed_shared_and_undone(planner: Planner, plan: TripPlan) -> None:
    await travellers(planner, plan, "Ann", "Ben")
    app = opened(planner, plan)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "a")
        form = app.screen
        assert isinstance(form, ExpenseForm)
        for key, text in (("title", "Ramen"), ("amount", "¥3000"), ("rate", "=18.60"), ("paid_by", "ben")):
            form.fields[key].value = text
        await settled(pilot)
        assert "€18.60 at 1 EUR = 161.29 JPY" in form.fields["rate"].note
        assert form.fields["split"].note == "Ann ¥1,500, Ben ¥1,500"
        await press(pilot, "ctrl+s")
        (stored,) = (await planner.expenses.ledger(plan.trip.id)).expenses
        assert (stored.title, stored.currency, stored.exchange_rate) == ("Ramen", "JPY", Decimal("0.0062"))
        await press(pilot, "tab", "tab", "tab")
        assert budget(pilot).view is View.SETTLE
        assert "owes €9.30" in shown(app)
        await press(pilot, "u")
        assert (await planner.expenses.ledger(plan.trip.id)).expenses == ()


async def test_settling_up_records_the_payment_that_it_suggests(planner: Planner, plan: TripPlan) -> None:
    ann, ben, cem = await travellers(planner, plan, "Ann", "Ben", "Cem")
    await an_expense(planner, plan, "90", ann, ann, ben, cem)
    app = opened(planner, plan)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "shift+tab")
        assert "To settle up: 2 payments, fewest possible" in shown(app)
        budget(pilot).list.move_to(("transfer", (ben.id, ann.id)))
        await press(pilot, "p", "ctrl+s")
        assert "To settle up: 1 payment" in shown(app)
        (paid,) = (await planner.expenses.ledger(plan.trip.id)).settlements
        assert (paid.from_traveller, paid.to_traveller, str(paid.amount)) == (ben.id, ann.id, "30.00")
        budget(pilot).list.move_to(("payment", paid.id))
        await press(pilot, "d")
        assert "2 payments" in shown(app)
        await press(pilot, "u")
        assert "To settle up: 1 payment" in shown(app)
        budget(pilot).list.move_to(("balance", ann.id))
        await press(pilot, "d")
        assert "has a part in expenses or payments" in said(app)


async def test_what_was_paid_for_a_booking_is_counted_once(planner: Planner, plan: TripPlan) -> None:
    await a_stay(planner, plan, "300", "EUR")
    app = opened(planner, plan)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "tab", "tab", "p")
        form = app.screen
        assert isinstance(form, ExpenseForm)
        form.fields["amount"].value = "120"
        await press(pilot, "ctrl+s")
        assert "€300 planned, €300 booked, €120 paid" in shown(app)


async def test_a_draft_for_a_booking_opens_again(planner: Planner, plan: TripPlan) -> None:
    await a_stay(planner, plan)
    found = await planner.trips.plan(plan.trip.id)
    key = f"expense.trip-{plan.trip.id}.new-stay-{found.accommodations[0].id}"
    form = await resumed_expense(planner, key)
    assert form.booking == found.accommodations[0]


async def test_another_currency_of_the_trip_relabels_nothing_and_undo_brings_the_rates_back(
    planner: Planner, plan: TripPlan
) -> None:
    await a_stay(planner, plan)
    stay = (await planner.trips.plan(plan.trip.id)).accommodations[0]
    await planner.accommodations.update(stay.id, {"exchange_rate": Decimal("0.0062")}, based_on=stay.updated_at)
    await TripChanges(planner).edit(plan.trip, {"currency": "USD"})
    app = opened(planner, plan)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "Not counted  ¥50,000: no rate to USD" in shown(app)
        await press(pilot, "u")
        assert "€310 planned" in shown(app)


@pytest.fixture
async def bob(database: Database, plan: TripPlan, tmp_path: Path) -> AsyncIterator[Planner]:
    """Someone with whom the trip is shared, to look at."""
    user = await database.create_user("Bob")
    await (await database.owner()).execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by)"
        " values ($1, $2, 'view', $3)",
        plan.trip.id,
        user.id,
        plan.trip.user_id,
    )
    async with planner_of(database, user, tmp_path / "bob") as planner:
        yield planner


async def test_who_may_only_look_sees_no_keys_for_changes_and_is_told_so(
    planner: Planner, plan: TripPlan, bob: Planner
) -> None:
    (ann,) = await travellers(planner, plan, "Ann")
    await an_expense(planner, plan, "90", ann, ann)
    app = opened(bob, plan)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "tab", "tab")
        keys = shown(app).splitlines()[-1]
        assert "Next view" in keys
        assert not any(word in keys for word in ("Add", "Edit", "Delete", "Rate", "Pay", "Traveller"))
        for key in ("a", "e", "d", "x", "p", "T", "enter"):
            await press(pilot, key)
            assert isinstance(app.screen, BudgetScreen), key
        assert "to look at, not to change" in said(app)


async def test_names_and_titles_of_others_are_inert(planner: Planner, plan: TripPlan) -> None:
    for text in HOSTILE.values():
        storable = text.replace("\0", "").encode("utf-8", "ignore").decode()
        if storable.strip():
            (who,) = await travellers(planner, plan, storable)
            fields = ExpenseFields(title=storable, amount=Decimal(3), currency="EUR")
            shares = [ShareFields(traveller_id=who.id, paid=Decimal(3))]
            await planner.expenses.add(plan.trip.id, fields, shares=shares, key=uuid4())
    app = opened(planner, plan)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        for _ in View:
            assert not steers(shown(app))
            await press(pilot, "tab")
        await press(pilot, "tab", "tab", "e")
        assert isinstance(app.screen, ExpenseForm)
        assert not steers(shown(app))
