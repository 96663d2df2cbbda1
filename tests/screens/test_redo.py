"""What was undone can be done again, whatever it was: money, people, memories, dates."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from tripsage_tui.assistant.tools import toolbox
from tripsage_tui.changes.budget import BudgetChanges
from tripsage_tui.changes.chats import ChatChanges
from tripsage_tui.changes.memories import MemoryChanges
from tripsage_tui.changes.people import PeopleChanges
from tripsage_tui.changes.rates import RateChanges
from tripsage_tui.changes.trips import TripChanges
from tripsage_tui.data.errors import StaleRow
from tripsage_tui.models.expenses import Expense, ExpenseCategory, ExpenseFields
from tripsage_tui.models.memories import MemoryType
from tripsage_tui.models.people import TravellerFields
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rescheduling import Rule, reschedule
from tripsage_tui.models.trips import Access
from tripsage_tui.planner import Planner

RAMEN = ExpenseFields(title="Ramen", category=ExpenseCategory.FOOD, amount=Decimal(3000), currency="JPY")


async def there_and_back(planner: Planner) -> None:
    """Undo, redo, undo, redo: the last step is a step like the first."""
    for _ in range(2):
        assert await planner.undo.undo()
        assert await planner.undo.redo()


async def test_money(planner: Planner, plan: TripPlan) -> None:
    changes = BudgetChanges(planner)

    async def expenses() -> list[Expense]:
        return list((await planner.expenses.ledger(plan.trip.id)).expenses)

    ramen = await changes.add(plan.trip.id, RAMEN, (), uuid4())
    await there_and_back(planner)
    (ramen,) = await expenses()
    await changes.edit(ramen, {"amount": Decimal(2800)})
    await there_and_back(planner)
    (ramen,) = await expenses()
    assert ramen.amount == 2800
    await RateChanges(planner).freeze([ramen], Decimal("0.0062"), "the rate")
    await there_and_back(planner)
    (ramen,) = await expenses()
    assert ramen.exchange_rate == Decimal("0.0062")
    await changes.delete(ramen)
    await there_and_back(planner)
    assert await expenses() == []
    await planner.undo.undo()
    (ramen,) = await expenses()
    await planner.expenses.update(ramen.id, {"amount": Decimal(1)}, based_on=ramen.updated_at)
    with pytest.raises(StaleRow, match="Not redone"):
        await planner.undo.redo()


async def test_people(planner: Planner, plan: TripPlan) -> None:
    changes = PeopleChanges(planner, plan.trip)
    ben = await changes.add_traveller(TravellerFields(name="Ben"), uuid4())
    await there_and_back(planner)
    ben = await planner.travellers.get(ben.id)
    await changes.edit_traveller(ben, {"name": "Benjamin"})
    await there_and_back(planner)
    ben = await planner.travellers.get(ben.id)
    assert ben.name == "Benjamin"
    await changes.delete_traveller(ben)
    await there_and_back(planner)
    assert (await planner.expenses.ledger(plan.trip.id)).travellers == ()
    asked = await changes.invite("ben@example.com", Access.VIEW)
    await there_and_back(planner)
    (asked,) = (await planner.people.of_trip(plan.trip.id)).invitations
    await changes.revoke(asked)
    await there_and_back(planner)
    assert (await planner.people.of_trip(plan.trip.id)).invitations == ()


async def test_memories(planner: Planner) -> None:
    changes = MemoryChanges(planner)
    memory, _ = await changes.add("Prefers aisle seats", MemoryType.PREFERENCE, ())
    await there_and_back(planner)
    assert planner.undo.label == "remembering “Prefers aisle seats”"
    (memory,) = await planner.memory.list()
    memory = await changes.edit(memory, "Prefers window seats", MemoryType.PREFERENCE)
    await there_and_back(planner)
    (memory,) = await planner.memory.list()
    assert memory.content == "Prefers window seats"
    await changes.pin([memory], pinned=True)
    await there_and_back(planner)
    (memory,) = await planner.memory.list()
    assert memory.pinned
    await changes.forget([memory])
    await there_and_back(planner)
    assert await planner.memory.list() == []


async def test_dates(planner: Planner, plan: TripPlan) -> None:
    week = timedelta(days=7)
    before = plan.trip
    change = reschedule(plan, before.start_date + week, before.end_date + week, Rule.SHIFT)
    await TripChanges(planner).reschedule(change)
    await there_and_back(planner)
    assert (await planner.trips.get(before.id)).start_date == before.start_date + week
    await planner.undo.undo()
    assert (await planner.trips.get(before.id)).start_date == before.start_date


async def test_a_conversation_and_a_finding(planner: Planner, plan: TripPlan) -> None:
    talk = await planner.chats.create(title="Where to?")
    await ChatChanges(planner).delete(talk.id)
    await there_and_back(planner)
    assert await planner.chats.sessions() == []
    await planner.undo.undo()
    assert [each.id for each in await planner.chats.sessions()] == [talk.id]
    await TripChanges(planner).know(plan.trip.id, "no-bed:1", known=True)
    await there_and_back(planner)
    assert (await planner.trips.get(plan.trip.id)).known_findings == ("no-bed:1",)


async def test_a_tool_takes_back_only_what_it_did(planner: Planner) -> None:
    fact = await planner.memory.remember("Hates red-eye flights")
    box = toolbox(planner, None)

    async def call(name: str, arguments: dict[str, object]) -> object:
        tool = box.get(name)
        return await (await tool.prepare(box.read(tool, arguments))).run()

    known = {"text": "hates red-eye flights", "memory_type": "user_preference"}
    assert await call("remember", known) == {"known_already": fact.id}
    assert await planner.undo.undo() is None
    await call("remember", {**known, "text": "Loves onsen"})
    await there_and_back(planner)
    await call("forget_memory", {"memory_id": fact.id})
    await there_and_back(planner)
    assert [each.content for each in await planner.memory.list()] == ["Loves onsen"]
