"""Travellers, expenses with their shares, and payments between them."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.data.booking_samples import TRIP
from tests.data.conftest import SignIn
from tests.database import Database as Cluster
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import DataError, Forbidden, InvalidValue, NotFound, StaleRow
from tripsage_tui.data.expenses import ExpenseRepository
from tripsage_tui.data.people import PeopleRepository
from tripsage_tui.data.settlements import SettlementRepository
from tripsage_tui.data.travellers import TravellerRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.models.expenses import Expense, ExpenseCategory, ExpenseFields, SettlementFields, ShareFields
from tripsage_tui.models.people import Traveller, TravellerFields
from tripsage_tui.models.trips import Access, Trip

SUSHI = ExpenseFields(
    title="Sushi",
    category=ExpenseCategory.FOOD,
    amount=Decimal("12000.50"),
    currency="JPY",
    exchange_rate=Decimal("0.0061"),
    spent_on=date(2027, 10, 4),
    notes="counter",
)


class Purse:
    """A signed-in user's repositories on one trip with two travellers."""

    def __init__(self, session: Database, trip: Trip) -> None:
        self.session = session
        self.trip = trip
        self.travellers = TravellerRepository(session)
        self.expenses = ExpenseRepository(session)
        self.settlements = SettlementRepository(session)
        self.ann: Traveller
        self.kim: Traveller

    async def fill(self) -> None:
        self.ann, self.kim = [
            await self.travellers.add(self.trip.id, TravellerFields(name=name), key=uuid4()) for name in ("Ann", "Kim")
        ]

    def halves(self) -> tuple[ShareFields, ...]:
        return (
            ShareFields(traveller_id=self.ann.id, paid=Decimal("12000.50")),
            ShareFields(traveller_id=self.kim.id, weight=Decimal(2)),
        )

    async def sushi(self) -> Expense:
        return await self.expenses.add(self.trip.id, SUSHI, shares=self.halves(), key=uuid4())


@pytest.fixture
async def purse(sign_in: SignIn, database: Cluster) -> Purse:
    session = await sign_in(await database.create_user("Ann"))
    purse = Purse(session, await TripRepository(session).create(TRIP, key=uuid4()))
    await purse.fill()
    return purse


async def test_what_goes_in_comes_out_in_one_query(purse: Purse) -> None:
    sushi = await purse.sushi()
    back = SettlementFields(
        from_traveller=purse.kim.id, to_traveller=purse.ann.id, amount=Decimal(48), currency="EUR",
        paid_on=date(2027, 10, 16),
    )  # fmt: skip
    paid = await purse.settlements.add(purse.trip.id, back, key=uuid4())
    before = purse.session.metrics.snapshot()
    ledger = await purse.expenses.ledger(purse.trip.id)
    after = purse.session.metrics.snapshot()
    assert sum(each.count for each in after.queries) - sum(each.count for each in before.queries) == 1
    assert ledger.travellers == (purse.ann, purse.kim)
    assert ledger.expenses == (sushi,)
    assert ledger.settlements == (paid,)
    assert ExpenseFields(**sushi.model_dump(include=set(ExpenseFields.model_fields))) == SUSHI
    assert sushi.created_by == purse.trip.user_id
    assert [(s.traveller_id, s.paid, s.weight, s.owed) for s in sushi.shares] == [
        (purse.ann.id, Decimal("12000.50"), 1, None),
        (purse.kim.id, 0, 2, None),
    ]
    assert SettlementFields(**paid.model_dump(include=set(SettlementFields.model_fields))) == back
    assert Expense.model_validate(sushi.model_dump()) == sushi


async def test_the_same_key_adds_once_with_its_shares(purse: Purse) -> None:
    key = uuid4()
    made = await asyncio.gather(
        *(purse.expenses.add(purse.trip.id, SUSHI, shares=purse.halves(), key=key) for _ in range(4))
    )
    assert len({each.id for each in made}) == 1
    assert len((await purse.expenses.get(made[0].id)).shares) == 2


async def test_shares_change_with_the_version_of_their_expense(purse: Purse) -> None:
    sushi = await purse.sushi()
    fixed = (ShareFields(traveller_id=purse.kim.id, paid=SUSHI.amount, owed=Decimal(4000)),)
    changed = await purse.expenses.update(sushi.id, {}, shares=fixed, based_on=sushi.updated_at)
    assert [(s.traveller_id, s.weight, s.owed) for s in changed.shares] == [(purse.kim.id, None, 4000)]
    with pytest.raises(StaleRow) as stale:
        await purse.expenses.update(sushi.id, {"title": "x"}, shares=(), based_on=sushi.updated_at)
    assert stale.value.current == changed
    assert (await purse.expenses.update(sushi.id, {"title": "x"}, based_on=changed.updated_at)).shares == changed.shares


async def test_undoing_brings_an_expense_back_with_its_shares(purse: Purse) -> None:
    sushi = await purse.sushi()
    assert await purse.expenses.delete(sushi.id, based_on=sushi.updated_at) == sushi
    assert (await purse.expenses.ledger(purse.trip.id)).expenses == ()
    restored = await purse.expenses.restore(sushi)
    assert restored == sushi
    # also what another program deleted
    await purse.expenses.delete(sushi.id, based_on=sushi.updated_at)
    again = await ExpenseRepository(purse.session).restore(sushi)
    assert again == sushi.model_copy(update={"created_by": None})


