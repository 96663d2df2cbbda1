"""A trip that counts in another currency forgets its rates, whoever changes it and in whatever way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from tests.data.conftest import SignIn
from tests.data.test_regression_cases import TRIP
from tests.database import Database as Cluster
from tripsage_tui.data.expenses import ExpenseRepository
from tripsage_tui.data.itinerary import ItineraryRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.models.bookings import ItineraryItemFields
from tripsage_tui.models.expenses import BookingKind, ExpenseFields
from tripsage_tui.models.rescheduling import Rule, reschedule


async def test_with_other_dates_at_once_and_by_somebody_who_may_edit(sign_in: SignIn, database: Cluster) -> None:
    ann, ben = await database.create_user("Ann"), await database.create_user("Ben")
    session = await sign_in(ann)
    trips, items, expenses = TripRepository(session), ItineraryRepository(session), ExpenseRepository(session)
    trip = await trips.create(TRIP, key=uuid4())
    rate = Decimal("0.0062")
    item = ItineraryItemFields(
        title="Tea", price=Decimal(4500), currency="JPY", exchange_rate=rate, day=trip.start_date
    )
    added = await items.add(trip.id, item, key=uuid4())
    spent = ExpenseFields(
        title="Tea", amount=Decimal(4500), currency="JPY", exchange_rate=rate,
        booking_kind=BookingKind.ITEM, booking_id=added.id,
    )  # fmt: skip
    expense = await expenses.add(trip.id, spent, key=uuid4())
    assert (expense.exchange_rate, expense.booking_kind, expense.booking_id) == (rate, BookingKind.ITEM, added.id)

    plan = await trips.plan(trip.id)
    moved = reschedule(plan, trip.start_date + timedelta(7), trip.end_date + timedelta(7), Rule.SHIFT)
    dollars = moved.after.trip.model_copy(update={"currency": "USD"})
    stored = await trips.reschedule(plan, moved.after.model_copy(update={"trip": dollars}))
    assert (stored.trip.currency, stored.items[0].exchange_rate) == ("USD", None)
    assert stored.items[0].day == trip.start_date + timedelta(7)
    assert (await expenses.get(expense.id)).exchange_rate is None

    item_now = await items.get(added.id)
    item_now = await items.update(added.id, {"exchange_rate": Decimal("0.0068")}, based_on=item_now.updated_at)
    other = await items.update(added.id, {"currency": "KRW"}, based_on=item_now.updated_at)
    assert other.exchange_rate is None
    both = {"currency": "JPY", "exchange_rate": Decimal("0.0068")}
    assert (await items.update(added.id, both, based_on=other.updated_at)).exchange_rate == Decimal("0.0068")
    await (await database.owner()).execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by) "
        "values ($1, $2, 'edit', $3)",
        trip.id,
        ben.id,
        ann.id,
    )
    theirs = TripRepository(await sign_in(ben))
    seen = await theirs.get(trip.id)
    await theirs.update(trip.id, {"currency": "CHF"}, based_on=seen.updated_at)
    assert (await items.get(added.id)).exchange_rate is None