async def test_an_editor_undoes_without_signing_for_somebody_else(
    purse: Purse, sign_in: SignIn, database: Cluster
) -> None:
    ben = await database.create_user("Ben")
    session = await sign_in(ben)
    asked = await PeopleRepository(purse.session).invite(purse.trip.id, "ben@local", Access.EDIT)
    await PeopleRepository(session).accept(asked.id)
    sushi, theirs = await purse.sushi(), ExpenseRepository(session)
    await theirs.delete(sushi.id, based_on=sushi.updated_at)
    assert await theirs.restore(sushi) == sushi.model_copy(update={"created_by": None})
    with pytest.raises(DataError):
        await session.execute(
            "insert into public.expenses (trip_id, title, amount, created_by) values ($1, 'x', 1, $2)",
            purse.trip.id, purse.trip.user_id, name="forge",
        )  # fmt: skip


async def test_a_traveller_with_money_stays(purse: Purse) -> None:
    sushi = await purse.sushi()
    with pytest.raises(InvalidValue, match="take that out first"):
        await purse.travellers.delete(purse.kim.id, based_on=purse.kim.updated_at)
    await purse.expenses.delete(sushi.id, based_on=sushi.updated_at)
    assert await purse.travellers.delete(purse.kim.id, based_on=purse.kim.updated_at) == purse.kim
    with pytest.raises(NotFound):
        await purse.travellers.delete(purse.kim.id, based_on=purse.kim.updated_at)
    assert await purse.travellers.restore(purse.kim) == purse.kim


async def test_nobody_of_another_trip_has_a_share(purse: Purse) -> None:
    other = Purse(purse.session, await TripRepository(purse.session).create(TRIP, key=uuid4()))
    await other.fill()
    with pytest.raises(NotFound):
        await purse.expenses.add(purse.trip.id, SUSHI, shares=other.halves(), key=uuid4())
    with pytest.raises(NotFound):
        await purse.settlements.add(
            purse.trip.id,
            SettlementFields(
                from_traveller=purse.ann.id, to_traveller=other.kim.id, amount=Decimal(1), paid_on=date(2027, 10, 5)
            ),
            key=uuid4(),
        )
    assert (await purse.expenses.ledger(purse.trip.id)).expenses == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": Decimal(-1)}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"exchange_rate": Decimal(0)}, "exchange_rate"),
        ({"title": "a\0b"}, "title"),
    ],
)
async def test_what_is_refused_names_the_field(purse: Purse, changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        await purse.expenses.add(purse.trip.id, SUSHI.model_copy(update=changes), shares=purse.halves(), key=uuid4())
    assert refusal.value.field == field
    assert (await purse.expenses.ledger(purse.trip.id)).expenses == ()


async def test_members_become_travellers_once_and_strangers_are_never_linked(purse: Purse, database: Cluster) -> None:
    (added,) = await purse.travellers.add_members(purse.trip.id)
    assert (added.name, added.user_id) == ("Ann", purse.trip.user_id)
    assert await purse.travellers.add_members(purse.trip.id) == []
    eve = await database.create_user("Eve")
    linked = await purse.travellers.add(purse.trip.id, TravellerFields(name="Eve", user_id=eve.id), key=uuid4())
    assert linked.user_id is None
    changed = await purse.travellers.update(linked.id, {"user_id": eve.id}, based_on=linked.updated_at)
    assert changed.user_id is None
    papers = {"passport_expires": date(2031, 1, 2), "visa_expires": None, "name": "Eva"}
    changed = await purse.travellers.update(linked.id, papers, based_on=changed.updated_at)
    assert (changed.name, changed.passport_expires) == ("Eva", date(2031, 1, 2))


async def test_a_deleted_trip_takes_its_money_along(purse: Purse, database: Cluster) -> None:
    await purse.sushi()
    await purse.session.execute("delete from public.trips where id = $1", purse.trip.id, name="delete")
    owner = await database.owner()
    for table in ("travellers", "expenses", "expense_shares"):
        assert await owner.fetchval(f"select count(*) from {table}") == 0
    with pytest.raises(NotFound):
        await purse.expenses.ledger(purse.trip.id)


async def test_strangers_reach_nothing_and_viewers_only_look(purse: Purse, sign_in: SignIn, database: Cluster) -> None:
    sushi = await purse.sushi()
    ben = await database.create_user("Ben")
    session = await sign_in(ben)
    for level in (None, Access.VIEW):
        if level:
            asked = await PeopleRepository(purse.session).invite(purse.trip.id, "ben@local", level)
            await PeopleRepository(session).accept(asked.id)
            assert (await ExpenseRepository(session).ledger(purse.trip.id)).expenses == (sushi,)
        else:
            with pytest.raises(NotFound):
                await ExpenseRepository(session).ledger(purse.trip.id)
        theirs = Purse(session, purse.trip)
        for attempt in (
            theirs.expenses.add(purse.trip.id, SUSHI, key=uuid4()),
            theirs.expenses.update(sushi.id, {"title": "x"}, based_on=sushi.updated_at),
            theirs.expenses.delete(sushi.id, based_on=sushi.updated_at),
            theirs.travellers.add(purse.trip.id, TravellerFields(name="Ben"), key=uuid4()),
            theirs.travellers.update(purse.kim.id, {"name": "x"}, based_on=purse.kim.updated_at),
            theirs.travellers.delete(purse.ann.id, based_on=purse.ann.updated_at),
            theirs.settlements.add(
                purse.trip.id,
                SettlementFields(
                    from_traveller=purse.ann.id, to_traveller=purse.kim.id, amount=Decimal(1), paid_on=date(2027, 10, 5)
                ),
                key=uuid4(),
            ),
        ):
            with pytest.raises((Forbidden, NotFound)):
                await attempt
        for restore in (theirs.expenses.restore(sushi), theirs.travellers.restore(purse.kim)):
            with pytest.raises((Forbidden, NotFound)):
                await restore
    assert (await purse.expenses.ledger(purse.trip.id)).expenses == (sushi,)
